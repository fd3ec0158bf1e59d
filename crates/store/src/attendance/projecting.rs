//! Reckoning attendance anew, from all that is recorded.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Float4, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::attendance::{AttendanceChange, AttendanceEvent, AttendanceState, ChangeCause, Seen, Standing, project};
use domain::id::PersonId;
use domain::session::{Session, SessionState};
use domain::sighting::Outcome;
use uuid::Uuid;

use super::changes::{Events, log};
use crate::attendance_events;
use crate::column::{text, word};
use crate::error::StoreError;
use crate::pool::Conn;
use crate::rosters::members_at;
use crate::schema::{attendance, people, sightings};

/// How somebody stands by what is recorded, and how by the row that stands there; `None` for no row.
pub(crate) type Comparison = (PersonId, Option<Standing>, Option<Standing>);

/// Reckons anew how these people stand. The session is locked, as by [`super::lock_session`], and so are they, against
/// deletion.
pub(crate) async fn project_people(
    tx: &mut Conn,
    session: &Session,
    of: &[PersonId],
    cause: ChangeCause,
    now: DateTime<Utc>,
) -> Result<Vec<AttendanceChange>, StoreError> {
    let of: BTreeSet<PersonId> = of.iter().copied().collect();
    let ids: Vec<Uuid> = of.iter().map(|id| id.uuid()).collect();
    // What is recorded is read once the rows are locked: whoever marks one of them waits, or has committed.
    let claimed = claim(tx, session, &ids).await?;
    let found = compare(tx, session, Some(&of), &claimed).await?;
    write(tx, session, &found, Some(&claimed), cause, now).await
}

/// Reckons anew how everybody stands. The session is locked against everything else.
pub(crate) async fn project_everybody(
    tx: &mut Conn,
    session: &Session,
    cause: ChangeCause,
    now: DateTime<Utc>,
) -> Result<Vec<AttendanceChange>, StoreError> {
    let found = compare(tx, session, None, &HashSet::new()).await?;
    write(tx, session, &found, None, cause, now).await
}

/// Everybody who was expected, or of whom something is recorded, and locks them against deletion; or of these only, who
/// are locked. How they stand by what is recorded, and how by the rows. Those in `claimed` have no row in truth.
pub(crate) async fn compare(
    tx: &mut Conn,
    session: &Session,
    of: Option<&BTreeSet<PersonId>>,
    claimed: &HashSet<PersonId>,
) -> Result<Vec<Comparison>, StoreError> {
    let ids: Option<Vec<Uuid>> = of.map(|of| of.iter().map(|id| id.uuid()).collect());
    let expected = expected(tx, session, ids.as_deref()).await?;
    let mut rows = stored(tx, session, ids.as_deref()).await?;
    rows.retain(|person, _| !claimed.contains(person));
    let seen = seen(tx, session, ids.as_deref()).await?;
    let wanted: Option<Vec<PersonId>> = of.map(|of| of.iter().copied().collect());
    let mut events: HashMap<PersonId, Vec<AttendanceEvent>> = HashMap::new();
    for event in attendance_events::list(tx, session.organization_id, session.id, wanted.as_deref()).await? {
        events.entry(event.event.person_id).or_default().push(event);
    }
    let everybody: BTreeSet<PersonId> = match of {
        Some(of) => of.clone(),
        None => expected.iter().chain(rows.keys()).chain(seen.keys()).chain(events.keys()).copied().collect(),
    };
    let standing = |person: &PersonId| {
        let seen = seen.get(person).map_or(&[][..], Vec::as_slice);
        let events = events.get(person).map_or(&[][..], Vec::as_slice);
        project(session, expected.contains(person), seen, events)
    };
    let everybody = match of {
        Some(_) => everybody,
        None => lock_people(tx, session, &everybody).await?,
    };
    Ok(everybody.iter().map(|person| (*person, standing(person), rows.get(person).copied())).collect())
}

