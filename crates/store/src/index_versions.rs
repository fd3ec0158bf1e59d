//! Snapshots of global indexes that were built, newest first.

use chrono::{DateTime, Utc};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::contract::ContractId;
use domain::id::OrganizationId;
use uuid::Uuid;

use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::{index_versions, template_changes, templates};

/// A snapshot of an organization's templates of one contract, written somewhere outside the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexVersion {
    /// Its id.
    pub id: Uuid,
    /// The organization.
    pub organization_id: OrganizationId,
    /// The contract of its templates.
    pub contract: ContractId,
    /// The template revision that it holds: replay what came after.
    pub watermark: i64,
    /// How many templates it holds.
    pub templates: i64,
    /// The FAISS factory string that it was built with.
    pub factory: String,
    /// Where it lies, below the snapshot folder.
    pub path: String,
    /// SHA-256 of the file, in hex.
    pub sha256: String,
    /// Length of the file in bytes.
    pub bytes: i64,
    /// How long the build took, in milliseconds.
    pub build_ms: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// The fingerprint of the key that it is sealed with; `None` for those from before that was noted.
    pub sealed_with: Option<String>,
}

/// Records a snapshot that lies at its path, complete.
///
/// # Errors
/// [`StoreError::NotFound`] when there is no such organization.
pub async fn insert(conn: &mut Conn, new: &IndexVersion) -> Result<(), StoreError> {
    diesel::insert_into(index_versions::table)
        .values((
            index_versions::id.eq(new.id),
            index_versions::organization_id.eq(new.organization_id.uuid()),
            index_versions::contract.eq(new.contract.as_str()),
            index_versions::watermark.eq(new.watermark),
            index_versions::templates.eq(new.templates),
            index_versions::factory.eq(&new.factory),
            index_versions::path.eq(&new.path),
            index_versions::sha256.eq(&new.sha256),
            index_versions::bytes.eq(new.bytes),
            index_versions::build_ms.eq(new.build_ms),
            index_versions::created_at.eq(new.created_at),
            index_versions::sealed_with.eq(&new.sealed_with),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// The newest snapshot, if any was built.
///
/// # Errors
/// Only those of the database.
pub async fn newest(
    conn: &mut Conn,
    organization: OrganizationId,
    contract: &ContractId,
) -> Result<Option<IndexVersion>, StoreError> {
    let row: Option<Row> = index_versions::table
        .filter(index_versions::organization_id.eq(organization.uuid()))
        .filter(index_versions::contract.eq(contract.as_str()))
        .order((index_versions::created_at.desc(), index_versions::id.desc()))
        .select(Row::as_select())
        .first(conn)
        .await
        .optional()?;
    Ok(row.map(Into::into))
}

/// The contracts that the organization has snapshots of, whether or not it still has templates of them.
///
/// # Errors
/// Only those of the database.
pub async fn contracts(conn: &mut Conn, organization: OrganizationId) -> Result<Vec<ContractId>, StoreError> {
    let names: Vec<String> = index_versions::table
        .filter(index_versions::organization_id.eq(organization.uuid()))
        .select(index_versions::contract)
        .distinct()
        .order(index_versions::contract)
        .load(conn)
        .await?;
    Ok(names.into_iter().map(ContractId::new).collect())
}

/// All snapshots but the newest `count`: id and path, the newest first.
///
/// # Errors
/// Only those of the database.
pub async fn beyond_newest(
    conn: &mut Conn,
    organization: OrganizationId,
    contract: &ContractId,
    count: i64,
) -> Result<Vec<(Uuid, String)>, StoreError> {
    Ok(index_versions::table
        .filter(index_versions::organization_id.eq(organization.uuid()))
        .filter(index_versions::contract.eq(contract.as_str()))
        .order((index_versions::created_at.desc(), index_versions::id.desc()))
        .offset(count)
        .select((index_versions::id, index_versions::path))
        .load(conn)
        .await?)
}

/// Forgets a snapshot that is not there any more.
///
/// # Errors
/// Only those of the database.
pub async fn forget(conn: &mut Conn, id: Uuid) -> Result<(), StoreError> {
    diesel::delete(index_versions::table.find(id)).execute(conn).await?;
    Ok(())
}

/// Where the organization's snapshots lie.
///
/// # Errors
/// Only those of the database.
pub async fn paths(conn: &mut Conn, organization: OrganizationId) -> Result<Vec<String>, StoreError> {
    Ok(index_versions::table
        .filter(index_versions::organization_id.eq(organization.uuid()))
        .select(index_versions::path)
        .load(conn)
        .await?)
}

/// The organizations and contracts of which there are snapshots that should be no more: they hold templates of somebody who
/// has none any longer (deleted, erased, or without consent), or are not sealed with the key of this fingerprint.
///
/// # Errors
/// Only those of the database.
pub async fn outlived(conn: &mut Conn, fingerprint: &str) -> Result<Vec<(OrganizationId, ContractId)>, StoreError> {
    let theirs = templates::table
        .filter(templates::person_id.eq(template_changes::person_id))
        .filter(templates::contract.eq(template_changes::contract));
    let gone = template_changes::table
        .filter(template_changes::organization_id.eq(index_versions::organization_id))
        .filter(template_changes::contract.eq(index_versions::contract))
        .filter(template_changes::revision.gt(index_versions::watermark))
        .filter(template_changes::removed)
        .filter(not(exists(theirs)));
    let rows: Vec<(Uuid, String)> = index_versions::table
        .filter(index_versions::sealed_with.is_distinct_from(fingerprint).or(exists(gone)))
        .select((index_versions::organization_id, index_versions::contract))
        .distinct()
        .order((index_versions::organization_id, index_versions::contract))
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(|(organization, contract)| (organization.into(), ContractId::new(contract))).collect())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = index_versions, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: Uuid,
    organization_id: Uuid,
    contract: String,
    watermark: i64,
    templates: i64,
    factory: String,
    path: String,
    sha256: String,
    bytes: i64,
    build_ms: i64,
    created_at: DateTime<Utc>,
    sealed_with: Option<String>,
}

impl From<Row> for IndexVersion {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            organization_id: row.organization_id.into(),
            contract: ContractId::new(row.contract),
            watermark: row.watermark,
            templates: row.templates,
            factory: row.factory,
            path: row.path,
            sha256: row.sha256,
            bytes: row.bytes,
            build_ms: row.build_ms,
            created_at: row.created_at,
            sealed_with: row.sealed_with,
        }
    }
}
