//! One meeting of a course, and the cameras that watch it.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::id::{CameraId, CourseId, OrganizationId, SeriesId, SessionId};
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
    /// Whether the scheduler starts and closes it; then it has an end.
    pub automatic: bool,
    /// The series that it is of, where it is of one.
    pub series_id: Option<SeriesId>,
    /// When it became active.
    pub started_at: Option<DateTime<Utc>>,
    /// When it was closed.
    pub closed_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl Session {
    /// From when on arrivals count, unless the session becomes active later.
    #[must_use]
    pub fn opens_at(&self) -> DateTime<Utc> {
        self.starts_at - TimeDelta::minutes(self.policy.opens_minutes_before.unwrap_or(0).into())
    }

    /// What the scheduler makes of an automatic session at `now`: active once it opens, closed at its end. One that nobody
    /// could attend, since it was not started before it ended, is left to people.
    #[must_use]
    pub fn due(&self, now: DateTime<Utc>) -> Option<SessionState> {
        let ends_at = self.ends_at.filter(|_| self.automatic)?;
        match self.state {
            SessionState::Scheduled if self.opens_at() <= now && now < ends_at => Some(SessionState::Active),
            SessionState::Active if ends_at <= now => Some(SessionState::Closed),
            SessionState::Scheduled | SessionState::Active | SessionState::Closed => None,
        }
    }
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
    /// When its key was last used, to the minute; `None`: never.
    pub last_seen_at: Option<DateTime<Utc>>,
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
    use chrono::{DateTime, TimeDelta, Utc};

    use super::Session;
    use super::SessionState::{self, Active, Closed, Scheduled};
    use crate::id::Id;
    use crate::policy::CoursePolicy;

    /// What is due so many minutes after the start of an automatic session of an hour that opens 15 minutes before.
    fn check_due(minutes: i64, state: SessionState, expected: Option<SessionState>) {
        let starts_at: DateTime<Utc> = "2026-11-23T08:00:00Z".parse().expect("a time");
        let policy = CoursePolicy { opens_minutes_before: Some(15), ..CoursePolicy::default() };
        let session = Session {
            id: Id::new(),
            organization_id: Id::new(),
            course_id: Id::new(),
            state,
            starts_at,
            ends_at: Some(starts_at + TimeDelta::hours(1)),
            policy,
            automatic: true,
            series_id: None,
            started_at: None,
            closed_at: None,
            created_at: starts_at,
        };
        let now = starts_at + TimeDelta::minutes(minutes);
        assert_eq!(session.due(now), expected, "{state:?} after {minutes} minutes");
        assert_eq!(Session { automatic: false, ..session }.due(now), None);
    }

    #[test]
    fn an_automatic_session_opens_and_ends_by_itself() {
        check_due(-16, Scheduled, None);
        check_due(-15, Scheduled, Some(Active));
        check_due(59, Scheduled, Some(Active));
        check_due(60, Scheduled, None);
        check_due(59, Active, None);
        check_due(60, Active, Some(Closed));
        check_due(61, Closed, None);
    }

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
