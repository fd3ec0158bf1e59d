//! Meetings of courses.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, Path, Query};
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use domain::audit::AuditAction;
use domain::course::Course;
use domain::event::{Event, EventBody};
use domain::id::{CourseId, SeriesId, SessionId};
use domain::policy::{CoursePolicy, PolicyOverrides};
use domain::session::{Session, SessionState};
use domain::wire::Page;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::sessions::SessionFilter;
use utoipa::{IntoParams, ToSchema};

use crate::auth::access::Allowed;
use crate::auth::permission::{RunSessions, SeeDirectory};
use crate::clearable::clearable;
use crate::clock;
use crate::error::ApiError;
use crate::idempotency::IdempotencyKey;
use crate::page::{Order, PageQuery};
use crate::reply;
use crate::state::Gateway;
use crate::validation::{Validation, invalid_policy, is_sound_time};

const LONGEST: TimeDelta = TimeDelta::hours(24);

/// A session to plan.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSession {
    course_id: CourseId,
    /// When it is meant to begin; now, where it is not said.
    starts_at: Option<DateTime<Utc>>,
    /// When it is meant to end, at most 24 hours later; open, where it is not said.
    ends_at: Option<DateTime<Utc>>,
    /// Where its policy is another than the course's: values that it names replace those of the course.
    #[schema(value_type = Option<CoursePolicy>)]
    policy: Option<PolicyOverrides>,
    /// Short for `policy.late_after_minutes`.
    #[schema(minimum = 0, maximum = 1440)]
    late_after_minutes: Option<u16>,
    /// Whether the scheduler starts and closes it: then it must have an end.
    #[serde(default)]
    automatic: bool,
}

impl NewSession {
    /// The session in `course`.
    fn parse(&self, course: &Course) -> Result<Session, ApiError> {
        let mut overrides = self.policy.clone().unwrap_or_default();
        if let Some(minutes) = self.late_after_minutes {
            overrides = overrides.with("late_after_minutes", minutes);
        }
        let now = clock::now();
        checked(Session {
            id: SessionId::new(),
            organization_id: course.organization_id,
            course_id: course.id,
            state: SessionState::Scheduled,
            starts_at: self.starts_at.unwrap_or(now).trunc_subsecs(6),
            ends_at: self.ends_at.map(|time| time.trunc_subsecs(6)),
            policy: overrides.apply(&course.policy).map_err(invalid_policy)?,
            automatic: self.automatic,
            series_id: None,
            started_at: None,
            closed_at: None,
            created_at: now,
        })
    }
}

/// What is to change about a session; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SessionUpdate {
    /// When it is meant to begin; only while it is scheduled.
    starts_at: Option<DateTime<Utc>>,
    /// When it is meant to end, at most 24 hours later; `null` when that is open.
    #[serde(default, deserialize_with = "clearable")]
    #[schema(value_type = Option<String>, format = DateTime)]
    ends_at: Option<Option<DateTime<Utc>>>,
    /// Values that replace those of its policy; only while it is scheduled.
    #[schema(value_type = Option<CoursePolicy>)]
    policy: Option<PolicyOverrides>,
    /// Whether the scheduler starts and closes it.
    automatic: Option<bool>,
}

impl SessionUpdate {
    /// What `session` becomes.
    fn apply(&self, session: &Session) -> Result<Session, ApiError> {
        let changes_plan = self.starts_at.is_some() || self.policy.is_some();
        match session.state {
            SessionState::Scheduled => {}
            SessionState::Active if !changes_plan => {}
            SessionState::Active | SessionState::Closed => return Err(ApiError::SessionState),
        }
        let overrides = self.policy.clone().unwrap_or_default();
        checked(Session {
            starts_at: self.starts_at.map_or(session.starts_at, |time| time.trunc_subsecs(6)),
            ends_at: self.ends_at.map_or(session.ends_at, |time| time.map(|time| time.trunc_subsecs(6))),
            policy: overrides.apply(&session.policy).map_err(invalid_policy)?,
            automatic: self.automatic.unwrap_or(session.automatic),
            ..session.clone()
        })
    }
}

