//! The sessions of a series, made ahead.
//!
//! Whoever plans locks the course, then the series, then its sessions; and several series in the order of their ids. So
//! plans wait for each other and for changes of the course, and never deadlock.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use domain::audit::{AuditAction, AuditActor, NewAuditEntry};
use domain::course::Course;
use domain::day;
use domain::id::{CourseId, OrganizationId, SeriesId, SessionId};
use domain::session::SessionState;
use domain::timetable::{Existing, InvalidSeries, Meeting, Plan, Series};
use serde::Deserialize;
use uuid::Uuid;

use super::{find, looked_at};
use crate::column::{from_json, json, text};
use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::{courses, series, series_skips, sessions};
use crate::{audit, courses as course_rows, holidays, zones};

/// Section `[timetable]`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimetableSettings {
    /// For how many days from today on the sessions of series are made, 1..=366.
    pub horizon_days: u16,
}

impl TimetableSettings {
    /// Whether the values can be.
    #[must_use]
    pub fn are_sound(&self) -> bool {
        (1..=366).contains(&self.horizon_days)
    }
}

/// What planning came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Planned {
    /// Sessions that were made.
    pub made: usize,
    /// Sessions that were changed.
    pub changed: usize,
    /// Sessions that were cancelled.
    pub cancelled: usize,
}

/// Why nothing was planned.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// A series cannot be, or not any more.
    #[error("series {series} cannot be planned: {problem}")]
    Series {
        /// Which one.
        series: SeriesId,
        /// What is wrong with it.
        problem: InvalidSeries,
    },
    /// Anything that the database says.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<diesel::result::Error> for PlanError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Store(error.into())
    }
}

/// Makes, changes and cancels the sessions of a series that are still to come, so that they are what its rule, its course,
/// the holidays and `settings` say at `now`. Doing so twice does nothing more.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has no such series; [`PlanError::Series`] when it cannot be.
pub async fn plan(
    conn: &mut Conn,
    organization: OrganizationId,
    id: SeriesId,
    settings: TimetableSettings,
    now: DateTime<Utc>,
) -> Result<Planned, PlanError> {
    conn.transaction(async |tx| {
        let (course, series) = lock(tx, organization, id).await?;
        let zone = zones::of_course(tx, &course).await?;
        let today = day::of(now, zone);
        let existing = existing(tx, &series, today, now).await?;
        let days = || existing.iter().map(|session| session.day);
        let from = days().fold(today, NaiveDate::min);
        // Also as far as another process, with a further horizon, has planned.
        let horizon = today + Days::new(settings.horizon_days.into());
        let until = days().map(|day| day + Days::new(1)).fold(horizon, NaiveDate::max);
        let wanted = wanted(tx, &course, &series, zone, from..until).await?;
        let plan = domain::timetable::plan(&wanted, &existing, now);
        carry_out(tx, &series, &plan, now).await?;
        looked_at(tx, organization, id, now).await?;
        Ok(Planned { made: plan.make.len(), changed: plan.change.len(), cancelled: plan.cancel.len() })
    })
    .await
}

/// As [`plan`], by the scheduler: where something was done, the audit log is told.
///
/// # Errors
/// As [`plan`].
pub async fn plan_ahead(
    conn: &mut Conn,
    organization: OrganizationId,
    id: SeriesId,
    settings: TimetableSettings,
    now: DateTime<Utc>,
) -> Result<Planned, PlanError> {
    conn.transaction(async |tx| {
        let planned = plan(tx, organization, id, settings, now).await?;
        if planned != Planned::default() {
            let Planned { made, changed, cancelled } = planned;
            let entry = NewAuditEntry {
                organization_id: Some(organization),
                at: now,
                actor: AuditActor::Scheduler,
                action: AuditAction::SeriesUpdated,
                subject_id: Some(id.uuid()),
                details: serde_json::json!({"made": made, "changed": changed, "cancelled": cancelled}),
                request_id: None,
            };
            audit::append(tx, &entry).await?;
        }
        Ok(planned)
    })
    .await
}

