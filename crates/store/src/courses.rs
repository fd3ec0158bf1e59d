//! What sessions are held for.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::course::Course;
use domain::id::{CourseId, OrganizationId, PersonId, UserId};
use domain::policy::CoursePolicy;
use uuid::Uuid;

use crate::column::{containing, from_json, json};
use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::{course_teachers, courses, roster_entries};

/// Makes a course, with an empty roster.
///
/// # Errors
/// [`StoreError::Conflict`] when its code is taken, [`StoreError::NotFound`] when there is no such organization.
pub async fn insert(conn: &mut Conn, new: &Course) -> Result<(), StoreError> {
    diesel::insert_into(courses::table)
        .values((
            courses::id.eq(new.id.uuid()),
            courses::organization_id.eq(new.organization_id.uuid()),
            courses::code.eq(&new.code),
            courses::section.eq(&new.section),
            courses::title.eq(&new.title),
            courses::time_zone.eq(&new.time_zone),
            courses::is_active.eq(new.is_active),
            courses::policy.eq(json(&new.policy)),
            courses::roster_version.eq(new.roster_version),
            courses::created_at.eq(new.created_at),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// The course with this id.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has none.
pub async fn find(conn: &mut Conn, organization: OrganizationId, id: CourseId) -> Result<Course, StoreError> {
    let row: Row = courses::table
        .filter(courses::organization_id.eq(organization.uuid()))
        .filter(courses::id.eq(id.uuid()))
        .select(Row::as_select())
        .first(conn)
        .await?;
    row.try_into()
}

/// Which courses are wanted; `default()` wants all.
#[derive(Debug, Clone, Default)]
pub struct CourseFilter {
    /// Only those whose code or title holds this, in whatever case.
    pub text: Option<String>,
    /// Only those that are held, or that are not.
    pub is_active: Option<bool>,
    /// Only those that this user teaches.
    pub teacher: Option<UserId>,
    /// Only those whose roster this person is on.
    pub person: Option<PersonId>,
}

/// The organization's courses after `after` that are wanted, at most `limit`.
///
/// # Errors
/// Only those of the database.
pub async fn list(
    conn: &mut Conn,
    organization: OrganizationId,
    wanted: &CourseFilter,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Course>, StoreError> {
    let mut query = courses::table
        .filter(courses::organization_id.eq(organization.uuid()))
        .filter(courses::id.gt(after.unwrap_or(Uuid::nil())))
        .order(courses::id)
        .limit(limit)
        .select(Row::as_select())
        .into_boxed();
    if let Some(text) = &wanted.text {
        let pattern = containing(text);
        query = query.filter(courses::code.ilike(pattern.clone()).or(courses::title.ilike(pattern)));
    }
    if let Some(is_active) = wanted.is_active {
        query = query.filter(courses::is_active.eq(is_active));
    }
    if let Some(teacher) = wanted.teacher {
        let taught = course_teachers::table
            .filter(course_teachers::organization_id.eq(organization.uuid()))
            .filter(course_teachers::user_id.eq(teacher.uuid()))
            .select(course_teachers::course_id);
        query = query.filter(courses::id.eq_any(taught));
    }
    if let Some(person) = wanted.person {
        let attended = roster_entries::table
            .filter(roster_entries::organization_id.eq(organization.uuid()))
            .filter(roster_entries::person_id.eq(person.uuid()))
            .select(roster_entries::course_id);
        query = query.filter(courses::id.eq_any(attended));
    }
    let rows: Vec<Row> = query.load(conn).await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// What is to change about a course; what is `None` stays.
#[derive(Debug, Clone, PartialEq, Eq, Default, AsChangeset)]
#[diesel(table_name = courses)]
pub struct CourseChange {
    /// Its code.
    pub code: Option<String>,
    /// Its section.
    pub section: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// Its zone; `Some(None)` for the organization's.
    pub time_zone: Option<Option<String>>,
    /// Whether it is held.
    pub is_active: Option<bool>,
}

/// Changes a course, and answers with what it is now.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has none, [`StoreError::Conflict`] when its code is taken.
pub async fn update(
    conn: &mut Conn,
    organization: OrganizationId,
    id: CourseId,
    change: &CourseChange,
) -> Result<Course, StoreError> {
    if *change == CourseChange::default() {
        return find(conn, organization, id).await;
    }
    let row: Row = diesel::update(
        courses::table.filter(courses::organization_id.eq(organization.uuid())).filter(courses::id.eq(id.uuid())),
    )
    .set(change)
    .returning(Row::as_returning())
    .get_result(conn)
    .await?;
    row.try_into()
}

/// Sets what a course asks of those who attend its sessions from now on. The version of its roster goes up, so that
/// workers, which keep the policy beside it, ask for it.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has none.
pub async fn set_policy(
    conn: &mut Conn,
    organization: OrganizationId,
    id: CourseId,
    policy: &CoursePolicy,
) -> Result<Course, StoreError> {
    let row: Row = diesel::update(
        courses::table.filter(courses::organization_id.eq(organization.uuid())).filter(courses::id.eq(id.uuid())),
    )
    .set((courses::policy.eq(json(policy)), courses::roster_version.eq(courses::roster_version + 1)))
    .returning(Row::as_returning())
    .get_result(conn)
    .await?;
    row.try_into()
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = courses, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: Uuid,
    organization_id: Uuid,
    code: String,
    title: String,
    roster_version: i64,
    created_at: DateTime<Utc>,
    section: String,
    time_zone: Option<String>,
    is_active: bool,
    policy: serde_json::Value,
}

impl TryFrom<Row> for Course {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.into(),
            organization_id: row.organization_id.into(),
            code: row.code,
            section: row.section,
            title: row.title,
            time_zone: row.time_zone,
            is_active: row.is_active,
            policy: from_json(row.policy)?,
            roster_version: row.roster_version,
            created_at: row.created_at,
        })
    }
}
