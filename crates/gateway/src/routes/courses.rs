//! What sessions are held for.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, Path, Query};
use domain::audit::AuditAction;
use domain::course::Course;
use domain::id::{CourseId, OrganizationId, UserId};
use domain::policy::CoursePolicy;
use domain::wire::Page;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::courses::{CourseChange, CourseFilter};
use store::series::plan_course;
use utoipa::{IntoParams, ToSchema};

use crate::auth::access::Allowed;
use crate::auth::permission::{ManageCourses, SeeDirectory, TeachCourses};
use crate::clearable::clearable;
use crate::clock;
use crate::error::ApiError;
use crate::idempotency::IdempotencyKey;
use crate::page::PageQuery;
use crate::reply;
use crate::state::Gateway;
use crate::validation::Validation;

/// The version of a roster that nobody has changed yet.
const FIRST_ROSTER_VERSION: i64 = 1;
const LONGEST_CODE: usize = 64;
const LONGEST_TITLE: usize = 200;

/// A course to make.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCourse {
    /// Short code, 1 to 64 characters; with the section, unique in the organization.
    #[schema(min_length = 1, max_length = 64)]
    code: String,
    /// Section, at most 64 characters; none where it is not said.
    #[serde(default)]
    #[schema(max_length = 64)]
    section: String,
    /// Title as people say it, 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    title: String,
    /// IANA time zone of its site; the organization's where it is not said.
    #[schema(example = "Europe/Zurich")]
    time_zone: Option<String>,
    /// What it asks of those who attend; nothing where it is not said.
    #[serde(default)]
    policy: CoursePolicy,
}

impl NewCourse {
    fn parse(&self, organization_id: OrganizationId) -> Result<Course, ApiError> {
        let mut validation = Validation::default();
        let code = validation.text("/code", &self.code, LONGEST_CODE);
        let section = validation.optional_text("/section", &self.section, LONGEST_CODE);
        let title = validation.text("/title", &self.title, LONGEST_TITLE);
        let time_zone = self.time_zone.as_deref().map(|zone| validation.time_zone("/time_zone", zone));
        let policy = validation.policy("/policy", &self.policy);
        let (id, roster_version, created_at) = (CourseId::new(), FIRST_ROSTER_VERSION, clock::now());
        let is_active = true;
        let course = Course {
            id,
            organization_id,
            code,
            section,
            title,
            time_zone,
            is_active,
            policy,
            roster_version,
            created_at,
        };
        validation.finish(course)
    }
}

/// What is to change about a course; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CourseUpdate {
    /// Short code, 1 to 64 characters.
    #[schema(min_length = 1, max_length = 64)]
    code: Option<String>,
    /// Section, at most 64 characters.
    #[schema(max_length = 64)]
    section: Option<String>,
    /// Title, 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    title: Option<String>,
    /// IANA time zone; `null` for the organization's. The sessions of its series that are still to come move with it.
    #[serde(default, deserialize_with = "clearable")]
    #[schema(value_type = Option<String>)]
    time_zone: Option<Option<String>>,
    /// Whether it is still held. One that is not has no new sessions, and those that its series had planned go.
    is_active: Option<bool>,
}

impl CourseUpdate {
    fn parse(&self) -> Result<CourseChange, ApiError> {
        let mut validation = Validation::default();
        let code = self.code.as_deref().map(|code| validation.text("/code", code, LONGEST_CODE));
        let section = self.section.as_deref();
        let section = section.map(|section| validation.optional_text("/section", section, LONGEST_CODE));
        let title = self.title.as_deref().map(|title| validation.text("/title", title, LONGEST_TITLE));
        let zone = self.time_zone.as_ref();
        let time_zone = zone.map(|zone| zone.as_deref().map(|zone| validation.time_zone("/time_zone", zone)));
        validation.finish(CourseChange { code, section, title, time_zone, is_active: self.is_active })
    }
}

/// Which courses are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CourseQuery {
    /// Only those whose code or title holds this, in whatever case.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Only those that are held (`true`), or that are not.
    is_active: Option<bool>,
    /// Only those that this user teaches.
    teacher_id: Option<UserId>,
    /// How many rows at most, 1 to 200; 50 where it is not said.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// `next` of the page before.
    cursor: Option<String>,
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
#[utoipa::path(get, path = "/api/v1/courses", tag = "courses", params(CourseQuery),
    responses((status = 200, description = "A page of them, oldest first.", body = Page<Course>)))]
