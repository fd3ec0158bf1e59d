//! One image from a camera on its way to a worker.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::id::{CameraId, CourseId, FrameId, OrganizationId, SessionId};

/// What travels beside the bytes of a frame. Frames are perishable: the newest wins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameHeader {
    /// Minted by the gateway.
    pub frame_id: FrameId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// The session that it was sent to.
    pub session_id: SessionId,
    /// The course whose roster is searched first.
    pub course_id: CourseId,
    /// The camera; `None` when a user sent it.
    pub camera_id: Option<CameraId>,
    /// When the gateway took it in.
    pub received_at: DateTime<Utc>,
}

impl FrameHeader {
    /// Whether the frame is too old to be worth looking at.
    #[must_use]
    pub fn is_past(&self, now: DateTime<Utc>, deadline: chrono::TimeDelta) -> bool {
        now - self.received_at > deadline
    }
}
