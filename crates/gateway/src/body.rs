//! Reading large bodies into memory, with limits on bytes, time and memory.

use actix_web::error::PayloadError;
use actix_web::http::header::{self, HeaderMap};
use actix_web::web::{Bytes, BytesMut, Payload};
use domain::picture::{PictureFormat, inspect};
use futures_util::{Stream, StreamExt};

use crate::admission::{Admission, Admitted};
use crate::error::ApiError;
use crate::limits::{FRAME_BYTES, FRAME_TIME};

/// Takes the memory that a body of at most `limit` bytes may need: what its header says, or else the limit.
pub(crate) fn admit(admission: &Admission, headers: &HeaderMap, limit: usize) -> Result<Admitted, ApiError> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    match announced {
        Some(bytes) if bytes > limit => Err(ApiError::PayloadTooLarge { limit }),
        announced => admission.admit(announced.unwrap_or(limit)),
    }
}

/// The media type of a body, in lower case and without parameters.
pub(crate) fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    value.split(';').next().map(|essence| essence.trim().to_ascii_lowercase())
}

/// Refuses a body that is not announced as a JPEG.
pub(crate) fn require_jpeg(headers: &HeaderMap) -> Result<(), ApiError> {
    match media_type(headers).as_deref() {
        Some("image/jpeg") => Ok(()),
        _ => Err(ApiError::UnsupportedMediaType { expected: "image/jpeg" }),
    }
}

/// Refuses bytes that are not a whole JPEG of an allowed size.
pub(crate) fn check_jpeg(bytes: &[u8]) -> Result<(), ApiError> {
    match inspect(bytes).map_err(ApiError::Picture)?.format {
        PictureFormat::Jpeg => Ok(()),
        PictureFormat::Png | PictureFormat::Webp => Err(ApiError::UnsupportedMediaType { expected: "image/jpeg" }),
    }
}

/// The body of a frame, or of another single picture.
pub(crate) async fn read_frame(payload: Payload) -> Result<Bytes, ApiError> {
    let read = collect(payload, FRAME_BYTES);
    tokio::time::timeout(FRAME_TIME, read).await.unwrap_or(Err(ApiError::BodyTooSlow))
}

async fn collect(
    mut chunks: impl Stream<Item = Result<Bytes, PayloadError>> + Unpin,
    limit: usize,
) -> Result<Bytes, ApiError> {
    let mut body = BytesMut::new();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| ApiError::BadRequest { reason: error.to_string() })?;
        if body.len() + chunk.len() > limit {
            return Err(ApiError::PayloadTooLarge { limit });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}