pub(crate) async fn list_courses(
    access: Allowed<SeeDirectory>,
    gateway: Data<Gateway>,
    query: Query<CourseQuery>,
) -> Result<Json<Page<Course>>, ApiError> {
    let CourseQuery { q, is_active, teacher_id, limit, cursor } = query.into_inner();
    let wanted = PageQuery { limit, cursor }.read()?;
    if q.as_deref().is_some_and(|q| q.chars().count() > LONGEST_TITLE || q.chars().any(char::is_control)) {
        return Err(ApiError::InvalidQuery { reason: "`q` is too long or holds control characters".to_owned() });
    }
    let filter = CourseFilter { text: q, is_active, teacher: teacher_id, person: None };
    let mut conn = gateway.connection().await?;
    let rows = store::courses::list(&mut conn, access.organization_id, &filter, wanted.after, wanted.fetch()).await?;
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

/// Changes a course: admins, and those who teach it.
#[utoipa::path(patch, path = "/api/v1/courses/{course_id}", tag = "courses", params(("course_id" = CourseId, Path)),
    responses((status = 200, description = "It is changed.", body = Course)))]
pub(crate) async fn update_course(
    access: Allowed<TeachCourses>,
    gateway: Data<Gateway>,
    path: Path<CourseId>,
    body: Json<CourseUpdate>,
) -> Result<Json<Course>, ApiError> {
    let (organization_id, course_id) = (access.organization_id, path.into_inner());
    let change = body.parse()?;
    let course = gateway
        .change(async |tx| {
            access.require_course(tx, course_id).await?;
            let course = store::courses::update(tx, organization_id, course_id, &change).await?;
            plan_course(tx, organization_id, course_id, gateway.timetable, clock::now()).await?;
            let entry = access.entry(AuditAction::CourseUpdated, course_id.uuid(), details(&change));
            store::audit::append(tx, &entry).await?;
            Ok(course)
        })
        .await?;
    Ok(Json(course))
}

/// Which fields were changed, and what to where that is no text that somebody wrote.
fn details(change: &CourseChange) -> serde_json::Value {
    let CourseChange { code, section, title, time_zone, is_active } = change;
    let named = [("code", code.is_some()), ("section", section.is_some()), ("title", title.is_some())];
    let mut details: serde_json::Map<_, _> =
        named.into_iter().filter(|(_, is_set)| *is_set).map(|(name, _)| (name.to_owned(), json!("changed"))).collect();
    if let Some(zone) = time_zone {
        details.insert("time_zone".to_owned(), json!(zone));
    }
    if let Some(is_active) = is_active {
        details.insert("is_active".to_owned(), json!(is_active));
    }
    details.into()
}

/// Sets what a course asks of those who attend it: admins, and those who teach it.
///
/// The body is the whole policy: what it leaves out goes back to its default. Sessions that were planned by hand keep the
/// policy that they were planned with; those of series that are still to come follow. Workers recognise by it from the next
/// frame of a session on that has it.
#[utoipa::path(put, path = "/api/v1/courses/{course_id}/policy", tag = "courses",
    params(("course_id" = CourseId, Path)),
    responses((status = 200, description = "It is set.", body = Course)))]
pub(crate) async fn set_course_policy(
    access: Allowed<TeachCourses>,
    gateway: Data<Gateway>,
    path: Path<CourseId>,
    body: Json<CoursePolicy>,
) -> Result<Json<Course>, ApiError> {
    let (organization_id, course_id) = (access.organization_id, path.into_inner());
    let mut validation = Validation::default();
    let policy = validation.policy("", &body);
    let policy = validation.finish(policy)?;
    let course = gateway
        .change(async |tx| {
            access.require_course(tx, course_id).await?;
            let course = store::courses::set_policy(tx, organization_id, course_id, &policy).await?;
            plan_course(tx, organization_id, course_id, gateway.timetable, clock::now()).await?;
            let entry = access.entry(AuditAction::CoursePolicyChanged, course_id.uuid(), json!(policy));
            store::audit::append(tx, &entry).await?;
            Ok(course)
        })
        .await?;
    gateway.raise_course_versions(&[(course_id, course.roster_version)]).await;
    Ok(Json(course))
}
