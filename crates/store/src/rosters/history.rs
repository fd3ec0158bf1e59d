//! Who was on a roster when, as pages to read.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::event::PersonLabel;
use domain::id::{CourseId, OrganizationId, PersonId};
use uuid::Uuid;

use super::RosterPeriod;
use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::{people, roster_periods};

/// Which periods are wanted; `default()` wants all.
#[derive(Debug, Clone, Copy, Default)]
pub struct HistoryFilter {
    /// Only those of this person.
    pub person: Option<PersonId>,
    /// Only those of whoever was on the roster at this time.
    pub at: Option<DateTime<Utc>>,
}

/// A period, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryRow {
    /// The row, which tells periods that began together apart.
    pub id: Uuid,
    /// From when to when.
    pub period: RosterPeriod,
    /// Who.
    pub person: PersonLabel,
}

/// The periods of a course's roster that are wanted, in the order in which they began, after the one that began at and has
/// the id `after`, at most `limit`.
///
/// # Errors
/// Only those of the database.
pub async fn history(
    conn: &mut Conn,
    organization: OrganizationId,
    course: CourseId,
    wanted: HistoryFilter,
    after: Option<(DateTime<Utc>, Uuid)>,
    limit: i64,
) -> Result<Vec<HistoryRow>, StoreError> {
    let mut query = roster_periods::table
        .inner_join(people::table.on(people::id.eq(roster_periods::person_id)))
        .filter(roster_periods::organization_id.eq(organization.uuid()))
        .filter(roster_periods::course_id.eq(course.uuid()))
        .order((roster_periods::added_at, roster_periods::id))
        .limit(limit)
        .select((
            (roster_periods::id, roster_periods::added_at, roster_periods::removed_at),
            (people::id, people::external_id, people::name),
        ))
        .into_boxed();
    if let Some(person) = wanted.person {
        query = query.filter(roster_periods::person_id.eq(person.uuid()));
    }
    if let Some(at) = wanted.at {
        let was_on = roster_periods::removed_at.is_null().or(roster_periods::removed_at.gt(at));
        query = query.filter(roster_periods::added_at.le(at)).filter(was_on);
    }
    if let Some((began, id)) = after {
        let later = roster_periods::added_at.eq(began).and(roster_periods::id.gt(id));
        query = query.filter(roster_periods::added_at.gt(began).or(later));
    }
    type Row = ((Uuid, DateTime<Utc>, Option<DateTime<Utc>>), (Uuid, String, String));
    let rows: Vec<Row> = query.load(conn).await?;
    let row = |((id, added_at, removed_at), (person, external_id, name)): Row| HistoryRow {
        id,
        period: RosterPeriod { person_id: person.into(), added_at, removed_at },
        person: PersonLabel { person_id: person.into(), external_id, name },
    };
    Ok(rows.into_iter().map(row).collect())
}
