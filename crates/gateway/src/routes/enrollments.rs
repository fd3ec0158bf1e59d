//! Giving a person's face to the system.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, Path, Payload, Query};
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use domain::audit::{AuditAction, NewAuditEntry};
use domain::enrollment::{Duplicate, EnrollmentPhoto, EnrollmentState, MAX_PHOTOS, PhotoRejection, PhotoState};
use domain::event::PersonLabel;
use domain::id::{EnrollmentId, OrganizationId, PersonId, PhotoId};
use domain::picture::PictureProblem;
use domain::wire::Page;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use store::Conn;
use store::enrollments::{EnrollmentFilter, NewEnrollment, NewPhoto};
use utoipa::{IntoParams, ToSchema};

use crate::admission::Admitted;
use crate::auth::access::Allowed;
use crate::auth::permission::{EnrollFaces, SeeDirectory};
use crate::body;
use crate::clock;
use crate::error::{ApiError, Code, FieldError};
use crate::idempotency::{IdempotencyKey, Once};
use crate::jobs::publish_enrollment;
use crate::limits::MULTIPART_BYTES;
use crate::live::waiting::labels;
use crate::page::PageQuery;
use crate::reply;
use crate::routes::photos::{self, File, Form, Photo};
use crate::state::Gateway;

const FORM: Form = Form { field: "photos", photos: MAX_PHOTOS, bytes: MULTIPART_BYTES };

/// Photos of one person.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the multipart body in the OpenAPI document")]
pub(crate) struct Photos {
    /// 1 to 20 JPEG, PNG or still WebP pictures of at most 10 MiB and 40 megapixels each, 64 MiB together.
    #[schema(min_items = 1, max_items = 20)]
    photos: Vec<File>,
}

/// Photos of one person that were sent together.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct Enrollment {
    pub id: EnrollmentId,
    pub person_id: PersonId,
    /// `pending` until a worker has looked at the photos.
    pub state: EnrollmentState,
    /// In the order in which they were sent.
    pub photos: Vec<PhotoStatus>,
    /// Somebody else of the organization who was found to look the same.
    duplicate: Option<DuplicateOf>,
    /// Whether an admin has said that the two are different people.
    distinct_confirmed: bool,
    created_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
}

/// What became of one photo.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct PhotoStatus {
    pub id: PhotoId,
    file_name: String,
    pub state: PhotoState,
    /// How good its face is for telling people apart, 0 to 100; `null` where no face was found.
    pub quality: Option<u8>,
    /// Why it was of no use.
    pub rejection: Option<PhotoRejection>,
    /// What to do about that, in words.
    advice: Option<String>,
}

/// Somebody else who looks like the person of an enrollment.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct DuplicateOf {
    #[serde(flatten)]
    person: PersonLabel,
    /// How alike: raw cosine, -1 to 1, not a probability.
    similarity: f32,
}

impl Enrollment {
    /// Somebody else who looks the same.
    pub(crate) fn duplicate_of(&self) -> Option<PersonId> {
        self.duplicate.as_ref().map(|other| other.person.person_id)
    }

    /// As its person may see it: without the name of whoever looks the same.
    pub(crate) fn of_member(self) -> Self {
        Self { duplicate: None, ..self }
    }
}

/// Enrollments as they are shown, with the names of those who look the same.
async fn shown(
    conn: &mut Conn,
    organization_id: OrganizationId,
    rows: Vec<domain::enrollment::Enrollment>,
) -> Result<Vec<Enrollment>, ApiError> {
    let alike = rows.iter().filter_map(|row| row.duplicate).map(|duplicate| duplicate.person_id);
    let people = labels(conn, organization_id, alike).await?;
    let name = |duplicate: Duplicate| {
        let person = people.iter().find(|person| person.person_id == duplicate.person_id)?.clone();
        Some(DuplicateOf { person, similarity: duplicate.similarity })
    };
    let enrollments = rows.into_iter().map(|row| Enrollment {
        id: row.id,
        person_id: row.person_id,
        state: row.state,
        photos: row.photos.into_iter().map(Into::into).collect(),
        duplicate: row.duplicate.and_then(name),
        distinct_confirmed: row.distinct_confirmed,
        created_at: row.created_at,
        finished_at: row.finished_at,
    });
    Ok(enrollments.collect())
}

/// One enrollment as it is shown.
pub(crate) async fn find_shown(
    conn: &mut Conn,
    organization_id: OrganizationId,
    id: EnrollmentId,
) -> Result<Enrollment, ApiError> {
    let row = store::enrollments::find(conn, organization_id, id).await?;
    shown(conn, organization_id, vec![row]).await?.pop().ok_or(ApiError::NotFound)
}

impl From<EnrollmentPhoto> for PhotoStatus {
    fn from(photo: EnrollmentPhoto) -> Self {
        Self {
            id: photo.id,
            file_name: photo.file_name,
            state: photo.state,
            quality: photo.quality,
            rejection: photo.rejection,
            advice: photo.rejection.map(|rejection| rejection.advice().to_owned()),
        }
    }
}

/// Enrolls a person with photos.
///
/// The photos are stored, encrypted, until a worker has looked at them; then only what it made of them is kept.
/// Photos that cannot be read are rejected at once, each with its reason; when none can be read nothing is stored.
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
    let person_id = path.into_inner();
    let photos = receive(&gateway, &request, payload).await?;
    let once = key.of(&access.actor, Some(access.organization_id), &photos.digests())?;
    let entry = |id: EnrollmentId, details| access.entry(AuditAction::EnrollmentCreated, id.uuid(), details);
    let enrollment = enroll(&gateway, once, (access.organization_id, person_id), photos, entry).await?;
    Ok(reply::accepted(format!("/api/v1/enrollments/{}", enrollment.id), enrollment))
}

