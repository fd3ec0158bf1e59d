//! Tenants.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::id::OrganizationId;
use domain::organization::Organization;
use uuid::Uuid;

use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::organizations;

/// Makes an organization.
///
/// # Errors
/// [`StoreError::Conflict`] when its name is taken.
pub async fn insert(conn: &mut Conn, new: &Organization) -> Result<(), StoreError> {
    diesel::insert_into(organizations::table)
        .values((
            organizations::id.eq(new.id.uuid()),
            organizations::name.eq(&new.name),
            organizations::time_zone.eq(&new.time_zone),
            organizations::created_at.eq(new.created_at),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// The organization with this id.
///
/// # Errors
/// [`StoreError::NotFound`] when there is none.
pub async fn find(conn: &mut Conn, id: OrganizationId) -> Result<Organization, StoreError> {
    let row: Row = organizations::table.find(id.uuid()).select(Row::as_select()).first(conn).await?;
    Ok(row.into())
}

/// The organizations after `after`, at most `limit`.
///
/// # Errors
/// Only those of the database.
pub async fn list(conn: &mut Conn, after: Option<Uuid>, limit: i64) -> Result<Vec<Organization>, StoreError> {
    let rows: Vec<Row> = organizations::table
        .filter(organizations::id.gt(after.unwrap_or(Uuid::nil())))
        .order(organizations::id)
        .limit(limit)
        .select(Row::as_select())
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = organizations, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: Uuid,
    name: String,
    time_zone: String,
    created_at: DateTime<Utc>,
}

impl From<Row> for Organization {
    fn from(row: Row) -> Self {
        Self { id: row.id.into(), name: row.name, time_zone: row.time_zone, created_at: row.created_at }
    }
}
