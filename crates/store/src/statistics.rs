//! What attendance is counted over: sessions with the site's day that each belongs to, and how people stood in them.
//!
//! What is counted is what `attendance` holds; which of it makes a rate is a rule of [`domain::statistics`].

mod counting;
mod marks;

use std::ops::RangeInclusive;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::day;
use domain::id::{CourseId, OrganizationId, PersonId, SessionId};
use domain::session::SessionState;
use domain::statistics::{is_within, widest};
use uuid::Uuid;

pub use self::counting::{Counted, PersonTally, by_person, grouped};
pub use self::marks::{Mark, Record, RecordCursor, marks, records};
use crate::column::{text, word};
use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::{attendance, courses, sessions};
use crate::zones;

/// Which sessions are wanted.
#[derive(Debug, Clone, Copy)]
pub struct WantedSessions<'a> {
    /// Those whose start is on one of these days, by the clocks of their course.
    pub days: &'a RangeInclusive<NaiveDate>,
    /// Only those of these courses; `None`: of all.
    pub courses: Option<&'a [CourseId]>,
    /// Only those in which this person has attendance.
    pub person: Option<PersonId>,
    /// Only those in this state.
    pub state: Option<SessionState>,
}

/// Most sessions that are counted at once: ten years of a school with twenty lessons a day.
const MOST: i64 = 50_000;

/// What people call a course.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CourseLabel {
    /// Its id.
    pub id: CourseId,
    /// Short name.
    pub code: String,
    /// Which of several groups it is; empty where there is one.
    pub section: String,
    /// Name as people say it.
    pub title: String,
}

/// A session, with the day that it belongs to.
#[derive(Debug, Clone, PartialEq)]
pub struct DatedSession {
    /// Its id.
    pub id: SessionId,
    /// The course that meets.
    pub course: CourseLabel,
    /// Where it is in its life.
    pub state: SessionState,
    /// When it is meant to begin.
    pub starts_at: DateTime<Utc>,
    /// The zone of its course.
    pub zone: Tz,
    /// The day on which it begins there.
    pub day: NaiveDate,
}

/// The wanted sessions of an organization, in the order in which they begin; `None` where there are more than 50,000.
///
/// # Errors
/// [`StoreError::NotFound`] when there is no such organization.
pub async fn sessions_on(
    conn: &mut Conn,
    organization: OrganizationId,
    wanted: &WantedSessions<'_>,
) -> Result<Option<Vec<DatedSession>>, StoreError> {
    let site = zones::of_organization(conn, organization).await?;
    let around = widest(wanted.days);
    let course = courses::organization_id.eq(sessions::organization_id).and(courses::id.eq(sessions::course_id));
    let mut query = sessions::table
        .inner_join(courses::table.on(course))
        .filter(sessions::organization_id.eq(organization.uuid()))
        .filter(sessions::starts_at.between(*around.start(), *around.end()))
        .order((sessions::starts_at, sessions::id))
        .limit(MOST + 1)
        .select(Row::as_select())
        .into_boxed();
    if let Some(courses) = wanted.courses {
        let ids: Vec<Uuid> = courses.iter().map(|id| id.uuid()).collect();
        query = query.filter(sessions::course_id.eq_any(ids));
    }
    if let Some(state) = wanted.state {
        query = query.filter(sessions::state.eq(text(state)));
    }
    if let Some(person) = wanted.person {
        let theirs = attendance::table
            .filter(attendance::session_id.eq(sessions::id))
            .filter(attendance::organization_id.eq(organization.uuid()))
            .filter(attendance::person_id.eq(person.uuid()));
        query = query.filter(exists(theirs));
    }
    let rows: Vec<Row> = query.load(conn).await?;
    if i64::try_from(rows.len()).is_ok_and(|rows| rows > MOST) {
        return Ok(None);
    }
    let dated = rows.into_iter().map(|row| row.dated(site)).collect::<Result<Vec<_>, _>>()?;
    Ok(Some(dated.into_iter().filter(|row| is_within(row.starts_at, wanted.days, row.zone)).collect()))
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = sessions, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: Uuid,
    state: String,
    starts_at: DateTime<Utc>,
    #[diesel(embed)]
    course: CourseRow,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = courses, check_for_backend(diesel::pg::Pg))]
struct CourseRow {
    id: Uuid,
    code: String,
    section: String,
    title: String,
    time_zone: Option<String>,
}

impl Row {
    fn dated(self, site: Tz) -> Result<DatedSession, StoreError> {
        let Self { id, state, starts_at, course } = self;
        let zone = course.time_zone.as_deref().map_or(Ok(site), zones::read)?;
        let CourseRow { id: course_id, code, section, title, .. } = course;
        Ok(DatedSession {
            id: id.into(),
            course: CourseLabel { id: course_id.into(), code, section, title },
            state: word(&state)?,
            starts_at,
            zone,
            day: day::of(starts_at, zone),
        })
    }
}
