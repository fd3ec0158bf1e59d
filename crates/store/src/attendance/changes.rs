//! The log of how standings change.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::attendance::{AttendanceChange, AttendanceState, ChangeCause};
use domain::id::{OrganizationId, PersonId, SessionId};
use domain::session::Session;
use uuid::Uuid;

use crate::column::{moment, text, word};
use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::attendance_changes;

/// How somebody stands now: the state, and whether they are there.
pub(crate) type Stands = (PersonId, Option<AttendanceState>, bool);

/// Whether there is an event about somebody in the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Events {
    /// Who has one is left out, and answered.
    LeaveOut,
    /// That does not matter.
    Ignore,
}

/// Logs how people stand who stood otherwise by what was logged last, and answers with the changes, and with those who
/// were left out. The attendance of all of them is locked: what was logged of them before is committed.
pub(crate) async fn log(
    tx: &mut Conn,
    session: &Session,
    standings: &[Stands],
    events: Events,
    cause: ChangeCause,
    now: DateTime<Utc>,
) -> Result<(Vec<AttendanceChange>, Vec<PersonId>), StoreError> {
    if standings.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let (mut people, mut states, mut present) = (Vec::new(), Vec::new(), Vec::new());
    for (person, state, is_present) in standings {
        people.push(person.uuid());
        states.push(state.map(text::<AttendanceState>));
        present.push(*is_present);
    }
    let rows: Vec<Logged> = diesel::sql_query(LOG)
        .bind::<SqlUuid, _>(session.id.uuid())
        .bind::<SqlUuid, _>(session.organization_id.uuid())
        .bind::<Array<SqlUuid>, _>(people)
        .bind::<Array<Nullable<Text>>, _>(states)
        .bind::<Array<Bool>, _>(present)
        .bind::<Bool, _>(events == Events::LeaveOut)
        .bind::<Text, _>(text(cause))
        .bind::<Timestamptz, _>(now)
        .load(tx)
        .await?;
    let left_out = rows.iter().filter(|row| row.is_left_out).map(|row| row.person_id.into()).collect();
    let mut changes = Vec::new();
    for row in rows {
        let (person_id, Some(number)) = (row.person_id.into(), row.number) else { continue };
        let Some((_, to, is_present)) = standings.iter().find(|(person, ..)| *person == person_id) else { continue };
        let from = row.from_state.as_deref().map(word).transpose()?;
        let change =
            AttendanceChange { number, person_id, from, to: *to, is_present: *is_present, cause, at: moment(now) };
        changes.push(change);
    }
    changes.sort_by_key(|change| change.number);
    Ok((changes, left_out))
}

/// The counter's row is updated by the latest committed version of it, whatever this statement sees.
const LOG: &str = "
    WITH standing AS (
        SELECT s.*, $6 AND EXISTS (
            SELECT FROM attendance_events e WHERE e.session_id = $1 AND e.person_id = s.person_id
        ) AS is_left_out
        FROM unnest($3, $4, $5) AS s (person_id, to_state, is_present)
    ), fresh AS (
        SELECT s.person_id, before.to_state AS from_state, s.to_state, s.is_present
        FROM standing s LEFT JOIN LATERAL (
            SELECT c.to_state, c.is_present FROM attendance_changes c
            WHERE c.session_id = $1 AND c.person_id = s.person_id ORDER BY c.number DESC LIMIT 1
        ) before ON true
        WHERE NOT s.is_left_out
            AND (before.to_state, coalesce(before.is_present, false)) IS DISTINCT FROM (s.to_state, s.is_present)
    ), counter AS (
        INSERT INTO attendance_change_numbers AS n (session_id, organization_id, last)
        SELECT $1, $2, count(*) FROM fresh HAVING count(*) > 0
        ON CONFLICT (session_id) DO UPDATE SET last = n.last + excluded.last
        RETURNING last
    ), logged AS (
        INSERT INTO attendance_changes
            (session_id, number, organization_id, person_id, from_state, to_state, is_present, cause, at)
        SELECT $1, counter.last - (SELECT count(*) FROM fresh) + row_number() OVER (ORDER BY fresh.person_id), $2,
            fresh.person_id, fresh.from_state, fresh.to_state, fresh.is_present, $7, $8
        FROM fresh, counter
        RETURNING person_id, number, from_state
    )
    SELECT standing.person_id, standing.is_left_out, logged.number, logged.from_state
    FROM standing LEFT JOIN logged USING (person_id)";

/// The changes of a session after the one numbered `after` (0: from the beginning), at most `limit`; empty for a session
/// that the organization has not. They commit in the order of their numbers: who has seen one has seen all before it.
///
/// # Errors
/// Only those of the database.
pub async fn changes(
    conn: &mut Conn,
    organization: OrganizationId,
    session: SessionId,
    after: i64,
    limit: i64,
) -> Result<Vec<AttendanceChange>, StoreError> {
    let rows: Vec<Row> = attendance_changes::table
        .filter(attendance_changes::organization_id.eq(organization.uuid()))
        .filter(attendance_changes::session_id.eq(session.uuid()))
        .filter(attendance_changes::number.gt(after))
        .order(attendance_changes::number)
        .limit(limit)
        .select(Row::as_select())
        .load(conn)
        .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// How one person's standing in a session changed, oldest first.
///
/// # Errors
/// Only those of the database.
pub async fn changes_of(
    conn: &mut Conn,
    organization: OrganizationId,
    session: SessionId,
    person: PersonId,
) -> Result<Vec<AttendanceChange>, StoreError> {
    let rows: Vec<Row> = attendance_changes::table
        .filter(attendance_changes::organization_id.eq(organization.uuid()))
        .filter(attendance_changes::session_id.eq(session.uuid()))
        .filter(attendance_changes::person_id.eq(person.uuid()))
        .order(attendance_changes::number)
        .select(Row::as_select())
        .load(conn)
        .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

#[derive(diesel::QueryableByName)]
struct Logged {
    #[diesel(sql_type = SqlUuid)]
    person_id: Uuid,
    #[diesel(sql_type = Bool)]
    is_left_out: bool,
    #[diesel(sql_type = Nullable<BigInt>)]
    number: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    from_state: Option<String>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = attendance_changes, check_for_backend(diesel::pg::Pg))]
struct Row {
    person_id: Uuid,
    number: i64,
    from_state: Option<String>,
    to_state: Option<String>,
    is_present: bool,
    cause: String,
    at: DateTime<Utc>,
}

impl TryFrom<Row> for AttendanceChange {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            number: row.number,
            person_id: row.person_id.into(),
            from: row.from_state.as_deref().map(word).transpose()?,
            to: row.to_state.as_deref().map(word).transpose()?,
            is_present: row.is_present,
            cause: word(&row.cause)?,
            at: row.at,
        })
    }
}
