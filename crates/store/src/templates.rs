//! Embeddings at rest, and the log of their coming and going that indexes replay.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::contract::ContractId;
use domain::embedding::Embedding;
use domain::enrollment::{Gallery, Template, TemplateOrigin};
use domain::id::{OrganizationId, PersonId, TemplateId};
use uuid::Uuid;

use crate::column::word;
use crate::error::StoreError;
use crate::keys::{self, OfPerson};
use crate::pool::Conn;
use crate::schema::{organizations, people, person_keys, template_changes, templates};
use crate::sealer::Sealer;

mod adding;
mod facts;
mod reencoding;

pub(crate) use adding::add;
pub use adding::{NewSample, Unpooled, pool_samples, replace, unpooled};
pub use facts::{TemplateFacts, facts};
pub use reencoding::{RetainedPhoto, Standing, retained_photos, standings};

/// One template that came or went.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Its place in the organization's log, from 1.
    pub revision: i64,
    /// The template.
    pub template_id: TemplateId,
    /// Whose face it is.
    pub person_id: PersonId,
    /// The face; `None` when the template was removed, or was added and has gone since, or is of somebody who is not active.
    pub embedding: Option<Embedding>,
}

/// The organization's template revision: the number of its last change, of whatever contract.
///
/// Changes commit in the order of their numbers. Whoever reads `n` here and then reads the changes up to `n` has
/// missed none.
///
/// # Errors
/// [`StoreError::NotFound`] when there is no such organization.
pub async fn revision(conn: &mut Conn, organization: OrganizationId) -> Result<i64, StoreError> {
    Ok(organizations::table.find(organization.uuid()).select(organizations::template_revision).first(conn).await?)
}

/// The contracts that the organization has templates of.
///
/// # Errors
/// Only those of the database.
pub async fn contracts(conn: &mut Conn, organization: OrganizationId) -> Result<Vec<ContractId>, StoreError> {
    let names: Vec<String> = templates::table
        .filter(templates::organization_id.eq(organization.uuid()))
        .select(templates::contract)
        .distinct()
        .order(templates::contract)
        .load(conn)
        .await?;
    Ok(names.into_iter().map(ContractId::new).collect())
}

/// The changes of `contract` after `after_revision`, at most `limit`, in their order. Additions that are not in `gallery`
/// are without an embedding, as are those that have gone since and those of people who are not active.
///
/// # Errors
/// [`StoreError::Corrupt`] when a template does not open.
pub async fn changes_since(
    conn: &mut Conn,
    sealer: &Sealer,
    organization: OrganizationId,
    contract: &ContractId,
    gallery: Gallery,
    after_revision: i64,
    limit: i64,
) -> Result<Vec<Change>, StoreError> {
    let rows: Vec<LoggedRow> = template_changes::table
        .left_join(templates::table.on(templates::id.eq(template_changes::template_id)))
        .left_join(people::table.on(people::id.eq(template_changes::person_id)))
        .left_join(person_keys::table.on(person_keys::person_id.eq(template_changes::person_id)))
        .filter(template_changes::organization_id.eq(organization.uuid()))
        .filter(template_changes::contract.eq(contract.as_str()))
        .filter(template_changes::revision.gt(after_revision))
        .order(template_changes::revision)
        .limit(limit)
        .select((
            template_changes::revision,
            template_changes::template_id,
            template_changes::person_id,
            template_changes::removed,
            templates::embedding.nullable(),
            templates::origin.nullable(),
            people::is_active.nullable(),
            person_keys::key.nullable(),
        ))
        .load(conn)
        .await?;
    let mut changes = Vec::with_capacity(rows.len());
    let (mut sealed, mut places) = (Vec::new(), Vec::new());
    for row in rows {
        let origin = row.origin.as_deref().map(word::<TemplateOrigin>).transpose()?;
        let is_there = !row.removed && row.is_active == Some(true);
        let is_searched = is_there && origin.is_some_and(|origin| gallery.holds(origin));
        if let Some(bytes) = row.embedding.filter(|_| is_searched) {
            places.push(changes.len());
            sealed.push(OfPerson { person: row.person_id, key: row.key, id: row.template_id, sealed: bytes });
        }
        changes.push(Change {
            revision: row.revision,
            template_id: row.template_id.into(),
            person_id: row.person_id.into(),
            embedding: None,
        });
    }
    for (place, plain) in places.into_iter().zip(keys::open_all(sealer, sealed).await?) {
        let change: &mut Change = &mut changes[place];
        change.embedding = Some(from_bytes(&plain)?);
    }
    Ok(changes)
}

