//! How new rosters, templates and snapshots are, of many at once: what a worker compares with what it holds.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::contract::ContractId;
use domain::id::{CourseId, OrganizationId};
use uuid::Uuid;

use crate::error::StoreError;
use crate::pool::Conn;

/// What there is of those that were asked about, as of one moment. Whoever is missing is not there (any more).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Versions {
    /// Versions of courses' rosters.
    pub rosters: HashMap<CourseId, i64>,
    /// Template revisions of organizations.
    pub templates: HashMap<OrganizationId, i64>,
    /// The newest snapshot of each contract of these organizations.
    pub snapshots: HashMap<(OrganizationId, ContractId), Uuid>,
}

const READ: &str = "
    SELECT id, roster_version AS version, NULL AS contract, NULL::uuid AS snapshot, 'roster' AS of
    FROM courses WHERE id = ANY($1)
    UNION ALL
    SELECT id, template_revision, NULL, NULL, 'templates' FROM organizations WHERE id = ANY($2)
    UNION ALL
    (SELECT DISTINCT ON (organization_id, contract) organization_id, 0, contract, id, 'snapshot'
     FROM index_versions WHERE organization_id = ANY($2)
     ORDER BY organization_id, contract, created_at DESC, id DESC)";

/// The roster versions of these courses, and the template revisions and newest snapshots of these organizations, in one
/// statement.
///
/// # Errors
/// Only those of the database.
pub async fn read(
    conn: &mut Conn,
    courses: &[CourseId],
    organizations: &[OrganizationId],
) -> Result<Versions, StoreError> {
    let courses: Vec<Uuid> = courses.iter().map(|id| id.uuid()).collect();
    let organizations: Vec<Uuid> = organizations.iter().map(|id| id.uuid()).collect();
    let rows: Vec<Row> = diesel::sql_query(READ)
        .bind::<Array<SqlUuid>, _>(courses)
        .bind::<Array<SqlUuid>, _>(organizations)
        .load(conn)
        .await?;
    let mut versions = Versions::default();
    for row in rows {
        match (row.of.as_str(), row.contract, row.snapshot) {
            ("roster", ..) => {
                versions.rosters.insert(row.id.into(), row.version);
            }
            (_, Some(contract), Some(snapshot)) => {
                versions.snapshots.insert((row.id.into(), ContractId::new(contract)), snapshot);
            }
            _ => {
                versions.templates.insert(row.id.into(), row.version);
            }
        }
    }
    Ok(versions)
}

/// The organizations whose faces are looked for at `now`, or will be within `horizon`: they have a session that runs, or that
/// begins until then (or should have begun as long ago), each with the contract that its people are recognised with.
/// Organizations that nobody was ever enrolled in have none, and are left out.
///
/// # Errors
/// Only those of the database.
pub async fn in_session(
    conn: &mut Conn,
    now: DateTime<Utc>,
    horizon: TimeDelta,
) -> Result<Vec<(OrganizationId, ContractId)>, StoreError> {
    #[derive(diesel::QueryableByName)]
    struct Found {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
        #[diesel(sql_type = Text)]
        contract: String,
    }
    let query = "SELECT id, contract FROM organizations WHERE contract IS NOT NULL AND id IN ( \
                     SELECT organization_id FROM sessions \
                     WHERE state <> 'closed' AND (state = 'active' OR starts_at BETWEEN $1 AND $2)) \
                 ORDER BY id";
    let found: Vec<Found> = diesel::sql_query(query)
        .bind::<Timestamptz, _>(now - horizon)
        .bind::<Timestamptz, _>(now + horizon)
        .load(conn)
        .await?;
    Ok(found.into_iter().map(|row| (row.id.into(), ContractId::new(row.contract))).collect())
}

#[derive(diesel::QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = BigInt)]
    version: i64,
    #[diesel(sql_type = Nullable<Text>)]
    contract: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    snapshot: Option<Uuid>,
    #[diesel(sql_type = Text)]
    of: String,
}