/// Makes the rows what they should be, and logs what changes by that. Those in `claimed` have a row that only holds a
/// place.
async fn write(
    tx: &mut Conn,
    session: &Session,
    found: &[Comparison],
    claimed: Option<&HashSet<PersonId>>,
    cause: ChangeCause,
    now: DateTime<Utc>,
) -> Result<Vec<AttendanceChange>, StoreError> {
    let is_claimed = |person: &PersonId| claimed.is_some_and(|claimed| claimed.contains(person));
    let (mut gone, mut put, mut standings) = (Vec::new(), Vec::new(), Vec::new());
    for (person, wanted, stored) in found {
        match wanted {
            None if stored.is_some() || is_claimed(person) => gone.push(person.uuid()),
            Some(standing) if *wanted != *stored => put.push((*person, *standing)),
            _ => {}
        }
        // The log has its own memory: a row that is right already may not have been told of.
        if claimed.is_some() || wanted != stored {
            standings.push((*person, wanted.map(|s| s.state), wanted.is_some_and(|s| s.is_present())));
        }
    }
    if !gone.is_empty() {
        let rows = attendance::table.filter(attendance::session_id.eq(session.id.uuid()));
        diesel::delete(rows.filter(attendance::person_id.eq_any(gone))).execute(tx).await?;
    }
    if !put.is_empty() {
        upsert(tx, session, &put).await?;
    }
    Ok(log(tx, session, &standings, Events::Ignore, cause, now).await?.0)
}

/// Locks the rows of these people in the order of their ids. Whoever had none gets one that holds the place, and is
/// answered.
async fn claim(tx: &mut Conn, session: &Session, ids: &[Uuid]) -> Result<HashSet<PersonId>, StoreError> {
    #[derive(diesel::QueryableByName)]
    struct Claimed {
        #[diesel(sql_type = SqlUuid)]
        person_id: Uuid,
        #[diesel(sql_type = Bool)]
        is_new: bool,
    }
    let rows: Vec<Claimed> = diesel::sql_query(CLAIM)
        .bind::<SqlUuid, _>(session.id.uuid())
        .bind::<SqlUuid, _>(session.organization_id.uuid())
        .bind::<Text, _>(text(AttendanceState::Absent))
        .bind::<Array<SqlUuid>, _>(ids)
        .load(tx)
        .await?;
    Ok(rows.into_iter().filter(|row| row.is_new).map(|row| row.person_id.into()).collect())
}

const CLAIM: &str = "
    INSERT INTO attendance AS a (session_id, person_id, organization_id, state)
    SELECT $1, claimed.person_id, $2, $3 FROM unnest($4) AS claimed (person_id) ORDER BY claimed.person_id
    ON CONFLICT (session_id, person_id) DO UPDATE SET sightings = a.sightings
    RETURNING person_id, xmax = 0 AS is_new";

/// Who was on the roster when the session was closed; nobody while it is not.
async fn expected(tx: &mut Conn, session: &Session, ids: Option<&[Uuid]>) -> Result<HashSet<PersonId>, StoreError> {
    let (SessionState::Closed, Some(closed_at)) = (session.state, session.closed_at) else {
        return Ok(HashSet::new());
    };
    let members = members_at(tx, session.organization_id, session.course_id, closed_at).await?;
    Ok(members.into_iter().filter(|person| ids.is_none_or(|ids| ids.contains(&person.uuid()))).collect())
}

/// Those of these people who are there, locked against deletion, so that rows may refer to them.
pub(crate) async fn lock_people(
    tx: &mut Conn,
    session: &Session,
    ids: &BTreeSet<PersonId>,
) -> Result<BTreeSet<PersonId>, StoreError> {
    let found: Vec<Uuid> = people::table
        .filter(people::organization_id.eq(session.organization_id.uuid()))
        .filter(people::id.eq_any(ids.iter().map(|id| id.uuid())))
        .order(people::id)
        .select(people::id)
        .for_key_share()
        .load(tx)
        .await?;
    Ok(found.into_iter().map(Into::into).collect())
}

async fn stored(
    tx: &mut Conn,
    session: &Session,
    ids: Option<&[Uuid]>,
) -> Result<BTreeMap<PersonId, Standing>, StoreError> {
    let mut query =
        attendance::table.filter(attendance::session_id.eq(session.id.uuid())).select(Row::as_select()).into_boxed();
    if let Some(ids) = ids {
        query = query.filter(attendance::person_id.eq_any(ids));
    }
    let rows: Vec<Row> = query.load(tx).await?;
    rows.into_iter().map(|row| Ok((row.person_id.into(), row.try_into()?))).collect()
}

/// Person, frame, face, time and similarity.
type SeenRow = (Option<Uuid>, Uuid, i16, DateTime<Utc>, Option<f32>);

