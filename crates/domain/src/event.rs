//! What is announced after it has happened. An event is a hint to look: Postgres holds the truth.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::enrollment::{EnrollmentState, PhotoRejection, PhotoState};
use crate::id::{CameraId, EnrollmentId, FrameId, OrganizationId, PersonId, PhotoId, SessionId};
use crate::session::SessionState;
use crate::sighting::FrameResult;

/// Something that happened in an organization.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Event {
    /// Where.
    pub organization_id: OrganizationId,
    /// What.
    #[serde(flatten)]
    pub body: EventBody,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum EventBody {
    /// A frame was looked at and its sightings are recorded.
    FrameRecognized {
        /// The session that it was sent to.
        session_id: SessionId,
        /// The frame.
        frame_id: FrameId,
        /// Its camera; `None` when a user sent it.
        camera_id: Option<CameraId>,
        /// When the gateway took it in.
        received_at: DateTime<Utc>,
        /// What was found.
        #[serde(flatten)]
        result: FrameResult,
        /// The people that the sightings name.
        people: Vec<PersonLabel>,
    },
    /// An enrollment was completed or failed.
    EnrollmentFinished {
        /// The enrollment.
        enrollment_id: EnrollmentId,
        /// Whose face it is.
        person_id: PersonId,
        /// How it ended.
        state: EnrollmentState,
        /// What became of each photo.
        photos: Vec<PhotoOutcome>,
    },
    /// A session began or ended.
    SessionChanged {
        /// The session.
        session_id: SessionId,
        /// What it is now.
        state: SessionState,
    },
}

impl EventBody {
    /// The session that the event is about, if any.
    #[must_use]
    pub fn session_id(&self) -> Option<SessionId> {
        match self {
            Self::FrameRecognized { session_id, .. } | Self::SessionChanged { session_id, .. } => Some(*session_id),
            Self::EnrollmentFinished { .. } => None,
        }
    }
}

/// How a person is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PersonLabel {
    /// The person.
    pub person_id: PersonId,
    /// Roll number, PRN or staff number.
    pub external_id: String,
    /// Name as people say it.
    pub name: String,
}

/// What became of one photo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PhotoOutcome {
    /// The photo.
    pub photo_id: PhotoId,
    /// Accepted or rejected.
    pub state: PhotoState,
    /// Why it was of no use.
    pub rejection: Option<PhotoRejection>,
}
