//! The photos of an enrollment, out of a multipart body.
//!
//! Every photo is looked at before anything is stored: when one is unusable, all that are unusable are named and
//! nothing is stored.

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::error::PayloadError;
use actix_web::http::header::HeaderMap;
use actix_web::web::{Bytes, BytesMut, Payload};
use domain::enrollment::MAX_PHOTOS;
use domain::picture::{MAX_BYTES, PictureProblem, inspect};
use futures_util::{Stream, StreamExt, TryStreamExt};
use utoipa::ToSchema;

use crate::body;
use crate::error::{ApiError, Code, FieldError};
use crate::limits::{MULTIPART_BYTES, MULTIPART_TIME};

const FIELD: &str = "photos";
const LONGEST_NAME: usize = 200;

/// Photos of one person.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the multipart body in the OpenAPI document")]
pub(crate) struct Photos {
    /// 1 to 20 JPEG, PNG or still WebP pictures of at most 10 MiB and 40 megapixels each, 64 MiB together.
    #[schema(min_items = 1, max_items = 20)]
    photos: Vec<File>,
}

/// A file.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "describes a part of the multipart body in the OpenAPI document")]
pub(crate) struct File(Vec<u8>);

/// One photo, whole and of a kind that we read.
#[derive(Debug)]
pub(crate) struct Photo {
    /// The file's name, without folders.
    pub file_name: String,
    /// The file.
    pub bytes: Bytes,
}

/// Reads the photos of a multipart body.
pub(crate) async fn read(headers: &HeaderMap, payload: Payload) -> Result<Vec<Photo>, ApiError> {
    if body::media_type(headers).as_deref() != Some("multipart/form-data") {
        return Err(ApiError::UnsupportedMediaType { expected: "multipart/form-data" });
    }
    let form = Multipart::new(headers, limited(payload));
    tokio::time::timeout(MULTIPART_TIME, read_form(form)).await.unwrap_or(Err(ApiError::BodyTooSlow))
}

async fn read_form(mut form: Multipart) -> Result<Vec<Photo>, ApiError> {
    let mut photos = Vec::new();
    let mut errors = Vec::new();
    while let Some(field) = form.try_next().await.map_err(broken)? {
        if field.name() != Some(FIELD) {
            return Err(ApiError::invalid("", "unknown_field", "the only field of this form is `photos`"));
        }
        let position = photos.len();
        if position == MAX_PHOTOS {
            return Err(ApiError::invalid("/photos", "too_many", format!("must be at most {MAX_PHOTOS}")));
        }
        let photo = read_photo(field, position).await?;
        if let Err(problem) = &photo {
            errors.push(unusable(position, *problem));
        }
        photos.push(photo.ok());
    }
    if photos.is_empty() {
        return Err(ApiError::invalid("/photos", "required", "must hold at least one photo"));
    }
    if !errors.is_empty() {
        return Err(ApiError::PhotosUnusable { errors });
    }
    Ok(photos.into_iter().flatten().collect())
}

async fn read_photo(mut field: Field, position: usize) -> Result<Result<Photo, PictureProblem>, ApiError> {
    let file_name = file_name(&field).unwrap_or_else(|| format!("photo-{position}"));
    let mut bytes = BytesMut::new();
    let mut length = 0;
    while let Some(chunk) = field.try_next().await.map_err(broken)? {
        length += chunk.len();
        if length <= MAX_BYTES {
            bytes.extend_from_slice(&chunk);
        }
    }
    if length > MAX_BYTES {
        return Ok(Err(PictureProblem::TooManyBytes { bytes: length }));
    }
    Ok(inspect(&bytes).map(|_header| Photo { file_name, bytes: bytes.freeze() }))
}

fn file_name(field: &Field) -> Option<String> {
    let sent = field.content_disposition()?.get_filename()?;
    let last = sent.rsplit(['/', '\\']).next()?;
    let name: String = last.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
    (!name.is_empty()).then_some(name)
}

fn unusable(position: usize, problem: PictureProblem) -> FieldError {
    let code = domain::wire::name(&Code::from(problem));
    FieldError { pointer: format!("/photos/{position}"), code, detail: problem.to_string() }
}

/// The same payload, which ends with an overflow where it is too long.
fn limited(payload: Payload) -> impl Stream<Item = Result<Bytes, PayloadError>> {
    let mut left = MULTIPART_BYTES;
    payload.map(move |chunk| {
        let chunk = chunk?;
        left = left.checked_sub(chunk.len()).ok_or(PayloadError::Overflow)?;
        Ok(chunk)
    })
}

fn broken(error: MultipartError) -> ApiError {
    match error {
        MultipartError::Payload(PayloadError::Overflow) => ApiError::PayloadTooLarge { limit: MULTIPART_BYTES },
        other => ApiError::InvalidMultipart { reason: other.to_string() },
    }
}
