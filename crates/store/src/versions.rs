//! How new rosters and templates are, of many at once: what a worker compares with what it holds.

use std::collections::HashMap;

use diesel::sql_types::{Array, BigInt, Bool, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::id::{CourseId, OrganizationId};
use uuid::Uuid;

use crate::error::StoreError;
use crate::pool::Conn;

/// The numbers of those that were asked about, as of one moment. Whoever is missing is not there any more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Versions {
    /// Versions of courses' rosters.
    pub rosters: HashMap<CourseId, i64>,
    /// Template revisions of organizations.
    pub templates: HashMap<OrganizationId, i64>,
}

/// The roster versions of these courses and the template revisions of these organizations, in one statement.
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
    let query = "SELECT id, roster_version AS version, true AS is_roster FROM courses WHERE id = ANY($1) \
                 UNION ALL \
                 SELECT id, template_revision, false FROM organizations WHERE id = ANY($2)";
    let rows: Vec<Row> = diesel::sql_query(query)
        .bind::<Array<SqlUuid>, _>(courses)
        .bind::<Array<SqlUuid>, _>(organizations)
        .load(conn)
        .await?;
    let mut versions = Versions::default();
    for row in rows {
        if row.is_roster {
            versions.rosters.insert(row.id.into(), row.version);
        } else {
            versions.templates.insert(row.id.into(), row.version);
        }
    }
    Ok(versions)
}

#[derive(diesel::QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = BigInt)]
    version: i64,
    #[diesel(sql_type = Bool)]
    is_roster: bool,
}
