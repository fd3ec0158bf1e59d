//! What somebody did about an attendance, beside being seen: immutable.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::AttendanceState;
use crate::audit::AuditActor;
use crate::id::{AttendanceEventId, FrameId, OrganizationId, PersonId, SessionId};

/// By what somebody checked in or out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CheckMethod {
    /// Somebody else said so.
    Manual,
    /// A code that the room shows.
    Qr,
    /// A number of their own, at a kiosk.
    Pin,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Act {
    /// The person came.
    CheckIn {
        /// By what.
        method: CheckMethod,
    },
    /// The person left.
    CheckOut {
        /// By what.
        method: CheckMethod,
    },
    /// Somebody decided how the person stands, whatever was seen. The latest one that is not void wins.
    Correction {
        /// How.
        state: AttendanceState,
    },
    /// An earlier event counts no more.
    Void {
        /// Which one.
        event_id: AttendanceEventId,
    },
    /// A sighting that was taken for the person is of somebody else.
    Rejection {
        /// The frame.
        frame_id: FrameId,
        /// The face in it.
        face_index: i16,
    },
}

/// Something to be written down about somebody's attendance.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAttendanceEvent {
    /// The organization.
    pub organization_id: OrganizationId,
    /// The session.
    pub session_id: SessionId,
    /// Whose attendance it is about.
    pub person_id: PersonId,
    /// What was done.
    pub act: Act,
    /// Why, in words.
    pub reason: Option<String>,
    /// From when on it is so.
    pub at: DateTime<Utc>,
    /// When it was done.
    pub recorded_at: DateTime<Utc>,
    /// By whom.
    pub actor: AuditActor,
}

/// Something that was written down about somebody's attendance.
#[derive(Debug, Clone, PartialEq)]
pub struct AttendanceEvent {
    /// Its id.
    pub id: AttendanceEventId,
    /// What it says.
    pub event: NewAttendanceEvent,
}
