//! `/attendance/records`: what was recorded, of many sessions in one list. For those who come from systems that have it.

use std::collections::HashMap;

use actix_web::web::{Data, Json, Query};
use chrono::{DateTime, NaiveDate, Utc};
use domain::attendance::AttendanceState;
use domain::id::{CourseId, PersonId, SessionId};
use domain::wire::Page;
use serde::{Deserialize, Serialize};
use store::statistics::{DatedSession, Record, RecordCursor, WantedSessions};
use utoipa::{IntoParams, ToSchema};

use crate::auth::access::Allowed;
use crate::auth::permission::SeeReports;
use crate::error::ApiError;
use crate::page::{PageQuery, Position};
use crate::period;
use crate::routes::statistics::{ids, sessions_on};
use crate::state::Gateway;

/// Which records are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RecordsQuery {
    /// Only sessions that began on this day, by the clocks of their course.
    date: Option<NaiveDate>,
    /// Only those of this course.
    course_id: Option<CourseId>,
    /// Only this person's.
    person_id: Option<PersonId>,
    /// How many rows at most, 1 to 200; 50 where it is not said.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// One person's attendance of one session.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AttendanceRecord {
    /// The day on which the session began, by the clocks of its course.
    date: NaiveDate,
    session_id: SessionId,
    course_id: CourseId,
    /// The course's code.
    course: String,
    person_id: PersonId,
    /// Roll number, PRN or staff number.
    external_id: String,
    /// Name as people say it.
    name: String,
    /// How the person stands.
    status: AttendanceState,
    /// When the person came; `null` for whoever did not.
    timestamp: Option<DateTime<Utc>>,
    last_seen_at: Option<DateTime<Utc>>,
    /// Highest similarity of the sightings: raw cosine, -1 to 1, not a probability.
    similarity: Option<f32>,
}

/// The session and the person.
impl Position for RecordCursor {
    fn to_bytes(&self) -> Vec<u8> {
        [self.session_id.uuid().into_bytes(), self.person_id.uuid().into_bytes()].concat()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (session, person) = bytes.split_first_chunk::<16>()?;
        let person: [u8; 16] = person.try_into().ok()?;
        let session_id = uuid::Uuid::from_bytes(*session).into();
        Some(Self { session_id, person_id: uuid::Uuid::from_bytes(person).into() })
    }
}

/// Lists attendance records: of a day, of a course, of a person, or of all that is visible.
///
/// Somebody has a record of a session once they were marked, or, where they were on the roster, once it was closed. A
/// teacher sees their own courses. By session, in the order in which sessions were made.
#[utoipa::path(get, path = "/api/v1/attendance/records", tag = "familiar addresses", params(RecordsQuery),
    responses((status = 200, description = "A page of them.", body = Page<AttendanceRecord>)))]
pub(crate) async fn list_records(
    access: Allowed<SeeReports>,
    gateway: Data<Gateway>,
    query: Query<RecordsQuery>,
) -> Result<Json<Page<AttendanceRecord>>, ApiError> {
    let RecordsQuery { date, course_id, person_id, limit, cursor } = query.into_inner();
    let (organization_id, wanted) = (access.organization_id, PageQuery { limit, cursor }.read()?);
    let days = period::days(date, date)?;
    let mut conn = gateway.connection().await?;
    let courses = access.courses_in_view(&mut conn, course_id).await?;
    if let Some(person_id) = person_id {
        store::people::find(&mut conn, organization_id, person_id).await?;
    }
    let of = WantedSessions { days: &days, courses: courses.as_deref(), person: person_id, state: None };
    let sessions = sessions_on(&mut conn, organization_id, &of).await?;
    let (ids, after, most) = (ids(&sessions), wanted.after, wanted.fetch());
    let rows = store::statistics::records(&mut conn, organization_id, &ids, person_id, after, most).await?;
    let page = wanted.page(rows, Record::cursor);
    let by_id: HashMap<SessionId, DatedSession> = sessions.into_iter().map(|session| (session.id, session)).collect();
    let items = page.items.into_iter().filter_map(|row| Some(record(by_id.get(&row.session_id)?, row)));
    Ok(Json(Page { items: items.collect(), next: page.next }))
}

fn record(session: &DatedSession, row: Record) -> AttendanceRecord {
    AttendanceRecord {
        date: session.day,
        session_id: session.id,
        course_id: session.course.id,
        course: session.course.code.clone(),
        person_id: row.person.person_id,
        external_id: row.person.external_id,
        name: row.person.name,
        status: row.state,
        timestamp: row.first_seen_at,
        last_seen_at: row.last_seen_at,
        similarity: row.best_similarity,
    }
}

#[cfg(test)]
mod tests {
    use domain::id::Id;
    use store::statistics::RecordCursor;

    use crate::page::Position;

    #[test]
    fn a_cursor_survives_its_spelling() {
        let cursor = RecordCursor { session_id: Id::new(), person_id: Id::new() };
        assert_eq!(RecordCursor::from_bytes(&cursor.to_bytes()), Some(cursor));
        assert_eq!(RecordCursor::from_bytes(&cursor.to_bytes()[1..]), None);
        assert_eq!(RecordCursor::from_bytes(b""), None);
    }
}
