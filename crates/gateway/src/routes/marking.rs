//! Saying how somebody stands in a session, and taking that back.

use actix_web::web::{Data, Json, Path};
use chrono::{DateTime, TimeDelta, Utc};
use domain::attendance::{
    Act, AttendanceChange, AttendanceState, ChangeCause, CheckMethod, NewAttendanceEvent, Window,
};
use domain::audit::{AuditAction, AuditActor};
use domain::event::{Event, EventBody};
use domain::id::{AttendanceEventId, PersonId, SessionId};
use domain::session::{Session, SessionState};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::Conn;
use utoipa::ToSchema;

use crate::auth::access::Allowed;
use crate::auth::permission::MarkAttendance;
use crate::clock;
use crate::error::ApiError;
use crate::routes::attendance::Attendance;
use crate::state::Gateway;
use crate::validation::Validation;

/// In characters.
const LONGEST_REASON: usize = 500;
/// How much the clock of whoever asks may be ahead.
const AHEAD: TimeDelta = TimeDelta::minutes(1);

/// Whether somebody comes or goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Direction {
    /// Comes.
    #[default]
    In,
    /// Goes.
    Out,
}

impl Direction {
    /// What that is, by this method.
    pub(crate) fn act(self, method: CheckMethod) -> Act {
        match self {
            Self::In => Act::CheckIn { method },
            Self::Out => Act::CheckOut { method },
        }
    }

    /// What the audit log calls it.
    pub(crate) fn action(self) -> AuditAction {
        match self {
            Self::In => AuditAction::CheckedIn,
            Self::Out => AuditAction::CheckedOut,
        }
    }
}

/// How somebody stands: either a state that is decided, or that they came or went.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewMark {
    person_id: PersonId,
    /// The state that holds from now on, whatever was or will be seen.
    #[schema(nullable = false)]
    state: Option<AttendanceState>,
    /// That they came or went at `at`; what follows from it is up to the session's policy.
    #[schema(nullable = false)]
    direction: Option<Direction>,
    /// From when on it is so; now, where it is not said.
    at: Option<DateTime<Utc>>,
    /// Why, at most 500 characters; must be said with `excused`.
    #[schema(max_length = 500)]
    reason: Option<String>,
}

/// What is to be said about making an event void.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewVoid {
    /// Why, at most 500 characters.
    #[schema(max_length = 500)]
    reason: Option<String>,
}

/// What marking came to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Marked {
    /// What was written down; `null` where it said nothing new.
    pub(crate) event_id: Option<AttendanceEventId>,
    /// How the person stands now.
    attendance: Attendance,
}

impl NewMark {
    fn parse(&self, now: DateTime<Utc>) -> Result<(Act, DateTime<Utc>, Option<String>), ApiError> {
        let mut validation = Validation::default();
        let reason = self.reason.as_deref().map(|reason| validation.text("/reason", reason, LONGEST_REASON));
        if self.state == Some(AttendanceState::Excused) && reason.is_none() {
            validation.wrong("/reason", "required", "must be said with `excused`");
        }
        let at = self.at.unwrap_or(now);
        if at > now + AHEAD {
            validation.wrong("/at", "out_of_range", "must not be in the future");
        }
        let act = match (self.state, self.direction) {
            (Some(state), None) => Act::Correction { state },
            (None, Some(direction)) => direction.act(CheckMethod::Manual),
            _ => {
                validation.wrong("/state", "invalid", "either `state` or `direction` must be said");
                return validation.finish((Act::CheckIn { method: CheckMethod::Manual }, at, reason));
            }
        };
        validation.finish((act, at, reason))
    }
}

/// Marks somebody, or corrects how they stand: also after the session was closed, and an excuse also before it begins.
///
/// A `state` holds until it is made void or corrected again. A `direction` is as if they had been seen.
#[utoipa::path(post, path = "/api/v1/sessions/{session_id}/attendance", tag = "attendance",
    params(("session_id" = SessionId, Path)),
    responses((status = 200, description = "How they stand now.", body = Marked)))]