/// Photos that were sent, of which at least one can be read, and the memory that they take.
pub(crate) struct Received {
    photos: Vec<Photo>,
    _memory: Admitted,
}

impl Received {
    /// What stands for the photos in the hash of an idempotent request.
    pub(crate) fn digests(&self) -> Vec<(&str, String)> {
        let digest = |photo: &Photo| match &photo.picture {
            Ok(bytes) => hex::encode(Sha256::digest(bytes)),
            Err(problem) => problem.to_string(),
        };
        self.photos.iter().map(|photo| (photo.file_name.as_str(), digest(photo))).collect()
    }
}

/// Reads the photos of a request.
pub(crate) async fn receive(gateway: &Gateway, request: &HttpRequest, payload: Payload) -> Result<Received, ApiError> {
    let memory = body::admit(&gateway.admission, request.headers(), MULTIPART_BYTES)?;
    let photos = photos::read(request.headers(), payload, FORM).await?;
    some_usable(&photos)?;
    Ok(Received { photos, _memory: memory })
}

/// Makes an enrollment of these photos, once, and tells a worker. `entry` is what the audit log is told of it.
pub(crate) async fn enroll(
    gateway: &Gateway,
    once: Once,
    (organization_id, person_id): (OrganizationId, PersonId),
    received: Received,
    entry: impl FnOnce(EnrollmentId, serde_json::Value) -> NewAuditEntry,
) -> Result<Enrollment, ApiError> {
    let Received { photos, _memory } = received;
    let mut stored_now = None;
    let enrollment = once
        .run(gateway, StatusCode::ACCEPTED, async |conn| {
            store::consents::require(conn, organization_id, person_id).await?;
            let new = new_enrollment(organization_id, person_id, photos);
            let stored = store::enrollments::insert(conn, &gateway.sealer, new, clock::now()).await?;
            let (id, details) = (stored.id, json!({"person_id": person_id, "photos": stored.photos.len()}));
            stored_now = Some(id);
            let shown = shown(conn, organization_id, vec![stored]).await?.pop().ok_or(ApiError::NotFound)?;
            store::audit::append(conn, &entry(id, details)).await?;
            Ok(shown)
        })
        .await?;
    if let Some(id) = stored_now {
        publish_enrollment(gateway, organization_id, id).await;
    }
    Ok(enrollment)
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
    Ok(Json(listed(&gateway, access.organization_id, path.into_inner(), &query).await?))
}

/// One page of a person's enrollments.
pub(crate) async fn listed(
    gateway: &Gateway,
    organization_id: OrganizationId,
    person_id: PersonId,
    query: &PageQuery,
) -> Result<Page<Enrollment>, ApiError> {
    let wanted = query.read()?;
    let mut conn = gateway.connection().await?;
    store::people::find(&mut conn, organization_id, person_id).await?;
    let person = Some(person_id);
    let rows = store::enrollments::list(&mut conn, organization_id, person, wanted.after, wanted.fetch()).await?;
    let rows = shown(&mut conn, organization_id, rows).await?;
    Ok(wanted.page(rows, |row| row.id.uuid()))
}

/// Which enrollments are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EnrollmentQuery {
    /// Only those that stand so: `pending` wait for a worker, `duplicate_suspected` for an administrator.
    state: Option<EnrollmentState>,
    /// Only those of this person.
    person_id: Option<PersonId>,
    /// How many rows at most, 1 to 200; 50 where it is not said.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Lists the enrollments of the organization.
#[utoipa::path(get, path = "/api/v1/enrollments", tag = "enrollments", params(EnrollmentQuery),
    responses((status = 200, description = "A page of them, newest first.", body = Page<Enrollment>)))]
pub(crate) async fn list_all_enrollments(
    access: Allowed<SeeDirectory>,
    gateway: Data<Gateway>,
    query: Query<EnrollmentQuery>,
) -> Result<Json<Page<Enrollment>>, ApiError> {
    let EnrollmentQuery { state, person_id, limit, cursor } = query.into_inner();
    let wanted = PageQuery { limit, cursor }.read()?;
    let filter = EnrollmentFilter { person: person_id, state };
    let (mut conn, organization) = (gateway.connection().await?, access.organization_id);
    let rows = store::enrollments::newest(&mut conn, organization, &filter, wanted.after, wanted.fetch()).await?;
    let rows = shown(&mut conn, organization, rows).await?;
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
    Ok(Json(find_shown(&mut conn, access.organization_id, path.into_inner()).await?))
}

fn new_enrollment(organization_id: OrganizationId, person_id: PersonId, photos: Vec<Photo>) -> NewEnrollment {
    let photos = photos
        .into_iter()
        .map(|photo| NewPhoto { file_name: photo.file_name, image: photo.picture.map(Into::into).map_err(Into::into) });
    NewEnrollment { id: EnrollmentId::new(), organization_id, person_id, photos: photos.collect() }
}

/// Refuses photos of which none can be read, with what is wrong with each.
fn some_usable(photos: &[Photo]) -> Result<(), ApiError> {
    let problems: Vec<PictureProblem> =
        photos.iter().filter_map(|photo| photo.picture.as_ref().err().copied()).collect();
    if problems.len() < photos.len() {
        return Ok(());
    }
    let errors = problems.into_iter().enumerate().map(|(position, problem)| FieldError {
        pointer: format!("/photos/{position}"),
        code: domain::wire::name(&Code::from(problem)),
        detail: problem.to_string(),
    });
    Err(ApiError::PhotosUnusable { errors: errors.collect() })
}
