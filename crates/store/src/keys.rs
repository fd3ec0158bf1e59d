//! A key for each person: what is kept of their face is sealed with it, and goes with it.
//!
//! Keys are sealed with the master key. A person's key is deleted before anything else of theirs, so that copies of the
//! other rows (in dumps, in replicas, in pages that Postgres has not cleaned up yet) do not open any more, not even with the
//! master key.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::id::{OrganizationId, PersonId};
use uuid::Uuid;

use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::person_keys;
use crate::sealer::{Sealer, blocking};

/// Sealed bytes, as a column holds them.
pub(crate) type Sealed = Vec<u8>;

/// Keys that are made at once.
const CHUNK: usize = 5000;

/// What seals and opens for this person; their key is made where they have none.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has no such person, [`StoreError::Corrupt`] when the key does not open.
pub async fn of_person(
    tx: &mut Conn,
    sealer: &Sealer,
    organization: OrganizationId,
    person: PersonId,
) -> Result<Sealer, StoreError> {
    of_people(tx, sealer, organization, &[person]).await?.remove(&person).ok_or(StoreError::NotFound)
}

/// What seals and opens for each of these people; keys are made for those who have none. Two queries, however many people.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization lacks one of them, [`StoreError::Corrupt`] when a key does not open.
pub async fn of_people(
    tx: &mut Conn,
    sealer: &Sealer,
    organization: OrganizationId,
    people: &[PersonId],
) -> Result<HashMap<PersonId, Sealer>, StoreError> {
    let mut wanted = people.to_vec();
    // Everybody makes them in the same order.
    wanted.sort_unstable();
    wanted.dedup();
    let mut found = existing(tx, sealer, organization, &wanted).await?;
    let missing: Vec<PersonId> = wanted.into_iter().filter(|person| !found.contains_key(person)).collect();
    for chunk in missing.chunks(CHUNK) {
        let rows: Vec<_> = chunk
            .iter()
            .map(|person| {
                (
                    person_keys::person_id.eq(person.uuid()),
                    person_keys::organization_id.eq(organization.uuid()),
                    person_keys::key.eq(sealer.new_person_key(person.uuid())),
                )
            })
            .collect();
        // Whoever makes one at the same time is waited for, and then theirs counts.
        diesel::insert_into(person_keys::table).values(rows).on_conflict_do_nothing().execute(tx).await?;
    }
    let made = existing(tx, sealer, organization, &missing).await?;
    if made.len() != missing.len() {
        return Err(StoreError::NotFound);
    }
    found.extend(made);
    Ok(found)
}

/// What opens for those of these people who have a key; for the others the installation's sealer does.
///
/// # Errors
/// [`StoreError::Corrupt`] when a key does not open.
pub async fn existing(
    conn: &mut Conn,
    sealer: &Sealer,
    organization: OrganizationId,
    people: &[PersonId],
) -> Result<HashMap<PersonId, Sealer>, StoreError> {
    if people.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<Uuid> = people.iter().map(|person| person.uuid()).collect();
    let rows: Vec<(Uuid, Vec<u8>)> = person_keys::table
        .filter(person_keys::organization_id.eq(organization.uuid()))
        .filter(person_keys::person_id.eq_any(ids))
        .select((person_keys::person_id, person_keys::key))
        .load(conn)
        .await?;
    let sealer = sealer.clone();
    let opened = blocking(move || {
        let open = |(person, key): (Uuid, Vec<u8>)| Ok((person.into(), sealer.of_person(person, Some(&key))?));
        rows.into_iter().map(open).collect()
    });
    opened.await
}

/// Deletes a person's key, though the person stays: nothing that it sealed ever opens again. For those who withdraw their
/// consent, in the transaction that deletes their templates and photos. Whether there was one.
///
/// # Errors
/// Only those of the database.
pub async fn forget(tx: &mut Conn, organization: OrganizationId, person: PersonId) -> Result<bool, StoreError> {
    let theirs = person_keys::table
        .filter(person_keys::organization_id.eq(organization.uuid()))
        .filter(person_keys::person_id.eq(person.uuid()));
    Ok(diesel::delete(theirs).execute(tx).await? > 0)
}

/// A row that is sealed for a person, with the person's key as it lies beside it.
pub(crate) struct OfPerson {
    pub(crate) person: Uuid,
    pub(crate) key: Option<Vec<u8>>,
    /// The row's id.
    pub(crate) id: Uuid,
    pub(crate) sealed: Vec<u8>,
}

/// Opens rows of many people, off the async threads, in their order. Each key is opened once.
pub(crate) async fn open_all(sealer: &Sealer, rows: Vec<OfPerson>) -> Result<Vec<Vec<u8>>, StoreError> {
    let sealer = sealer.clone();
    let opening = move || {
        let mut people: HashMap<Uuid, Sealer> = HashMap::new();
        let open = |row: OfPerson| {
            let theirs = match people.get(&row.person) {
                Some(theirs) => theirs.clone(),
                None => {
                    let theirs = sealer.of_person(row.person, row.key.as_deref())?;
                    people.insert(row.person, theirs.clone());
                    theirs
                }
            };
            theirs.open(row.id, &row.sealed)
        };
        rows.into_iter().map(open).collect()
    };
    blocking(opening).await
}
