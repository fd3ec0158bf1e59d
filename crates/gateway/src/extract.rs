//! What becomes of a body, query or path that a handler cannot take.

use actix_web::error::{JsonPayloadError, PayloadError, QueryPayloadError, UrlencodedError};
use actix_web::web::{FormConfig, JsonConfig, PathConfig, QueryConfig, ServiceConfig};
use serde_json::error::Category;

use crate::error::ApiError;
use crate::limits::JSON_BYTES;

/// Sets limits, and turns the extractors' errors into ours.
pub(crate) fn configure(config: &mut ServiceConfig) {
    let ours = JsonConfig::default().limit(JSON_BYTES).error_handler(|error, _| json(error).into());
    config
        .app_data(ours)
        .app_data(FormConfig::default().limit(JSON_BYTES).error_handler(|error, _| form(error).into()))
        .app_data(QueryConfig::default().error_handler(|error, _| query(&error).into()))
        // A path whose ids are no ids names nothing.
        .app_data(PathConfig::default().error_handler(|_, _| ApiError::NotFound.into()));
}

fn json(error: JsonPayloadError) -> ApiError {
    match error {
        JsonPayloadError::OverflowKnownLength { .. } | JsonPayloadError::Overflow { .. } => {
            ApiError::PayloadTooLarge { limit: JSON_BYTES }
        }
        JsonPayloadError::ContentType => ApiError::UnsupportedMediaType { expected: "application/json" },
        JsonPayloadError::Deserialize(error) if error.classify() == Category::Data => {
            ApiError::invalid("", "invalid", error.to_string())
        }
        JsonPayloadError::Deserialize(error) => ApiError::InvalidJson { reason: error.to_string() },
        JsonPayloadError::Payload(error) => payload(error),
        other => ApiError::BadRequest { reason: other.to_string() },
    }
}

fn form(error: UrlencodedError) -> ApiError {
    match error {
        UrlencodedError::Overflow { .. } => ApiError::PayloadTooLarge { limit: JSON_BYTES },
        UrlencodedError::ContentType => {
            ApiError::UnsupportedMediaType { expected: "application/x-www-form-urlencoded" }
        }
        UrlencodedError::Parse(error) => ApiError::invalid("", "invalid", error.to_string()),
        UrlencodedError::Payload(error) => payload(error),
        other => ApiError::BadRequest { reason: other.to_string() },
    }
}

fn payload(error: PayloadError) -> ApiError {
    match error {
        PayloadError::Overflow => ApiError::PayloadTooLarge { limit: JSON_BYTES },
        other => ApiError::BadRequest { reason: other.to_string() },
    }
}

fn query(error: &QueryPayloadError) -> ApiError {
    let reason = match error {
        QueryPayloadError::Deserialize(error) => error.to_string(),
        other => other.to_string(),
    };
    ApiError::InvalidQuery { reason }
}
