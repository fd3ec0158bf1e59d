//! Meetings of courses.

use chrono::{DateTime, Utc};
use diesel::dsl::{count, count_star};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use domain::contract::ContractId;
use domain::id::{OrganizationId, SessionId};
use domain::session::{Session, SessionState};
use domain::sighting::Outcome;
use uuid::Uuid;

mod automatic;
mod changing;
mod listing;

pub use automatic::{due, move_on};
pub use changing::{cancel, lock, replace};
pub use listing::{SessionFilter, list};

use crate::attendance;
use crate::column::{from_json, json, text, word};
use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::{sessions, sightings};

/// Makes a session of no series.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has no such course.
pub async fn insert(conn: &mut Conn, new: &Session) -> Result<(), StoreError> {
    diesel::insert_into(sessions::table)
        .values((
            sessions::id.eq(new.id.uuid()),
            sessions::organization_id.eq(new.organization_id.uuid()),
            sessions::course_id.eq(new.course_id.uuid()),
            sessions::state.eq(text(new.state)),
            sessions::starts_at.eq(new.starts_at),
            sessions::ends_at.eq(new.ends_at),
            sessions::policy.eq(json(&new.policy)),
            sessions::automatic.eq(new.automatic),
            sessions::started_at.eq(new.started_at),
            sessions::closed_at.eq(new.closed_at),
            sessions::created_at.eq(new.created_at),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// The session with this id.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has none.
pub async fn find(conn: &mut Conn, organization: OrganizationId, id: SessionId) -> Result<Session, StoreError> {
    let row: SessionRow = sessions::table
        .filter(sessions::organization_id.eq(organization.uuid()))
        .filter(sessions::id.eq(id.uuid()))
        .select(SessionRow::as_select())
        .first(conn)
        .await?;
    row.try_into()
}

/// What a session's sightings were held against, and what came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct UsedThreshold {
    /// The contract of the encoder.
    pub contract: ContractId,
    /// The cosine that was needed, -1..=1.
    pub threshold: f32,
    /// How many sightings were held against it.
    pub sightings: i64,
    /// How many of them marked somebody.
    pub marked: i64,
}

/// The thresholds that the session's sightings were held against, by contract and threshold.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has no such session.
pub async fn thresholds(
    conn: &mut Conn,
    organization: OrganizationId,
    session: SessionId,
) -> Result<Vec<UsedThreshold>, StoreError> {
    find(conn, organization, session).await?;
    let marked = count(sightings::frame_id).aggregate_filter(sightings::outcome.eq(text(Outcome::Present)));
    let rows: Vec<(String, Option<f32>, i64, i64)> = sightings::table
        .filter(sightings::organization_id.eq(organization.uuid()))
        .filter(sightings::session_id.eq(session.uuid()))
        .filter(sightings::threshold.is_not_null())
        .group_by((sightings::contract, sightings::threshold))
        .order((sightings::contract, sightings::threshold))
        .select((sightings::contract, sightings::threshold, count_star(), marked))
        .load(conn)
        .await?;
    let used = rows.into_iter().filter_map(|(contract, threshold, sightings, marked)| {
        Some(UsedThreshold { contract: ContractId::new(contract), threshold: threshold?, sightings, marked })
    });
    Ok(used.collect())
}

/// Makes a scheduled session active: it accepts frames from now on.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has no such session, [`StoreError::Conflict`] about its `state` when
/// it was started before.
pub async fn start(
    conn: &mut Conn,
    organization: OrganizationId,
    id: SessionId,
    now: DateTime<Utc>,
) -> Result<Session, StoreError> {
    conn.transaction(async |tx| {
        let session = locked(tx, organization, id, SessionState::Active).await?;
        diesel::update(sessions::table.find(session.id.uuid()))
            .filter(sessions::organization_id.eq(organization.uuid()))
            .set((sessions::state.eq(text(SessionState::Active)), sessions::started_at.eq(now)))
            .execute(tx)
            .await?;
        find(tx, organization, id).await
    })
    .await
}

/// Closes a session. In the same transaction everybody on the roster who has not come
/// is marked absent, and who has may have left early.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has no such session, [`StoreError::Conflict`] about its `state` when
/// it was closed before.
pub async fn close(
    conn: &mut Conn,
    organization: OrganizationId,
    id: SessionId,
    now: DateTime<Utc>,
) -> Result<Session, StoreError> {
    conn.transaction(async |tx| {
        let session = locked(tx, organization, id, SessionState::Closed).await?;
        diesel::update(sessions::table.find(session.id.uuid()))
            .filter(sessions::organization_id.eq(organization.uuid()))
            .set((sessions::state.eq(text(SessionState::Closed)), sessions::closed_at.eq(now)))
            .execute(tx)
            .await?;
        let closed = find(tx, organization, id).await?;
        attendance::settle(tx, &closed, now).await?;
        Ok(closed)
    })
    .await
}

/// The session, locked against other changes and against frames being recorded, if it may become `next`.
async fn locked(
    tx: &mut Conn,
    organization: OrganizationId,
    id: SessionId,
    next: SessionState,
) -> Result<Session, StoreError> {
    let session = lock(tx, organization, id).await?;
    if session.state.may_become(next) { Ok(session) } else { Err(StoreError::Conflict { what: "state" }) }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = sessions, check_for_backend(diesel::pg::Pg))]
pub(crate) struct SessionRow {
    id: Uuid,
    organization_id: Uuid,
    course_id: Uuid,
    state: String,
    starts_at: DateTime<Utc>,
    ends_at: Option<DateTime<Utc>>,
    policy: serde_json::Value,
    automatic: bool,
    series_id: Option<Uuid>,
    started_at: Option<DateTime<Utc>>,
    closed_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
}

impl TryFrom<SessionRow> for Session {
    type Error = StoreError;

    fn try_from(row: SessionRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.into(),
            organization_id: row.organization_id.into(),
            course_id: row.course_id.into(),
            state: word(&row.state)?,
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            policy: from_json(row.policy)?,
            automatic: row.automatic,
            series_id: row.series_id.map(Into::into),
            started_at: row.started_at,
            closed_at: row.closed_at,
            created_at: row.created_at,
        })
    }
}
