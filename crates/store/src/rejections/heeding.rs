//! The rejected faces that workers heed.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::embedding::Embedding;
use domain::id::{CourseId, OrganizationId, PersonId};
use uuid::Uuid;

use crate::error::StoreError;
use crate::keys::{self, OfPerson};
use crate::pool::Conn;
use crate::schema::{person_keys, rejections, roster_entries, sighting_faces};
use crate::sealer::Sealer;
use crate::templates::from_bytes;

/// Most faces that are heeded in one course: those rejected as somebody's on its roster come first, then the newest.
const MOST: i64 = 2000;

#[derive(Queryable)]
struct Row {
    id: Uuid,
    person_id: Uuid,
    actual_person_id: Option<Uuid>,
    embedding: Option<Vec<u8>>,
}

/// A rejected face, sealed for whom it is, as far as that is known.
pub(crate) struct SealedFace {
    /// Who it is not.
    person_id: PersonId,
    sealed: OfPerson,
}

/// Whose key a rejected face is sealed with: that of the person whose it was said to be, else of the one whose it is not.
pub(super) fn owner(person: PersonId, actual: Option<PersonId>) -> PersonId {
    actual.unwrap_or(person)
}

/// The rejected faces of an organization of one contract that are heeded in a course.
pub(crate) async fn heeded(
    conn: &mut Conn,
    organization: OrganizationId,
    course: CourseId,
    contract: &str,
) -> Result<Vec<SealedFace>, StoreError> {
    let on_roster = roster_entries::table
        .filter(roster_entries::organization_id.eq(organization.uuid()))
        .filter(roster_entries::course_id.eq(course.uuid()))
        .select(roster_entries::person_id);
    let rows: Vec<Row> = rejections::table
        .filter(rejections::organization_id.eq(organization.uuid()))
        .filter(rejections::contract.eq(contract))
        .order((rejections::person_id.eq_any(on_roster).desc(), rejections::id.desc()))
        .limit(MOST)
        .select((rejections::id, rejections::person_id, rejections::actual_person_id, rejections::embedding))
        .load(conn)
        .await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let owner = |row: &Row| owner(row.person_id.into(), row.actual_person_id.map(Into::into)).uuid();
    let owners: Vec<Uuid> = rows.iter().map(owner).collect();
    let keys: HashMap<Uuid, Vec<u8>> = person_keys::table
        .filter(person_keys::organization_id.eq(organization.uuid()))
        .filter(person_keys::person_id.eq_any(owners))
        .select((person_keys::person_id, person_keys::key))
        .load(conn)
        .await?
        .into_iter()
        .collect();
    let faces = rows.into_iter().filter_map(|row| {
        let owner = owner(&row);
        let sealed = OfPerson { person: owner, key: keys.get(&owner).cloned(), id: row.id, sealed: row.embedding? };
        Some(SealedFace { person_id: row.person_id.into(), sealed })
    });
    Ok(faces.collect())
}

/// Opens them.
pub(crate) async fn open(sealer: &Sealer, sealed: Vec<SealedFace>) -> Result<Vec<(PersonId, Embedding)>, StoreError> {
    let (people, rows): (Vec<PersonId>, Vec<OfPerson>) =
        sealed.into_iter().map(|face| (face.person_id, face.sealed)).unzip();
    let opened = keys::open_all(sealer, rows).await?;
    people.into_iter().zip(opened).map(|(person, plain)| Ok((person, from_bytes(&plain)?))).collect()
}

/// Forgets all faces that are kept on account of a person: those by which they were found, those that were rejected as
/// theirs, and those of theirs that were rejected as somebody else's. To be called, in its transaction, where somebody's
/// templates are erased but not the person; deleting the person does the same. What was said stays, without the face.
///
/// # Errors
/// Only those of the database.
pub async fn erase_faces_of(tx: &mut Conn, organization: OrganizationId, person: PersonId) -> Result<(), StoreError> {
    diesel::delete(
        sighting_faces::table
            .filter(sighting_faces::organization_id.eq(organization.uuid()))
            .filter(sighting_faces::person_id.eq(person.uuid())),
    )
    .execute(tx)
    .await?;
    diesel::update(
        rejections::table
            .filter(rejections::organization_id.eq(organization.uuid()))
            .filter(rejections::person_id.eq(person.uuid()).or(rejections::actual_person_id.eq(person.uuid()))),
    )
    .set((rejections::contract.eq(None::<String>), rejections::embedding.eq(None::<Vec<u8>>)))
    .execute(tx)
    .await?;
    Ok(())
}
