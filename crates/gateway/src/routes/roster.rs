//! The people of a course.

use actix_web::web::{Data, Json, Path, Query};
use domain::audit::AuditAction;
use domain::id::{CourseId, PersonId};
use domain::person::Person;
use domain::wire::Page;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::Conn;
use store::rosters::RosterChange;
use utoipa::ToSchema;

use crate::auth::access::Allowed;
use crate::auth::permission::{SeeDirectory, TeachCourses};
use crate::clock;
use crate::error::ApiError;
use crate::limits::ROSTER_CHANGE;
use crate::page::PageQuery;
use crate::state::Gateway;

/// People to put on a roster.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct People {
    /// 1 to 1000 of them; those who are on it already stay.
    #[schema(min_items = 1, max_items = 1000)]
    person_ids: Vec<PersonId>,
}

/// A roster after a change.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RosterChanged {
    course_id: CourseId,
    /// Counts every change; workers use the roster of this version from their next frame on.
    roster_version: i64,
}

/// Puts people on the roster of a course: all of them, or, when one is unknown, none. Admins may, and those who teach it.
#[utoipa::path(post, path = "/api/v1/courses/{course_id}/roster", tag = "courses",
    params(("course_id" = CourseId, Path)),
    responses((status = 200, description = "They are on it.", body = RosterChanged)))]
pub(crate) async fn add_people(
    access: Allowed<TeachCourses>,
    gateway: Data<Gateway>,
    path: Path<CourseId>,
    body: Json<People>,
) -> Result<Json<RosterChanged>, ApiError> {
    if !(1..=ROSTER_CHANGE).contains(&body.person_ids.len()) {
        return Err(ApiError::invalid("/person_ids", "count", format!("must name 1 to {ROSTER_CHANGE} people")));
    }
    add(&gateway, &access, path.into_inner(), &body.person_ids).await
}

/// Puts one person on the roster of a course.
#[utoipa::path(put, path = "/api/v1/courses/{course_id}/roster/{person_id}", tag = "courses",
    params(("course_id" = CourseId, Path), ("person_id" = PersonId, Path)),
    responses((status = 200, description = "The person is on it.", body = RosterChanged)))]
pub(crate) async fn add_person(
    access: Allowed<TeachCourses>,
    gateway: Data<Gateway>,
    path: Path<(CourseId, PersonId)>,
) -> Result<Json<RosterChanged>, ApiError> {
    let (course_id, person_id) = path.into_inner();
    add(&gateway, &access, course_id, &[person_id]).await
}

/// Takes a person off the roster of a course. Attendance that was taken stays.
#[utoipa::path(delete, path = "/api/v1/courses/{course_id}/roster/{person_id}", tag = "courses",
    params(("course_id" = CourseId, Path), ("person_id" = PersonId, Path)),
    responses((status = 200, description = "The person is not on it.", body = RosterChanged)))]
pub(crate) async fn remove_person(
    access: Allowed<TeachCourses>,
    gateway: Data<Gateway>,
    path: Path<(CourseId, PersonId)>,
) -> Result<Json<RosterChanged>, ApiError> {
    let (course_id, person_id) = path.into_inner();
    let organization_id = access.organization_id;
    let change = gateway
        .change(async |tx| {
            access.require_course(tx, course_id).await?;
            let change = store::rosters::leave(tx, organization_id, course_id, &[person_id], clock::now()).await?;
            log(tx, &access, AuditAction::RosterRemoved, course_id, &change).await?;
            Ok(change)
        })
        .await?;
    Ok(told(&gateway, course_id, &change).await)
}

/// Lists the people on the roster of a course.
#[utoipa::path(get, path = "/api/v1/courses/{course_id}/roster", tag = "courses",
    params(("course_id" = CourseId, Path), PageQuery),
    responses((status = 200, description = "A page of them.", body = Page<Person>)))]
pub(crate) async fn list_roster(
    access: Allowed<SeeDirectory>,
    gateway: Data<Gateway>,
    path: Path<CourseId>,
    query: Query<PageQuery>,
) -> Result<Json<Page<Person>>, ApiError> {
    let (organization_id, course_id, wanted) = (access.organization_id, path.into_inner(), query.read()?);
    let mut conn = gateway.connection().await?;
    store::courses::find(&mut conn, organization_id, course_id).await?;
    let rows = store::rosters::members(&mut conn, organization_id, course_id, wanted.after, wanted.fetch()).await?;
    Ok(Json(wanted.page(rows, |row| row.id.uuid())))
}

async fn add(
    gateway: &Gateway,
    access: &Allowed<TeachCourses>,
    course_id: CourseId,
    people: &[PersonId],
) -> Result<Json<RosterChanged>, ApiError> {
    let organization_id = access.organization_id;
    let change = gateway
        .change(async |tx| {
            access.require_course(tx, course_id).await?;
            let change = store::rosters::join(tx, organization_id, course_id, people, clock::now()).await?;
            log(tx, access, AuditAction::RosterAdded, course_id, &change).await?;
            Ok(change)
        })
        .await?;
    Ok(told(gateway, course_id, &change).await)
}

async fn log(
    tx: &mut Conn,
    access: &Allowed<TeachCourses>,
    action: AuditAction,
    course_id: CourseId,
    change: &RosterChange,
) -> Result<(), ApiError> {
    if !change.people.is_empty() {
        let entry = access.entry(action, course_id.uuid(), json!({"person_ids": change.people}));
        store::audit::append(tx, &entry).await?;
    }
    Ok(())
}

/// The version is told even where nothing changed: it may have been raised while Redis was away.
async fn told(gateway: &Gateway, course_id: CourseId, change: &RosterChange) -> Json<RosterChanged> {
    let roster_version = change.version;
    gateway.raise_course_versions(&[(course_id, roster_version)]).await;
    Json(RosterChanged { course_id, roster_version })
}
