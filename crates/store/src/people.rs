//! Whose attendance is taken.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use domain::event::PersonLabel;
use domain::id::{CourseId, OrganizationId, PersonId};
use domain::person::Person;
use uuid::Uuid;

use crate::column::{text, word};
use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::people;
use crate::{erasures, rosters};

/// Makes a person.
///
/// # Errors
/// [`StoreError::Conflict`] when the external id is taken, [`StoreError::NotFound`] when there is no such
/// organization.
pub async fn insert(conn: &mut Conn, new: &Person) -> Result<(), StoreError> {
    diesel::insert_into(people::table)
        .values((
            people::id.eq(new.id.uuid()),
            people::organization_id.eq(new.organization_id.uuid()),
            people::kind.eq(text(new.kind)),
            people::external_id.eq(&new.external_id),
            people::name.eq(&new.name),
            people::email.eq(&new.email),
            people::created_at.eq(new.created_at),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// The person with this id.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has none.
pub async fn find(conn: &mut Conn, organization: OrganizationId, id: PersonId) -> Result<Person, StoreError> {
    let row: PersonRow = people::table
        .filter(people::organization_id.eq(organization.uuid()))
        .filter(people::id.eq(id.uuid()))
        .select(PersonRow::as_select())
        .first(conn)
        .await?;
    row.try_into()
}

/// The organization's people after `after`, at most `limit`.
///
/// # Errors
/// Only those of the database.
pub async fn list(
    conn: &mut Conn,
    organization: OrganizationId,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Person>, StoreError> {
    let rows: Vec<PersonRow> = people::table
        .filter(people::organization_id.eq(organization.uuid()))
        .filter(people::id.gt(after.unwrap_or(Uuid::nil())))
        .order(people::id)
        .limit(limit)
        .select(PersonRow::as_select())
        .load(conn)
        .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// How these people are called; those that the organization does not have are left out.
///
/// # Errors
/// Only those of the database.
pub async fn labels(
    conn: &mut Conn,
    organization: OrganizationId,
    ids: &[PersonId],
) -> Result<Vec<PersonLabel>, StoreError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let rows: Vec<LabelRow> = people::table
        .filter(people::organization_id.eq(organization.uuid()))
        .filter(people::id.eq_any(ids))
        .order(people::id)
        .select(LabelRow::as_select())
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Replaces kind, external id, name and address of the person, and answers with the courses whose roster names them
/// otherwise now, each with its new version.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has no such person, [`StoreError::Conflict`] when the external id
/// is taken.
pub async fn update(conn: &mut Conn, changed: &Person) -> Result<Vec<(CourseId, i64)>, StoreError> {
    conn.transaction(async |tx| {
        let updated = diesel::update(
            people::table
                .filter(people::organization_id.eq(changed.organization_id.uuid()))
                .filter(people::id.eq(changed.id.uuid())),
        )
        .set((
            people::kind.eq(text(changed.kind)),
            people::external_id.eq(&changed.external_id),
            people::name.eq(&changed.name),
            people::email.eq(&changed.email),
        ))
        .execute(tx)
        .await?;
        if updated == 0 {
            return Err(StoreError::NotFound);
        }
        rosters::bump_courses_of(tx, changed.organization_id, changed.id).await
    })
    .await
}

/// Deletes a person with all that is known of them, as [`erasures::erase`] does. Answers with the courses that lost them,
/// each with its new version.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has no such person.
pub async fn delete(
    conn: &mut Conn,
    organization: OrganizationId,
    id: PersonId,
) -> Result<Vec<(CourseId, i64)>, StoreError> {
    Ok(erasures::erase(conn, organization, id).await?.bumped)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = people, check_for_backend(diesel::pg::Pg))]
pub(crate) struct PersonRow {
    id: Uuid,
    organization_id: Uuid,
    kind: String,
    external_id: String,
    name: String,
    email: Option<String>,
    created_at: DateTime<Utc>,
}

impl TryFrom<PersonRow> for Person {
    type Error = StoreError;

    fn try_from(row: PersonRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.into(),
            organization_id: row.organization_id.into(),
            kind: word(&row.kind)?,
            external_id: row.external_id,
            name: row.name,
            email: row.email,
            created_at: row.created_at,
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = people, check_for_backend(diesel::pg::Pg))]
pub(crate) struct LabelRow {
    id: Uuid,
    external_id: String,
    name: String,
}

impl From<LabelRow> for PersonLabel {
    fn from(row: LabelRow) -> Self {
        Self { person_id: row.id.into(), external_id: row.external_id, name: row.name }
    }
}
