//! What a series would come to.

use actix_web::web::{Data, Json, Path, block};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use domain::id::CourseId;
use domain::timetable::Meeting;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::access::Allowed;
use crate::auth::permission::TeachCourses;
use crate::error::ApiError;
use crate::routes::series::{NewSeries, invalid};
use crate::state::Gateway;

/// Meetings that a preview shows.
const SHOWN: usize = 200;

/// The days on which a series would meet.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SeriesPreview {
    /// Whose clocks say when: the course's zone, or the organization's.
    time_zone: String,
    /// The first 200 of them.
    meetings: Vec<PreviewedMeeting>,
    /// Whether there are more.
    has_more: bool,
}

/// A day on which a series would meet.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PreviewedMeeting {
    /// The day.
    day: NaiveDate,
    /// When the session would begin.
    starts_at: DateTime<Utc>,
    /// When the session would end.
    ends_at: DateTime<Utc>,
    /// What the clocks show when it begins: another time than the series' where they leave that out on this day.
    #[schema(value_type = String, example = "2026-03-29T08:15:00")]
    local_start: NaiveDateTime,
    /// What the clocks show when it ends.
    #[schema(value_type = String, example = "2026-03-29T09:45:00")]
    local_end: NaiveDateTime,
    /// The holiday for which the series would not meet.
    holiday: Option<String>,
}

/// Shows on which days a series would meet, also those that have passed, and makes nothing.
#[utoipa::path(post, path = "/api/v1/courses/{course_id}/series/preview", tag = "timetable",
    params(("course_id" = CourseId, Path)),
    responses((status = 200, description = "Its first days.", body = SeriesPreview)))]
pub(crate) async fn preview_series(
    access: Allowed<TeachCourses>,
    gateway: Data<Gateway>,
    path: Path<CourseId>,
    body: Json<NewSeries>,
) -> Result<Json<SeriesPreview>, ApiError> {
    let (organization_id, course_id) = (access.organization_id, path.into_inner());
    let mut conn = gateway.connection().await?;
    let course = access.require_course(&mut conn, course_id).await?;
    let zone = store::zones::of_course(&mut conn, &course).await?;
    let series = body.parse(&course, zone).await?;
    let days = series.starts_on..NaiveDate::MAX;
    let found = block(move || series.meetings(&course.policy, zone, days)).await.map_err(ApiError::internal)?;
    let mut found: Vec<(NaiveDate, Meeting)> = found.map_err(invalid)?.into_iter().collect();
    let has_more = found.len() > SHOWN;
    found.truncate(SHOWN);
    let holidays = match (found.first(), found.last().and_then(|(day, _)| day.succ_opt())) {
        (Some((first, _)), Some(end)) => store::holidays::days(&mut conn, organization_id, *first..end).await?,
        _ => Default::default(),
    };
    let shown = |time: DateTime<Utc>| time.with_timezone(&zone).naive_local();
    let meetings = found.into_iter().map(|(day, Meeting { starts_at, ends_at, .. })| PreviewedMeeting {
        day,
        starts_at,
        ends_at,
        local_start: shown(starts_at),
        local_end: shown(ends_at),
        holiday: holidays.get(&day).cloned(),
    });
    Ok(Json(SeriesPreview { time_zone: zone.name().to_owned(), meetings: meetings.collect(), has_more }))
}