#[derive(Queryable)]
struct LoggedRow {
    revision: i64,
    template_id: Uuid,
    person_id: Uuid,
    removed: bool,
    embedding: Option<Vec<u8>>,
    origin: Option<String>,
    is_active: Option<bool>,
    key: Option<Vec<u8>>,
}

/// Gives out the next `count` numbers of the organization's log, and answers with the last. The organization's row
/// stays locked until the transaction ends, so changes commit in the order of their numbers.
async fn take_revisions(tx: &mut Conn, organization: OrganizationId, count: usize) -> Result<i64, StoreError> {
    let count = i64::try_from(count).expect("a count of rows in memory");
    Ok(diesel::update(organizations::table.find(organization.uuid()))
        .set(organizations::template_revision.eq(organizations::template_revision + count))
        .returning(organizations::template_revision)
        .get_result(tx)
        .await?)
}

/// Logs that these templates of a person, each with its contract, came or went, and answers with the revision of the last.
async fn log(
    tx: &mut Conn,
    organization: OrganizationId,
    person: PersonId,
    changed: &[(Uuid, &str)],
    removed: bool,
) -> Result<i64, StoreError> {
    let last = take_revisions(tx, organization, changed.len()).await?;
    let rows: Vec<_> = changed
        .iter()
        .rev()
        .zip((1..=last).rev())
        .map(|((template, contract), revision)| {
            (
                template_changes::organization_id.eq(organization.uuid()),
                template_changes::revision.eq(revision),
                template_changes::contract.eq(contract),
                template_changes::template_id.eq(template),
                template_changes::person_id.eq(person.uuid()),
                template_changes::removed.eq(removed),
            )
        })
        .collect();
    diesel::insert_into(template_changes::table).values(rows).execute(tx).await?;
    Ok(last)
}

/// Logs that all templates of a person go. The caller deletes them in the same transaction, or sees to it that the person
/// is not active.
pub(crate) async fn log_removal(
    tx: &mut Conn,
    organization: OrganizationId,
    person: PersonId,
) -> Result<(), StoreError> {
    log_all(tx, organization, person, true).await
}

/// Logs that all templates of a person are to be found again.
pub(crate) async fn log_return(
    tx: &mut Conn,
    organization: OrganizationId,
    person: PersonId,
) -> Result<(), StoreError> {
    log_all(tx, organization, person, false).await
}

async fn log_all(
    tx: &mut Conn,
    organization: OrganizationId,
    person: PersonId,
    removed: bool,
) -> Result<(), StoreError> {
    let all: Vec<(Uuid, String)> = templates::table
        .filter(templates::organization_id.eq(organization.uuid()))
        .filter(templates::person_id.eq(person.uuid()))
        .order(templates::id)
        .select((templates::id, templates::contract))
        .load(tx)
        .await?;
    if all.is_empty() {
        return Ok(());
    }
    let all: Vec<(Uuid, &str)> = all.iter().map(|(id, contract)| (*id, contract.as_str())).collect();
    log(tx, organization, person, &all, removed).await?;
    Ok(())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = templates, check_for_backend(diesel::pg::Pg))]
pub(crate) struct TemplateRow {
    id: Uuid,
    person_id: Uuid,
    contract: String,
    embedding: Vec<u8>,
    quality: f32,
    origin: String,
}

/// Opens templates, each with its person's key.
pub(crate) async fn open(
    sealer: &Sealer,
    rows: Vec<(TemplateRow, Option<Vec<u8>>)>,
) -> Result<Vec<Template>, StoreError> {
    let mut rows = rows;
    let sealed = rows
        .iter_mut()
        .map(|(row, key)| OfPerson {
            person: row.person_id,
            key: key.take(),
            id: row.id,
            sealed: std::mem::take(&mut row.embedding),
        })
        .collect();
    let opened = keys::open_all(sealer, sealed).await?;
    rows.into_iter()
        .zip(opened)
        .map(|((row, _), plain)| {
            Ok(Template {
                id: row.id.into(),
                person_id: row.person_id.into(),
                contract: ContractId::new(row.contract),
                embedding: from_bytes(&plain)?,
                quality: row.quality,
                origin: word(&row.origin)?,
            })
        })
        .collect()
}

/// Little-endian f32.
pub(crate) fn to_bytes(embedding: &Embedding) -> Vec<u8> {
    embedding.as_slice().iter().flat_map(|value| value.to_le_bytes()).collect()
}

pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Embedding, StoreError> {
    let (values, rest) = bytes.as_chunks::<4>();
    let values: Vec<f32> = values.iter().map(|chunk| f32::from_le_bytes(*chunk)).collect();
    Embedding::normalized(values)
        .filter(|_| rest.is_empty())
        .ok_or_else(|| StoreError::corrupt("an embedding that is none"))
}
