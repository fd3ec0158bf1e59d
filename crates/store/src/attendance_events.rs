//! What was done about somebody's attendance, beside being seen: written once, never changed.
//!
//! An event does nothing by itself: whoever appends one reckons the attendance anew in the same transaction, with
//! [`crate::attendance::reproject`].

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::attendance::{Act, AttendanceEvent, NewAttendanceEvent};
use domain::id::{AttendanceEventId, OrganizationId, PersonId, SessionId};
use uuid::Uuid;

use crate::audit::{actor, actor_columns};
use crate::column::{moment, text, word};
use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::{attendance_events, sightings};

/// Writes an event down. The session is one that the transaction has locked, by [`crate::attendance::lock_session`].
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has no such session or person, or they no such event to make void or
/// sighting to reject; [`StoreError::Conflict`] about `voids` when that event is void already, or makes another one void.
pub async fn append(tx: &mut Conn, new: &NewAttendanceEvent) -> Result<AttendanceEvent, StoreError> {
    match new.act {
        Act::Void { event_id } => {
            let voided = find(tx, new.organization_id, event_id).await?.event;
            if matches!(voided.act, Act::Void { .. }) {
                return Err(StoreError::Conflict { what: "voids" });
            }
        }
        Act::Rejection { frame_id, face_index } => {
            let of_person: i64 = sightings::table
                .filter(sightings::organization_id.eq(new.organization_id.uuid()))
                .filter(sightings::session_id.eq(new.session_id.uuid()))
                .filter(sightings::frame_id.eq(frame_id.uuid()))
                .filter(sightings::face_index.eq(face_index))
                .filter(sightings::person_id.eq(new.person_id.uuid()))
                .count()
                .get_result(tx)
                .await?;
            if of_person == 0 {
                return Err(StoreError::NotFound);
            }
        }
        Act::CheckIn { .. } | Act::CheckOut { .. } | Act::Correction { .. } => {}
    }
    let event = NewAttendanceEvent { at: moment(new.at), recorded_at: moment(new.recorded_at), ..new.clone() };
    let event = AttendanceEvent { id: AttendanceEventId::new(), event };
    diesel::insert_into(attendance_events::table).values(Row::from(&event)).execute(tx).await?;
    Ok(event)
}

/// The event with this id.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has none.
pub async fn find(
    conn: &mut Conn,
    organization: OrganizationId,
    id: AttendanceEventId,
) -> Result<AttendanceEvent, StoreError> {
    let row: Row = attendance_events::table
        .filter(attendance_events::organization_id.eq(organization.uuid()))
        .filter(attendance_events::id.eq(id.uuid()))
        .select(Row::as_select())
        .first(conn)
        .await?;
    row.try_into()
}

/// The events about these people in a session, in the order in which they were recorded; about everybody, where none are
/// named.
///
/// # Errors
/// Only those of the database.
pub async fn list(
    conn: &mut Conn,
    organization: OrganizationId,
    session: SessionId,
    people: Option<&[PersonId]>,
) -> Result<Vec<AttendanceEvent>, StoreError> {
    let mut query = attendance_events::table
        .filter(attendance_events::organization_id.eq(organization.uuid()))
        .filter(attendance_events::session_id.eq(session.uuid()))
        .order((attendance_events::recorded_at, attendance_events::id))
        .select(Row::as_select())
        .into_boxed();
    if let Some(people) = people {
        query = query.filter(attendance_events::person_id.eq_any(people.iter().map(|id| id.uuid())));
    }
    let rows: Vec<Row> = query.load(conn).await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = attendance_events, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: Uuid,
    organization_id: Uuid,
    session_id: Uuid,
    person_id: Uuid,
    kind: String,
    method: Option<String>,
    state: Option<String>,
    reason: Option<String>,
    at: DateTime<Utc>,
    recorded_at: DateTime<Utc>,
    actor_kind: String,
    actor_id: Option<Uuid>,
    voids: Option<Uuid>,
    frame_id: Option<Uuid>,
    face_index: Option<i16>,
}

impl From<&AttendanceEvent> for Row {
    fn from(AttendanceEvent { id, event }: &AttendanceEvent) -> Self {
        let (actor_kind, actor_id) = actor_columns(event.actor);
        let mut row = Self {
            id: id.uuid(),
            organization_id: event.organization_id.uuid(),
            session_id: event.session_id.uuid(),
            person_id: event.person_id.uuid(),
            kind: String::new(),
            method: None,
            state: None,
            reason: event.reason.clone(),
            at: event.at,
            recorded_at: event.recorded_at,
            actor_kind: actor_kind.to_owned(),
            actor_id,
            voids: None,
            frame_id: None,
            face_index: None,
        };
        let kind = match event.act {
            Act::CheckIn { method } => {
                row.method = Some(text(method));
                "check_in"
            }
            Act::CheckOut { method } => {
                row.method = Some(text(method));
                "check_out"
            }
            Act::Correction { state } => {
                row.state = Some(text(state));
                "correction"
            }
            Act::Void { event_id } => {
                row.voids = Some(event_id.uuid());
                "void"
            }
            Act::Rejection { frame_id, face_index } => {
                (row.frame_id, row.face_index) = (Some(frame_id.uuid()), Some(face_index));
                "rejection"
            }
        };
        kind.clone_into(&mut row.kind);
        row
    }
}

impl TryFrom<Row> for AttendanceEvent {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let incomplete = || StoreError::corrupt("an event about attendance that is not whole");
        let method = |row: &Row| word(row.method.as_deref().ok_or_else(incomplete)?);
        let act = match row.kind.as_str() {
            "check_in" => Act::CheckIn { method: method(&row)? },
            "check_out" => Act::CheckOut { method: method(&row)? },
            "correction" => Act::Correction { state: word(row.state.as_deref().ok_or_else(incomplete)?)? },
            "void" => Act::Void { event_id: row.voids.ok_or_else(incomplete)?.into() },
            "rejection" => {
                let (frame_id, face_index) = row.frame_id.zip(row.face_index).ok_or_else(incomplete)?;
                Act::Rejection { frame_id: frame_id.into(), face_index }
            }
            _ => return Err(incomplete()),
        };
        let event = NewAttendanceEvent {
            organization_id: row.organization_id.into(),
            session_id: row.session_id.into(),
            person_id: row.person_id.into(),
            act,
            reason: row.reason,
            at: row.at,
            recorded_at: row.recorded_at,
            actor: actor(&row.actor_kind, row.actor_id)?,
        };
        Ok(Self { id: row.id.into(), event })
    }
}
