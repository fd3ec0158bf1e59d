//! Whose attendance is taken.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::event::PersonLabel;
use domain::id::{CourseId, OrganizationId, PersonId};
use domain::person::Person;
use uuid::Uuid;

use crate::column::word;
use crate::erasures;
use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::people;

mod changing;
mod listing;

pub(crate) use changing::insert_all;
pub use changing::{insert, lock, update};
pub use listing::{PeopleFilter, list};

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
    second_id: Option<String>,
    phone: Option<String>,
    class: Option<String>,
    section: Option<String>,
    is_active: bool,
    notes: Option<String>,
    updated_at: DateTime<Utc>,
    consent: Option<String>,
}

impl TryFrom<PersonRow> for Person {
    type Error = StoreError;

    fn try_from(row: PersonRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.into(),
            organization_id: row.organization_id.into(),
            kind: word(&row.kind)?,
            external_id: row.external_id,
            second_id: row.second_id,
            name: row.name,
            email: row.email,
            phone: row.phone,
            class: row.class,
            section: row.section,
            is_active: row.is_active,
            notes: row.notes,
            consent: row.consent.as_deref().map(word).transpose()?,
            created_at: row.created_at,
            updated_at: row.updated_at,
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
