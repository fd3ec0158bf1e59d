//! What sessions are held for.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, Path, Query};
use domain::audit::AuditAction;
use domain::course::Course;
use domain::id::{CourseId, OrganizationId};
use domain::policy::CoursePolicy;
use domain::wire::Page;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::auth::access::Allowed;
use crate::auth::permission::{ManageCourses, SeeDirectory};
use crate::clock;
use crate::error::ApiError;
use crate::idempotency::IdempotencyKey;
use crate::page::PageQuery;
use crate::reply;
use crate::state::Gateway;
use crate::validation::Validation;

/// The version of a roster that nobody has changed yet.
const FIRST_ROSTER_VERSION: i64 = 1;

/// A course to make.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCourse {
    /// Short code, unique in the organization, 1 to 64 characters.
    #[schema(min_length = 1, max_length = 64)]
    code: String,
    /// Title as people say it, 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    title: String,
}

impl NewCourse {
    fn parse(&self, organization_id: OrganizationId) -> Result<Course, ApiError> {
        let mut validation = Validation::default();
        let code = validation.text("/code", &self.code, 64);
        let title = validation.text("/title", &self.title, 200);
        let (id, roster_version, created_at) = (CourseId::new(), FIRST_ROSTER_VERSION, clock::now());
        validation.finish(Course {
            id,
            organization_id,
            code,
            section: String::new(),
            title,
            time_zone: None,
            is_active: true,
            policy: CoursePolicy::default(),
            roster_version,
            created_at,
        })
    }
}

/// Makes a course, with an empty roster.
#[utoipa::path(post, path = "/api/v1/courses", tag = "courses", params(IdempotencyKey),
    responses((status = 201, description = "It was made.", body = Course)))]
pub(crate) async fn create_course(
    access: Allowed<ManageCourses>,
    key: IdempotencyKey,
    gateway: Data<Gateway>,
    body: Json<NewCourse>,
) -> Result<HttpResponse, ApiError> {
    let course = body.parse(access.organization_id)?;
    let once = key.of(&access.actor, Some(access.organization_id), &*body)?;
    let made = once
        .run(&gateway, StatusCode::CREATED, async |tx| {
            store::courses::insert(tx, &course).await?;
            let entry = access.entry(AuditAction::CourseCreated, course.id.uuid(), json!({}));
            store::audit::append(tx, &entry).await?;
            Ok(course.clone())
        })
        .await?;
    Ok(reply::created(format!("/api/v1/courses/{}", made.id), made))
}

/// Lists the courses of the organization.
#[utoipa::path(get, path = "/api/v1/courses", tag = "courses", params(PageQuery),
    responses((status = 200, description = "A page of them, oldest first.", body = Page<Course>)))]
pub(crate) async fn list_courses(
    access: Allowed<SeeDirectory>,
    gateway: Data<Gateway>,
    query: Query<PageQuery>,
) -> Result<Json<Page<Course>>, ApiError> {
    let wanted = query.read()?;
    let mut conn = gateway.connection().await?;
    let rows = store::courses::list(&mut conn, access.organization_id, wanted.after, wanted.fetch()).await?;
    Ok(Json(wanted.page(rows, |row| row.id.uuid())))
}

/// Shows a course.
#[utoipa::path(get, path = "/api/v1/courses/{course_id}", tag = "courses", params(("course_id" = CourseId, Path)),
    responses((status = 200, description = "The course.", body = Course)))]
pub(crate) async fn show_course(
    access: Allowed<SeeDirectory>,
    gateway: Data<Gateway>,
    path: Path<CourseId>,
) -> Result<Json<Course>, ApiError> {
    let mut conn = gateway.connection().await?;
    Ok(Json(store::courses::find(&mut conn, access.organization_id, path.into_inner()).await?))
}
