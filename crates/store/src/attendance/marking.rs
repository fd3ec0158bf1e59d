//! Marking people as they are seen, without looking at what was seen before.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Float4, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::attendance::{AttendanceChange, AttendanceState, ChangeCause, on_arrival};
use domain::id::PersonId;
use domain::policy::AttendanceMode;
use domain::session::Session;
use domain::sighting::Sighting;
use uuid::Uuid;

use super::changes::{Events, log};
use super::projecting::project_people;
use crate::column::{text, word};
use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::attendance;

/// Who of the people that these sightings name has come, and when there was the last sign of them.
pub(crate) async fn known(
    tx: &mut Conn,
    session: &Session,
    sightings: &[Sighting],
) -> Result<HashMap<PersonId, DateTime<Utc>>, StoreError> {
    let named: Vec<Uuid> = sightings.iter().filter_map(|s| s.person_id).map(|id| id.uuid()).collect();
    if named.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(Uuid, Option<DateTime<Utc>>)> = attendance::table
        .filter(attendance::session_id.eq(session.id.uuid()))
        .filter(attendance::person_id.eq_any(named))
        .select((attendance::person_id, attendance::last_seen_at))
        .load(tx)
        .await?;
    Ok(rows.into_iter().filter_map(|(id, seen_at)| Some((id.into(), seen_at?))).collect())
}

/// What marking came to, for one person.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Marked {
    pub(crate) person_id: PersonId,
    /// Whether this is the sighting that marked them.
    pub(crate) is_first: bool,
    state: AttendanceState,
    /// Whether it is the earliest so far.
    is_earliest: bool,
    is_out: bool,
}

/// Marks people who were seen at `seen_at`, a time at which that counts, each once and in the order of their ids. Two
/// transactions that mark one person wait for each other: one is first.
///
/// Frames may arrive out of order: the earliest sighting decides between present and late. The rows are what
/// [`domain::attendance::project`] makes of all sightings, but for those that [`follow_up`] puts right.
pub(crate) async fn mark_seen(
    tx: &mut Conn,
    session: &Session,
    seen_at: DateTime<Utc>,
    seen: &[(PersonId, Option<f32>)],
) -> Result<Vec<Marked>, StoreError> {
    let (ids, similarities): (Vec<Uuid>, Vec<Option<f32>>) = seen.iter().map(|(id, s)| (id.uuid(), *s)).unzip();
    let rows: Vec<Row> = diesel::sql_query(MARK_SEEN)
        .bind::<SqlUuid, _>(session.id.uuid())
        .bind::<SqlUuid, _>(session.organization_id.uuid())
        .bind::<Text, _>(text(on_arrival(session, seen_at)))
        .bind::<Timestamptz, _>(seen_at)
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Array<Nullable<Float4>>, _>(similarities)
        .load(tx)
        .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Marked {
                person_id: row.person_id.into(),
                is_first: row.is_earliest && row.is_only,
                state: word(&row.state)?,
                is_earliest: row.is_earliest,
                is_out: row.is_out,
            })
        })
        .collect()
}

const MARK_SEEN: &str = "
    INSERT INTO attendance AS a
        (session_id, person_id, organization_id, state, first_seen_at, last_seen_at, sightings, best_similarity)
    SELECT $1, seen.person_id, $2, $3, $4, $4, 1, seen.similarity
    FROM unnest($5, $6) AS seen (person_id, similarity)
    ORDER BY seen.person_id
    ON CONFLICT (session_id, person_id) DO UPDATE SET
        state = CASE
            WHEN a.is_corrected THEN a.state
            WHEN a.first_seen_at IS NULL OR excluded.first_seen_at < a.first_seen_at THEN excluded.state
            ELSE a.state
        END,
        first_seen_at = least(a.first_seen_at, excluded.first_seen_at),
        last_seen_at = greatest(a.last_seen_at, excluded.last_seen_at),
        stay_seconds = floor(extract(epoch FROM greatest(a.last_seen_at, excluded.last_seen_at)
            - least(a.first_seen_at, excluded.first_seen_at)))::integer,
        sightings = a.sightings + 1,
        best_similarity = greatest(a.best_similarity, excluded.best_similarity)
    RETURNING person_id, state, first_seen_at = $4 AS is_earliest, sightings = 1 AND NOT is_corrected AS is_only,
        checked_out_at IS NOT NULL AS is_out";

/// Logs who was marked, and reckons anew whoever a look at one sighting is not enough for: who has checked out, those
/// about whom there are events and who were not seen before, and everybody where sightings are moves in and out. To be
/// called when the sightings are stored. Where nobody is newly marked nor out, it asks nothing.
pub(crate) async fn follow_up(
    tx: &mut Conn,
    session: &Session,
    marked: &[Marked],
    now: DateTime<Utc>,
) -> Result<Vec<AttendanceChange>, StoreError> {
    let is_moving = session.policy.mode == AttendanceMode::CheckInOut;
    let (mut again, simple): (Vec<&Marked>, Vec<&Marked>) =
        marked.iter().filter(|m| m.is_earliest || m.is_out || is_moving).partition(|m| m.is_out || is_moving);
    let standings: Vec<_> = simple.iter().map(|m| (m.person_id, Some(m.state), m.state.is_there())).collect();
    let (mut changes, left_out) = log(tx, session, &standings, Events::LeaveOut, ChangeCause::Sighting, now).await?;
    again.extend(simple.into_iter().filter(|m| left_out.contains(&m.person_id)));
    if !again.is_empty() {
        let people: Vec<PersonId> = again.into_iter().map(|m| m.person_id).collect();
        changes.extend(project_people(tx, session, &people, ChangeCause::Sighting, now).await?);
    }
    Ok(changes)
}

#[derive(diesel::QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    person_id: Uuid,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Bool)]
    is_earliest: bool,
    #[diesel(sql_type = Bool)]
    is_only: bool,
    #[diesel(sql_type = Bool)]
    is_out: bool,
}
