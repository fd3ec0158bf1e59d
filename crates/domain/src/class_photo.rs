//! One picture of a whole class.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::id::{ClassPhotoId, OrganizationId, SessionId};

/// Most faces of a class photo that are recognised: the largest.
pub const MAX_FACES: usize = 100;

/// Where a class photo is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ClassPhotoState {
    /// Waits for a worker.
    Pending,
    /// Its faces are recorded as sightings.
    Completed,
    /// Nothing was recorded; the failure says why.
    Failed,
}

/// Why a class photo marked nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ClassPhotoFailure {
    /// It could not be read after all.
    ImageDamaged,
    /// No face was found.
    FaceNotFound,
    /// The session was closed before it was looked at.
    SessionNotActive,
    /// No running worker has models of the organization's contract.
    ContractMismatch,
}

/// One picture of a whole class, without its pixels. Its faces are the sightings of the frame with the same id.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassPhoto {
    /// Its id, and that of the frame.
    pub id: ClassPhotoId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// The session whose people are looked for.
    pub session_id: SessionId,
    /// File name as it was sent.
    pub file_name: String,
    /// Whether a copy with boxes and names was asked for.
    pub annotate: bool,
    /// Where it is in its life.
    pub state: ClassPhotoState,
    /// Why it failed.
    pub failure: Option<ClassPhotoFailure>,
    /// When it was sent.
    pub created_at: DateTime<Utc>,
    /// When it was looked at.
    pub finished_at: Option<DateTime<Utc>>,
}
