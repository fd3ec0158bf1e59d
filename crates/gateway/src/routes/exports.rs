//! Attendance to take away.

use std::collections::HashMap;

use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Query};
use chrono::NaiveDate;
use domain::attendance::AttendanceState;
use domain::audit::AuditAction;
use domain::course::Course;
use domain::id::{CourseId, PersonId, SessionId};
use domain::statistics::Tally;
use serde::Deserialize;
use serde_json::json;
use store::statistics::{DatedSession, PersonTally};
use utoipa::IntoParams;

use crate::auth::access::Allowed;
use crate::auth::permission::SeeReports;
use crate::error::ApiError;
use crate::exports::table::{Cell, Column, Table};
use crate::exports::{self, Format, Written};
use crate::period;
use crate::routes::statistics::{held, ids};
use crate::state::Gateway;

/// Most cells of an export, people by sessions: a thousand people in five hundred sessions.
const MOST_CELLS: usize = 500_000;
/// Most sessions of an export; a sheet of Excel has no more than 16,384 columns.
const MOST_SESSIONS: usize = 4_000;
const SESSION_COLUMNS: usize = 7;
/// What a cell may need while a file is made, in bytes.
const CELL_BYTES: usize = 160;

/// How a session's attendance is exported.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SessionExportQuery {
    /// `csv` or `xlsx`.
    #[serde(default)]
    #[param(inline, default = "csv")]
    format: Format,
    /// Whether a CSV file begins with a byte-order mark, by which Excel knows that it is UTF-8.
    #[serde(default)]
    #[param(default = false)]
    bom: bool,
}

/// How a course's attendance is exported.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CourseExportQuery {
    /// The first day; where it is not said, from the beginning.
    from: Option<NaiveDate>,
    /// The last day, inclusive; where it is not said, until now.
    to: Option<NaiveDate>,
    /// `csv` or `xlsx`.
    #[serde(default)]
    #[param(inline, default = "csv")]
    format: Format,
    /// Whether a CSV file begins with a byte-order mark, by which Excel knows that it is UTF-8.
    #[serde(default)]
    #[param(default = false)]
    bom: bool,
}

/// Exports the attendance of a session: one row per person.
///
/// Times are those of the course's zone, in CSV with their offset. A text that a spreadsheet would take for a formula is
/// written with an apostrophe before it in CSV, and as text in XLSX. A teacher exports their own courses.
#[utoipa::path(get, path = "/api/v1/sessions/{session_id}/attendance/export", tag = "reports",
    params(("session_id" = SessionId, Path), SessionExportQuery),
    responses((status = 200, description = "A file.", content((String = "text/csv"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))))]
pub(crate) async fn export_session(
    access: Allowed<SeeReports>,
    gateway: Data<Gateway>,
    path: Path<SessionId>,
    query: Query<SessionExportQuery>,
) -> Result<HttpResponse, ApiError> {
    let (organization_id, session_id, format, bom) =
        (access.organization_id, path.into_inner(), query.format, query.bom);
    let exported = gateway
        .change(async |tx| {
            let session = access.require_session(tx, session_id).await?;
            let course = store::courses::find(tx, organization_id, session.course_id).await?;
            let zone = store::zones::of_course(tx, &course).await?;
            let rows = store::attendance::list(tx, organization_id, session_id).await?;
            let memory = gateway.admission.admit(rows.len() * SESSION_COLUMNS * CELL_BYTES)?;
            let day = domain::day::of(session.starts_at, zone);
            let name = file_name(&course, Some(day));
            let details = json!({"what": "session_attendance", "format": format, "people": rows.len()});
            let table = session_table(rows, zone);
            store::audit::append(tx, &access.entry(AuditAction::DataExported, session_id.uuid(), details)).await?;
            Ok((table, name, memory))
        })
        .await?;
    let (table, name, _memory) = exported;
    exports::file(table, Written { format, bom }, &name).await
}

fn session_table(rows: Vec<domain::attendance::Attendance>, zone: chrono_tz::Tz) -> Table {
    let columns = vec![
        Column::plain("external_id"),
        Column::plain("name"),
        Column::plain("state"),
        Column::times("first_seen_at"),
        Column::times("last_seen_at"),
        Column::plain("sightings"),
        Column::plain("best_similarity"),
    ];
    let rows = rows.into_iter().map(|row| {
        vec![
            Cell::text(row.external_id),
            Cell::text(row.name),
            row.state.map_or(Cell::Empty, word),
            row.first_seen_at.into(),
            row.last_seen_at.into(),
            Cell::count(row.sightings.into()),
            row.best_similarity.into(),
        ]
    });
    Table { zone, columns, rows: rows.collect() }
}

