//! Who was there: a projection of a session's sightings and of what was done beside them.
//!
//! Sightings mark people one by one; everything else reckons anew how somebody stands, from all that is recorded
//! ([`domain::attendance::project`]). Both come to the same rows.

use std::collections::{BTreeSet, HashSet};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::attendance::{Attendance, AttendanceChange, ChangeCause, Standing};
use domain::id::{OrganizationId, PersonId, SessionId};
use domain::session::Session;
use uuid::Uuid;

use crate::column::word;
use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::{attendance, people, roster_entries, sessions as sessions_table};
use crate::sessions::{self, SessionRow};

mod changes;
mod marking;
mod presence;
mod projecting;

pub use changes::{changes, changes_of};
pub(crate) use marking::{follow_up, known, mark_seen};
pub use presence::{AttendedFilter, Came, PresenceCursor, TimeCursor, find, of_person, sessions_of, who_came};

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
        .map(|(person, external_id, name, row)| attendance_of(session, person, external_id, name, row.as_ref()))
        .collect()
}

fn attendance_of(
    session: SessionId,
    person: Uuid,
    external_id: String,
    name: String,
    row: Option<&Row>,
) -> Result<Attendance, StoreError> {
    Ok(Attendance {
        session_id: session,
        person_id: person.into(),
        external_id,
        name,
        state: row.map(|row| word(&row.state)).transpose()?,
        first_seen_at: row.and_then(|row| row.first_seen_at),
        last_seen_at: row.and_then(|row| row.last_seen_at),
        sightings: row.map_or(0, |row| row.sightings),
        best_similarity: row.and_then(|row| row.best_similarity),
        stay_seconds: row.map_or(0, |row| row.stay_seconds),
        checked_out_at: row.and_then(|row| row.checked_out_at),
        is_corrected: row.is_some_and(|row| row.is_corrected),
    })
}

/// The session, locked against being closed until the transaction ends: to be called before its attendance is changed.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has no such session.
pub async fn lock_session(
    tx: &mut Conn,
    organization: OrganizationId,
    session: SessionId,
) -> Result<Session, StoreError> {
    let row: SessionRow = sessions_table::table
        .filter(sessions_table::organization_id.eq(organization.uuid()))
        .filter(sessions_table::id.eq(session.uuid()))
        .select(SessionRow::as_select())
        .for_share()
        .first(tx)
        .await?;
    row.try_into()
}

/// Reckons anew how somebody stands in a session, from all that is recorded, and answers with what changed, if anything
/// did. `session` is as [`lock_session`] has found it in this transaction.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has no such person.
pub async fn reproject(
    tx: &mut Conn,
    session: &Session,
    person: PersonId,
    cause: ChangeCause,
    now: DateTime<Utc>,
) -> Result<Option<AttendanceChange>, StoreError> {
    if projecting::lock_people(tx, session, &BTreeSet::from([person])).await?.is_empty() {
        return Err(StoreError::NotFound);
    }
    Ok(projecting::project_people(tx, session, &[person], cause, now).await?.pop())
}

/// What a session's attendance comes to when it is closed. The session is locked against everything else, and is as it
/// stands then: whoever was on the roster and has not come is absent, and who has may have left early.
pub(crate) async fn settle(tx: &mut Conn, session: &Session, now: DateTime<Utc>) -> Result<(), StoreError> {
    projecting::project_everybody(tx, session, ChangeCause::Close, now).await.map(drop)
}

/// Somebody whose row is not what it should be.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Who.
    pub person_id: PersonId,
    /// How they stand by what is recorded; `None`: there should be no row.
    pub wanted: Option<Standing>,
    /// How they stand by the row; `None`: there is none.
    pub stored: Option<Standing>,
}

/// Where a session's attendance is not what follows from all that is recorded, and puts that right. Nothing else happens
/// to the session meanwhile. To look only, undo the transaction.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has no such session.
pub async fn recompute(
    tx: &mut Conn,
    organization: OrganizationId,
    session: SessionId,
    now: DateTime<Utc>,
) -> Result<Vec<Difference>, StoreError> {
    let row: SessionRow = sessions_table::table
        .filter(sessions_table::organization_id.eq(organization.uuid()))
        .filter(sessions_table::id.eq(session.uuid()))
        .select(SessionRow::as_select())
        .for_no_key_update()
        .first(tx)
        .await?;
    let session: Session = row.try_into()?;
    let found = projecting::compare(tx, &session, None, &HashSet::new()).await?;
    let differing = found.into_iter().filter(|(_, wanted, stored)| wanted != stored);
    let differences: Vec<Difference> =
        differing.map(|(person_id, wanted, stored)| Difference { person_id, wanted, stored }).collect();
    if !differences.is_empty() {
        projecting::project_everybody(tx, &session, ChangeCause::Recompute, now).await?;
    }
    Ok(differences)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = attendance, check_for_backend(diesel::pg::Pg))]
struct Row {
    state: String,
    first_seen_at: Option<DateTime<Utc>>,
    last_seen_at: Option<DateTime<Utc>>,
    sightings: i32,
    best_similarity: Option<f32>,
    stay_seconds: i32,
    checked_out_at: Option<DateTime<Utc>>,
    is_corrected: bool,
}
