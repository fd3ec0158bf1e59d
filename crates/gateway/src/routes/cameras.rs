//! Devices with their own scoped keys.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path, Query};
use domain::audit::AuditAction;
use domain::id::{CameraId, CourseId, OrganizationId, SessionId};
use domain::session::Camera;
use domain::wire::Page;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::Conn;
use utoipa::ToSchema;

use crate::auth::access::Allowed;
use crate::auth::permission::ManageCameras;
use crate::auth::secret;
use crate::clock;
use crate::error::ApiError;
use crate::page::PageQuery;
use crate::reply;
use crate::state::Gateway;
use crate::validation::Validation;

/// A camera to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCamera {
    /// Name as people say it, such as where it hangs, 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// The only course whose sessions it may send to; all, where it is not said.
    course_id: Option<CourseId>,
    /// The only session that it may send to; all of its course, where it is not said.
    session_id: Option<SessionId>,
}

impl NewCamera {
    fn parse(&self, organization_id: OrganizationId) -> Result<Camera, ApiError> {
        let mut validation = Validation::default();
        let name = validation.text("/name", &self.name, 200);
        let (id, course_id, session_id, created_at) = (CameraId::new(), self.course_id, self.session_id, clock::now());
        let (revoked_at, last_seen_at) = (None, None);
        validation.finish(Camera {
            id,
            organization_id,
            name,
            course_id,
            session_id,
            created_at,
            revoked_at,
            last_seen_at,
        })
    }
}

/// A camera just made, with its key.
#[derive(Serialize, ToSchema)]
pub(crate) struct CameraWithKey {
    #[serde(flatten)]
    camera: Camera,
    /// Shown only this once: only its hash is stored.
    #[schema(example = "rck_…")]
    key: String,
}

/// Makes a camera and its key.
///
/// The key is in this answer and nowhere else. There is no Idempotency-Key here, since answers that can be given
/// again would have to be stored, and the key is not.
#[utoipa::path(post, path = "/api/v1/cameras", tag = "cameras",
    responses((status = 201, description = "It was made.", body = CameraWithKey)))]
pub(crate) async fn create_camera(
    access: Allowed<ManageCameras>,
    gateway: Data<Gateway>,
    body: Json<NewCamera>,
) -> Result<HttpResponse, ApiError> {
    let camera = body.parse(access.organization_id)?;
    let key = secret::mint(secret::CAMERA_KEY);
    gateway
        .change(async |tx| {
            check_session(tx, &camera).await?;
            store::cameras::insert(tx, &camera, &secret::hash(&key)).await?;
            let details = json!({"course_id": camera.course_id, "session_id": camera.session_id});
            store::audit::append(tx, &access.entry(AuditAction::CameraCreated, camera.id.uuid(), details)).await?;
            Ok(())
        })
        .await?;
    Ok(reply::created(format!("/api/v1/cameras/{}", camera.id), CameraWithKey { camera, key }))
}

/// A camera that is bound to a course and to a session is bound to a session of that course.
async fn check_session(tx: &mut Conn, camera: &Camera) -> Result<(), ApiError> {
    let (Some(course_id), Some(session_id)) = (camera.course_id, camera.session_id) else { return Ok(()) };
    let session = store::sessions::find(tx, camera.organization_id, session_id).await?;
    if session.course_id == course_id {
        return Ok(());
    }
    Err(ApiError::invalid("/session_id", "invalid", "must be a session of the course"))
}

/// Lists the cameras of the organization, revoked ones too.
///
/// One whose `last_seen_at` is more than two minutes ago sends nothing at present.
#[utoipa::path(get, path = "/api/v1/cameras", tag = "cameras", params(PageQuery),
    responses((status = 200, description = "A page of them, oldest first.", body = Page<Camera>)))]
pub(crate) async fn list_cameras(
    access: Allowed<ManageCameras>,
    gateway: Data<Gateway>,
    query: Query<PageQuery>,
) -> Result<Json<Page<Camera>>, ApiError> {
    let wanted = query.read()?;
    let mut conn = gateway.connection().await?;
    let rows = store::cameras::list(&mut conn, access.organization_id, wanted.after, wanted.fetch()).await?;
    Ok(Json(wanted.page(rows, |row| row.id.uuid())))
}

/// Revokes a camera's key. The camera stays in the list, and its sightings stay.
#[utoipa::path(delete, path = "/api/v1/cameras/{camera_id}", tag = "cameras",
    params(("camera_id" = CameraId, Path)),
    responses((status = 204, description = "The key opens nothing any more.")))]
pub(crate) async fn revoke_camera(
    access: Allowed<ManageCameras>,
    gateway: Data<Gateway>,
    path: Path<CameraId>,
) -> Result<HttpResponse, ApiError> {
    let id = path.into_inner();
    gateway
        .change(async |tx| {
            let (_, is_new) = store::cameras::revoke(tx, access.organization_id, id, clock::now()).await?;
            if is_new {
                store::audit::append(tx, &access.entry(AuditAction::CameraRevoked, id.uuid(), json!({}))).await?;
            }
            Ok(())
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
