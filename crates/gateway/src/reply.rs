//! Answers that are not simply JSON.

use actix_web::HttpResponse;
use actix_web::http::header;
use serde::Serialize;

/// 201 with what was made, and where it is.
pub(crate) fn created(location: String, body: impl Serialize) -> HttpResponse {
    HttpResponse::Created().insert_header((header::LOCATION, location)).json(body)
}

/// 202 with what was taken on, and where it can be followed.
pub(crate) fn accepted(location: String, body: impl Serialize) -> HttpResponse {
    HttpResponse::Accepted().insert_header((header::LOCATION, location)).json(body)
}
