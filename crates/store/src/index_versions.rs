//! Snapshots of global indexes that were built, newest first.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::contract::ContractId;
use domain::enrollment::Gallery;
use domain::id::OrganizationId;
use domain::index::{BuildStage, FEW, is_outgrown};
use uuid::Uuid;

use crate::column::{from_json, json};
use crate::error::StoreError;
use crate::galleries::held_by;
use crate::pool::Conn;
use crate::schema::{index_versions, template_changes, templates};

/// A snapshot of an organization's templates of one contract, written somewhere outside the database.
#[derive(Debug, Clone, PartialEq)]
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
    /// How many lists of an inverted file are searched; `None`: every vector is looked at.
    pub probes: Option<i32>,
    /// How often the nearest of a sample was the one that exhaustive search finds, 0..=1; `None`: nothing can be missed.
    pub recall: Option<f32>,
    /// How long each stage of the build took, in milliseconds.
    pub stages: BTreeMap<BuildStage, i64>,
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
            index_versions::probes.eq(new.probes),
            index_versions::recall.eq(new.recall),
            index_versions::stages.eq(json(&new.stages)),
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
    row.map(TryInto::try_into).transpose()
}

/// The organization's snapshots of all contracts: by contract, the newest first.
///
/// # Errors
/// Only those of the database.
pub async fn list(conn: &mut Conn, organization: OrganizationId) -> Result<Vec<IndexVersion>, StoreError> {
    let rows: Vec<Row> = index_versions::table
        .filter(index_versions::organization_id.eq(organization.uuid()))
        .order((index_versions::contract, index_versions::created_at.desc(), index_versions::id.desc()))
        .select(Row::as_select())
        .load(conn)
        .await?;
    rows.into_iter().map(TryInto::try_into).collect()
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

/// The organizations and contracts to which so many templates of the gallery came since their newest snapshot that
/// another is worth its while ([`is_outgrown`]). What came is counted, where much has changed at all.
///
/// # Errors
/// Only those of the database.
pub async fn outgrown(conn: &mut Conn, gallery: Gallery) -> Result<Vec<(OrganizationId, ContractId)>, StoreError> {
    #[derive(QueryableByName)]
    struct Grown {
        #[diesel(sql_type = SqlUuid)]
        organization_id: Uuid,
        #[diesel(sql_type = Text)]
        contract: String,
        #[diesel(sql_type = Nullable<BigInt>)]
        held: Option<i64>,
        #[diesel(sql_type = BigInt)]
        came: i64,
    }
    let held_by = held_by(gallery);
    let counted = format!(
        "WITH newest AS MATERIALIZED ( \
             SELECT DISTINCT ON (organization_id, contract) organization_id, contract, watermark, templates \
             FROM index_versions ORDER BY organization_id, contract, created_at DESC, id DESC), \
         moved AS MATERIALIZED ( \
             SELECT id, template_revision, \
                 coalesce((SELECT min(watermark) FROM newest WHERE organization_id = id), 0) AS since \
             FROM organizations) \
         SELECT moved.id AS organization_id, changed.contract, newest.templates AS held, count(*) AS came \
         FROM moved \
         JOIN template_changes AS changed ON changed.organization_id = moved.id AND changed.revision > moved.since \
         JOIN templates ON templates.id = changed.template_id AND {held_by} \
         LEFT JOIN newest ON newest.organization_id = moved.id AND newest.contract = changed.contract \
         WHERE moved.template_revision - moved.since > $1 AND NOT changed.removed \
             AND changed.revision > coalesce(newest.watermark, 0) \
         GROUP BY moved.id, changed.contract, newest.templates \
         ORDER BY moved.id, changed.contract"
    );
    let grown: Vec<Grown> = diesel::sql_query(counted).bind::<BigInt, _>(FEW).load(conn).await?;
    let outgrown = grown.into_iter().filter(|grown| is_outgrown(grown.held, grown.came));
    Ok(outgrown.map(|grown| (grown.organization_id.into(), ContractId::new(grown.contract))).collect())
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
    probes: Option<i32>,
    recall: Option<f32>,
    stages: serde_json::Value,
}

impl TryFrom<Row> for IndexVersion {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
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
            probes: row.probes,
            recall: row.recall,
            stages: from_json(row.stages)?,
        })
    }
}
