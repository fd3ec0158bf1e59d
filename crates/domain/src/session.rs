//! One meeting of a course, and the cameras that watch it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::id::{CameraId, CourseId, OrganizationId, SessionId};
use crate::policy::CoursePolicy;

/// Where a session is in its life; it only moves forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SessionState {
    /// Planned; accepts no frames.
    Scheduled,
    /// Running; the only state that accepts frames.
    Active,
    /// Over; everybody unmarked is absent.
    Closed,
}

impl SessionState {
    /// Whether a session may move from this state to `next`.
    #[must_use]
    pub fn may_become(self, next: Self) -> bool {
        matches!((self, next), (Self::Scheduled, Self::Active | Self::Closed) | (Self::Active, Self::Closed))
    }
}

/// One meeting of a course.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// The course that meets.
    pub course_id: CourseId,
    /// Where it is in its life.
    pub state: SessionState,
    /// When it is meant to begin.
    pub starts_at: DateTime<Utc>,
    /// When it is meant to end; `None` when that is open.
    pub ends_at: Option<DateTime<Utc>>,
    /// What it asks of those who attend: a copy of the course's, made with the session.
    pub policy: CoursePolicy,
    /// When it became active.
    pub started_at: Option<DateTime<Utc>>,
    /// When it was closed.
    pub closed_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// A device with its own scoped key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Camera {
    /// Its id.
    pub id: CameraId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// Name as people say it, such as where it hangs.
    pub name: String,
    /// The only course whose sessions it may send to; `None` for all.
    pub course_id: Option<CourseId>,
    /// The only session that it may send to; `None` for all of the course.
    pub session_id: Option<SessionId>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When its key stopped working.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl Camera {
    /// Whether it may send to `session`, which is one of its organization.
    #[must_use]
    pub fn may_send_to(&self, session: &Session) -> bool {
        self.course_id.is_none_or(|course| course == session.course_id)
            && self.session_id.is_none_or(|only| only == session.id)
    }
}

#[cfg(test)]
mod tests {
    use super::SessionState::{self, Active, Closed, Scheduled};

    #[test]
    fn a_session_only_moves_forward() {
        let all: [SessionState; 3] = [Scheduled, Active, Closed];
        for from in all {
            for to in all {
                assert_eq!(from.may_become(to), from < to, "{from:?} to {to:?}");
            }
        }
    }
}
