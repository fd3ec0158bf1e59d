//! Who teaches which course.

use chrono::{DateTime, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::id::{CourseId, OrganizationId, UserId};
use uuid::Uuid;

use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::{course_teachers, users};

/// Has a user teach a course, and answers whether they did not before.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has no such course or user.
pub async fn add(
    conn: &mut Conn,
    organization: OrganizationId,
    course: CourseId,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let added = diesel::insert_into(course_teachers::table)
        .values((
            course_teachers::organization_id.eq(organization.uuid()),
            course_teachers::course_id.eq(course.uuid()),
            course_teachers::user_id.eq(user.uuid()),
            course_teachers::added_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    Ok(added == 1)
}

/// Has a user teach a course no more, and answers whether they did.
///
/// # Errors
/// Only those of the database.
pub async fn remove(
    conn: &mut Conn,
    organization: OrganizationId,
    course: CourseId,
    user: UserId,
) -> Result<bool, StoreError> {
    let entry = course_teachers::table
        .filter(course_teachers::organization_id.eq(organization.uuid()))
        .filter(course_teachers::course_id.eq(course.uuid()))
        .filter(course_teachers::user_id.eq(user.uuid()));
    Ok(diesel::delete(entry).execute(conn).await? == 1)
}

/// Somebody who teaches a course.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CourseTeacher {
    /// Who.
    pub user_id: UserId,
    /// With which address they log in.
    pub email: String,
    /// Since when they teach it.
    pub added_at: DateTime<Utc>,
}

/// Those who teach a course, with their addresses, by id.
///
/// # Errors
/// Only those of the database.
pub async fn list(
    conn: &mut Conn,
    organization: OrganizationId,
    course: CourseId,
) -> Result<Vec<CourseTeacher>, StoreError> {
    let rows: Vec<(Uuid, String, DateTime<Utc>)> = course_teachers::table
        .inner_join(users::table.on(users::id.eq(course_teachers::user_id)))
        .filter(course_teachers::organization_id.eq(organization.uuid()))
        .filter(course_teachers::course_id.eq(course.uuid()))
        .order(course_teachers::user_id)
        .select((users::id, users::email, course_teachers::added_at))
        .load(conn)
        .await?;
    let teacher = |(id, email, added_at): (Uuid, String, _)| CourseTeacher { user_id: id.into(), email, added_at };
    Ok(rows.into_iter().map(teacher).collect())
}

/// The courses that a user teaches, by id.
///
/// # Errors
/// Only those of the database.
pub async fn courses_of(
    conn: &mut Conn,
    organization: OrganizationId,
    user: UserId,
) -> Result<Vec<CourseId>, StoreError> {
    let ids: Vec<Uuid> = course_teachers::table
        .filter(course_teachers::organization_id.eq(organization.uuid()))
        .filter(course_teachers::user_id.eq(user.uuid()))
        .order(course_teachers::course_id)
        .select(course_teachers::course_id)
        .load(conn)
        .await?;
    Ok(ids.into_iter().map(Into::into).collect())
}

/// Whether a user teaches a course.
///
/// # Errors
/// Only those of the database.
pub async fn teaches(
    conn: &mut Conn,
    organization: OrganizationId,
    course: CourseId,
    user: UserId,
) -> Result<bool, StoreError> {
    let entry = course_teachers::table
        .filter(course_teachers::organization_id.eq(organization.uuid()))
        .filter(course_teachers::course_id.eq(course.uuid()))
        .filter(course_teachers::user_id.eq(user.uuid()));
    Ok(diesel::select(exists(entry)).get_result(conn).await?)
}
