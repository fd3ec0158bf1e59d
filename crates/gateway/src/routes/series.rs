//! When courses meet again and again.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, Path, Query, block};
use chrono::{NaiveDate, NaiveTime, Timelike};
use chrono_tz::Tz;
use domain::audit::AuditAction;
use domain::course::Course;
use domain::id::{CourseId, SeriesId};
use domain::policy::{CoursePolicy, PolicyOverrides};
use domain::timetable::{InvalidSeries, LONGEST_MINUTES, LONGEST_YEARS, Recurrence, Series};
use domain::wire::Page;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::Conn;
use store::series::Planned;
use utoipa::ToSchema;

use crate::auth::access::Allowed;
use crate::auth::permission::{SeeDirectory, TeachCourses};
use crate::clock;
use crate::error::ApiError;
use crate::idempotency::IdempotencyKey;
use crate::page::PageQuery;
use crate::reply;
use crate::state::Gateway;
use crate::validation::{Validation, invalid_policy};

/// A series to make.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSeries {
    /// On which days: an RFC 5545 recurrence rule that names days and no times, at most 300 characters. `UNTIL` may be a
    /// day (`20261224`), a time as the course's clocks show it (`20261224T180000`) or a moment (`20261224T170000Z`);
    /// `COUNT` counts the days that are holidays too.
    #[schema(min_length = 1, max_length = 300, example = "FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20261218")]
    rule: String,
    /// The first day that the rule may name. The rule's other days are counted from it.
    starts_on: NaiveDate,
    /// When a session begins, as the clocks of the course's time zone show it.
    #[schema(value_type = String, example = "08:15:00")]
    start_time: NaiveTime,
    /// How long a session is, 1 to 1440 minutes.
    #[schema(minimum = 1, maximum = 1440)]
    duration_minutes: u16,
    /// Whether the scheduler starts its sessions (as early as the policy's `opens_minutes_before` says) and closes them.
    #[serde(default)]
    automatic: bool,
    /// Where its sessions' policy is another than the course's: values that it names replace those of the course.
    #[serde(default)]
    #[schema(value_type = Option<CoursePolicy>)]
    policy: Option<PolicyOverrides>,
}

impl NewSeries {
    /// The series of `course`, whose clocks are those of `zone`.
    pub(super) async fn parse(&self, course: &Course, zone: Tz) -> Result<Series, ApiError> {
        let series = Series {
            id: SeriesId::new(),
            organization_id: course.organization_id,
            course_id: course.id,
            rule: self.rule.clone(),
            starts_on: self.starts_on,
            start_time: self.start_time,
            duration_minutes: self.duration_minutes,
            automatic: self.automatic,
            policy: self.policy.clone().unwrap_or_default(),
            created_at: clock::now(),
        };
        checked(series, course, zone).await
    }
}

/// What is to change about a series; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SeriesUpdate {
    /// On which days.
    #[schema(min_length = 1, max_length = 300)]
    rule: Option<String>,
    /// The first day that the rule may name.
    starts_on: Option<NaiveDate>,
    /// When a session begins, as the clocks of the course's time zone show it.
    #[schema(value_type = Option<String>, example = "08:15:00")]
    start_time: Option<NaiveTime>,
    /// How long a session is, 1 to 1440 minutes.
    #[schema(minimum = 1, maximum = 1440)]
    duration_minutes: Option<u16>,
    /// Whether the scheduler starts and closes its sessions.
    automatic: Option<bool>,
    /// All that its sessions' policy has another than the course's.
    #[schema(value_type = Option<CoursePolicy>)]
    policy: Option<PolicyOverrides>,
}

impl SeriesUpdate {
    fn apply(&self, series: Series) -> Series {
        Series {
            rule: self.rule.clone().unwrap_or(series.rule),
            starts_on: self.starts_on.unwrap_or(series.starts_on),
            start_time: self.start_time.unwrap_or(series.start_time),
            duration_minutes: self.duration_minutes.unwrap_or(series.duration_minutes),
            automatic: self.automatic.unwrap_or(series.automatic),
            policy: self.policy.clone().unwrap_or(series.policy),
            ..series
        }
    }
}

