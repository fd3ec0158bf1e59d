//! Snapshots of global indexes that were built, newest first.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::contract::ContractId;
use domain::id::OrganizationId;
use uuid::Uuid;

use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::index_versions;

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

/// Forgets all snapshots but the newest `count`, and answers with the paths of the others, which are to be deleted.
///
/// # Errors
/// Only those of the database.
pub async fn keep_newest(
    conn: &mut Conn,
    organization: OrganizationId,
    contract: &ContractId,
    count: i64,
) -> Result<Vec<String>, StoreError> {
    let of_contract = index_versions::table
        .filter(index_versions::organization_id.eq(organization.uuid()))
        .filter(index_versions::contract.eq(contract.as_str()));
    let old: Vec<Uuid> = of_contract
        .order((index_versions::created_at.desc(), index_versions::id.desc()))
        .offset(count)
        .select(index_versions::id)
        .load(conn)
        .await?;
    Ok(diesel::delete(of_contract.filter(index_versions::id.eq_any(old)))
        .returning(index_versions::path)
        .get_results(conn)
        .await?)
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
        }
    }
}
