//! Making people and changing what is known of them.

use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use domain::id::{CourseId, OrganizationId, PersonId};
use domain::person::Person;

use super::PersonRow;
use crate::column::text;
use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::people;
use crate::{rosters, templates};

/// Rows of one INSERT; Postgres takes 65535 values at once.
const CHUNK: usize = 2000;

/// Makes a person. What is on record of their consent is not written.
///
/// # Errors
/// [`StoreError::Conflict`] when one of the ids is taken, [`StoreError::NotFound`] when there is no such
/// organization.
pub async fn insert(conn: &mut Conn, new: &Person) -> Result<(), StoreError> {
    insert_all(conn, std::slice::from_ref(new)).await
}

/// Makes people: all of them or, where the caller is in a transaction that it then undoes, none.
pub(crate) async fn insert_all(conn: &mut Conn, new: &[Person]) -> Result<(), StoreError> {
    for chunk in new.chunks(CHUNK) {
        let rows: Vec<_> = chunk
            .iter()
            .map(|new| {
                (
                    people::id.eq(new.id.uuid()),
                    people::organization_id.eq(new.organization_id.uuid()),
                    people::kind.eq(text(new.kind)),
                    people::external_id.eq(&new.external_id),
                    people::second_id.eq(&new.second_id),
                    people::name.eq(&new.name),
                    people::email.eq(&new.email),
                    people::phone.eq(&new.phone),
                    people::class.eq(&new.class),
                    people::section.eq(&new.section),
                    people::is_active.eq(new.is_active),
                    people::notes.eq(&new.notes),
                    people::created_at.eq(new.created_at),
                    people::updated_at.eq(new.updated_at),
                )
            })
            .collect();
        diesel::insert_into(people::table).values(rows).execute(conn).await?;
    }
    Ok(())
}

/// The person with this id, whose row stays locked until the transaction ends: to be changed.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has none.
pub async fn lock(tx: &mut Conn, organization: OrganizationId, id: PersonId) -> Result<Person, StoreError> {
    let row: PersonRow = people::table
        .filter(people::organization_id.eq(organization.uuid()))
        .filter(people::id.eq(id.uuid()))
        .select(PersonRow::as_select())
        .for_no_key_update()
        .first(tx)
        .await?;
    row.try_into()
}

/// Replaces all that can be changed of the person (all but organization, consent and the time it was made), and answers
/// with the courses whose roster is otherwise now, each with its new version.
///
/// Templates of somebody who is not active any more are logged as removed, so that no index finds them, and logged as
/// added when that changes back; the templates themselves stay.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has no such person, [`StoreError::Conflict`] when one of the ids is
/// taken.
pub async fn update(conn: &mut Conn, changed: &Person) -> Result<Vec<(CourseId, i64)>, StoreError> {
    conn.transaction(async |tx| {
        let (organization, id) = (changed.organization_id, changed.id);
        let before = lock(tx, organization, id).await?;
        diesel::update(
            people::table.filter(people::organization_id.eq(organization.uuid())).filter(people::id.eq(id.uuid())),
        )
        .set((
            people::kind.eq(text(changed.kind)),
            people::external_id.eq(&changed.external_id),
            people::second_id.eq(&changed.second_id),
            people::name.eq(&changed.name),
            people::email.eq(&changed.email),
            people::phone.eq(&changed.phone),
            people::class.eq(&changed.class),
            people::section.eq(&changed.section),
            people::is_active.eq(changed.is_active),
            people::notes.eq(&changed.notes),
            people::updated_at.eq(changed.updated_at),
        ))
        .execute(tx)
        .await?;
        match (before.is_active, changed.is_active) {
            (true, false) => templates::log_removal(tx, organization, id).await?,
            (false, true) => templates::log_return(tx, organization, id).await?,
            (true, true) | (false, false) => {}
        }
        rosters::bump_courses_of(tx, organization, id).await
    })
    .await
}
