//! How often people come to a course, who comes too seldom, and how many come on each day.

use std::collections::{BTreeMap, HashMap};
use std::ops::RangeInclusive;

use actix_web::web::{Data, Json, Path, Query};
use chrono::{DateTime, Days, NaiveDate, Utc};
use domain::id::{CourseId, OrganizationId, PersonId, SessionId};
use domain::session::SessionState;
use domain::statistics::{AtRisk, Tally};
use domain::wire::Page;
use serde::{Deserialize, Serialize};
use store::Conn;
use store::statistics::{Counted, DatedSession, PersonTally, WantedSessions};
use utoipa::{IntoParams, ToSchema};

use crate::auth::access::Allowed;
use crate::auth::permission::SeeReports;
use crate::clock;
use crate::error::ApiError;
use crate::period::{self, PeriodQuery};
use crate::state::Gateway;

/// Most days of one request for counts by day.
const MOST_DAYS: Days = Days::new(366);
/// How many days before the last one the first one is, where it is not said.
const USUAL_DAYS: Days = Days::new(29);

/// How many times people stood how, over closed sessions.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AttendanceCounts {
    #[serde(flatten)]
    tally: Tally,
    /// `present`, `late` and `left_early` together.
    attended: i64,
    /// `attended` and `absent` together: who was excused was not expected.
    expected: i64,
    /// `attended` of `expected`, 0 to 1; `null` where nobody was expected.
    rate: Option<f64>,
}

impl From<Tally> for AttendanceCounts {
    fn from(tally: Tally) -> Self {
        Self { attended: tally.attended(), expected: tally.expected(), rate: tally.rate(), tally }
    }
}

/// How often one person came to a course.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PersonCounts {
    person_id: PersonId,
    /// Roll number, PRN or staff number.
    external_id: String,
    /// Name as people say it.
    name: String,
    #[serde(flatten)]
    counts: AttendanceCounts,
}

impl From<PersonTally> for PersonCounts {
    fn from(row: PersonTally) -> Self {
        let PersonTally { person, tally } = row;
        let (person_id, external_id, name) = (person.person_id, person.external_id, person.name);
        Self { person_id, external_id, name, counts: tally.into() }
    }
}

/// How many came to one session.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionCounts {
    session_id: SessionId,
    /// The site's day on which it began.
    day: NaiveDate,
    starts_at: DateTime<Utc>,
    #[serde(flatten)]
    counts: AttendanceCounts,
}

/// How often people came to a course.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CourseStatistics {
    course_id: CourseId,
    /// The zone whose days these are.
    time_zone: String,
    /// All closed sessions together.
    total: AttendanceCounts,
    /// The closed sessions, in the order in which they began.
    sessions: Vec<SessionCounts>,
    /// Everybody who was expected in one of them or came to one, by external id.
    people: Vec<PersonCounts>,
}

/// Shows how often people came to a course.
///
/// Counted are closed sessions: in each, everybody who was on the roster when it was closed and whoever else was marked.
/// `rate` is over those in which somebody was expected; who was excused counts as neither there nor away. Who joined
/// late or left is held to the sessions of their time. A teacher sees their own courses.
#[utoipa::path(get, path = "/api/v1/courses/{course_id}/statistics", tag = "reports",
    params(("course_id" = CourseId, Path), PeriodQuery),
    responses((status = 200, description = "Counts of the course, of each session and of each person.",
        body = CourseStatistics)))]
