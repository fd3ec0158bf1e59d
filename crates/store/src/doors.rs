//! What the addresses that other systems' users know look up.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::attendance::AttendanceState;
use domain::id::{CourseId, OrganizationId, PersonId, SessionId};
use domain::session::{Session, SessionState};
use uuid::Uuid;

use crate::column::{text, word};
use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::{attendance, sessions};
use crate::sessions::SessionRow;

/// The active sessions of these courses, or of all, at most `limit`.
///
/// # Errors
/// Only those of the database.
pub async fn active_sessions(
    conn: &mut Conn,
    organization: OrganizationId,
    courses: Option<&[CourseId]>,
    limit: i64,
) -> Result<Vec<Session>, StoreError> {
    let mut query = sessions::table
        .filter(sessions::organization_id.eq(organization.uuid()))
        .filter(sessions::state.eq(text(SessionState::Active)))
        .order(sessions::id)
        .limit(limit)
        .select(SessionRow::as_select())
        .into_boxed();
    if let Some(courses) = courses {
        let ids: Vec<Uuid> = courses.iter().map(|id| id.uuid()).collect();
        query = query.filter(sessions::course_id.eq_any(ids));
    }
    let rows: Vec<SessionRow> = query.load(conn).await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// How somebody stands in a session at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Who.
    pub person_id: PersonId,
    /// How.
    pub state: AttendanceState,
    /// First sighting.
    pub first_seen_at: Option<DateTime<Utc>>,
}

/// How these people stand in a session; those without attendance are left out.
///
/// # Errors
/// Only those of the database.
pub async fn standing(
    conn: &mut Conn,
    organization: OrganizationId,
    session: SessionId,
    people: &[PersonId],
) -> Result<Vec<Standing>, StoreError> {
    let ids: Vec<Uuid> = people.iter().map(|id| id.uuid()).collect();
    let rows: Vec<(Uuid, String, Option<DateTime<Utc>>)> = attendance::table
        .filter(attendance::organization_id.eq(organization.uuid()))
        .filter(attendance::session_id.eq(session.uuid()))
        .filter(attendance::person_id.eq_any(ids))
        .select((attendance::person_id, attendance::state, attendance::first_seen_at))
        .load(conn)
        .await?;
    rows.into_iter()
        .map(|(person, state, first_seen_at)| {
            Ok(Standing { person_id: person.into(), state: word(&state)?, first_seen_at })
        })
        .collect()
}
