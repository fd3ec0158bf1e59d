//! One person's attendance, over time.

use actix_web::web::{Data, Json, Path, Query};
use chrono::{DateTime, NaiveDate, Utc};
use domain::day;
use domain::id::{CourseId, OrganizationId, PersonId, SessionId};
use domain::session::SessionState;
use domain::wire::Page;
use serde::{Deserialize, Serialize};
use store::Conn;
use store::attendance::{AttendedFilter, TimeCursor};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::auth::access::{Allowed, Myself};
use crate::auth::permission::SeeAttendance;
use crate::error::ApiError;
use crate::page::{Order, PageQuery, Position};
use crate::routes::attendance::Attendance;
use crate::state::Gateway;

/// Somebody's attendance of one session.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionAttended {
    session_id: SessionId,
    course_id: CourseId,
    /// Where the session is in its life.
    session_state: SessionState,
    /// When it is meant to begin.
    starts_at: DateTime<Utc>,
    /// When it is meant to end.
    ends_at: Option<DateTime<Utc>>,
    #[serde(flatten)]
    attendance: Attendance,
}

/// Which sessions are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PeriodQuery {
    /// The first day, by the organization's clocks, such as `2026-09-01`.
    from: Option<NaiveDate>,
    /// The last day.
    to: Option<NaiveDate>,
    /// `oldest` (the default) or `newest` first. A cursor goes on in the order in which it was made.
    #[param(inline)]
    order: Option<Order>,
    /// How many rows at most, 1 to 200; 50 where it is not said.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Microseconds since 1970, and the session.
impl Position for TimeCursor {
    fn to_bytes(&self) -> Vec<u8> {
        [&self.starts_at.timestamp_micros().to_be_bytes()[..], self.session_id.uuid().as_bytes()].concat()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (micros, session) = bytes.split_first_chunk::<8>()?;
        Some(Self {
            starts_at: DateTime::from_timestamp_micros(i64::from_be_bytes(*micros))?,
            session_id: SessionId::from_uuid(Uuid::from_slice(session).ok()?),
        })
    }
}

/// Lists somebody's attendance, session by session: in all courses, or in those that a teacher teaches.
///
/// A session that runs is there once something is known of the person in it.
#[utoipa::path(get, path = "/api/v1/people/{person_id}/attendance", tag = "attendance",
    params(("person_id" = PersonId, Path), PeriodQuery),
    responses((status = 200, description = "A page of it, by when the sessions begin.", body = Page<SessionAttended>)))]
pub(crate) async fn list_attendance_of_person(
    access: Allowed<SeeAttendance>,
    gateway: Data<Gateway>,
    path: Path<PersonId>,
    query: Query<PeriodQuery>,
) -> Result<Json<Page<SessionAttended>>, ApiError> {
    let mut conn = gateway.connection().await?;
    let own = access.own_courses(&mut conn).await?;
    list(&mut conn, access.organization_id, path.into_inner(), own.as_deref(), query.into_inner()).await
}

/// Lists one's own attendance, session by session.
#[utoipa::path(get, path = "/api/v1/users/me/attendance", tag = "attendance", params(PeriodQuery),
    responses((status = 200, description = "A page of it, by when the sessions begin.", body = Page<SessionAttended>)))]
pub(crate) async fn list_own_attendance(
    me: Myself,
    gateway: Data<Gateway>,
    query: Query<PeriodQuery>,
) -> Result<Json<Page<SessionAttended>>, ApiError> {
    let mut conn = gateway.connection().await?;
    list(&mut conn, me.organization_id, me.person_id, None, query.into_inner()).await
}

async fn list(
    conn: &mut Conn,
    organization: OrganizationId,
    person: PersonId,
    courses: Option<&[CourseId]>,
    PeriodQuery { from, to, order, limit, cursor }: PeriodQuery,
) -> Result<Json<Page<SessionAttended>>, ApiError> {
    let wanted = PageQuery { limit, cursor }.read::<TimeCursor>()?;
    if from.zip(to).is_some_and(|(from, to)| from > to) {
        return Err(ApiError::InvalidQuery { reason: "`from` must not be after `to`".to_owned() });
    }
    let zone = store::zones::of_organization(conn, organization).await?;
    let filter = AttendedFilter {
        courses,
        from: from.map(|date| day::bounds(date, zone).start),
        to: to.map(|date| day::bounds(date, zone).end),
        newest_first: order.unwrap_or_default().is_newest_first(),
    };
    let rows = store::attendance::of_person(conn, organization, person, &filter, wanted.after, wanted.fetch()).await?;
    let page = wanted.page(rows, |(session, _)| TimeCursor { starts_at: session.starts_at, session_id: session.id });
    let items = page.items.into_iter().map(|(session, attendance)| SessionAttended {
        session_id: session.id,
        course_id: session.course_id,
        session_state: session.state,
        starts_at: session.starts_at,
        ends_at: session.ends_at,
        attendance: attendance.into(),
    });
    Ok(Json(Page { items: items.collect(), next: page.next }))
}
