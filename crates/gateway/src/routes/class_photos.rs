//! Pictures of a whole class.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, HeaderMap};
use actix_web::web::{Bytes, Data, Json, Path, Payload, Query};
use actix_web::{HttpRequest, HttpResponse};
use domain::audit::AuditAction;
use domain::id::{ClassPhotoId, FrameId, SessionId};
use domain::picture::{MAX_BYTES, PictureFormat, inspect};
use domain::wire::Page;
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use store::class_photos::NewClassPhoto;
use utoipa::{IntoParams, ToSchema};

use crate::auth::access::Allowed;
use crate::auth::permission::{SeeAttendance, SendFrames};
use crate::body;
use crate::clock;
use crate::error::ApiError;
use crate::idempotency::IdempotencyKey;
use crate::jobs::publish_class_photo;
use crate::live::waiting::labels;
use crate::page::PageQuery;
use crate::reply;
use crate::routes::class_photo_faces::{ClassPhoto, ClassPhotoStatus, PhotoFace};
use crate::routes::photos::{self, File, Form};
use crate::state::Gateway;

/// A little more than one photo, for the form around it.
const FORM: Form = Form { field: "photo", photos: 1, bytes: MAX_BYTES + 64 * 1024 };
const EXPECTED: &str = "image/jpeg, image/png, image/webp or multipart/form-data";

/// One photo.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the multipart body in the OpenAPI document")]
pub(crate) struct OnePhoto {
    /// A JPEG, PNG or still WebP picture of at most 10 MiB and 40 megapixels.
    photo: File,
}

/// What is wanted of a class photo.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ClassPhotoQuery {
    /// Whether a copy with boxes and names is wanted; it is kept for a short while.
    #[serde(default)]
    #[param(default = false)]
    annotate: bool,
}

/// Takes attendance by one picture of the whole class, in an active session.
///
/// The body is the picture, or a form with the field `photo`. It is stored, encrypted, until a worker has looked at it.
/// Follow it at its address, or wait for `class_photo_finished` on the live WebSocket.
#[utoipa::path(post, path = "/api/v1/sessions/{session_id}/class-photos", tag = "class photos",
    params(("session_id" = SessionId, Path), ClassPhotoQuery, IdempotencyKey),
    request_body(content((Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"), (Vec<u8> = "image/webp"),
        (OnePhoto = "multipart/form-data")), description = "A picture of at most 10 MiB and 40 megapixels."),
    responses((status = 202, description = "It will be looked at.", body = ClassPhotoStatus)))]
pub(crate) async fn create_class_photo(
    access: Allowed<SendFrames>,
    key: IdempotencyKey,
    gateway: Data<Gateway>,
    path: Path<SessionId>,
    query: Query<ClassPhotoQuery>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    let (organization_id, session_id, annotate) = (access.organization_id, path.into_inner(), query.annotate);
    let _memory = body::admit(&gateway.admission, request.headers(), FORM.bytes)?;
    let (file_name, picture) = read(request.headers(), payload).await?;
    let digest = hex::encode(Sha256::digest(&picture));
    let once = key.of(&access.actor, Some(organization_id), &(annotate, &file_name, digest))?;
    let mut stored_now = None;
    let photo = once
        .run(&gateway, StatusCode::ACCEPTED, async |conn| {
            let (id, image) = (ClassPhotoId::new(), picture.into());
            let new = NewClassPhoto { id, organization_id, session_id, file_name, image, annotate };
            let stored = store::class_photos::insert(conn, &gateway.sealer, new, clock::now()).await?;
            stored_now = Some(stored.id);
            let details = json!({"session_id": session_id});
            let entry = access.entry(AuditAction::ClassPhotoCreated, stored.id.uuid(), details);
            store::audit::append(conn, &entry).await?;
            Ok(ClassPhotoStatus::from(stored))
        })
        .await?;
    if let Some(id) = stored_now {
        publish_class_photo(&gateway, organization_id, id).await;
    }
    Ok(reply::accepted(format!("/api/v1/class-photos/{}", photo.id), photo))
}

/// Lists the class photos of a session, without their faces.
#[utoipa::path(get, path = "/api/v1/sessions/{session_id}/class-photos", tag = "class photos",
    params(("session_id" = SessionId, Path), PageQuery),
    responses((status = 200, description = "A page of them, oldest first.", body = Page<ClassPhotoStatus>)))]
