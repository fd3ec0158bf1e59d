//! Who was on which roster when.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::id::{CourseId, OrganizationId, PersonId};
use uuid::Uuid;

use super::CHUNK;
use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::roster_periods;

/// From when to when somebody was on a roster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RosterPeriod {
    /// Who.
    pub person_id: PersonId,
    /// From when on, inclusive.
    pub added_at: DateTime<Utc>,
    /// Until when, exclusive; `None`: until now.
    pub removed_at: Option<DateTime<Utc>>,
}

/// All periods of a course's roster, of one person or of everybody, oldest first.
///
/// # Errors
/// Only those of the database.
pub async fn periods(
    conn: &mut Conn,
    organization: OrganizationId,
    course: CourseId,
    person: Option<PersonId>,
) -> Result<Vec<RosterPeriod>, StoreError> {
    let mut query = roster_periods::table
        .filter(roster_periods::organization_id.eq(organization.uuid()))
        .filter(roster_periods::course_id.eq(course.uuid()))
        .order((roster_periods::added_at, roster_periods::person_id))
        .select((roster_periods::person_id, roster_periods::added_at, roster_periods::removed_at))
        .into_boxed();
    if let Some(person) = person {
        query = query.filter(roster_periods::person_id.eq(person.uuid()));
    }
    let rows: Vec<(Uuid, DateTime<Utc>, Option<DateTime<Utc>>)> = query.load(conn).await?;
    let periods = rows.into_iter().map(|(person, added_at, removed_at)| RosterPeriod {
        person_id: person.into(),
        added_at,
        removed_at,
    });
    Ok(periods.collect())
}

/// Who was on a course's roster at a time, by id.
///
/// # Errors
/// Only those of the database.
pub async fn members_at(
    conn: &mut Conn,
    organization: OrganizationId,
    course: CourseId,
    at: DateTime<Utc>,
) -> Result<Vec<PersonId>, StoreError> {
    let ids: Vec<Uuid> = roster_periods::table
        .filter(roster_periods::organization_id.eq(organization.uuid()))
        .filter(roster_periods::course_id.eq(course.uuid()))
        .filter(roster_periods::added_at.le(at))
        .filter(roster_periods::removed_at.is_null().or(roster_periods::removed_at.gt(at)))
        .order(roster_periods::person_id)
        .select(roster_periods::person_id)
        .distinct()
        .load(conn)
        .await?;
    Ok(ids.into_iter().map(Into::into).collect())
}

pub(super) async fn open(
    tx: &mut Conn,
    organization: OrganizationId,
    course: CourseId,
    people: &[Uuid],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    for chunk in people.chunks(CHUNK) {
        let rows: Vec<_> = chunk
            .iter()
            .map(|person| {
                (
                    roster_periods::organization_id.eq(organization.uuid()),
                    roster_periods::course_id.eq(course.uuid()),
                    roster_periods::person_id.eq(person),
                    roster_periods::added_at.eq(now),
                )
            })
            .collect();
        diesel::insert_into(roster_periods::table).values(rows).execute(tx).await?;
    }
    Ok(())
}

/// Ends open periods at `now`, or when they began where clocks disagree about which was first.
pub(super) async fn end(
    tx: &mut Conn,
    organization: OrganizationId,
    course: CourseId,
    people: &[Uuid],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    diesel::sql_query(
        "UPDATE roster_periods SET removed_at = greatest(added_at, $1) \
         WHERE organization_id = $2 AND course_id = $3 AND person_id = ANY($4) AND removed_at IS NULL",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<SqlUuid, _>(course.uuid())
    .bind::<Array<SqlUuid>, _>(people)
    .execute(tx)
    .await?;
    Ok(())
}