pub(crate) async fn show_course_statistics(
    access: Allowed<SeeReports>,
    gateway: Data<Gateway>,
    path: Path<CourseId>,
    query: Query<PeriodQuery>,
) -> Result<Json<CourseStatistics>, ApiError> {
    let (organization_id, course_id, days) = (access.organization_id, path.into_inner(), query.read()?);
    let mut conn = gateway.connection().await?;
    let course = access.require_course(&mut conn, course_id).await?;
    let time_zone = store::zones::of_course(&mut conn, &course).await?.to_string();
    let held = held(&mut conn, organization_id, &days, Some(&[course_id])).await?;
    let by_session = store::statistics::grouped(&mut conn, organization_id, None, numbered(&held)).await?;
    let people = store::statistics::by_person(&mut conn, organization_id, &ids(&held)).await?;
    let sessions = held.iter().zip(0..).map(|(session, number)| SessionCounts {
        session_id: session.id,
        day: session.day,
        starts_at: session.starts_at,
        counts: counted(&by_session, number).tally.into(),
    });
    Ok(Json(CourseStatistics {
        course_id,
        time_zone,
        total: people.iter().map(|row| row.tally).sum::<Tally>().into(),
        sessions: sessions.collect(),
        people: people.into_iter().map(Into::into).collect(),
    }))
}

/// Who is at risk.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AtRiskQuery {
    /// The rate that is enough, 0 to 1; 0.75 where it is not said.
    #[param(minimum = 0, maximum = 1, default = 0.75)]
    below: Option<f64>,
    /// How many sessions somebody must have been expected in before that says something; 1 where it is not said.
    #[param(minimum = 1, default = 1)]
    expected: Option<i64>,
    /// The first day; where it is not said, from the beginning.
    from: Option<NaiveDate>,
    /// The last day, inclusive; where it is not said, until now.
    to: Option<NaiveDate>,
}

impl AtRiskQuery {
    fn read(&self) -> Result<(AtRisk, RangeInclusive<NaiveDate>), ApiError> {
        let wrong = |reason: &str| Err(ApiError::InvalidQuery { reason: reason.to_owned() });
        let risk = AtRisk { below: self.below.unwrap_or(0.75), least_expected: self.expected.unwrap_or(1) };
        if !(0.0..=1.0).contains(&risk.below) {
            return wrong("`below` must be in 0..=1");
        }
        if risk.least_expected < 1 {
            return wrong("`expected` must be at least 1");
        }
        Ok((risk, period::days(self.from, self.to)?))
    }
}

/// Lists who comes to a course too seldom: people on its roster now whose rate is below what is enough.
///
/// Those who come least are first. Always whole, on one page.
#[utoipa::path(get, path = "/api/v1/courses/{course_id}/at-risk", tag = "reports",
    params(("course_id" = CourseId, Path), AtRiskQuery),
    responses((status = 200, description = "One row per person.", body = Page<PersonCounts>)))]
pub(crate) async fn list_at_risk(
    access: Allowed<SeeReports>,
    gateway: Data<Gateway>,
    path: Path<CourseId>,
    query: Query<AtRiskQuery>,
) -> Result<Json<Page<PersonCounts>>, ApiError> {
    let (organization_id, course_id, (risk, days)) = (access.organization_id, path.into_inner(), query.read()?);
    let mut conn = gateway.connection().await?;
    access.require_course(&mut conn, course_id).await?;
    let held = held(&mut conn, organization_id, &days, Some(&[course_id])).await?;
    let on_roster = store::rosters::members_at(&mut conn, organization_id, course_id, clock::now()).await?;
    let mut rows = store::statistics::by_person(&mut conn, organization_id, &ids(&held)).await?;
    rows.retain(|row| risk.applies_to(&row.tally) && on_roster.binary_search(&row.person.person_id).is_ok());
    rows.sort_by(|one, other| one.tally.rate().partial_cmp(&other.tally.rate()).expect("rates are numbers"));
    Ok(Json(Page { items: rows.into_iter().map(Into::into).collect(), next: None }))
}

/// Which days are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DaysQuery {
    /// The first day; where it is not said, that which makes it 30 days.
    from: Option<NaiveDate>,
    /// The last day, inclusive, at most 366 days in all; where it is not said, today by the organization's clocks.
    to: Option<NaiveDate>,
    /// Only sessions of this course.
    course_id: Option<CourseId>,
}

