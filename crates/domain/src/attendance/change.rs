//! The log of how people's standing in a session has changed, which whoever shows it follows.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Act, AttendanceState};
use crate::id::PersonId;

/// Why somebody's standing changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ChangeCause {
    /// They were seen.
    Sighting,
    /// They checked in.
    CheckIn,
    /// They checked out.
    CheckOut,
    /// Somebody decided it.
    Correction,
    /// An earlier event was made void.
    Void,
    /// A sighting was not of them.
    Rejection,
    /// The session was closed.
    Close,
    /// Attendance was reckoned anew.
    Recompute,
}

impl From<Act> for ChangeCause {
    fn from(act: Act) -> Self {
        match act {
            Act::CheckIn { .. } => Self::CheckIn,
            Act::CheckOut { .. } => Self::CheckOut,
            Act::Correction { .. } => Self::Correction,
            Act::Void { .. } => Self::Void,
            Act::Rejection { .. } => Self::Rejection,
        }
    }
}

/// How one person's standing changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AttendanceChange {
    /// Its place among the changes of its session, from 1, without gaps.
    pub number: i64,
    /// Whose.
    pub person_id: PersonId,
    /// How they stood.
    pub from: Option<AttendanceState>,
    /// How they stand.
    pub to: Option<AttendanceState>,
    /// Whether they are there now: they came, and have not left.
    pub is_present: bool,
    /// Why.
    pub cause: ChangeCause,
    /// When it was written.
    pub at: DateTime<Utc>,
}
