//! The body of every answer that is an error: `application/problem+json` of RFC 9457.

use actix_web::HttpResponse;
use actix_web::http::header;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::{ApiError, Code, FieldError};
use crate::live::waiting::RecognizedFrame;

/// Media type of a problem.
pub(crate) const MEDIA_TYPE: &str = "application/problem+json";

/// Why a request was not carried out (RFC 9457).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct Problem {
    /// Where the kind of problem is described, relative to this server.
    #[serde(rename = "type")]
    #[schema(example = "/docs/errors.md#not_found")]
    pub kind: String,
    /// The kind of problem in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What went wrong this time.
    pub detail: String,
    /// The path that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The kind of problem for programs.
    pub code: Code,
    /// Finds this request in the logs.
    pub request_id: String,
    /// The single things that are wrong, where there are several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// What was recognised nevertheless: with `spoof_suspected`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Box<RecognizedFrame>>,
}

impl Problem {
    /// What the caller is told about `error`.
    pub(crate) fn new(error: &ApiError, request_id: &str, instance: Option<&str>) -> Self {
        let code = error.code();
        let (status, title) = code.entry();
        Self {
            kind: format!("/docs/errors.md#{}", domain::wire::name(&code)),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: error.to_string(),
            instance: instance.map(str::to_owned),
            code,
            request_id: request_id.to_owned(),
            errors: error.errors().to_vec(),
            result: error.result().cloned().map(Box::new),
        }
    }
}

/// The answer to a request that failed with `error`.
pub(crate) fn response(error: &ApiError, request_id: &str, instance: &str) -> HttpResponse {
    let problem = Problem::new(error, request_id, Some(instance));
    let mut response = HttpResponse::build(error.code().entry().0);
    if let Some(seconds) = error.retry_after_seconds() {
        response.insert_header((header::RETRY_AFTER, seconds.to_string()));
    }
    if problem.code == Code::Unauthenticated {
        response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
    }
    response.content_type(MEDIA_TYPE).json(problem)
}
