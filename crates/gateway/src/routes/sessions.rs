//! Meetings of courses.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, Path, Query};
use chrono::{DateTime, Utc};
use domain::event::{Event, EventBody};
use domain::id::{CourseId, OrganizationId, SessionId};
use domain::policy::CoursePolicy;
use domain::session::{Session, SessionState};
use domain::wire::Page;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::auth::access::Allowed;
use crate::auth::permission::{RunSessions, SeeDirectory};
use crate::clock;
use crate::error::ApiError;
use crate::idempotency::IdempotencyKey;
use crate::page::PageQuery;
use crate::reply;
use crate::state::Gateway;

const LATEST_MINUTES: u16 = 24 * 60;

/// A session to plan.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSession {
    course_id: CourseId,
    /// When it is meant to begin; now, where it is not said.
    starts_at: Option<DateTime<Utc>>,
    /// Minutes after `starts_at` from which an arrival is late, 0 to 1440; nobody is ever late where it is not said.
    #[schema(minimum = 0, maximum = 1440)]
    late_after_minutes: Option<u16>,
}

impl NewSession {
    fn parse(&self, organization_id: OrganizationId) -> Result<Session, ApiError> {
        if self.late_after_minutes.is_some_and(|minutes| !(0..=LATEST_MINUTES).contains(&minutes)) {
            let detail = format!("must be in 0..={LATEST_MINUTES}");
            return Err(ApiError::invalid("/late_after_minutes", "out_of_range", detail));
        }
        let now = clock::now();
        Ok(Session {
            id: SessionId::new(),
            organization_id,
            course_id: self.course_id,
            state: SessionState::Scheduled,
            starts_at: self.starts_at.unwrap_or(now),
            ends_at: None,
            policy: CoursePolicy { late_after_minutes: self.late_after_minutes, ..CoursePolicy::default() },
            started_at: None,
            closed_at: None,
            created_at: now,
        })
    }
}

/// Which sessions are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SessionQuery {
    /// Only those of this course.
    course_id: Option<CourseId>,
    /// How many rows at most, 1 to 200; 50 where it is not said.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Plans a session of a course.
#[utoipa::path(post, path = "/api/v1/sessions", tag = "sessions", params(IdempotencyKey),
    responses((status = 201, description = "It was planned.", body = Session)))]
pub(crate) async fn create_session(
    access: Allowed<RunSessions>,
    key: IdempotencyKey,
    gateway: Data<Gateway>,
    body: Json<NewSession>,
) -> Result<HttpResponse, ApiError> {
    let session = body.parse(access.organization_id)?;
    let once = key.of(&access.actor, Some(access.organization_id), &*body)?;
    let made = once
        .run(&gateway, StatusCode::CREATED, async |conn| {
            store::sessions::insert(conn, &session).await?;
            Ok(session.clone())
        })
        .await?;
    Ok(reply::created(format!("/api/v1/sessions/{}", made.id), made))
}

/// Lists the sessions of the organization.
#[utoipa::path(get, path = "/api/v1/sessions", tag = "sessions", params(SessionQuery),
    responses((status = 200, description = "A page of them, oldest first.", body = Page<Session>)))]
pub(crate) async fn list_sessions(
    access: Allowed<SeeDirectory>,
    gateway: Data<Gateway>,
    query: Query<SessionQuery>,
) -> Result<Json<Page<Session>>, ApiError> {
    let SessionQuery { course_id, limit, cursor } = query.into_inner();
    let wanted = PageQuery { limit, cursor }.read()?;
    let mut conn = gateway.connection().await?;
    let rows =
        store::sessions::list(&mut conn, access.organization_id, course_id, wanted.after, wanted.fetch()).await?;
    Ok(Json(wanted.page(rows, |row| row.id.uuid())))
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

/// Starts a planned session: from now on it takes frames.
#[utoipa::path(post, path = "/api/v1/sessions/{session_id}/start", tag = "sessions",
    params(("session_id" = SessionId, Path)),
    responses((status = 200, description = "It is active.", body = Session)))]
pub(crate) async fn start_session(
    access: Allowed<RunSessions>,
    gateway: Data<Gateway>,
    path: Path<SessionId>,
) -> Result<Json<Session>, ApiError> {
    let mut conn = gateway.connection().await?;
    let session = store::sessions::start(&mut conn, access.organization_id, path.into_inner(), clock::now()).await?;
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
    let mut conn = gateway.connection().await?;
    let session = store::sessions::close(&mut conn, access.organization_id, path.into_inner(), clock::now()).await?;
    announce(&gateway, &session).await;
    Ok(Json(session))
}

async fn announce(gateway: &Gateway, session: &Session) {
    let body = EventBody::SessionChanged { session_id: session.id, state: session.state };
    gateway.announce(&Event { organization_id: session.organization_id, body }).await;
}