pub(crate) async fn list_class_photos(
    access: Allowed<SeeAttendance>,
    gateway: Data<Gateway>,
    path: Path<SessionId>,
    query: Query<PageQuery>,
) -> Result<Json<Page<ClassPhotoStatus>>, ApiError> {
    let (organization_id, session_id, wanted) = (access.organization_id, path.into_inner(), query.read()?);
    let mut conn = gateway.connection().await?;
    access.require_session(&mut conn, session_id).await?;
    let rows = store::class_photos::list(&mut conn, organization_id, session_id, wanted.after, wanted.fetch()).await?;
    let page = wanted.page(rows, |row| row.id.uuid());
    Ok(Json(Page { items: page.items.into_iter().map(Into::into).collect(), next: page.next }))
}

/// Shows a class photo and the faces that were found in it.
#[utoipa::path(get, path = "/api/v1/class-photos/{class_photo_id}", tag = "class photos",
    params(("class_photo_id" = ClassPhotoId, Path)),
    responses((status = 200, description = "The class photo.", body = ClassPhoto)))]
pub(crate) async fn show_class_photo(
    access: Allowed<SeeAttendance>,
    gateway: Data<Gateway>,
    path: Path<ClassPhotoId>,
) -> Result<Json<ClassPhoto>, ApiError> {
    let organization_id = access.organization_id;
    let mut conn = gateway.connection().await?;
    let photo = store::class_photos::find(&mut conn, organization_id, path.into_inner()).await?;
    access.require_session(&mut conn, photo.session_id).await?;
    let frame_id = FrameId::from_uuid(photo.id.uuid());
    let rows = store::sightings::of_frame(&mut conn, organization_id, photo.session_id, frame_id).await?;
    let people = labels(&mut conn, organization_id, rows.iter().filter_map(|row| row.sighting.person_id)).await?;
    let faces = rows.iter().map(|row| PhotoFace::new(&row.sighting, &people)).collect();
    Ok(Json(ClassPhoto { photo: photo.into(), faces }))
}

/// Shows the copy with boxes and names that was asked for with `annotate`, while it is kept: for a few minutes.
#[utoipa::path(get, path = "/api/v1/class-photos/{class_photo_id}/picture", tag = "class photos",
    params(("class_photo_id" = ClassPhotoId, Path)),
    responses((status = 200, description = "The picture; it is not to be stored.", body = Vec<u8>,
        content_type = "image/jpeg", headers(("Cache-Control" = String, description = "`no-store`")))))]
pub(crate) async fn show_annotated_picture(
    access: Allowed<SeeAttendance>,
    gateway: Data<Gateway>,
    path: Path<ClassPhotoId>,
) -> Result<HttpResponse, ApiError> {
    let id = path.into_inner();
    {
        let mut conn = gateway.connection().await?;
        let photo = store::class_photos::find(&mut conn, access.organization_id, id).await?;
        access.require_session(&mut conn, photo.session_id).await?;
    }
    let sealed = gateway.redis.picture(id.uuid()).await?.ok_or(ApiError::NotFound)?;
    let sealer = gateway.sealer.clone();
    let jpeg = tokio::task::spawn_blocking(move || sealer.open(id.uuid(), &sealed)).await;
    let jpeg = jpeg.map_err(ApiError::internal)??;
    Ok(HttpResponse::Ok().content_type("image/jpeg").insert_header((CACHE_CONTROL, "no-store")).body(jpeg))
}

/// The picture of a request and its file name.
async fn read(headers: &HeaderMap, payload: Payload) -> Result<(String, Bytes), ApiError> {
    match body::media_type(headers).as_deref() {
        Some("multipart/form-data") => {
            let photo = photos::read(headers, payload, FORM).await?.pop().ok_or(ApiError::NotFound)?;
            Ok((photo.file_name, photo.picture.map_err(ApiError::Picture)?))
        }
        Some("image/jpeg" | "image/png" | "image/webp") => {
            let bytes = body::read_frame(payload).await?;
            let file_name = match inspect(&bytes).map_err(ApiError::Picture)?.format {
                PictureFormat::Jpeg => "class-photo.jpg",
                PictureFormat::Png => "class-photo.png",
                PictureFormat::Webp => "class-photo.webp",
            };
            Ok((file_name.to_owned(), bytes))
        }
        _ => Err(ApiError::UnsupportedMediaType { expected: EXPECTED }),
    }
}
