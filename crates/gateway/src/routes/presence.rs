//! Who is there.

use actix_web::web::{Data, Json, Path, Query};
use chrono::NaiveDate;
use domain::attendance::AttendanceState;
use domain::day;
use domain::id::{CourseId, PersonId, SessionId};
use domain::session::SessionState;
use domain::wire::Page;
use serde::{Deserialize, Serialize};
use store::attendance::{Came, PresenceCursor};
use store::statistics::WantedSessions;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::auth::access::Allowed;
use crate::auth::permission::SeeAttendance;
use crate::clock;
use crate::error::ApiError;
use crate::page::{PageQuery, Position};
use crate::routes::attendance::Attendance;
use crate::routes::statistics::{ids, sessions_on};
use crate::state::Gateway;

/// Somebody who came to a session.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SomebodyPresent {
    session_id: SessionId,
    course_id: CourseId,
    /// Whether they are there now: the session runs, and they have not left.
    is_present: bool,
    #[serde(flatten)]
    attendance: Attendance,
}

/// Who is wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PresenceQuery {
    /// The day on which the sessions begin, by the clocks of their site, such as `2026-09-01`; today, where it is not said.
    date: Option<NaiveDate>,
    /// Only those who are there now.
    #[serde(default)]
    #[param(default = false)]
    now: bool,
    /// How many rows at most, 1 to 200; 50 where it is not said.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// The person and the session.
impl Position for PresenceCursor {
    fn to_bytes(&self) -> Vec<u8> {
        [*self.person_id.uuid().as_bytes(), *self.session_id.uuid().as_bytes()].concat()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (person, session) = bytes.split_first_chunk::<16>()?;
        let session_id = SessionId::from_uuid(Uuid::from_slice(session).ok()?);
        Some(Self { person_id: PersonId::from_uuid(Uuid::from_bytes(*person)), session_id })
    }
}

/// Lists who is in a session now: who came, and has not checked out. Of a closed session, who was there at its end.
///
/// Always whole, on one page.
#[utoipa::path(get, path = "/api/v1/sessions/{session_id}/present", tag = "attendance",
    params(("session_id" = SessionId, Path)),
    responses((status = 200, description = "One row per person.", body = Page<Attendance>)))]
pub(crate) async fn list_present(
    access: Allowed<SeeAttendance>,
    gateway: Data<Gateway>,
    path: Path<SessionId>,
) -> Result<Json<Page<Attendance>>, ApiError> {
    let (organization, session_id) = (access.organization_id, path.into_inner());
    let mut conn = gateway.connection().await?;
    access.require_session(&mut conn, session_id).await?;
    let rows =
        store::attendance::who_came(&mut conn, organization, &[session_id], Came::AndIsThere, None, i64::MAX).await?;
    Ok(Json(Page { items: rows.into_iter().map(Into::into).collect(), next: None }))
}

/// Lists who came to the sessions of a day, or who is there now: in all courses, or in those that a teacher teaches.
///
/// The day of a session is that of its course's time zone, else of the organization's.
#[utoipa::path(get, path = "/api/v1/attendance/present", tag = "attendance", params(PresenceQuery),
    responses((status = 200, description = "A page of them, by person.", body = Page<SomebodyPresent>)))]
pub(crate) async fn list_present_on_day(
    access: Allowed<SeeAttendance>,
    gateway: Data<Gateway>,
    query: Query<PresenceQuery>,
) -> Result<Json<Page<SomebodyPresent>>, ApiError> {
    let PresenceQuery { date, now, limit, cursor } = query.into_inner();
    let wanted = PageQuery { limit, cursor }.read::<PresenceCursor>()?;
    let organization_id = access.organization_id;
    let mut conn = gateway.connection().await?;
    let own = access.own_courses(&mut conn).await?;
    let zone = store::zones::of_organization(&mut conn, organization_id).await?;
    let date = date.unwrap_or_else(|| day::of(clock::now(), zone));
    let state = now.then_some(SessionState::Active);
    let of = WantedSessions { days: &(date..=date), courses: own.as_deref(), person: None, state };
    let sessions = sessions_on(&mut conn, organization_id, &of).await?;
    let ids = ids(&sessions);
    let came = if now { Came::AndIsThere } else { Came::AtAll };
    let rows =
        store::attendance::who_came(&mut conn, organization_id, &ids, came, wanted.after, wanted.fetch()).await?;
    let page = wanted.page(rows, |row| PresenceCursor { person_id: row.person_id, session_id: row.session_id });
    let items = page.items.into_iter().filter_map(|row| {
        let session = sessions.iter().find(|session| session.id == row.session_id)?;
        let is_there = row.state.is_some_and(AttendanceState::is_there) && row.checked_out_at.is_none();
        Some(SomebodyPresent {
            session_id: session.id,
            course_id: session.course.id,
            is_present: is_there && session.state == SessionState::Active,
            attendance: row.into(),
        })
    });
    Ok(Json(Page { items: items.collect(), next: page.next }))
}
