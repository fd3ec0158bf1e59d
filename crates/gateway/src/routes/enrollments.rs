//! Giving a person's face to the system.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, Path, Payload, Query};
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use domain::enrollment::{EnrollmentPhoto, EnrollmentState, PhotoRejection, PhotoState};
use domain::id::{EnrollmentId, OrganizationId, PersonId, PhotoId};
use domain::wire::Page;
use messaging::EnrollmentJob;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::enrollments::{NewEnrollment, NewPhoto};
use utoipa::ToSchema;

use crate::auth::access::Allowed;
use crate::auth::permission::{EnrollFaces, SeeDirectory};
use crate::body;
use crate::clock;
use crate::error::ApiError;
use crate::idempotency::IdempotencyKey;
use crate::limits::MULTIPART_BYTES;
use crate::page::PageQuery;
use crate::reply;
use crate::routes::photos::{self, Photo, Photos};
use crate::state::Gateway;

/// How long the broker may take to say that it has a job.
const PUBLISH_TIME: Duration = Duration::from_secs(2);

/// Photos of one person that were sent together.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct Enrollment {
    id: EnrollmentId,
    person_id: PersonId,
    /// `pending` until a worker has looked at the photos.
    state: EnrollmentState,
    /// In the order in which they were sent.
    photos: Vec<PhotoStatus>,
    created_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
}

/// What became of one photo.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct PhotoStatus {
    id: PhotoId,
    file_name: String,
    state: PhotoState,
    /// Why it was of no use.
    rejection: Option<PhotoRejection>,
    /// What to do about that, in words.
    advice: Option<String>,
}

impl From<domain::enrollment::Enrollment> for Enrollment {
    fn from(row: domain::enrollment::Enrollment) -> Self {
        Self {
            id: row.id,
            person_id: row.person_id,
            state: row.state,
            photos: row.photos.into_iter().map(Into::into).collect(),
            created_at: row.created_at,
            finished_at: row.finished_at,
        }
    }
}

impl From<EnrollmentPhoto> for PhotoStatus {
    fn from(photo: EnrollmentPhoto) -> Self {
        Self {
            id: photo.id,
            file_name: photo.file_name,
            state: photo.state,
            rejection: photo.rejection,
            advice: photo.rejection.map(|rejection| rejection.advice().to_owned()),
        }
    }
}

/// Enrolls a person with photos.
///
/// The photos are stored, encrypted, until a worker has looked at them; then only what it made of them is kept.
/// Follow the enrollment at its address, or wait for `enrollment_finished` on the live WebSocket.
#[utoipa::path(post, path = "/api/v1/people/{person_id}/enrollments", tag = "enrollments",
    params(("person_id" = PersonId, Path), IdempotencyKey),
    request_body(content = Photos, content_type = "multipart/form-data"),
    responses((status = 202, description = "The photos will be looked at.", body = Enrollment)))]
pub(crate) async fn create_enrollment(
    access: Allowed<EnrollFaces>,
    key: IdempotencyKey,
    gateway: Data<Gateway>,
    path: Path<PersonId>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    let (organization_id, person_id) = (access.organization_id, path.into_inner());
    let _memory = body::admit(&gateway.admission, request.headers(), MULTIPART_BYTES)?;
    let photos = photos::read(request.headers(), payload).await?;
    let once = key.of(&access.actor, Some(organization_id), &digests(&photos))?;
    let mut stored_now = None;
    let enrollment = once
        .run(&gateway, StatusCode::ACCEPTED, async |conn| {
            let new = new_enrollment(organization_id, person_id, photos);
            let stored = store::enrollments::insert(conn, &gateway.sealer, new, clock::now()).await?;
            stored_now = Some(stored.id);
            Ok(Enrollment::from(stored))
        })
        .await?;
    if let Some(id) = stored_now {
        publish(&gateway, organization_id, id).await;
    }
    Ok(reply::accepted(format!("/api/v1/enrollments/{}", enrollment.id), enrollment))
}

/// Lists the enrollments of a person.
#[utoipa::path(get, path = "/api/v1/people/{person_id}/enrollments", tag = "enrollments",
    params(("person_id" = PersonId, Path), PageQuery),
    responses((status = 200, description = "A page of them, oldest first.", body = Page<Enrollment>)))]
pub(crate) async fn list_enrollments(
    access: Allowed<SeeDirectory>,
    gateway: Data<Gateway>,
    path: Path<PersonId>,
    query: Query<PageQuery>,
) -> Result<Json<Page<Enrollment>>, ApiError> {
    let (organization_id, person_id, wanted) = (access.organization_id, path.into_inner(), query.read()?);
    let mut conn = gateway.connection().await?;
    store::people::find(&mut conn, organization_id, person_id).await?;
    let person = Some(person_id);
    let rows = store::enrollments::list(&mut conn, organization_id, person, wanted.after, wanted.fetch()).await?;
    let rows: Vec<Enrollment> = rows.into_iter().map(Into::into).collect();
    Ok(Json(wanted.page(rows, |row| row.id.uuid())))
}

/// Shows an enrollment, and what became of each photo.
#[utoipa::path(get, path = "/api/v1/enrollments/{enrollment_id}", tag = "enrollments",
    params(("enrollment_id" = EnrollmentId, Path)),
    responses((status = 200, description = "The enrollment.", body = Enrollment)))]
pub(crate) async fn show_enrollment(
    access: Allowed<SeeDirectory>,
    gateway: Data<Gateway>,
    path: Path<EnrollmentId>,
) -> Result<Json<Enrollment>, ApiError> {
    let mut conn = gateway.connection().await?;
    let row = store::enrollments::find(&mut conn, access.organization_id, path.into_inner()).await?;
    Ok(Json(row.into()))
}

fn new_enrollment(organization_id: OrganizationId, person_id: PersonId, photos: Vec<Photo>) -> NewEnrollment {
    let photos = photos.into_iter().map(|photo| NewPhoto { file_name: photo.file_name, image: photo.bytes.into() });
    NewEnrollment { id: EnrollmentId::new(), organization_id, person_id, photos: photos.collect() }
}

/// Tells the workers. When the broker is away the enrollment stays pending, and the scheduler's sweep tells them later.
///
/// The client does not wait long for this: to it, the enrollment is stored, and that is all that was promised.
async fn publish(gateway: &Gateway, organization_id: OrganizationId, enrollment_id: EnrollmentId) {
    let job = EnrollmentJob::new(organization_id, enrollment_id);
    let published = tokio::time::timeout(PUBLISH_TIME, gateway.broker.publish_enrollment(&job)).await;
    if let Ok(Ok(())) = published {
        return;
    }
    metrics::counter!("rollcall_enrollments_unpublished_total").increment(1);
    match published {
        Ok(Err(error)) => {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(enrollment.id = %enrollment_id, error, "an enrollment is left to the sweep");
        }
        _ => tracing::warn!(enrollment.id = %enrollment_id, "the broker is slow: an enrollment is left to the sweep"),
    }
}

/// What stands for the photos in the hash of an idempotent request.
fn digests(photos: &[Photo]) -> Vec<(&str, String)> {
    photos.iter().map(|photo| (photo.file_name.as_str(), hex::encode(Sha256::digest(&photo.bytes)))).collect()
}