fn checked(session: Session) -> Result<Session, ApiError> {
    let mut validation = Validation::default();
    validation.time("/starts_at", session.starts_at);
    let length = session.ends_at.map(|end| end - session.starts_at);
    if length.is_some_and(|length| length <= TimeDelta::zero() || length > LONGEST) {
        validation.wrong("/ends_at", "out_of_range", "must be after the start, and at most 24 hours after it");
    }
    if session.automatic && session.ends_at.is_none() {
        validation.wrong("/ends_at", "required", "an automatic session must have an end");
    }
    validation.finish(session)
}

/// Which sessions are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SessionQuery {
    /// Only those of this course.
    course_id: Option<CourseId>,
    /// Only those of this series.
    series_id: Option<SeriesId>,
    /// Only those in this state.
    state: Option<SessionState>,
    /// Only those that are meant to begin then or later.
    from: Option<DateTime<Utc>>,
    /// Only those that are meant to begin earlier.
    to: Option<DateTime<Utc>>,
    /// `oldest` (the default) or `newest` first. A cursor goes on in the order in which it was made.
    #[param(inline)]
    order: Option<Order>,
    /// How many rows at most, 1 to 200; 50 where it is not said.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Plans a session of a course. Its policy is a copy of the course's, but for what the body says.
#[utoipa::path(post, path = "/api/v1/sessions", tag = "sessions", params(IdempotencyKey),
    responses((status = 201, description = "It was planned.", body = Session)))]
pub(crate) async fn create_session(
    access: Allowed<RunSessions>,
    key: IdempotencyKey,
    gateway: Data<Gateway>,
    body: Json<NewSession>,
) -> Result<HttpResponse, ApiError> {
    let once = key.of(&access.actor, Some(access.organization_id), &*body)?;
    let made = once
        .run(&gateway, StatusCode::CREATED, async |tx| {
            let course = store::courses::find(tx, access.organization_id, body.course_id).await?;
            if !course.is_active {
                return Err(ApiError::CourseInactive);
            }
            let session = body.parse(&course)?;
            store::sessions::insert(tx, &session).await?;
            let details = json!({"course_id": course.id});
            let entry = access.entry(AuditAction::SessionCreated, session.id.uuid(), details);
            store::audit::append(tx, &entry).await?;
            Ok(session)
        })
        .await?;
    Ok(reply::created(format!("/api/v1/sessions/{}", made.id), made))
}

/// Lists the sessions of the organization.
#[utoipa::path(get, path = "/api/v1/sessions", tag = "sessions", params(SessionQuery),
    responses((status = 200, description = "A page of them, in the order in which they begin.", body = Page<Session>)))]
pub(crate) async fn list_sessions(
    access: Allowed<SeeDirectory>,
    gateway: Data<Gateway>,
    query: Query<SessionQuery>,
) -> Result<Json<Page<Session>>, ApiError> {
    let SessionQuery { course_id, series_id, state, from, to, order, limit, cursor } = query.into_inner();
    let wanted = PageQuery { limit, cursor }.read()?;
    if [from, to].into_iter().flatten().any(|time| !is_sound_time(time)) {
        return Err(ApiError::InvalidQuery { reason: "times must be in the years 1900 to 2200".to_owned() });
    }
    let newest_first = order.unwrap_or_default().is_newest_first();
    let filter = SessionFilter { course: course_id, series: series_id, state, from, to, newest_first };
    let mut conn = gateway.connection().await?;
    let rows = store::sessions::list(&mut conn, access.organization_id, &filter, wanted.after, wanted.fetch()).await?;
    Ok(Json(wanted.page(rows, |row| (row.starts_at, row.id.uuid()))))
}

/// Shows a session.
#[utoipa::path(get, path = "/api/v1/sessions/{session_id}", tag = "sessions",
    params(("session_id" = SessionId, Path)),
    responses((status = 200, description = "The session.", body = Session)))]
pub(crate) async fn show_session(
    access: Allowed<SeeDirectory>,
    gateway: Data<Gateway>,
    path: Path<SessionId>,
) -> Result<Json<Session>, ApiError> {
    let mut conn = gateway.connection().await?;
    Ok(Json(store::sessions::find(&mut conn, access.organization_id, path.into_inner()).await?))
}

