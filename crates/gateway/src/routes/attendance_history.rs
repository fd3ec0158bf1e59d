//! How attendance came to be what it is.

use actix_web::web::{Data, Json, Path, Query};
use chrono::{DateTime, Utc};
use domain::attendance::{Act, AttendanceChange, AttendanceEvent};
use domain::audit::AuditActor;
use domain::id::{AttendanceEventId, PersonId, SessionId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::auth::access::Allowed;
use crate::auth::permission::SeeAttendance;
use crate::error::ApiError;
use crate::routes::attendance::Attendance;
use crate::state::Gateway;

const DEFAULT_LIMIT: i64 = 50;
const MOST: i64 = 200;

/// Something that was done about somebody's attendance, beside being seen.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HistoryEvent {
    id: AttendanceEventId,
    #[serde(flatten)]
    act: Act,
    /// Why, in words.
    reason: Option<String>,
    /// From when on it is so.
    at: DateTime<Utc>,
    /// When it was done.
    recorded_at: DateTime<Utc>,
    /// By whom.
    actor: AuditActor,
    /// Whether a later event has made it void.
    is_void: bool,
}

/// How one person's attendance of a session came to be.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct History {
    /// How they stand.
    attendance: Attendance,
    /// What was done, in the order in which it was recorded. Sightings are listed by the session.
    events: Vec<HistoryEvent>,
    /// How they stood before, oldest first.
    changes: Vec<AttendanceChange>,
}

/// Shows what was done about somebody's attendance of a session, and how they stood after each change.
#[utoipa::path(get, path = "/api/v1/sessions/{session_id}/attendance/{person_id}/history", tag = "attendance",
    params(("session_id" = SessionId, Path), ("person_id" = PersonId, Path)),
    responses((status = 200, description = "All of it.", body = History)))]
pub(crate) async fn show_history(
    access: Allowed<SeeAttendance>,
    gateway: Data<Gateway>,
    path: Path<(SessionId, PersonId)>,
) -> Result<Json<History>, ApiError> {
    let (organization, (session_id, person_id)) = (access.organization_id, path.into_inner());
    let mut conn = gateway.connection().await?;
    let session = store::sessions::find(&mut conn, organization, session_id).await?;
    let attendance = store::attendance::find(&mut conn, organization, session_id, person_id).await?.into();
    access.require_teaching(&mut conn, session.course_id).await?;
    let rows = store::attendance_events::list(&mut conn, organization, session_id, Some(&[person_id])).await?;
    let void: Vec<AttendanceEventId> = rows
        .iter()
        .filter_map(|row| match row.event.act {
            Act::Void { event_id } => Some(event_id),
            _ => None,
        })
        .collect();
    let events = rows.into_iter().map(|row| HistoryEvent::new(row, &void)).collect();
    let changes = store::attendance::changes_of(&mut conn, organization, session_id, person_id).await?;
    Ok(Json(History { attendance, events, changes }))
}

impl HistoryEvent {
    fn new(AttendanceEvent { id, event }: AttendanceEvent, void: &[AttendanceEventId]) -> Self {
        Self {
            id,
            act: event.act,
            reason: event.reason,
            at: event.at,
            recorded_at: event.recorded_at,
            actor: event.actor,
            is_void: void.contains(&id),
        }
    }
}

/// Which changes are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ChangesQuery {
    /// The number of the last one that is known; from the beginning, where it is not said.
    #[param(minimum = 0, default = 0)]
    after: Option<i64>,
    /// How many at most, 1 to 200; 50 where it is not said.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
}

/// Some of a session's changes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Changes {
    /// In the order of their numbers, which is that in which they were committed.
    items: Vec<AttendanceChange>,
    /// What to pass as `after` next.
    last: i64,
    /// Whether there are more already.
    has_more: bool,
}

/// Lists how people's standing in a session has changed, so that it can be followed without missing anything: each change
/// has a number, and a higher one never appears before a lower one.
///
/// The changes of people who were deleted are gone with them, so numbers may be missing.
#[utoipa::path(get, path = "/api/v1/sessions/{session_id}/attendance/changes", tag = "attendance",
    params(("session_id" = SessionId, Path), ChangesQuery),
    responses((status = 200, description = "Those after `after`.", body = Changes)))]
pub(crate) async fn list_changes(
    access: Allowed<SeeAttendance>,
    gateway: Data<Gateway>,
    path: Path<SessionId>,
    query: Query<ChangesQuery>,
) -> Result<Json<Changes>, ApiError> {
    let (after, limit) = (query.after.unwrap_or(0), query.limit.unwrap_or(DEFAULT_LIMIT));
    if after < 0 {
        return Err(ApiError::InvalidQuery { reason: "`after` must be at least 0".to_owned() });
    }
    if !(1..=MOST).contains(&limit) {
        return Err(ApiError::InvalidQuery { reason: format!("`limit` must be in 1..={MOST}") });
    }
    let (organization, session_id) = (access.organization_id, path.into_inner());
    let mut conn = gateway.connection().await?;
    access.require_session(&mut conn, session_id).await?;
    let mut items = store::attendance::changes(&mut conn, organization, session_id, after, limit + 1).await?;
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = items.len() > wanted;
    items.truncate(wanted);
    let last = items.last().map_or(after, |change| change.number);
    Ok(Json(Changes { items, last, has_more }))
}