/// Exports the attendance of a course: one row per person, one column per closed session, and the counts.
///
/// A cell is empty where somebody was not expected. The rest is as in the export of a session.
#[utoipa::path(get, path = "/api/v1/courses/{course_id}/attendance/export", tag = "reports",
    params(("course_id" = CourseId, Path), CourseExportQuery),
    responses((status = 200, description = "A file.", content((String = "text/csv"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))))]
pub(crate) async fn export_course(
    access: Allowed<SeeReports>,
    gateway: Data<Gateway>,
    path: Path<CourseId>,
    query: Query<CourseExportQuery>,
) -> Result<HttpResponse, ApiError> {
    let (organization_id, course_id, format, bom) =
        (access.organization_id, path.into_inner(), query.format, query.bom);
    let days = period::days(query.from, query.to)?;
    let exported = gateway
        .change(async |tx| {
            let course = access.require_course(tx, course_id).await?;
            let zone = store::zones::of_course(tx, &course).await?;
            let sessions = held(tx, organization_id, &days, Some(&[course_id])).await?;
            let people = store::statistics::by_person(tx, organization_id, &ids(&sessions)).await?;
            if sessions.len() > MOST_SESSIONS || people.len() * sessions.len() > MOST_CELLS {
                let reason = "this is too much for one file: ask for fewer days".to_owned();
                return Err(ApiError::InvalidQuery { reason });
            }
            let memory = gateway.admission.admit(people.len() * sessions.len() * CELL_BYTES)?;
            let marks = store::statistics::marks(tx, organization_id, &ids(&sessions)).await?;
            let states = marks.into_iter().map(|mark| ((mark.person_id, mark.session_id), mark.state)).collect();
            let details = json!({"what": "course_attendance", "format": format, "people": people.len(),
                "sessions": sessions.len(), "from": query.from, "to": query.to});
            let rows = course_rows(people, &sessions, &states);
            store::audit::append(tx, &access.entry(AuditAction::DataExported, course_id.uuid(), details)).await?;
            let table = Table { zone, columns: course_columns(&sessions), rows };
            Ok((table, file_name(&course, None), memory))
        })
        .await?;
    let (table, name, _memory) = exported;
    exports::file(table, Written { format, bom }, &name).await
}

/// Sessions are named by when they began, with the offset, since clocks that go back show an hour twice.
fn course_columns(sessions: &[DatedSession]) -> Vec<Column> {
    let begun = |session: &DatedSession| session.starts_at.with_timezone(&session.zone).format("%Y-%m-%dT%H:%M%:z");
    let people = ["external_id", "name"].map(Column::plain).into_iter();
    let held = sessions.iter().map(|session| Column::plain(begun(session).to_string()));
    let counts = ["present", "late", "left_early", "absent", "excused", "rate"].map(Column::plain);
    people.chain(held).chain(counts).collect()
}

fn course_rows(
    people: Vec<PersonTally>,
    sessions: &[DatedSession],
    states: &HashMap<(PersonId, SessionId), AttendanceState>,
) -> Vec<Vec<Cell>> {
    let rows = people.into_iter().map(|PersonTally { person, .. }| {
        let state = |session: &DatedSession| states.get(&(person.person_id, session.id)).copied();
        // Of these cells, so that the row adds up whatever was changed meanwhile.
        let tally: Tally = sessions.iter().filter_map(state).map(|state| Tally::of(state, 1)).sum();
        let mut row = vec![Cell::text(&*person.external_id), Cell::text(&*person.name)];
        row.extend(sessions.iter().map(|session| state(session).map_or(Cell::Empty, word)));
        let counts = [tally.present, tally.late, tally.left_early, tally.absent, tally.excused];
        row.extend(counts.map(Cell::count));
        row.push(tally.rate().map_or(Cell::Empty, Cell::Share));
        row
    });
    rows.collect()
}

/// Such as `attendance-BIO-3A-2026-11-21`.
fn file_name(course: &Course, day: Option<NaiveDate>) -> String {
    let section = Some(course.section.clone()).filter(|section| !section.is_empty());
    let parts = ["attendance".to_owned(), course.code.clone()].into_iter().chain(section);
    parts.chain(day.map(|day| day.to_string())).collect::<Vec<_>>().join("-")
}

fn word(state: AttendanceState) -> Cell {
    Cell::text(domain::wire::name(&state))
}
