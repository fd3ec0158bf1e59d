//! How a person stands in a session: a projection of sightings and of what was done by hand, by code or by PIN.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::id::{PersonId, SessionId};

mod change;
mod event;
mod projection;
#[cfg(test)]
mod tests;

pub use change::{AttendanceChange, ChangeCause};
pub use event::{Act, AttendanceEvent, CheckMethod, NewAttendanceEvent};
pub use projection::{MOVE_COOL_DOWN, Seen, Standing, Window, on_arrival, project};

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

impl AttendanceState {
    /// Whether this says that somebody came and has not left early.
    #[must_use]
    pub fn is_there(self) -> bool {
        matches!(self, Self::Present | Self::Late)
    }
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
    /// First sighting or check-in.
    pub first_seen_at: Option<DateTime<Utc>>,
    /// Last sighting, check-in or check-out.
    pub last_seen_at: Option<DateTime<Utc>>,
    /// Sightings so far.
    pub sightings: i32,
    /// Highest similarity of them, raw cosine.
    pub best_similarity: Option<f32>,
    /// Seconds that they were there.
    pub stay_seconds: i32,
    /// When they left, where they have said so and did not come back.
    pub checked_out_at: Option<DateTime<Utc>>,
    /// Whether somebody has decided the state by hand.
    pub is_corrected: bool,
}
