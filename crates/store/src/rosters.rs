//! The people of a course, and what a worker needs to recognise them.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use domain::id::{CourseId, OrganizationId, PersonId};
use domain::person::Person;
use uuid::Uuid;

use crate::error::StoreError;
use crate::people::PersonRow;
use crate::pool::Conn;
use crate::schema::{courses, people, roster_entries};

mod history;
mod loading;
mod periods;

pub use history::{HistoryFilter, HistoryRow, history};
pub use loading::{Roster, load};
pub use periods::{RosterPeriod, members_at, periods};

/// Rows of one INSERT; Postgres takes 65535 values at once.
const CHUNK: usize = 5000;

/// What a change of a roster came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterChange {
    /// Its version: a new one unless nobody was added or removed.
    pub version: i64,
    /// Who was added or removed, by id.
    pub people: Vec<PersonId>,
}

/// Puts people on a roster and answers with its version, which is new unless all were on it before.
///
/// # Errors
/// As [`join`].
pub async fn add(
    conn: &mut Conn,
    organization: OrganizationId,
    course: CourseId,
    members: &[PersonId],
    now: DateTime<Utc>,
) -> Result<i64, StoreError> {
    Ok(join(conn, organization, course, members, now).await?.version)
}

/// Puts people on a roster and answers with who was not on it before.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization lacks the course or one of the people; then nobody is added.
pub async fn join(
    conn: &mut Conn,
    organization: OrganizationId,
    course: CourseId,
    members: &[PersonId],
    now: DateTime<Utc>,
) -> Result<RosterChange, StoreError> {
    let mut wanted: Vec<Uuid> = members.iter().map(|id| id.uuid()).collect();
    wanted.sort_unstable();
    wanted.dedup();
    conn.transaction(async |tx| {
        // Locked against `enrollments::finish`: it bumps the rosters that a person is on, which must not change then.
        let found: Vec<Uuid> = people::table
            .filter(people::organization_id.eq(organization.uuid()))
            .filter(people::id.eq_any(&wanted))
            .order(people::id)
            .select(people::id)
            .for_share()
            .load(tx)
            .await?;
        if found.len() != wanted.len() {
            return Err(StoreError::NotFound);
        }
        let version = locked_version(tx, organization, course).await?;
        let mut added = Vec::new();
        for chunk in found.chunks(CHUNK) {
            let rows: Vec<_> = chunk
                .iter()
                .map(|person| {
                    (
                        roster_entries::organization_id.eq(organization.uuid()),
                        roster_entries::course_id.eq(course.uuid()),
                        roster_entries::person_id.eq(person),
                        roster_entries::added_at.eq(now),
                    )
                })
                .collect();
            let new: Vec<Uuid> = diesel::insert_into(roster_entries::table)
                .values(rows)
                .on_conflict_do_nothing()
                .returning(roster_entries::person_id)
                .get_results(tx)
                .await?;
            periods::open(tx, organization, course, &new, now).await?;
            added.extend(new);
        }
        changed(tx, organization, course, version, added).await
    })
    .await
}

/// Takes people off a roster and answers with its version, which is new unless none was on it.
///
/// # Errors
/// As [`leave`].
pub async fn remove(
    conn: &mut Conn,
    organization: OrganizationId,
    course: CourseId,
    members: &[PersonId],
    now: DateTime<Utc>,
) -> Result<i64, StoreError> {
    Ok(leave(conn, organization, course, members, now).await?.version)
}

/// Takes people off a roster and answers with who was on it.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has no such course.
pub async fn leave(
    conn: &mut Conn,
    organization: OrganizationId,
    course: CourseId,
    members: &[PersonId],
    now: DateTime<Utc>,
) -> Result<RosterChange, StoreError> {
    let gone: Vec<Uuid> = members.iter().map(|id| id.uuid()).collect();
    conn.transaction(async |tx| {
        let version = locked_version(tx, organization, course).await?;
        let removed: Vec<Uuid> = diesel::delete(
            roster_entries::table
                .filter(roster_entries::organization_id.eq(organization.uuid()))
                .filter(roster_entries::course_id.eq(course.uuid()))
                .filter(roster_entries::person_id.eq_any(&gone)),
        )
        .returning(roster_entries::person_id)
        .get_results(tx)
        .await?;
        periods::end(tx, organization, course, &gone, now).await?;
        changed(tx, organization, course, version, removed).await
    })
    .await
}

async fn changed(
    tx: &mut Conn,
    organization: OrganizationId,
    course: CourseId,
    version: i64,
    mut people: Vec<Uuid>,
) -> Result<RosterChange, StoreError> {
    people.sort_unstable();
    let version = if people.is_empty() { version } else { bump(tx, organization, course).await? };
    Ok(RosterChange { version, people: people.into_iter().map(Into::into).collect() })
}

