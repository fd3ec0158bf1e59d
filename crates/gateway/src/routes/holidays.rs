//! Days on which no series of an organization meets.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, Path, Query};
use chrono::{NaiveDate, TimeDelta};
use domain::audit::AuditAction;
use domain::id::{HolidayId, OrganizationId};
use domain::timetable::Holiday;
use domain::wire::Page;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::Conn;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::auth::access::Allowed;
use crate::auth::permission::{ManageHolidays, SeeDirectory};
use crate::clock;
use crate::error::ApiError;
use crate::idempotency::IdempotencyKey;
use crate::page::{PageQuery, Position};
use crate::reply;
use crate::state::Gateway;
use crate::validation::{Validation, is_sound_day};

const LONGEST: TimeDelta = TimeDelta::days(366);
/// Series that follow a holiday at once; the others when the scheduler comes to them, within the hour.
const AT_ONCE: i64 = 500;

/// Days on which no series is to meet.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewHoliday {
    /// The first day.
    first_day: NaiveDate,
    /// The last day, inclusive, at most a year later; the first day where it is not said.
    last_day: Option<NaiveDate>,
    /// Name as people say it, 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
}

impl NewHoliday {
    fn parse(&self, organization_id: OrganizationId) -> Result<Holiday, ApiError> {
        let mut validation = Validation::default();
        let name = validation.text("/name", &self.name, 200);
        let (first_day, last_day) = (self.first_day, self.last_day.unwrap_or(self.first_day));
        validation.day("/first_day", first_day);
        if last_day < first_day || last_day - first_day > LONGEST {
            validation.wrong("/last_day", "out_of_range", "must be the first day or within a year after it");
        }
        let (id, created_at) = (HolidayId::new(), clock::now());
        validation.finish(Holiday { id, organization_id, first_day, last_day, name, created_at })
    }
}

/// Which holidays are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct HolidayQuery {
    /// Only those that end on this day or later.
    from: Option<NaiveDate>,
    /// Only those that begin on this day or earlier.
    to: Option<NaiveDate>,
    /// How many rows at most, 1 to 200; 50 where it is not said.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// The day on which a holiday begins, and the holiday.
impl Position for (NaiveDate, Uuid) {
    fn to_bytes(&self) -> Vec<u8> {
        [&self.0.to_epoch_days().to_be_bytes()[..], self.1.as_bytes()].concat()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (days, id) = bytes.split_first_chunk::<4>()?;
        let day = NaiveDate::from_epoch_days(i32::from_be_bytes(*days)).filter(|day| is_sound_day(*day))?;
        Some((day, Uuid::from_slice(id).ok()?))
    }
}

/// Makes days on which no series meets: the sessions that were planned for them are cancelled.
///
/// Sessions that were planned by hand stay, and so do those that have begun.
#[utoipa::path(post, path = "/api/v1/holidays", tag = "timetable", params(IdempotencyKey),
    responses((status = 201, description = "It was made.", body = Holiday)))]
pub(crate) async fn create_holiday(
    access: Allowed<ManageHolidays>,
    key: IdempotencyKey,
    gateway: Data<Gateway>,
    body: Json<NewHoliday>,
) -> Result<HttpResponse, ApiError> {
    let holiday = body.parse(access.organization_id)?;
    let once = key.of(&access.actor, Some(access.organization_id), &*body)?;
    let made = once
        .run(&gateway, StatusCode::CREATED, async |tx| {
            store::holidays::insert(tx, &holiday).await?;
            follow(tx, &gateway, &access, AuditAction::HolidayAdded, &holiday).await?;
            Ok(holiday.clone())
        })
        .await?;
    Ok(reply::created(format!("/api/v1/holidays/{}", made.id), made))
}

/// Lists the holidays of the organization.
#[utoipa::path(get, path = "/api/v1/holidays", tag = "timetable", params(HolidayQuery),
    responses((status = 200, description = "A page of them, in the order in which they begin.", body = Page<Holiday>)))]
pub(crate) async fn list_holidays(
    access: Allowed<SeeDirectory>,
    gateway: Data<Gateway>,
    query: Query<HolidayQuery>,
) -> Result<Json<Page<Holiday>>, ApiError> {
    let HolidayQuery { from, to, limit, cursor } = query.into_inner();
    let wanted = PageQuery { limit, cursor }.read()?;
    if [from, to].into_iter().flatten().any(|day| !is_sound_day(day)) {
        return Err(ApiError::InvalidQuery { reason: "days must be in the years 1900 to 2200".to_owned() });
    }
    let bound = |year| NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default();
    let days = from.unwrap_or_else(|| bound(1900))..=to.unwrap_or_else(|| bound(2300));
    let mut conn = gateway.connection().await?;
    let rows = store::holidays::list(&mut conn, access.organization_id, days, wanted.after, wanted.fetch()).await?;
    Ok(Json(wanted.page(rows, |row| (row.first_day, row.id.uuid()))))
}

/// Gives a holiday up: series meet on its days again, as far as these are still to come.
#[utoipa::path(delete, path = "/api/v1/holidays/{holiday_id}", tag = "timetable",
    params(("holiday_id" = HolidayId, Path)),
    responses((status = 204, description = "It is gone.")))]
pub(crate) async fn delete_holiday(
    access: Allowed<ManageHolidays>,
    gateway: Data<Gateway>,
    path: Path<HolidayId>,
) -> Result<HttpResponse, ApiError> {
    gateway
        .change(async |tx| {
            let holiday = store::holidays::delete(tx, access.organization_id, path.into_inner()).await?;
            follow(tx, &gateway, &access, AuditAction::HolidayRemoved, &holiday).await
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Plans the organization's series with or without the holiday, and tells the log.
async fn follow(
    tx: &mut Conn,
    gateway: &Gateway,
    access: &Allowed<ManageHolidays>,
    action: AuditAction,
    holiday: &Holiday,
) -> Result<(), ApiError> {
    let (organization_id, now) = (access.organization_id, clock::now());
    let planned = store::series::plan_organization(tx, organization_id, gateway.timetable, now, AT_ONCE).await?;
    let details = json!({"first_day": holiday.first_day, "last_day": holiday.last_day, "made": planned.made,
        "cancelled": planned.cancelled});
    store::audit::append(tx, &access.entry(action, holiday.id.uuid(), details)).await?;
    Ok(())
}