/// The series with its rule in capitals, if it can be one of `course` and meets at all. A rule may be work to follow, so
/// that is done beside the requests.
async fn checked(series: Series, course: &Course, zone: Tz) -> Result<Series, ApiError> {
    let mut validation = Validation::default();
    validation.day("/starts_on", series.starts_on);
    if !(1..=LONGEST_MINUTES).contains(&series.duration_minutes) {
        validation.wrong("/duration_minutes", "out_of_range", format!("must be in 1..={LONGEST_MINUTES}"));
    }
    if series.start_time.nanosecond() != 0 {
        validation.wrong("/start_time", "invalid", "must be whole seconds");
    }
    let series = validation.finish(series)?;
    series.policy.apply(&course.policy).map_err(invalid_policy)?;
    let rule = Recurrence::parse(&series.rule).map_err(|problem| invalid(InvalidSeries::Rule(problem)))?;
    let (text, first, time) = (rule.text().to_owned(), series.starts_on, series.start_time);
    let found = block(move || rule.first(first, time, zone)).await.map_err(ApiError::internal)?;
    if found.map_err(|problem| invalid(InvalidSeries::Rule(problem)))?.is_none() {
        let detail = format!("names no day within {LONGEST_YEARS} years");
        return Err(ApiError::invalid("/rule", "never", detail));
    }
    Ok(Series { rule: text, ..series })
}

/// What is wrong with a series.
pub(super) fn invalid(problem: InvalidSeries) -> ApiError {
    match problem {
        InvalidSeries::Rule(problem) => ApiError::invalid("/rule", "invalid", problem.to_string()),
        InvalidSeries::Policy(problem) => invalid_policy(problem),
    }
}

/// Makes a series of sessions of a course: admins, and those who teach it.
///
/// Its sessions are made ahead, as far as the setting `timetable.horizon_days` says, and further as time goes by. Those of
/// times that have passed are not made.
#[utoipa::path(post, path = "/api/v1/courses/{course_id}/series", tag = "timetable",
    params(("course_id" = CourseId, Path), IdempotencyKey),
    responses((status = 201, description = "It was made, and its first sessions with it.", body = Series)))]
pub(crate) async fn create_series(
    access: Allowed<TeachCourses>,
    key: IdempotencyKey,
    gateway: Data<Gateway>,
    path: Path<CourseId>,
    body: Json<NewSeries>,
) -> Result<HttpResponse, ApiError> {
    let (organization_id, course_id) = (access.organization_id, path.into_inner());
    let once = key.of(&access.actor, Some(organization_id), &*body)?;
    let made = once
        .run(&gateway, StatusCode::CREATED, async |tx| {
            let course = access.require_course(tx, course_id).await?;
            if !course.is_active {
                return Err(ApiError::CourseInactive);
            }
            let zone = store::zones::of_course(tx, &course).await?;
            let series = body.parse(&course, zone).await?;
            store::series::insert(tx, &series).await?;
            planned(tx, &gateway, &access, AuditAction::SeriesCreated, &series).await?;
            Ok(series)
        })
        .await?;
    Ok(reply::created(format!("/api/v1/series/{}", made.id), made))
}

/// Lists the series of a course.
#[utoipa::path(get, path = "/api/v1/courses/{course_id}/series", tag = "timetable",
    params(("course_id" = CourseId, Path), PageQuery),
    responses((status = 200, description = "A page of them, oldest first.", body = Page<Series>)))]
pub(crate) async fn list_series(
    access: Allowed<SeeDirectory>,
    gateway: Data<Gateway>,
    path: Path<CourseId>,
    query: Query<PageQuery>,
) -> Result<Json<Page<Series>>, ApiError> {
    let (organization_id, course_id, wanted) = (access.organization_id, path.into_inner(), query.read()?);
    let mut conn = gateway.connection().await?;
    store::courses::find(&mut conn, organization_id, course_id).await?;
    let rows = store::series::list(&mut conn, organization_id, course_id, wanted.after, wanted.fetch()).await?;
    Ok(Json(wanted.page(rows, |row| row.id.uuid())))
}

