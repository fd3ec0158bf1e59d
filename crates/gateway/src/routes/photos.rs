//! Photos out of a multipart body. Every photo is inspected before anything is stored.

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::error::PayloadError;
use actix_web::http::header::HeaderMap;
use actix_web::web::{Bytes, BytesMut, Payload};
use domain::picture::{MAX_BYTES, PictureProblem, inspect};
use futures_util::{Stream, StreamExt, TryStreamExt};
use utoipa::ToSchema;

use crate::body;
use crate::error::ApiError;
use crate::limits::MULTIPART_TIME;

const LONGEST_NAME: usize = 200;

/// What a multipart body may hold.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Form {
    /// The name of its only field.
    pub field: &'static str,
    /// Most photos.
    pub photos: usize,
    /// Most bytes of the whole body.
    pub bytes: usize,
}

/// A file.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "describes a part of the multipart body in the OpenAPI document")]
pub(crate) struct File(Vec<u8>);

/// One photo.
#[derive(Debug)]
pub(crate) struct Photo {
    /// The file's name, without folders.
    pub file_name: String,
    /// The file, whole and of a kind that we read; or why it is not.
    pub picture: Result<Bytes, PictureProblem>,
}

/// Reads the photos of a multipart body: at least one.
pub(crate) async fn read(headers: &HeaderMap, payload: Payload, form: Form) -> Result<Vec<Photo>, ApiError> {
    if body::media_type(headers).as_deref() != Some("multipart/form-data") {
        return Err(ApiError::UnsupportedMediaType { expected: "multipart/form-data" });
    }
    let fields = Multipart::new(headers, limited(payload, form.bytes));
    tokio::time::timeout(MULTIPART_TIME, read_form(fields, form)).await.unwrap_or(Err(ApiError::BodyTooSlow))
}

async fn read_form(mut fields: Multipart, form: Form) -> Result<Vec<Photo>, ApiError> {
    let broken = |error| broken(error, form.bytes);
    let pointer = format!("/{}", form.field);
    let mut photos = Vec::new();
    while let Some(field) = fields.try_next().await.map_err(broken)? {
        if field.name() != Some(form.field) {
            let detail = format!("the only field of this form is `{}`", form.field);
            return Err(ApiError::invalid("", "unknown_field", detail));
        }
        if photos.len() == form.photos {
            return Err(ApiError::invalid(&pointer, "too_many", format!("must be at most {}", form.photos)));
        }
        photos.push(read_photo(field, photos.len()).await.map_err(broken)?);
    }
    if photos.is_empty() {
        return Err(ApiError::invalid(&pointer, "required", "must hold at least one photo"));
    }
    Ok(photos)
}

async fn read_photo(mut field: Field, position: usize) -> Result<Photo, MultipartError> {
    let file_name = file_name(&field).unwrap_or_else(|| format!("photo-{position}"));
    let mut bytes = BytesMut::new();
    let mut length = 0;
    while let Some(chunk) = field.try_next().await? {
        length += chunk.len();
        if length <= MAX_BYTES {
            bytes.extend_from_slice(&chunk);
        }
    }
    let picture = match length {
        0..=MAX_BYTES => inspect(&bytes).map(|_header| bytes.freeze()),
        _ => Err(PictureProblem::TooManyBytes { bytes: length }),
    };
    Ok(Photo { file_name, picture })
}

fn file_name(field: &Field) -> Option<String> {
    let sent = field.content_disposition()?.get_filename()?;
    let last = sent.rsplit(['/', '\\']).next()?;
    let name: String = last.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
    (!name.is_empty()).then_some(name)
}

/// The same payload, which ends with an overflow where it is too long.
pub(crate) fn limited(payload: Payload, limit: usize) -> impl Stream<Item = Result<Bytes, PayloadError>> {
    let mut left = limit;
    payload.map(move |chunk| {
        let chunk = chunk?;
        left = left.checked_sub(chunk.len()).ok_or(PayloadError::Overflow)?;
        Ok(chunk)
    })
}

pub(crate) fn broken(error: MultipartError, limit: usize) -> ApiError {
    match error {
        MultipartError::Payload(PayloadError::Overflow) => ApiError::PayloadTooLarge { limit },
        other => ApiError::InvalidMultipart { reason: other.to_string() },
    }
}
