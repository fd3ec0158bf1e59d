//! What is announced after it has happened. An event is a hint to look: Postgres holds the truth.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::attendance::AttendanceChange;
use crate::class_photo::{ClassPhotoFailure, ClassPhotoState};
use crate::contract::ContractId;
use crate::enrollment::{EnrollmentState, PhotoRejection, PhotoState};
use crate::guided::{Advice, CaptureFailure, CaptureState, Facing};
use crate::id::{
    CameraId, ClassPhotoId, EnrollmentId, FrameId, GuidedCaptureId, OrganizationId, PersonId, PhotoId, SessionId,
};
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
    /// A worker has looked at some of the photos of an enrollment; their comparison with each other is still to come.
    EnrollmentProgressed {
        /// The enrollment.
        enrollment_id: EnrollmentId,
        /// Whose face it is.
        person_id: PersonId,
        /// Photos that were looked at.
        judged: usize,
        /// All of them.
        photos: usize,
    },
    /// An enrollment was completed, failed, or waits for somebody to say whether two people are one.
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
    /// A class photo was looked at. Its faces are announced as those of the frame with the same id.
    ClassPhotoFinished {
        /// The session that it was sent to.
        session_id: SessionId,
        /// The photo.
        class_photo_id: ClassPhotoId,
        /// How it ended.
        state: ClassPhotoState,
        /// Why it marked nobody.
        failure: Option<ClassPhotoFailure>,
        /// How many faces were found.
        faces: usize,
    },
    /// A frame of a guided capture was looked at.
    CaptureProgressed {
        /// The capture.
        guided_capture_id: GuidedCaptureId,
        /// Whose face it is.
        person_id: PersonId,
        /// Where the capture is now.
        state: CaptureState,
        /// The pose that is wanted now.
        wanted: Option<Facing>,
        /// How many poses were taken.
        taken: usize,
        /// What the person should do next.
        advice: Option<Advice>,
        /// Why it was given up.
        failure: Option<CaptureFailure>,
        /// The enrollment that was made of it.
        enrollment_id: Option<EnrollmentId>,
    },
    /// How people stand in a session has changed. Not announced for everybody who is absent when a session closes.
    AttendanceChanged {
        /// The session.
        session_id: SessionId,
        /// In the order of their numbers: follow them at `/sessions/{session_id}/attendance/changes`.
        changes: Vec<AttendanceChange>,
    },
    /// A session began or ended.
    SessionChanged {
        /// The session.
        session_id: SessionId,
        /// What it is now.
        state: SessionState,
    },
    /// A global index was built: its snapshot lies there for the workers.
    IndexBuilt {
        /// The contract of its templates.
        contract: ContractId,
        /// The snapshot.
        version_id: Uuid,
        /// The template revision that it holds.
        watermark: i64,
        /// How many templates it holds.
        templates: i64,
    },
}

impl EventBody {
    /// The session that the event is about, if any.
    #[must_use]
    pub fn session_id(&self) -> Option<SessionId> {
        match self {
            Self::FrameRecognized { session_id, .. }
            | Self::ClassPhotoFinished { session_id, .. }
            | Self::AttendanceChanged { session_id, .. }
            | Self::SessionChanged { session_id, .. } => Some(*session_id),
            Self::EnrollmentProgressed { .. }
            | Self::EnrollmentFinished { .. }
            | Self::CaptureProgressed { .. }
            | Self::IndexBuilt { .. } => None,
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
    /// How good its face is, 0..=100.
    #[serde(default)]
    pub quality: Option<u8>,
}
