//! What sessions are held for.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::course::Course;
use domain::id::{CourseId, OrganizationId};
use uuid::Uuid;

use crate::column::{from_json, json};
use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::courses;

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

/// The organization's courses after `after`, at most `limit`.
///
/// # Errors
/// Only those of the database.
pub async fn list(
    conn: &mut Conn,
    organization: OrganizationId,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Course>, StoreError> {
    let rows: Vec<Row> = courses::table
        .filter(courses::organization_id.eq(organization.uuid()))
        .filter(courses::id.gt(after.unwrap_or(Uuid::nil())))
        .order(courses::id)
        .limit(limit)
        .select(Row::as_select())
        .load(conn)
        .await?;
    rows.into_iter().map(TryInto::try_into).collect()
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
