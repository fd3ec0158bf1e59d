//! Who was on a roster when.

use actix_web::web::{Data, Json, Path, Query};
use chrono::{DateTime, Utc};
use domain::event::PersonLabel;
use domain::id::{CourseId, PersonId};
use domain::wire::Page;
use serde::{Deserialize, Serialize};
use store::rosters::{HistoryFilter, HistoryRow};
use utoipa::{IntoParams, ToSchema};

use crate::auth::access::Allowed;
use crate::auth::permission::SeeDirectory;
use crate::error::ApiError;
use crate::page::PageQuery;
use crate::state::Gateway;
use crate::validation::is_sound_time;

/// From when to when somebody was on a roster.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RosterMembership {
    #[serde(flatten)]
    person: PersonLabel,
    /// From when on, inclusive.
    added_at: DateTime<Utc>,
    /// Until when, exclusive; `null`: until now.
    removed_at: Option<DateTime<Utc>>,
}

/// Which memberships are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct HistoryQuery {
    /// Only those of this person.
    person_id: Option<PersonId>,
    /// Only those of whoever was on the roster at this time.
    at: Option<DateTime<Utc>>,
    /// How many rows at most, 1 to 200; 50 where it is not said.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

impl From<HistoryRow> for RosterMembership {
    fn from(row: HistoryRow) -> Self {
        Self { person: row.person, added_at: row.period.added_at, removed_at: row.period.removed_at }
    }
}

/// Shows who was on the roster of a course when. People who were deleted are in no history.
#[utoipa::path(get, path = "/api/v1/courses/{course_id}/roster/history", tag = "courses",
    params(("course_id" = CourseId, Path), HistoryQuery),
    responses((status = 200, description = "A page of it, in the order in which people were added.",
        body = Page<RosterMembership>)))]
pub(crate) async fn show_roster_history(
    access: Allowed<SeeDirectory>,
    gateway: Data<Gateway>,
    path: Path<CourseId>,
    query: Query<HistoryQuery>,
) -> Result<Json<Page<RosterMembership>>, ApiError> {
    let (organization_id, course_id) = (access.organization_id, path.into_inner());
    let HistoryQuery { person_id, at, limit, cursor } = query.into_inner();
    let wanted = PageQuery { limit, cursor }.read()?;
    if at.is_some_and(|at| !is_sound_time(at)) {
        return Err(ApiError::InvalidQuery { reason: "`at` must be in the years 1900 to 2200".to_owned() });
    }
    let filter = HistoryFilter { person: person_id, at };
    let mut conn = gateway.connection().await?;
    store::courses::find(&mut conn, organization_id, course_id).await?;
    let rows =
        store::rosters::history(&mut conn, organization_id, course_id, filter, wanted.after, wanted.fetch()).await?;
    let page = wanted.page(rows, |row| (row.period.added_at, row.id));
    Ok(Json(Page { items: page.items.into_iter().map(Into::into).collect(), next: page.next }))
}
