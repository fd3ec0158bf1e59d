//! Who teaches which course.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path, Query};
use chrono::{DateTime, Utc};
use domain::audit::AuditAction;
use domain::id::{CourseId, UserId};
use domain::user::Role;
use domain::wire::Page;
use serde::Serialize;
use serde_json::json;
use store::teachers::CourseTeacher as Row;
use utoipa::ToSchema;

use crate::auth::access::Allowed;
use crate::auth::permission::{ManageCourses, SeeDirectory};
use crate::clock;
use crate::error::ApiError;
use crate::page::PageQuery;
use crate::state::Gateway;

/// Somebody who teaches a course.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CourseTeacher {
    user_id: UserId,
    /// With which address they log in.
    email: String,
    /// Since when they teach it.
    added_at: DateTime<Utc>,
}

impl From<Row> for CourseTeacher {
    fn from(Row { user_id, email, added_at }: Row) -> Self {
        Self { user_id, email, added_at }
    }
}

/// Lists those who teach a course. Always whole, on one page.
#[utoipa::path(get, path = "/api/v1/courses/{course_id}/teachers", tag = "courses",
    params(("course_id" = CourseId, Path), PageQuery),
    responses((status = 200, description = "All of them.", body = Page<CourseTeacher>)))]
pub(crate) async fn list_teachers(
    access: Allowed<SeeDirectory>,
    gateway: Data<Gateway>,
    path: Path<CourseId>,
    _whole: Query<PageQuery>,
) -> Result<Json<Page<CourseTeacher>>, ApiError> {
    let (organization_id, course_id) = (access.organization_id, path.into_inner());
    let mut conn = gateway.connection().await?;
    store::courses::find(&mut conn, organization_id, course_id).await?;
    let rows = store::teachers::list(&mut conn, organization_id, course_id).await?;
    Ok(Json(Page { items: rows.into_iter().map(Into::into).collect(), next: None }))
}

/// Has a user teach a course: they see its attendance and may change it, its roster and its timetable.
///
/// The user must be a teacher or an administrator of the organization.
#[utoipa::path(put, path = "/api/v1/courses/{course_id}/teachers/{user_id}", tag = "courses",
    params(("course_id" = CourseId, Path), ("user_id" = UserId, Path)),
    responses((status = 204, description = "They teach it.")))]
pub(crate) async fn add_teacher(
    access: Allowed<ManageCourses>,
    gateway: Data<Gateway>,
    path: Path<(CourseId, UserId)>,
) -> Result<HttpResponse, ApiError> {
    let (organization_id, (course_id, user_id)) = (access.organization_id, path.into_inner());
    gateway
        .change(async |tx| {
            store::courses::find(tx, organization_id, course_id).await?;
            let user = store::users::find(tx, user_id).await?;
            if user.organization_id != Some(organization_id) {
                return Err(ApiError::NotFound);
            }
            if user.role == Role::Member {
                return Err(ApiError::NotATeacher);
            }
            if store::teachers::add(tx, organization_id, course_id, user_id, clock::now()).await? {
                let details = json!({"user_id": user_id});
                let entry = access.entry(AuditAction::CourseTeacherAdded, course_id.uuid(), details);
                store::audit::append(tx, &entry).await?;
            }
            Ok(())
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Has a user teach a course no more.
#[utoipa::path(delete, path = "/api/v1/courses/{course_id}/teachers/{user_id}", tag = "courses",
    params(("course_id" = CourseId, Path), ("user_id" = UserId, Path)),
    responses((status = 204, description = "They do not teach it any more.")))]
pub(crate) async fn remove_teacher(
    access: Allowed<ManageCourses>,
    gateway: Data<Gateway>,
    path: Path<(CourseId, UserId)>,
) -> Result<HttpResponse, ApiError> {
    let (organization_id, (course_id, user_id)) = (access.organization_id, path.into_inner());
    gateway
        .change(async |tx| {
            if !store::teachers::remove(tx, organization_id, course_id, user_id).await? {
                return Err(ApiError::NotFound);
            }
            let details = json!({"user_id": user_id});
            let entry = access.entry(AuditAction::CourseTeacherRemoved, course_id.uuid(), details);
            store::audit::append(tx, &entry).await?;
            Ok(())
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