/// Shows a series. `GET /sessions?series_id=` lists its sessions.
#[utoipa::path(get, path = "/api/v1/series/{series_id}", tag = "timetable", params(("series_id" = SeriesId, Path)),
    responses((status = 200, description = "The series.", body = Series)))]
pub(crate) async fn show_series(
    access: Allowed<SeeDirectory>,
    gateway: Data<Gateway>,
    path: Path<SeriesId>,
) -> Result<Json<Series>, ApiError> {
    let mut conn = gateway.connection().await?;
    Ok(Json(store::series::find(&mut conn, access.organization_id, path.into_inner()).await?))
}

/// Changes a series and those of its sessions that are still to come: admins, and those who teach the course.
///
/// Sessions that were changed by hand stay as they are, unless their day is no more one of the series.
#[utoipa::path(patch, path = "/api/v1/series/{series_id}", tag = "timetable", params(("series_id" = SeriesId, Path)),
    responses((status = 200, description = "It is changed, and its sessions with it.", body = Series)))]
pub(crate) async fn update_series(
    access: Allowed<TeachCourses>,
    gateway: Data<Gateway>,
    path: Path<SeriesId>,
    body: Json<SeriesUpdate>,
) -> Result<Json<Series>, ApiError> {
    let (organization_id, series_id) = (access.organization_id, path.into_inner());
    let series = gateway
        .change(async |tx| {
            let (course, before) = store::series::lock(tx, organization_id, series_id).await?;
            access.require_teaching(tx, course.id).await?;
            let zone = store::zones::of_course(tx, &course).await?;
            let series = checked(body.apply(before), &course, zone).await?;
            store::series::replace(tx, &series).await?;
            planned(tx, &gateway, &access, AuditAction::SeriesUpdated, &series).await?;
            Ok(series)
        })
        .await?;
    Ok(Json(series))
}

/// Gives a series up, and with it its sessions that are still to come: admins, and those who teach the course. What was
/// held stays.
#[utoipa::path(delete, path = "/api/v1/series/{series_id}", tag = "timetable", params(("series_id" = SeriesId, Path)),
    responses((status = 204, description = "It is gone.")))]
pub(crate) async fn delete_series(
    access: Allowed<TeachCourses>,
    gateway: Data<Gateway>,
    path: Path<SeriesId>,
) -> Result<HttpResponse, ApiError> {
    let (organization_id, series_id) = (access.organization_id, path.into_inner());
    gateway
        .change(async |tx| {
            let course_id = store::series::find(tx, organization_id, series_id).await?.course_id;
            access.require_teaching(tx, course_id).await?;
            let cancelled = store::series::delete(tx, organization_id, series_id, clock::now()).await?;
            let details = json!({"course_id": course_id, "cancelled": cancelled});
            store::audit::append(tx, &access.entry(AuditAction::SeriesDeleted, series_id.uuid(), details)).await?;
            Ok(())
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Plans the sessions of a series, and tells the log.
async fn planned(
    tx: &mut Conn,
    gateway: &Gateway,
    access: &Allowed<TeachCourses>,
    action: AuditAction,
    series: &Series,
) -> Result<(), ApiError> {
    let Planned { made, changed, cancelled } =
        store::series::plan(tx, access.organization_id, series.id, gateway.timetable, clock::now()).await?;
    let Series { course_id, rule, starts_on, start_time, duration_minutes, automatic, policy, .. } = series;
    let details = json!({"course_id": course_id, "rule": rule, "starts_on": starts_on, "start_time": start_time,
        "duration_minutes": duration_minutes, "automatic": automatic, "policy": policy,
        "made": made, "changed": changed, "cancelled": cancelled});
    store::audit::append(tx, &access.entry(action, series.id.uuid(), details)).await?;
    Ok(())
}