/// Plans all series of a course.
///
/// # Errors
/// As [`plan`].
pub async fn plan_course(
    conn: &mut Conn,
    organization: OrganizationId,
    course: CourseId,
    settings: TimetableSettings,
    now: DateTime<Utc>,
) -> Result<Planned, PlanError> {
    conn.transaction(async |tx| {
        let ids: Vec<Uuid> = series::table
            .filter(series::organization_id.eq(organization.uuid()))
            .filter(series::course_id.eq(course.uuid()))
            .order(series::id)
            .select(series::id)
            .load(tx)
            .await?;
        plan_each(tx, organization, ids, settings, now).await
    })
    .await
}

/// Plans the series of an organization, at most `limit` of them; the others when the scheduler comes to them.
///
/// # Errors
/// As [`plan`].
pub async fn plan_organization(
    conn: &mut Conn,
    organization: OrganizationId,
    settings: TimetableSettings,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Planned, PlanError> {
    conn.transaction(async |tx| {
        let ids: Vec<Uuid> = series::table
            .filter(series::organization_id.eq(organization.uuid()))
            .order((series::course_id, series::id))
            .limit(limit)
            .select(series::id)
            .load(tx)
            .await?;
        plan_each(tx, organization, ids, settings, now).await
    })
    .await
}

async fn plan_each(
    tx: &mut Conn,
    organization: OrganizationId,
    ids: Vec<Uuid>,
    settings: TimetableSettings,
    now: DateTime<Utc>,
) -> Result<Planned, PlanError> {
    let mut sum = Planned::default();
    for id in ids {
        let Planned { made, changed, cancelled } = match plan(tx, organization, id.into(), settings, now).await {
            // Given up meanwhile.
            Err(PlanError::Store(StoreError::NotFound)) => Planned::default(),
            planned => planned?,
        };
        sum.made += made;
        sum.changed += changed;
        sum.cancelled += cancelled;
    }
    Ok(sum)
}

/// The days on which a series does not meet, since somebody cancelled its session.
async fn skips(tx: &mut Conn, of: &Series) -> Result<HashSet<NaiveDate>, StoreError> {
    let days: Vec<NaiveDate> = series_skips::table
        .filter(series_skips::organization_id.eq(of.organization_id.uuid()))
        .filter(series_skips::series_id.eq(of.id.uuid()))
        .select(series_skips::day)
        .load(tx)
        .await?;
    Ok(days.into_iter().collect())
}

async fn wanted(
    tx: &mut Conn,
    course: &Course,
    series: &Series,
    zone: Tz,
    days: Range<NaiveDate>,
) -> Result<BTreeMap<NaiveDate, Meeting>, PlanError> {
    let invalid = |problem| PlanError::Series { series: series.id, problem };
    let mut meetings = series.meetings(&course.policy, zone, days.clone()).map_err(invalid)?;
    let (holidays, skips) = (holidays::days(tx, series.organization_id, days).await?, skips(tx, series).await?);
    meetings.retain(|day, _| course.is_active && !holidays.contains_key(day) && !skips.contains(day));
    Ok(meetings)
}

/// A series and its course, locked until the transaction ends: the course against being renamed or given up (who does that
/// plans its series afterwards), the series against every other change and plan.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has no such series.
pub async fn lock(tx: &mut Conn, organization: OrganizationId, id: SeriesId) -> Result<(Course, Series), StoreError> {
    let course = find(tx, organization, id).await?.course_id;
    let _locked: Uuid = courses::table
        .filter(courses::organization_id.eq(organization.uuid()))
        .filter(courses::id.eq(course.uuid()))
        .select(courses::id)
        .for_key_share()
        .first(tx)
        .await?;
    let _locked: Uuid = series::table
        .filter(series::organization_id.eq(organization.uuid()))
        .filter(series::id.eq(id.uuid()))
        .select(series::id)
        .for_no_key_update()
        .first(tx)
        .await?;
    Ok((course_rows::find(tx, organization, course).await?, find(tx, organization, id).await?))
}

/// What a series has from yesterday on, and whatever of it is still to come.
async fn existing(
    tx: &mut Conn,
    of: &Series,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Result<Vec<Existing>, StoreError> {
    type Row = (Uuid, Option<NaiveDate>, DateTime<Utc>, Option<DateTime<Utc>>, serde_json::Value, bool, bool);
    // Locked, so that none of them begins meanwhile.
    let planned: Vec<Row> = sessions::table
        .filter(sessions::organization_id.eq(of.organization_id.uuid()))
        .filter(sessions::series_id.eq(of.id.uuid()))
        .filter(sessions::state.eq(text(SessionState::Scheduled)))
        .filter(sessions::starts_at.gt(now))
        .order(sessions::id)
        .select((
            sessions::id,
            sessions::series_day,
            sessions::starts_at,
            sessions::ends_at,
            sessions::policy,
            sessions::automatic,
            sessions::edited,
        ))
        .for_no_key_update()
        .load(tx)
        .await?;
    let mut found = Vec::with_capacity(planned.len());
    for (id, day, starts_at, ends_at, policy, automatic, is_edited) in planned {
        let Some(day) = day else { continue };
        let policy = from_json(policy)?;
        let meeting = ends_at.map(|ends_at| Meeting { starts_at, ends_at, policy, automatic });
        found.push(Existing { id: id.into(), day, starts_at, meeting, is_scheduled: true, is_edited });
    }
    let known: Vec<Uuid> = found.iter().map(|session| session.id.uuid()).collect();
    let begun: Vec<(Uuid, Option<NaiveDate>, DateTime<Utc>)> = sessions::table
        .filter(sessions::organization_id.eq(of.organization_id.uuid()))
        .filter(sessions::series_id.eq(of.id.uuid()))
        .filter(sessions::series_day.ge(today - Days::new(1)))
        .filter(sessions::id.ne_all(known))
        .select((sessions::id, sessions::series_day, sessions::starts_at))
        .load(tx)
        .await?;
    found.extend(begun.into_iter().filter_map(|(id, day, starts_at)| {
        let (id, day) = (SessionId::from_uuid(id), day?);
        Some(Existing { id, day, starts_at, meeting: None, is_scheduled: false, is_edited: false })
    }));
    Ok(found)
}

async fn carry_out(tx: &mut Conn, of: &Series, plan: &Plan, now: DateTime<Utc>) -> Result<(), StoreError> {
    let cancel: Vec<Uuid> = plan.cancel.iter().map(|id| id.uuid()).collect();
    diesel::delete(
        sessions::table
            .filter(sessions::organization_id.eq(of.organization_id.uuid()))
            .filter(sessions::id.eq_any(cancel)),
    )
    .execute(tx)
    .await?;
    for (id, meeting) in &plan.change {
        diesel::update(sessions::table.find(id.uuid()))
            .filter(sessions::organization_id.eq(of.organization_id.uuid()))
            .set((
                sessions::starts_at.eq(meeting.starts_at),
                sessions::ends_at.eq(meeting.ends_at),
                sessions::policy.eq(json(&meeting.policy)),
                sessions::automatic.eq(meeting.automatic),
            ))
            .execute(tx)
            .await?;
    }
    let rows: Vec<_> = plan
        .make
        .iter()
        .map(|(day, meeting)| {
            (
                sessions::id.eq(SessionId::new().uuid()),
                sessions::organization_id.eq(of.organization_id.uuid()),
                sessions::course_id.eq(of.course_id.uuid()),
                sessions::state.eq(text(SessionState::Scheduled)),
                sessions::starts_at.eq(meeting.starts_at),
                sessions::ends_at.eq(meeting.ends_at),
                sessions::policy.eq(json(&meeting.policy)),
                sessions::automatic.eq(meeting.automatic),
                sessions::series_id.eq(of.id.uuid()),
                sessions::series_day.eq(*day),
                sessions::created_at.eq(now),
            )
        })
        .collect();
    // Another day's session may have been cancelled and begun between two looks: one session a day, whatever happens.
    diesel::insert_into(sessions::table).values(rows).on_conflict_do_nothing().execute(tx).await?;
    Ok(())
}
