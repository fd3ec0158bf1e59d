//! Who is there, in a session, on a day, or over time.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::attendance::{Attendance, AttendanceState};
use domain::id::{CourseId, OrganizationId, PersonId, SessionId};
use domain::session::Session;
use uuid::Uuid;

use super::{Row, attendance_of};
use crate::column::text;
use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::{attendance, people, sessions};
use crate::sessions::SessionRow;

/// The attendance of one person in a session; without a state where nothing is known.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has no such person.
pub async fn find(
    conn: &mut Conn,
    organization: OrganizationId,
    session: SessionId,
    person: PersonId,
) -> Result<Attendance, StoreError> {
    let of_session = attendance::person_id.eq(people::id).and(attendance::session_id.eq(session.uuid()));
    let (id, external_id, name, row): (Uuid, String, String, Option<Row>) = people::table
        .left_join(attendance::table.on(of_session))
        .filter(people::organization_id.eq(organization.uuid()))
        .filter(people::id.eq(person.uuid()))
        .select((people::id, people::external_id, people::name, Option::<Row>::as_select()))
        .first(conn)
        .await?;
    attendance_of(session, id, external_id, name, row.as_ref())
}

/// A place among the attendances of several sessions: by person and then by session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PresenceCursor {
    /// The person.
    pub person_id: PersonId,
    /// The session.
    pub session_id: SessionId,
}

/// Which attendances of whoever came are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Came {
    /// All.
    AtAll,
    /// Those of people who have not left.
    AndIsThere,
}

/// Who came to these sessions, by person, after `after`, at most `limit`.
///
/// # Errors
/// Only those of the database.
pub async fn who_came(
    conn: &mut Conn,
    organization: OrganizationId,
    of: &[SessionId],
    came: Came,
    after: Option<PresenceCursor>,
    limit: i64,
) -> Result<Vec<Attendance>, StoreError> {
    let there = [AttendanceState::Present, AttendanceState::Late].map(text);
    let mut query = people::table
        .inner_join(attendance::table.on(attendance::person_id.eq(people::id)))
        .filter(people::organization_id.eq(organization.uuid()))
        .filter(attendance::session_id.eq_any(of.iter().map(|id| id.uuid())))
        .order((attendance::person_id, attendance::session_id))
        .limit(limit)
        .select((attendance::session_id, people::id, people::external_id, people::name, Row::as_select()))
        .into_boxed();
    query = match came {
        Came::AtAll => query.filter(attendance::state.eq_any([
            there[0].clone(),
            there[1].clone(),
            text(AttendanceState::LeftEarly),
        ])),
        Came::AndIsThere => query.filter(attendance::state.eq_any(there)).filter(attendance::checked_out_at.is_null()),
    };
    if let Some(after) = after {
        let (person, session) = (after.person_id.uuid(), after.session_id.uuid());
        let later = attendance::person_id.eq(person).and(attendance::session_id.gt(session));
        query = query.filter(attendance::person_id.gt(person).or(later));
    }
    let rows: Vec<(Uuid, Uuid, String, String, Row)> = query.load(conn).await?;
    rows.into_iter()
        .map(|(session, person, external_id, name, row)| {
            attendance_of(session.into(), person, external_id, name, Some(&row))
        })
        .collect()
}

/// A place among somebody's attendances: by when the sessions begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeCursor {
    /// When the session is meant to begin.
    pub starts_at: DateTime<Utc>,
    /// The session.
    pub session_id: SessionId,
}

/// Which of somebody's sessions are wanted; `default()` wants all.
#[derive(Debug, Clone, Copy, Default)]
pub struct AttendedFilter<'a> {
    /// Only those of these courses.
    pub courses: Option<&'a [CourseId]>,
    /// Only those that are meant to begin then or later.
    pub from: Option<DateTime<Utc>>,
    /// Only those that are meant to begin earlier.
    pub to: Option<DateTime<Utc>>,
    /// Whether the one that begins last comes first.
    pub newest_first: bool,
}

/// The sessions that are wanted, and how somebody stands in those that know of them: by when they begin, after `after`, at
/// most `limit`.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has no such person.
pub async fn of_person(
    conn: &mut Conn,
    organization: OrganizationId,
    person: PersonId,
    wanted: &AttendedFilter<'_>,
    after: Option<TimeCursor>,
    limit: i64,
) -> Result<Vec<(Session, Attendance)>, StoreError> {
    let (external_id, name): (String, String) = people::table
        .filter(people::organization_id.eq(organization.uuid()))
        .filter(people::id.eq(person.uuid()))
        .select((people::external_id, people::name))
        .first(conn)
        .await?;
    let mut query = sessions::table
        .inner_join(attendance::table.on(attendance::session_id.eq(sessions::id)))
        .filter(sessions::organization_id.eq(organization.uuid()))
        .filter(attendance::person_id.eq(person.uuid()))
        .limit(limit)
        .select((SessionRow::as_select(), Row::as_select()))
        .into_boxed();
    if let Some(courses) = wanted.courses {
        query = query.filter(sessions::course_id.eq_any(courses.iter().map(|id| id.uuid())));
    }
    if let Some(from) = wanted.from {
        query = query.filter(sessions::starts_at.ge(from));
    }
    if let Some(to) = wanted.to {
        query = query.filter(sessions::starts_at.lt(to));
    }
    let after = after.map(|after| (after.starts_at, after.session_id.uuid()));
    query = match (wanted.newest_first, after) {
        (false, Some((begins, id))) => {
            let beside = sessions::starts_at.eq(begins).and(sessions::id.gt(id));
            query.filter(sessions::starts_at.gt(begins).or(beside))
        }
        (true, Some((begins, id))) => {
            let beside = sessions::starts_at.eq(begins).and(sessions::id.lt(id));
            query.filter(sessions::starts_at.lt(begins).or(beside))
        }
        (_, None) => query,
    };
    query = if wanted.newest_first {
        query.order((sessions::starts_at.desc(), sessions::id.desc()))
    } else {
        query.order((sessions::starts_at, sessions::id))
    };
    let rows: Vec<(SessionRow, Row)> = query.load(conn).await?;
    rows.into_iter()
        .map(|(session, row)| {
            let session: Session = session.try_into()?;
            let stands = attendance_of(session.id, person.uuid(), external_id.clone(), name.clone(), Some(&row))?;
            Ok((session, stands))
        })
        .collect()
}

/// All sessions of an organization, by id.
///
/// # Errors
/// Only those of the database.
pub async fn sessions_of(conn: &mut Conn, organization: OrganizationId) -> Result<Vec<SessionId>, StoreError> {
    let ids: Vec<Uuid> = sessions::table
        .filter(sessions::organization_id.eq(organization.uuid()))
        .order(sessions::id)
        .select(sessions::id)
        .load(conn)
        .await?;
    Ok(ids.into_iter().map(Into::into).collect())
}
