//! How everybody stood in many sessions, one by one.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::attendance::AttendanceState;
use domain::event::PersonLabel;
use domain::id::{OrganizationId, PersonId, SessionId};
use uuid::Uuid;

use crate::column::word;
use crate::error::StoreError;
use crate::people::LabelRow;
use crate::pool::Conn;
use crate::schema::{attendance, people};

/// How somebody stood in a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// The session.
    pub session_id: SessionId,
    /// The person.
    pub person_id: PersonId,
    /// How they stood.
    pub state: AttendanceState,
}

/// How everybody stood in these sessions, in no order. What was not recorded is left out.
///
/// # Errors
/// Only those of the database.
pub async fn marks(
    conn: &mut Conn,
    organization: OrganizationId,
    sessions: &[SessionId],
) -> Result<Vec<Mark>, StoreError> {
    let ids: Vec<Uuid> = sessions.iter().map(|id| id.uuid()).collect();
    let rows: Vec<(Uuid, Uuid, String)> = attendance::table
        .filter(attendance::organization_id.eq(organization.uuid()))
        .filter(attendance::session_id.eq_any(ids))
        .select((attendance::session_id, attendance::person_id, attendance::state))
        .load(conn)
        .await?;
    rows.into_iter()
        .map(|(session, person, state)| {
            Ok(Mark { session_id: session.into(), person_id: person.into(), state: word(&state)? })
        })
        .collect()
}

/// A person's attendance of a session.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The session.
    pub session_id: SessionId,
    /// The person.
    pub person: PersonLabel,
    /// How they stand.
    pub state: AttendanceState,
    /// First sighting.
    pub first_seen_at: Option<DateTime<Utc>>,
    /// Last sighting.
    pub last_seen_at: Option<DateTime<Utc>>,
    /// Highest similarity of the sightings, raw cosine.
    pub best_similarity: Option<f32>,
}

/// A place in a listing of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordCursor {
    /// The session.
    pub session_id: SessionId,
    /// The person.
    pub person_id: PersonId,
}

impl Record {
    /// Where a listing goes on after this record.
    #[must_use]
    pub fn cursor(&self) -> RecordCursor {
        RecordCursor { session_id: self.session_id, person_id: self.person.person_id }
    }
}

/// The attendance recorded in these sessions, of one person or of everybody, after `after`, at most `limit`: by the id of
/// the session and of the person.
///
/// # Errors
/// Only those of the database.
pub async fn records(
    conn: &mut Conn,
    organization: OrganizationId,
    sessions: &[SessionId],
    person: Option<PersonId>,
    after: Option<RecordCursor>,
    limit: i64,
) -> Result<Vec<Record>, StoreError> {
    let ids: Vec<Uuid> = sessions.iter().map(|id| id.uuid()).collect();
    let of_person = people::organization_id.eq(attendance::organization_id).and(people::id.eq(attendance::person_id));
    let mut query = attendance::table
        .inner_join(people::table.on(of_person))
        .filter(attendance::organization_id.eq(organization.uuid()))
        .filter(attendance::session_id.eq_any(ids))
        .order((attendance::session_id, attendance::person_id))
        .limit(limit)
        .select(RecordRow::as_select())
        .into_boxed();
    if let Some(person) = person {
        query = query.filter(attendance::person_id.eq(person.uuid()));
    }
    if let Some(RecordCursor { session_id, person_id }) = after {
        let same = attendance::session_id.eq(session_id.uuid()).and(attendance::person_id.gt(person_id.uuid()));
        query = query.filter(attendance::session_id.gt(session_id.uuid()).or(same));
    }
    let rows: Vec<RecordRow> = query.load(conn).await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = attendance, check_for_backend(diesel::pg::Pg))]
struct RecordRow {
    session_id: Uuid,
    state: String,
    first_seen_at: Option<DateTime<Utc>>,
    last_seen_at: Option<DateTime<Utc>>,
    best_similarity: Option<f32>,
    #[diesel(embed)]
    person: LabelRow,
}

impl TryFrom<RecordRow> for Record {
    type Error = StoreError;

    fn try_from(row: RecordRow) -> Result<Self, StoreError> {
        Ok(Self {
            session_id: row.session_id.into(),
            person: row.person.into(),
            state: word(&row.state)?,
            first_seen_at: row.first_seen_at,
            last_seen_at: row.last_seen_at,
            best_similarity: row.best_similarity,
        })
    }
}