/// The people of a roster after `after`, at most `limit`; empty for a course that the organization has not.
///
/// # Errors
/// Only those of the database.
pub async fn members(
    conn: &mut Conn,
    organization: OrganizationId,
    course: CourseId,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Person>, StoreError> {
    let rows: Vec<PersonRow> = people::table
        .inner_join(roster_entries::table.on(roster_entries::person_id.eq(people::id)))
        .filter(people::organization_id.eq(organization.uuid()))
        .filter(roster_entries::course_id.eq(course.uuid()))
        .filter(people::id.gt(after.unwrap_or(Uuid::nil())))
        .order(people::id)
        .limit(limit)
        .select(PersonRow::as_select())
        .load(conn)
        .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The version of a course's roster; `None` when the organization has no such course.
///
/// # Errors
/// Only those of the database.
pub async fn version(
    conn: &mut Conn,
    organization: OrganizationId,
    course: CourseId,
) -> Result<Option<i64>, StoreError> {
    Ok(courses::table
        .filter(courses::organization_id.eq(organization.uuid()))
        .filter(courses::id.eq(course.uuid()))
        .select(courses::roster_version)
        .first(conn)
        .await
        .optional()?)
}

/// Raises the versions of all rosters that a person is on, and answers with them. The caller holds a lock on the
/// person's row, so that none is added meanwhile.
pub(crate) async fn bump_courses_of(
    tx: &mut Conn,
    organization: OrganizationId,
    person: PersonId,
) -> Result<Vec<(CourseId, i64)>, StoreError> {
    let ids: Vec<Uuid> =
        courses_of(organization, person).select(courses::id).order(courses::id).for_no_key_update().load(tx).await?;
    let mut bumped = Vec::with_capacity(ids.len());
    for id in ids {
        bumped.push((id.into(), bump(tx, organization, id.into()).await?));
    }
    Ok(bumped)
}

/// Raises the versions of all rosters that any of these people is on, each once, and answers with them. The caller holds
/// locks on their rows.
pub(crate) async fn bump_courses_of_all(
    tx: &mut Conn,
    organization: OrganizationId,
    people: &[Uuid],
) -> Result<Vec<(CourseId, i64)>, StoreError> {
    let on_roster =
        roster_entries::table.filter(roster_entries::person_id.eq_any(people)).select(roster_entries::course_id);
    let ids: Vec<Uuid> = courses::table
        .filter(courses::organization_id.eq(organization.uuid()))
        .filter(courses::id.eq_any(on_roster))
        .select(courses::id)
        .order(courses::id)
        .for_no_key_update()
        .load(tx)
        .await?;
    let mut bumped = Vec::with_capacity(ids.len());
    for id in ids {
        bumped.push((id.into(), bump(tx, organization, id.into()).await?));
    }
    Ok(bumped)
}

/// Raises the versions of all rosters of an organization, and answers with them.
pub(crate) async fn bump_all(tx: &mut Conn, organization: OrganizationId) -> Result<Vec<(CourseId, i64)>, StoreError> {
    // Locked in the order of their ids first, as everybody does.
    let ids: Vec<Uuid> = courses::table
        .filter(courses::organization_id.eq(organization.uuid()))
        .select(courses::id)
        .order(courses::id)
        .for_no_key_update()
        .load(tx)
        .await?;
    let mut bumped: Vec<(Uuid, i64)> = diesel::update(courses::table.filter(courses::id.eq_any(ids)))
        .set(courses::roster_version.eq(courses::roster_version + 1))
        .returning((courses::id, courses::roster_version))
        .get_results(tx)
        .await?;
    bumped.sort_unstable();
    Ok(bumped.into_iter().map(|(id, version)| (id.into(), version)).collect())
}

/// The versions of all rosters that a person is on.
pub(crate) async fn versions_of(
    conn: &mut Conn,
    organization: OrganizationId,
    person: PersonId,
) -> Result<Vec<(CourseId, i64)>, StoreError> {
    let rows: Vec<(Uuid, i64)> = courses_of(organization, person)
        .select((courses::id, courses::roster_version))
        .order(courses::id)
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(|(id, version)| (id.into(), version)).collect())
}

#[diesel::dsl::auto_type]
fn courses_of(organization: OrganizationId, person: PersonId) -> _ {
    let organization: Uuid = organization.uuid();
    let person: Uuid = person.uuid();
    let on_roster =
        roster_entries::table.filter(roster_entries::person_id.eq(person)).select(roster_entries::course_id);
    courses::table.filter(courses::organization_id.eq(organization)).filter(courses::id.eq_any(on_roster))
}

async fn locked_version(tx: &mut Conn, organization: OrganizationId, course: CourseId) -> Result<i64, StoreError> {
    Ok(courses::table
        .filter(courses::organization_id.eq(organization.uuid()))
        .filter(courses::id.eq(course.uuid()))
        .select(courses::roster_version)
        .for_no_key_update()
        .first(tx)
        .await?)
}

async fn bump(tx: &mut Conn, organization: OrganizationId, course: CourseId) -> Result<i64, StoreError> {
    Ok(diesel::update(
        courses::table.filter(courses::organization_id.eq(organization.uuid())).filter(courses::id.eq(course.uuid())),
    )
    .set(courses::roster_version.eq(courses::roster_version + 1))
    .returning(courses::roster_version)
    .get_result(tx)
    .await?)
}