pub(crate) async fn mark(
    access: Allowed<MarkAttendance>,
    gateway: Data<Gateway>,
    path: Path<SessionId>,
    body: Json<NewMark>,
) -> Result<Json<Marked>, ApiError> {
    let now = clock::now();
    let (act, at, reason) = body.parse(now)?;
    let (organization_id, session_id, person_id) = (access.organization_id, path.into_inner(), body.person_id);
    let (marked, change) = gateway
        .change(async |tx| {
            let session = store::attendance::lock_session(tx, organization_id, session_id).await?;
            check_times(&session, act, at)?;
            let before = store::attendance::find(tx, organization_id, session_id, person_id).await?;
            if matches!(act, Act::CheckOut { .. }) && before.first_seen_at.is_none() {
                return Err(ApiError::NotCheckedIn);
            }
            let actor = AuditActor::User(access.actor.user_id);
            let new =
                NewAttendanceEvent { organization_id, session_id, person_id, act, reason, at, recorded_at: now, actor };
            let (marked, change) = carry_out(tx, &session, &new).await?;
            let action = match act {
                Act::Correction { .. } if before.state.is_some() => AuditAction::AttendanceCorrected,
                Act::CheckOut { .. } => AuditAction::CheckedOut,
                _ => AuditAction::AttendanceMarked,
            };
            let (from, to) = (before.state, marked.attendance.state);
            let details = json!({"session_id": session_id, "event_id": marked.event_id, "from": from, "to": to});
            store::audit::append(tx, &access.entry(action, person_id.uuid(), details)).await?;
            Ok((marked, change))
        })
        .await?;
    announce(&gateway, organization_id, session_id, change).await;
    Ok(Json(marked))
}

/// Makes a check-in, check-out or correction void: the person stands as if it had never been.
///
/// Rejections of sightings are undone where they were made.
#[utoipa::path(post, path = "/api/v1/attendance-events/{attendance_event_id}/void", tag = "attendance",
    params(("attendance_event_id" = AttendanceEventId, Path)),
    responses((status = 200, description = "How the person stands now.", body = Marked)))]
pub(crate) async fn void_event(
    access: Allowed<MarkAttendance>,
    gateway: Data<Gateway>,
    path: Path<AttendanceEventId>,
    body: Json<NewVoid>,
) -> Result<Json<Marked>, ApiError> {
    let (now, event_id, organization_id) = (clock::now(), path.into_inner(), access.organization_id);
    let mut validation = Validation::default();
    let reason = body.reason.as_deref().map(|reason| validation.text("/reason", reason, LONGEST_REASON));
    let reason = validation.finish(reason)?;
    let (session_id, marked, change) = gateway
        .change(async |tx| {
            let voided = store::attendance_events::find(tx, organization_id, event_id).await?.event;
            if matches!(voided.act, Act::Rejection { .. }) {
                return Err(ApiError::NotVoidable);
            }
            let session = store::attendance::lock_session(tx, organization_id, voided.session_id).await?;
            let actor = AuditActor::User(access.actor.user_id);
            let (act, recorded_at) = (Act::Void { event_id }, now);
            let new = NewAttendanceEvent { act, reason, at: now, recorded_at, actor, ..voided };
            let before = store::attendance::find(tx, organization_id, session.id, new.person_id).await?.state;
            let (marked, change) = carry_out(tx, &session, &new).await?;
            let (session_id, to) = (session.id, marked.attendance.state);
            let details = json!({"session_id": session_id, "voided": event_id, "from": before, "to": to});
            let entry = access.entry(AuditAction::AttendanceVoided, new.person_id.uuid(), details);
            store::audit::append(tx, &entry).await?;
            Ok((session_id, marked, change))
        })
        .await?;
    announce(&gateway, organization_id, session_id, change).await;
    Ok(Json(marked))
}

/// Writes an event down and reckons anew how the person stands. The session is locked; the audit log is the caller's.
pub(crate) async fn carry_out(
    tx: &mut Conn,
    session: &Session,
    new: &NewAttendanceEvent,
) -> Result<(Marked, Option<AttendanceChange>), ApiError> {
    let event = store::attendance_events::append(tx, new).await?;
    let cause = ChangeCause::from(new.act);
    let change = store::attendance::reproject(tx, session, new.person_id, cause, new.recorded_at).await?;
    let attendance = store::attendance::find(tx, new.organization_id, session.id, new.person_id).await?.into();
    Ok((Marked { event_id: Some(event.id), attendance }, change))
}

impl Marked {
    /// Nothing new: somebody who is in comes, or who is out goes.
    pub(crate) fn already(attendance: domain::attendance::Attendance) -> Self {
        Self { event_id: None, attendance: attendance.into() }
    }
}

/// Tells whoever watches.
pub(crate) async fn announce(
    gateway: &Gateway,
    organization_id: domain::id::OrganizationId,
    session_id: SessionId,
    change: Option<AttendanceChange>,
) {
    if let Some(change) = change {
        let body = EventBody::AttendanceChanged { session_id, changes: vec![change] };
        gateway.announce(&Event { organization_id, body }).await;
    }
}

/// Comings and goings are of sessions that have begun, and comings of times at which they count.
fn check_times(session: &Session, act: Act, at: DateTime<Utc>) -> Result<(), ApiError> {
    match act {
        Act::CheckIn { .. } | Act::CheckOut { .. } if session.state == SessionState::Scheduled => {
            Err(ApiError::SessionNotActive)
        }
        Act::CheckIn { .. } if !Window::of(session).holds(at) => Err(ApiError::OutsideHours),
        _ => Ok(()),
    }
}
