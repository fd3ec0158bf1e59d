//! A file out of a multipart body, with what is said about it.

use actix_multipart::{Field, Multipart};
use actix_web::HttpRequest;
use actix_web::web::{Bytes, BytesMut, Payload};
use futures_util::TryStreamExt;
use serde::de::DeserializeOwned;

use crate::admission::Admitted;
use crate::body;
use crate::error::ApiError;
use crate::limits::{JSON_BYTES, MULTIPART_TIME};
use crate::routes::photos::{broken, limited};
use crate::state::Gateway;

/// A file that was sent.
pub(crate) struct Upload {
    /// The file, whole.
    pub file: Bytes,
    /// The JSON of the field `mapping`, where there was one.
    mapping: Option<Bytes>,
    _memory: Admitted,
}

impl Upload {
    /// What the field `mapping` says; the default where there was none.
    pub(crate) fn mapping<T: Default + DeserializeOwned>(&self) -> Result<T, ApiError> {
        let Some(json) = &self.mapping else { return Ok(T::default()) };
        serde_json::from_slice(json).map_err(|error| ApiError::invalid("/mapping", "invalid", error.to_string()))
    }
}

/// Reads the field `file` of a form of at most `limit` bytes, and the field `mapping` where there is one.
pub(crate) async fn read(
    gateway: &Gateway,
    request: &HttpRequest,
    payload: Payload,
    limit: usize,
) -> Result<Upload, ApiError> {
    let headers = request.headers();
    if body::media_type(headers).as_deref() != Some("multipart/form-data") {
        return Err(ApiError::UnsupportedMediaType { expected: "multipart/form-data" });
    }
    let memory = body::admit(&gateway.admission, headers, limit)?;
    let fields = Multipart::new(headers, limited(payload, limit));
    let reading = read_form(fields, limit);
    let (file, mapping) = tokio::time::timeout(MULTIPART_TIME, reading).await.unwrap_or(Err(ApiError::BodyTooSlow))?;
    Ok(Upload { file, mapping, _memory: memory })
}

async fn read_form(mut fields: Multipart, limit: usize) -> Result<(Bytes, Option<Bytes>), ApiError> {
    let (mut file, mut mapping) = (None, None);
    while let Some(field) = fields.try_next().await.map_err(|error| broken(error, limit))? {
        let (place, most) = match field.name() {
            Some("file") => (&mut file, limit),
            Some("mapping") => (&mut mapping, JSON_BYTES),
            _ => {
                return Err(ApiError::invalid("", "unknown_field", "the fields of this form are `file` and `mapping`"));
            }
        };
        if place.is_some() {
            return Err(ApiError::invalid("", "too_many", "each field of this form may be there once"));
        }
        *place = Some(read_field(field, most, limit).await?);
    }
    let missing = || ApiError::invalid("/file", "required", "must hold a file");
    Ok((file.ok_or_else(missing)?, mapping))
}

async fn read_field(mut field: Field, most: usize, limit: usize) -> Result<Bytes, ApiError> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = field.try_next().await.map_err(|error| broken(error, limit))? {
        if bytes.len() + chunk.len() > most {
            return Err(ApiError::PayloadTooLarge { limit: most });
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}
