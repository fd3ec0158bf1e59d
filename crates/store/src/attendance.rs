//! Who was there: the projection of a session's sightings.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Float4, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::attendance::{Attendance, AttendanceState, on_arrival};
use domain::id::{OrganizationId, PersonId, SessionId};
use domain::session::Session;
use domain::sighting::Sighting;
use uuid::Uuid;

use crate::column::{text, word};
use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::{attendance, people, roster_entries};
use crate::sessions;

/// The attendance of everybody on the session's roster, and of everybody else who was marked in it, by external id.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has no such session.
pub async fn list(
    conn: &mut Conn,
    organization: OrganizationId,
    session: SessionId,
) -> Result<Vec<Attendance>, StoreError> {
    let course = sessions::find(conn, organization, session).await?.course_id;
    let on_roster = roster_entries::table
        .filter(roster_entries::organization_id.eq(organization.uuid()))
        .filter(roster_entries::course_id.eq(course.uuid()))
        .select(roster_entries::person_id);
    let of_session = attendance::person_id.eq(people::id).and(attendance::session_id.eq(session.uuid()));
    let rows: Vec<(Uuid, String, String, Option<Row>)> = people::table
        .left_join(attendance::table.on(of_session))
        .filter(people::organization_id.eq(organization.uuid()))
        .filter(people::id.eq_any(on_roster).or(attendance::person_id.is_not_null()))
        .order((people::external_id, people::id))
        .select((people::id, people::external_id, people::name, Option::<Row>::as_select()))
        .load(conn)
        .await?;
    rows.into_iter()
        .map(|(person, external_id, name, row)| {
            Ok(Attendance {
                session_id: session,
                person_id: person.into(),
                external_id,
                name,
                state: row.as_ref().map(|row| word(&row.state)).transpose()?,
                first_seen_at: row.as_ref().and_then(|row| row.first_seen_at),
                last_seen_at: row.as_ref().and_then(|row| row.last_seen_at),
                sightings: row.as_ref().map_or(0, |row| row.sightings),
                best_similarity: row.as_ref().and_then(|row| row.best_similarity),
            })
        })
        .collect()
}

/// Who of the people that these sightings name is marked as having come, and when they were last seen.
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
        .filter(attendance::state.ne(text(AttendanceState::Absent)))
        .select((attendance::person_id, attendance::last_seen_at))
        .load(tx)
        .await?;
    Ok(rows.into_iter().filter_map(|(id, seen_at)| Some((id.into(), seen_at?))).collect())
}

/// Marks people who were seen at `seen_at`, each once and in the order of their ids, and answers with those for whom
/// it is the first time in this session. Two transactions that mark one person wait for each other: one is first.
///
/// Frames may arrive out of order: the earliest sighting decides between present and late.
pub(crate) async fn mark_seen(
    tx: &mut Conn,
    session: &Session,
    seen_at: DateTime<Utc>,
    seen: &[(PersonId, Option<f32>)],
) -> Result<HashSet<PersonId>, StoreError> {
    #[derive(diesel::QueryableByName)]
    #[diesel(table_name = attendance)]
    struct Marked {
        person_id: Uuid,
        sightings: i32,
    }
    let (ids, similarities): (Vec<Uuid>, Vec<Option<f32>>) = seen.iter().map(|(id, s)| (id.uuid(), *s)).unzip();
    let marked: Vec<Marked> = diesel::sql_query(MARK_SEEN)
        .bind::<SqlUuid, _>(session.id.uuid())
        .bind::<SqlUuid, _>(session.organization_id.uuid())
        .bind::<Text, _>(text(on_arrival(session, seen_at)))
        .bind::<Timestamptz, _>(seen_at)
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Array<Nullable<Float4>>, _>(similarities)
        .load(tx)
        .await?;
    Ok(marked.into_iter().filter(|row| row.sightings == 1).map(|row| row.person_id.into()).collect())
}

const MARK_SEEN: &str = "
    INSERT INTO attendance AS a
        (session_id, person_id, organization_id, state, first_seen_at, last_seen_at, sightings, best_similarity)
    SELECT $1, seen.person_id, $2, $3, $4, $4, 1, seen.similarity
    FROM unnest($5, $6) AS seen (person_id, similarity)
    ORDER BY seen.person_id
    ON CONFLICT (session_id, person_id) DO UPDATE SET
        state = CASE
            WHEN a.state = 'absent' THEN excluded.state
            WHEN a.state IN ('present', 'late') AND excluded.first_seen_at < a.first_seen_at THEN excluded.state
            ELSE a.state
        END,
        first_seen_at = least(a.first_seen_at, excluded.first_seen_at),
        last_seen_at = greatest(a.last_seen_at, excluded.last_seen_at),
        sightings = a.sightings + 1,
        best_similarity = greatest(a.best_similarity, excluded.best_similarity)
    RETURNING person_id, sightings";

/// Marks everybody on the roster absent who has no attendance yet.
pub(crate) async fn mark_absent(tx: &mut Conn, session: &Session) -> Result<(), StoreError> {
    let on_roster = roster_entries::table
        .filter(roster_entries::organization_id.eq(session.organization_id.uuid()))
        .filter(roster_entries::course_id.eq(session.course_id.uuid()))
        .select(roster_entries::person_id);
    // Locked, so that nobody among them is deleted before the rows that refer to them are there.
    let expected: Vec<Uuid> = people::table
        .filter(people::organization_id.eq(session.organization_id.uuid()))
        .filter(people::id.eq_any(on_roster))
        .order(people::id)
        .select(people::id)
        .for_key_share()
        .load(tx)
        .await?;
    diesel::sql_query(MARK_ABSENT)
        .bind::<SqlUuid, _>(session.id.uuid())
        .bind::<SqlUuid, _>(session.organization_id.uuid())
        .bind::<Text, _>(text(AttendanceState::Absent))
        .bind::<Array<SqlUuid>, _>(expected)
        .execute(tx)
        .await?;
    Ok(())
}

const MARK_ABSENT: &str = "
    INSERT INTO attendance (session_id, person_id, organization_id, state)
    SELECT $1, expected.person_id, $2, $3 FROM unnest($4) AS expected (person_id)
    ON CONFLICT (session_id, person_id) DO NOTHING";

#[derive(Queryable, Selectable)]
#[diesel(table_name = attendance, check_for_backend(diesel::pg::Pg))]
struct Row {
    state: String,
    first_seen_at: Option<DateTime<Utc>>,
    last_seen_at: Option<DateTime<Utc>>,
    sightings: i32,
    best_similarity: Option<f32>,
}