async fn seen(
    tx: &mut Conn,
    session: &Session,
    ids: Option<&[Uuid]>,
) -> Result<BTreeMap<PersonId, Vec<Seen>>, StoreError> {
    let mut query = sightings::table
        .filter(sightings::organization_id.eq(session.organization_id.uuid()))
        .filter(sightings::session_id.eq(session.id.uuid()))
        .filter(sightings::person_id.is_not_null())
        .filter(sightings::outcome.eq_any([text(Outcome::Present), text(Outcome::Already)]))
        .select((
            sightings::person_id,
            sightings::frame_id,
            sightings::face_index,
            sightings::received_at,
            sightings::similarity,
        ))
        .into_boxed();
    if let Some(ids) = ids {
        query = query.filter(sightings::person_id.eq_any(ids));
    }
    let rows: Vec<SeenRow> = query.load(tx).await?;
    let mut seen: BTreeMap<PersonId, Vec<Seen>> = BTreeMap::new();
    for (person, frame, face_index, at, similarity) in rows {
        let Some(person) = person else { continue };
        seen.entry(person.into()).or_default().push(Seen { frame_id: frame.into(), face_index, at, similarity });
    }
    Ok(seen)
}

async fn upsert(tx: &mut Conn, session: &Session, put: &[(PersonId, Standing)]) -> Result<(), StoreError> {
    fn column<T>(put: &[(PersonId, Standing)], of: impl Fn(&Standing) -> T) -> Vec<T> {
        put.iter().map(|(_, standing)| of(standing)).collect()
    }
    let people: Vec<Uuid> = put.iter().map(|(person, _)| person.uuid()).collect();
    diesel::sql_query(UPSERT)
        .bind::<SqlUuid, _>(session.id.uuid())
        .bind::<SqlUuid, _>(session.organization_id.uuid())
        .bind::<Array<SqlUuid>, _>(people)
        .bind::<Array<Text>, _>(column(put, |s| text(s.state)))
        .bind::<Array<Nullable<Timestamptz>>, _>(column(put, |s| s.first_seen_at))
        .bind::<Array<Nullable<Timestamptz>>, _>(column(put, |s| s.last_seen_at))
        .bind::<Array<Integer>, _>(column(put, |s| s.sightings))
        .bind::<Array<Nullable<Float4>>, _>(column(put, |s| s.best_similarity))
        .bind::<Array<Integer>, _>(column(put, |s| s.stay_seconds))
        .bind::<Array<Nullable<Timestamptz>>, _>(column(put, |s| s.checked_out_at))
        .bind::<Array<Bool>, _>(column(put, |s| s.is_corrected))
        .execute(tx)
        .await?;
    Ok(())
}

const UPSERT: &str = "
    INSERT INTO attendance (session_id, organization_id, person_id, state, first_seen_at, last_seen_at, sightings,
        best_similarity, stay_seconds, checked_out_at, is_corrected)
    SELECT $1, $2, put.* FROM unnest($3, $4, $5, $6, $7, $8, $9, $10, $11) AS put (person_id) ORDER BY put.person_id
    ON CONFLICT (session_id, person_id) DO UPDATE SET state = excluded.state, first_seen_at = excluded.first_seen_at,
        last_seen_at = excluded.last_seen_at, sightings = excluded.sightings,
        best_similarity = excluded.best_similarity, stay_seconds = excluded.stay_seconds,
        checked_out_at = excluded.checked_out_at, is_corrected = excluded.is_corrected";

#[derive(Queryable, Selectable)]
#[diesel(table_name = attendance, check_for_backend(diesel::pg::Pg))]
struct Row {
    person_id: Uuid,
    state: String,
    first_seen_at: Option<DateTime<Utc>>,
    last_seen_at: Option<DateTime<Utc>>,
    sightings: i32,
    best_similarity: Option<f32>,
    stay_seconds: i32,
    checked_out_at: Option<DateTime<Utc>>,
    is_corrected: bool,
}

impl TryFrom<Row> for Standing {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            state: word(&row.state)?,
            first_seen_at: row.first_seen_at,
            last_seen_at: row.last_seen_at,
            sightings: row.sightings,
            best_similarity: row.best_similarity,
            stay_seconds: row.stay_seconds,
            checked_out_at: row.checked_out_at,
            is_corrected: row.is_corrected,
        })
    }
}