impl DaysQuery {
    fn read(&self, today: NaiveDate) -> Result<RangeInclusive<NaiveDate>, ApiError> {
        let to = self.to.unwrap_or(today);
        let days = period::days(self.from.or(to.checked_sub_days(USUAL_DAYS)), Some(to))?;
        if days.start().checked_add_days(MOST_DAYS).is_some_and(|end| end <= *days.end()) {
            let reason = "at most 366 days may be asked for at once".to_owned();
            return Err(ApiError::InvalidQuery { reason });
        }
        Ok(days)
    }
}

/// How many came on one day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DayCounts {
    day: NaiveDate,
    /// Closed sessions that began on that day.
    sessions: usize,
    /// How many different people were expected in one of them.
    expected_people: i64,
    /// How many different people came to one of them.
    attended_people: i64,
    #[serde(flatten)]
    counts: AttendanceCounts,
}

/// Lists how many came on each of the site's days.
///
/// A session belongs to the day on which it begins, by the clocks of its course. Days without a closed session are left
/// out. A teacher sees their own courses. Always whole, on one page.
#[utoipa::path(get, path = "/api/v1/statistics/days", tag = "reports", params(DaysQuery),
    responses((status = 200, description = "One row per day.", body = Page<DayCounts>)))]
pub(crate) async fn list_days(
    access: Allowed<SeeReports>,
    gateway: Data<Gateway>,
    query: Query<DaysQuery>,
) -> Result<Json<Page<DayCounts>>, ApiError> {
    let organization_id = access.organization_id;
    let mut conn = gateway.connection().await?;
    let site = store::zones::of_organization(&mut conn, organization_id).await?;
    let days = query.read(domain::day::of(clock::now(), site))?;
    let courses = access.courses_in_view(&mut conn, query.course_id).await?;
    let held = held(&mut conn, organization_id, &days, courses.as_deref()).await?;
    let mut sessions: BTreeMap<NaiveDate, usize> = BTreeMap::new();
    for session in &held {
        *sessions.entry(session.day).or_default() += 1;
    }
    let number = |day: NaiveDate| i32::try_from((day - *days.start()).num_days()).expect("at most 366");
    let by_day = held.iter().map(|session| (session.id, number(session.day)));
    let counts = store::statistics::grouped(&mut conn, organization_id, None, by_day).await?;
    let rows = sessions.into_iter().map(|(day, sessions)| {
        let Counted { tally, expected_people, attended_people } = counted(&counts, number(day));
        DayCounts { day, sessions, expected_people, attended_people, counts: tally.into() }
    });
    Ok(Json(Page { items: rows.collect(), next: None }))
}

/// The closed sessions on these days, of these courses or of all.
pub(crate) async fn held(
    conn: &mut Conn,
    organization_id: OrganizationId,
    days: &RangeInclusive<NaiveDate>,
    courses: Option<&[CourseId]>,
) -> Result<Vec<DatedSession>, ApiError> {
    let wanted = WantedSessions { days, courses, person: None, state: Some(SessionState::Closed) };
    sessions_on(conn, organization_id, &wanted).await
}

/// The wanted sessions, unless there are too many.
pub(crate) async fn sessions_on(
    conn: &mut Conn,
    organization_id: OrganizationId,
    wanted: &WantedSessions<'_>,
) -> Result<Vec<DatedSession>, ApiError> {
    let found = store::statistics::sessions_on(conn, organization_id, wanted).await?;
    found.ok_or_else(|| ApiError::InvalidQuery { reason: "these are too many sessions: ask for fewer days".to_owned() })
}

/// Each session with its number.
pub(crate) fn numbered(sessions: &[DatedSession]) -> impl Iterator<Item = (SessionId, i32)> {
    sessions.iter().map(|session| session.id).zip(0..)
}

/// Their ids.
pub(crate) fn ids(sessions: &[DatedSession]) -> Vec<SessionId> {
    sessions.iter().map(|session| session.id).collect()
}

fn counted(counts: &HashMap<i32, Counted>, number: i32) -> Counted {
    counts.get(&number).copied().unwrap_or_default()
}