/// Changes a session that is still planned. Of one that is active, only the end and whether it closes by itself.
///
/// A session of a series that was changed by hand is left as it is by its series.
#[utoipa::path(patch, path = "/api/v1/sessions/{session_id}", tag = "sessions",
    params(("session_id" = SessionId, Path)),
    responses((status = 200, description = "It is changed.", body = Session)))]
pub(crate) async fn update_session(
    access: Allowed<RunSessions>,
    gateway: Data<Gateway>,
    path: Path<SessionId>,
    body: Json<SessionUpdate>,
) -> Result<Json<Session>, ApiError> {
    let session_id = path.into_inner();
    let changed = gateway
        .change(async |tx| {
            let before = store::sessions::lock(tx, access.organization_id, session_id).await?;
            let changed = body.apply(&before)?;
            if changed != before {
                store::sessions::replace(tx, &changed).await?;
                let Session { starts_at, ends_at, policy, automatic, .. } = &changed;
                let details =
                    json!({"starts_at": starts_at, "ends_at": ends_at, "policy": policy, "automatic": automatic});
                let entry = access.entry(AuditAction::SessionUpdated, session_id.uuid(), details);
                store::audit::append(tx, &entry).await?;
            }
            Ok(changed)
        })
        .await?;
    Ok(Json(changed))
}

/// Cancels a session that is still planned. Its series, if it is of one, does not meet on that day.
#[utoipa::path(delete, path = "/api/v1/sessions/{session_id}", tag = "sessions",
    params(("session_id" = SessionId, Path)),
    responses((status = 204, description = "It is gone.")))]
pub(crate) async fn cancel_session(
    access: Allowed<RunSessions>,
    gateway: Data<Gateway>,
    path: Path<SessionId>,
) -> Result<HttpResponse, ApiError> {
    let session_id = path.into_inner();
    gateway
        .change(async |tx| {
            let Session { course_id, series_id, starts_at, .. } =
                store::sessions::cancel(tx, access.organization_id, session_id).await?;
            let details = json!({"course_id": course_id, "series_id": series_id, "starts_at": starts_at});
            let entry = access.entry(AuditAction::SessionCancelled, session_id.uuid(), details);
            store::audit::append(tx, &entry).await?;
            Ok(())
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Starts a planned session: from now on it takes frames.
#[utoipa::path(post, path = "/api/v1/sessions/{session_id}/start", tag = "sessions",
    params(("session_id" = SessionId, Path)),
    responses((status = 200, description = "It is active.", body = Session)))]
pub(crate) async fn start_session(
    access: Allowed<RunSessions>,
    gateway: Data<Gateway>,
    path: Path<SessionId>,
) -> Result<Json<Session>, ApiError> {
    let session = gateway
        .change(async |tx| {
            let session = store::sessions::start(tx, access.organization_id, path.into_inner(), clock::now()).await?;
            store::audit::append(tx, &access.entry(AuditAction::SessionStarted, session.id.uuid(), json!({}))).await?;
            Ok(session)
        })
        .await?;
    announce(&gateway, &session).await;
    Ok(Json(session))
}

/// Closes a session: it takes no more frames, and whoever was not seen is absent.
#[utoipa::path(post, path = "/api/v1/sessions/{session_id}/close", tag = "sessions",
    params(("session_id" = SessionId, Path)),
    responses((status = 200, description = "It is closed.", body = Session)))]
pub(crate) async fn close_session(
    access: Allowed<RunSessions>,
    gateway: Data<Gateway>,
    path: Path<SessionId>,
) -> Result<Json<Session>, ApiError> {
    let session = gateway
        .change(async |tx| {
            let session = store::sessions::close(tx, access.organization_id, path.into_inner(), clock::now()).await?;
            store::audit::append(tx, &access.entry(AuditAction::SessionClosed, session.id.uuid(), json!({}))).await?;
            Ok(session)
        })
        .await?;
    announce(&gateway, &session).await;
    Ok(Json(session))
}

async fn announce(gateway: &Gateway, session: &Session) {
    let body = EventBody::SessionChanged { session_id: session.id, state: session.state };
    gateway.announce(&Event { organization_id: session.organization_id, body }).await;
}
