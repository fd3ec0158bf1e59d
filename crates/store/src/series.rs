//! Series of sessions, and the sessions that are made of them.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use domain::id::{CourseId, OrganizationId, SeriesId};
use domain::session::SessionState;
use domain::timetable::Series;
use uuid::Uuid;

use crate::column::{from_json, json, text};
use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::{series, sessions};

mod planning;

pub use planning::{PlanError, Planned, TimetableSettings, lock, plan, plan_ahead, plan_course, plan_organization};

/// Makes a series, without sessions yet.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has no such course.
pub async fn insert(conn: &mut Conn, new: &Series) -> Result<(), StoreError> {
    diesel::insert_into(series::table)
        .values((
            series::id.eq(new.id.uuid()),
            series::organization_id.eq(new.organization_id.uuid()),
            series::course_id.eq(new.course_id.uuid()),
            series::rule.eq(&new.rule),
            series::starts_on.eq(new.starts_on),
            series::start_time.eq(new.start_time),
            series::duration_minutes.eq(i32::from(new.duration_minutes)),
            series::automatic.eq(new.automatic),
            series::policy.eq(json(&new.policy)),
            series::planned_at.eq(new.created_at),
            series::created_at.eq(new.created_at),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// The series with this id.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has none.
pub async fn find(conn: &mut Conn, organization: OrganizationId, id: SeriesId) -> Result<Series, StoreError> {
    let row: Row = series::table
        .filter(series::organization_id.eq(organization.uuid()))
        .filter(series::id.eq(id.uuid()))
        .select(Row::as_select())
        .first(conn)
        .await?;
    row.try_into()
}

/// The series of a course after `after`, at most `limit`.
///
/// # Errors
/// Only those of the database.
pub async fn list(
    conn: &mut Conn,
    organization: OrganizationId,
    course: CourseId,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Series>, StoreError> {
    let rows: Vec<Row> = series::table
        .filter(series::organization_id.eq(organization.uuid()))
        .filter(series::course_id.eq(course.uuid()))
        .filter(series::id.gt(after.unwrap_or(Uuid::nil())))
        .order(series::id)
        .limit(limit)
        .select(Row::as_select())
        .load(conn)
        .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Gives a series that was [`lock`]ed the rule, times, policy and automatism of `changed`. Its sessions are to be [`plan`]ned after that.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has no such series.
pub async fn replace(conn: &mut Conn, changed: &Series) -> Result<(), StoreError> {
    let updated = diesel::update(series::table.find(changed.id.uuid()))
        .filter(series::organization_id.eq(changed.organization_id.uuid()))
        .set((
            series::rule.eq(&changed.rule),
            series::starts_on.eq(changed.starts_on),
            series::start_time.eq(changed.start_time),
            series::duration_minutes.eq(i32::from(changed.duration_minutes)),
            series::automatic.eq(changed.automatic),
            series::policy.eq(json(&changed.policy)),
        ))
        .execute(conn)
        .await?;
    if updated == 0 { Err(StoreError::NotFound) } else { Ok(()) }
}

/// Gives a series up with its sessions that are planned for after `now`, and answers how many these were. What was held
/// stays, as sessions of no series.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has no such series.
pub async fn delete(
    conn: &mut Conn,
    organization: OrganizationId,
    id: SeriesId,
    now: DateTime<Utc>,
) -> Result<usize, StoreError> {
    conn.transaction(async |tx| {
        let of_series =
            series::table.filter(series::organization_id.eq(organization.uuid())).filter(series::id.eq(id.uuid()));
        // As a plan locks it: whoever cancels one of its sessions meanwhile need not wait for this, but this for them.
        let _locked: Uuid = of_series.select(series::id).for_no_key_update().first(tx).await?;
        let cancelled = diesel::delete(
            sessions::table
                .filter(sessions::organization_id.eq(organization.uuid()))
                .filter(sessions::series_id.eq(id.uuid()))
                .filter(sessions::state.eq(text(SessionState::Scheduled)))
                .filter(sessions::starts_at.gt(now)),
        )
        .execute(tx)
        .await?;
        diesel::delete(of_series).execute(tx).await?;
        Ok(cancelled)
    })
    .await
}

/// Series whose sessions were made before `before`, longest ago first, at most `limit`.
///
/// # Errors
/// Only those of the database.
pub async fn planned_before(
    conn: &mut Conn,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<(OrganizationId, SeriesId)>, StoreError> {
    let rows: Vec<(Uuid, Uuid)> = series::table
        .filter(series::planned_at.lt(before))
        .order((series::planned_at, series::id))
        .limit(limit)
        .select((series::organization_id, series::id))
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(|(organization, id)| (organization.into(), id.into())).collect())
}

/// Notes that a series was looked at, so that others come first.
///
/// # Errors
/// Only those of the database.
pub async fn looked_at(
    conn: &mut Conn,
    organization: OrganizationId,
    id: SeriesId,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    diesel::update(
        series::table.filter(series::organization_id.eq(organization.uuid())).filter(series::id.eq(id.uuid())),
    )
    .set(series::planned_at.eq(now))
    .execute(conn)
    .await?;
    Ok(())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = series, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: Uuid,
    organization_id: Uuid,
    course_id: Uuid,
    rule: String,
    starts_on: NaiveDate,
    start_time: NaiveTime,
    duration_minutes: i32,
    automatic: bool,
    policy: serde_json::Value,
    created_at: DateTime<Utc>,
}

impl TryFrom<Row> for Series {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let duration = row.duration_minutes.try_into();
        Ok(Self {
            id: row.id.into(),
            organization_id: row.organization_id.into(),
            course_id: row.course_id.into(),
            rule: row.rule,
            starts_on: row.starts_on,
            start_time: row.start_time,
            duration_minutes: duration.map_err(|_large| StoreError::corrupt("a duration that is none"))?,
            automatic: row.automatic,
            policy: from_json(row.policy)?,
            created_at: row.created_at,
        })
    }
}
