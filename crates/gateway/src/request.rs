//! What happens to every request: it gets an id and a span, its errors become problems, and it is logged and counted.

use std::convert::Infallible;
use std::error::Error as StdError;
use std::future::{Ready, ready};
use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, FromRequest, HttpMessage, HttpRequest, HttpResponse};
use domain::audit::{AuditAction, AuditActor, NewAuditEntry};
use domain::id::OrganizationId;
use tracing::Instrument;
use uuid::Uuid;

use crate::clock;
use crate::error::ApiError;
use crate::problem;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");
const LONGEST_ID: usize = 128;
/// Routes whose every success would drown the rest of the log.
const FREQUENT: [&str; 4] = ["/livez", "/readyz", "/metrics", "/api/v1/sessions/{session_id}/frames"];

/// The id of a request: the caller's, where it sent a sound one.
#[derive(Debug, Clone)]
pub(crate) struct RequestId(String);

impl FromRequest for RequestId {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request)))
    }
}

impl RequestId {
    /// The id of `request`, which [`observe`] has given it.
    pub(crate) fn of(request: &HttpRequest) -> Self {
        request.extensions().get::<Self>().cloned().unwrap_or_else(Self::mint)
    }

    /// The id as text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// What the audit log is told about this request.
    pub(crate) fn entry(
        &self,
        organization_id: Option<OrganizationId>,
        actor: AuditActor,
        action: AuditAction,
        subject_id: Option<Uuid>,
        details: serde_json::Value,
    ) -> NewAuditEntry {
        let request_id = Some(self.0.clone());
        NewAuditEntry { organization_id, at: clock::now(), actor, action, subject_id, details, request_id }
    }

    fn mint() -> Self {
        Self(Uuid::now_v7().to_string())
    }

    fn from_header(value: &HeaderValue) -> Option<Self> {
        let text = value.to_str().ok()?;
        let is_sound = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let fits = !text.is_empty() && text.len() <= LONGEST_ID && text.bytes().all(is_sound);
        fits.then(|| Self(text.to_owned()))
    }
}

/// Gives the request an id and a span, writes the problem of an error, logs and counts.
///
/// Neither query (it may hold a ticket) nor body is logged.
pub(crate) async fn observe(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let begin = Instant::now();
    let id = request.headers().get(&HEADER).and_then(RequestId::from_header).unwrap_or_else(RequestId::mint);
    request.extensions_mut().insert(id.clone());
    let span =
        tracing::info_span!("request", request.id = id.as_str(), method = %request.method(), path = request.path());
    async move {
        let answer = next.call(request).await?.map_into_boxed_body();
        let (request, response) = answer.into_parts();
        let mut response = with_problem(&request, response, id.as_str());
        if let Ok(value) = HeaderValue::from_str(id.as_str()) {
            response.headers_mut().insert(HEADER, value);
        }
        record(&request, response.status(), begin);
        Ok(ServiceResponse::new(request, response))
    }
    .instrument(span)
    .await
}

/// The same response, with a problem for a body where it is an error.
fn with_problem(request: &HttpRequest, response: HttpResponse, id: &str) -> HttpResponse {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    if let Some(error) = response.error().and_then(|error| error.as_error::<ApiError>()) {
        log_failure(error);
        return problem::response(error, id, request.path());
    }
    let Some(error) = foreign(status, &response) else { return response };
    log_failure(&error);
    let mut rendered = problem::response(&error, id, request.path());
    for (name, value) in response.headers() {
        if !rendered.headers().contains_key(name) {
            rendered.headers_mut().insert(name.clone(), value.clone());
        }
    }
    rendered
}

/// What an error that actix made itself is for us; `None` where the response has its own body on purpose.
fn foreign(status: StatusCode, response: &HttpResponse) -> Option<ApiError> {
    let has_body = response.headers().contains_key(actix_web::http::header::CONTENT_TYPE);
    match response.error() {
        None if has_body => None,
        _ if status == StatusCode::NOT_FOUND => Some(ApiError::UnknownRoute),
        _ if status == StatusCode::METHOD_NOT_ALLOWED => Some(ApiError::MethodNotAllowed),
        Some(error) if status.is_server_error() => Some(ApiError::internal(error.to_string())),
        Some(error) => Some(ApiError::BadRequest { reason: error.to_string() }),
        None => None,
    }
}

/// Logs the cause of a failure that is ours; the caller is told only its kind.
pub(crate) fn log_failure(error: &ApiError) {
    let Some(cause) = error.source() else { return };
    let mut chain = cause.to_string();
    let mut next = cause.source();
    while let Some(deeper) = next {
        chain.push_str(": ");
        chain.push_str(&deeper.to_string());
        next = deeper.source();
    }
    match error {
        ApiError::Unavailable { .. } => tracing::warn!(cause = chain, "request refused: {error}"),
        _ => tracing::error!(cause = chain, "request failed: {error}"),
    }
}

fn record(request: &HttpRequest, status: StatusCode, begin: Instant) {
    let elapsed = begin.elapsed();
    let route = request.match_pattern().unwrap_or_else(|| "none".to_owned());
    // What has no route and is answered is the panel.
    let is_often = (FREQUENT.contains(&route.as_str()) || route == "none") && status.is_success();
    let labels =
        [("method", method_label(request).to_owned()), ("route", route), ("status", status.as_str().to_owned())];
    metrics::histogram!("rollcall_http_request_seconds", &labels).record(elapsed.as_secs_f64());
    let duration_ms = elapsed.as_secs_f64() * 1e3;
    if is_often {
        tracing::debug!(status = status.as_u16(), duration_ms, "request answered");
    } else {
        tracing::info!(status = status.as_u16(), duration_ms, "request answered");
    }
}

/// A caller may send any word as the method, and each would become a series of its own.
fn method_label(request: &HttpRequest) -> &str {
    match request.method().as_str() {
        known @ ("GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS") => known,
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::RequestId;

    fn check(sent: &'static str, kept: bool) {
        let id = RequestId::from_header(&HeaderValue::from_static(sent));
        assert_eq!(id.map(|id| id.0), kept.then(|| sent.to_owned()), "{sent:?}");
    }

    #[test]
    fn keeps_only_sound_ids_of_callers() {
        check("0191-a.b_C", true);
        check("", false);
        check("two words", false);
        check("a\"b", false);
    }
}
