//! The current state of a person in a session: a projection of sightings.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::id::{PersonId, SessionId};
use crate::session::Session;

/// How a person stands in a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AttendanceState {
    /// Seen in time.
    Present,
    /// Seen, but late.
    Late,
    /// Not seen by the time the session closed.
    Absent,
    /// Away with a reason.
    Excused,
    /// Left before the end.
    LeftEarly,
}

/// One person's attendance of one session.
#[derive(Debug, Clone, PartialEq)]
pub struct Attendance {
    /// The session.
    pub session_id: SessionId,
    /// The person.
    pub person_id: PersonId,
    /// Roll number, PRN or staff number.
    pub external_id: String,
    /// Name as people say it.
    pub name: String,
    /// How the person stands; `None` while the session runs and nobody has seen them.
    pub state: Option<AttendanceState>,
    /// First sighting.
    pub first_seen_at: Option<DateTime<Utc>>,
    /// Last sighting.
    pub last_seen_at: Option<DateTime<Utc>>,
    /// Sightings so far.
    pub sightings: i32,
    /// Highest similarity of them, raw cosine.
    pub best_similarity: Option<f32>,
}

/// The state of somebody first seen at `seen_at`: late from the policy's `late_after_minutes` after the start on,
/// inclusive.
#[must_use]
pub fn on_arrival(session: &Session, seen_at: DateTime<Utc>) -> AttendanceState {
    let late_from =
        session.policy.late_after_minutes.map(|minutes| session.starts_at + TimeDelta::minutes(minutes.into()));
    match late_from {
        Some(from) if seen_at >= from => AttendanceState::Late,
        _ => AttendanceState::Present,
    }
}

#[cfg(test)]
mod tests {
    use chrono::{TimeDelta, TimeZone, Utc};

    use super::{AttendanceState, on_arrival};
    use crate::id::Id;
    use crate::policy::CoursePolicy;
    use crate::session::{Session, SessionState};

    fn check(late_after_minutes: Option<u16>, seconds: i64, expected: AttendanceState) {
        let starts_at = Utc.with_ymd_and_hms(2026, 3, 29, 0, 59, 0).single().expect("a time");
        let session = Session {
            id: Id::new(),
            organization_id: Id::new(),
            course_id: Id::new(),
            state: SessionState::Active,
            starts_at,
            ends_at: None,
            policy: CoursePolicy { late_after_minutes, ..CoursePolicy::default() },
            automatic: false,
            series_id: None,
            started_at: None,
            closed_at: None,
            created_at: starts_at,
        };
        assert_eq!(on_arrival(&session, starts_at + TimeDelta::seconds(seconds)), expected);
    }

    #[test]
    fn late_begins_at_the_minute() {
        check(None, 86_400, AttendanceState::Present);
        check(Some(10), -300, AttendanceState::Present);
        check(Some(10), 599, AttendanceState::Present);
        check(Some(10), 600, AttendanceState::Late);
        check(Some(0), 0, AttendanceState::Late);
    }
}
