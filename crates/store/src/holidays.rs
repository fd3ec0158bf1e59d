//! Days on which no series of an organization meets.

use std::collections::BTreeMap;
use std::ops::{Range, RangeInclusive};

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::id::{HolidayId, OrganizationId};
use domain::timetable::Holiday;
use uuid::Uuid;

use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::holidays;

/// Makes a holiday.
///
/// # Errors
/// [`StoreError::NotFound`] when there is no such organization.
pub async fn insert(conn: &mut Conn, new: &Holiday) -> Result<(), StoreError> {
    diesel::insert_into(holidays::table)
        .values((
            holidays::id.eq(new.id.uuid()),
            holidays::organization_id.eq(new.organization_id.uuid()),
            holidays::first_day.eq(new.first_day),
            holidays::last_day.eq(new.last_day),
            holidays::name.eq(&new.name),
            holidays::created_at.eq(new.created_at),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// The organization's holidays of which some day is among `days`, in the order in which they begin, after the one that
/// begins on and has the id `after`, at most `limit`.
///
/// # Errors
/// Only those of the database.
pub async fn list(
    conn: &mut Conn,
    organization: OrganizationId,
    days: RangeInclusive<NaiveDate>,
    after: Option<(NaiveDate, Uuid)>,
    limit: i64,
) -> Result<Vec<Holiday>, StoreError> {
    let mut query = holidays::table
        .filter(holidays::organization_id.eq(organization.uuid()))
        .filter(holidays::first_day.le(*days.end()))
        .filter(holidays::last_day.ge(*days.start()))
        .order((holidays::first_day, holidays::id))
        .limit(limit)
        .select(Row::as_select())
        .into_boxed();
    if let Some((first, id)) = after {
        let beside = holidays::first_day.eq(first).and(holidays::id.gt(id));
        query = query.filter(holidays::first_day.gt(first).or(beside));
    }
    let rows: Vec<Row> = query.load(conn).await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Which of these days are holidays, and of what name.
///
/// # Errors
/// Only those of the database.
pub async fn days(
    conn: &mut Conn,
    organization: OrganizationId,
    days: Range<NaiveDate>,
) -> Result<BTreeMap<NaiveDate, String>, StoreError> {
    let rows: Vec<(NaiveDate, NaiveDate, String)> = holidays::table
        .filter(holidays::organization_id.eq(organization.uuid()))
        .filter(holidays::first_day.lt(days.end))
        .filter(holidays::last_day.ge(days.start))
        .order((holidays::first_day, holidays::id))
        .select((holidays::first_day, holidays::last_day, holidays::name))
        .load(conn)
        .await?;
    let mut found = BTreeMap::new();
    for (first, last, name) in rows {
        for day in first.max(days.start).iter_days().take_while(|day| *day <= last && *day < days.end) {
            found.entry(day).or_insert_with(|| name.clone());
        }
    }
    Ok(found)
}

/// Gives a holiday up, and answers with what it was.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has none with this id.
pub async fn delete(conn: &mut Conn, organization: OrganizationId, id: HolidayId) -> Result<Holiday, StoreError> {
    let row: Row = diesel::delete(
        holidays::table.filter(holidays::organization_id.eq(organization.uuid())).filter(holidays::id.eq(id.uuid())),
    )
    .returning(Row::as_returning())
    .get_result(conn)
    .await?;
    Ok(row.into())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = holidays, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: Uuid,
    organization_id: Uuid,
    first_day: NaiveDate,
    last_day: NaiveDate,
    name: String,
    created_at: DateTime<Utc>,
}

impl From<Row> for Holiday {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.into(),
            organization_id: row.organization_id.into(),
            first_day: row.first_day,
            last_day: row.last_day,
            name: row.name,
            created_at: row.created_at,
        }
    }
}
