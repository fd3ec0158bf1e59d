//! How often one person comes, to each of their courses.

use std::ops::RangeInclusive;

use actix_web::web::{Data, Json, Path, Query};
use chrono::NaiveDate;
use domain::id::{CourseId, OrganizationId, PersonId};
use domain::session::SessionState;
use domain::statistics::Tally;
use serde::Serialize;
use store::Conn;
use store::statistics::{CourseLabel, WantedSessions};
use utoipa::ToSchema;

use crate::auth::access::{Allowed, Myself};
use crate::auth::permission::SeeReports;
use crate::error::ApiError;
use crate::period::PeriodQuery;
use crate::routes::statistics::{AttendanceCounts, sessions_on};
use crate::state::Gateway;

/// How often somebody came to one course.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CourseCounts {
    course_id: CourseId,
    code: String,
    section: String,
    title: String,
    #[serde(flatten)]
    counts: AttendanceCounts,
}

/// How often somebody came.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PersonStatistics {
    person_id: PersonId,
    /// All courses together.
    total: AttendanceCounts,
    /// Those in which the person has attendance, by code and section.
    courses: Vec<CourseCounts>,
}

/// Shows how often a person came, to each course.
///
/// Counted are closed sessions in which the person was expected: those in which they have attendance and were not
/// excused. A teacher sees what the person did in the teacher's own courses.
#[utoipa::path(get, path = "/api/v1/people/{person_id}/statistics", tag = "reports",
    params(("person_id" = PersonId, Path), PeriodQuery),
    responses((status = 200, description = "Counts in all and by course.", body = PersonStatistics)))]
pub(crate) async fn show_person_statistics(
    access: Allowed<SeeReports>,
    gateway: Data<Gateway>,
    path: Path<PersonId>,
    query: Query<PeriodQuery>,
) -> Result<Json<PersonStatistics>, ApiError> {
    let (organization_id, person_id, days) = (access.organization_id, path.into_inner(), query.read()?);
    let mut conn = gateway.connection().await?;
    store::people::find(&mut conn, organization_id, person_id).await?;
    let courses = access.own_courses(&mut conn).await?;
    Ok(Json(statistics_of(&mut conn, organization_id, person_id, &days, courses.as_deref()).await?))
}

/// Shows how often I came, to each of my courses.
#[utoipa::path(get, path = "/api/v1/users/me/statistics", tag = "reports", params(PeriodQuery),
    responses((status = 200, description = "Counts in all and by course.", body = PersonStatistics)))]
pub(crate) async fn show_my_statistics(
    me: Myself,
    gateway: Data<Gateway>,
    query: Query<PeriodQuery>,
) -> Result<Json<PersonStatistics>, ApiError> {
    let days = query.read()?;
    let mut conn = gateway.connection().await?;
    Ok(Json(statistics_of(&mut conn, me.organization_id, me.person_id, &days, None).await?))
}

async fn statistics_of(
    conn: &mut Conn,
    organization_id: OrganizationId,
    person_id: PersonId,
    days: &RangeInclusive<NaiveDate>,
    courses: Option<&[CourseId]>,
) -> Result<PersonStatistics, ApiError> {
    let wanted = WantedSessions { days, courses, person: Some(person_id), state: Some(SessionState::Closed) };
    let sessions = sessions_on(conn, organization_id, &wanted).await?;
    let mut labels: Vec<&CourseLabel> = sessions.iter().map(|session| &session.course).collect();
    labels.sort_by_key(|course| (&course.code, &course.section));
    labels.dedup();
    let number = |course| labels.iter().zip(0..).find_map(|(label, number)| (label.id == course).then_some(number));
    let by_course = sessions.iter().filter_map(|session| Some((session.id, number(session.course.id)?)));
    let counts = store::statistics::grouped(conn, organization_id, Some(person_id), by_course).await?;
    let courses = labels.iter().zip(0..).map(|(course, number)| CourseCounts {
        course_id: course.id,
        code: course.code.clone(),
        section: course.section.clone(),
        title: course.title.clone(),
        counts: counts.get(&number).map(|counted| counted.tally).unwrap_or_default().into(),
    });
    let total: Tally = counts.values().map(|counted| counted.tally).sum();
    Ok(PersonStatistics { person_id, total: total.into(), courses: courses.collect() })
}
