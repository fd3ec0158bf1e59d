//! The schema's versions. Only `rollcall migrate` applies them; every other process asks whether they are there.

use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel::sql_types::{Array, BigInt, Text};
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_async::{AsyncConnection, RunQueryDsl};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use secrecy::{ExposeSecret, SecretString};

use crate::error::StoreError;
use crate::pool::Conn;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations");

/// Held while migrating, so that two migrations at once follow each other. An arbitrary number.
const LOCK: i64 = 0x526f_6c6c_6361_6c6c;

/// Applies the migrations that are missing, each in its own transaction, and answers with their names.
///
/// # Errors
/// [`StoreError::Unavailable`] when the database cannot be reached, [`StoreError::Migration`] when one fails.
pub async fn migrate(url: &SecretString) -> Result<Vec<String>, StoreError> {
    let mut conn =
        Conn::establish(url.expose_secret()).await.map_err(|error| StoreError::Unavailable(Box::new(error)))?;
    // The lock ends with the connection.
    diesel::sql_query("SELECT pg_advisory_lock($1)").bind::<BigInt, _>(LOCK).execute(&mut conn).await?;
    let applied = tokio::task::spawn_blocking(move || {
        let mut harness: AsyncConnectionWrapper<Conn> = conn.into();
        let versions = harness.run_pending_migrations(MIGRATIONS)?;
        Ok(versions.iter().map(ToString::to_string).collect())
    });
    applied
        .await
        .map_err(|error| StoreError::Migration(Box::new(error)))?
        .map_err(|error: Box<dyn std::error::Error + Send + Sync>| StoreError::Migration(error))
}

/// Whether every migration that this program knows has been applied.
///
/// # Errors
/// [`StoreError::Unavailable`] when the database cannot be asked.
pub async fn is_migrated(conn: &mut Conn) -> Result<bool, StoreError> {
    #[derive(diesel::QueryableByName)]
    struct Found {
        #[diesel(sql_type = BigInt)]
        found: i64,
    }
    let count = |sql: &'static str| diesel::sql_query(sql);
    let table = count("SELECT count(to_regclass('__diesel_schema_migrations')) AS found");
    if table.get_result::<Found>(conn).await?.found == 0 {
        return Ok(false);
    }
    let known = known_versions()?;
    let wanted = known.len();
    let applied = count("SELECT count(*) AS found FROM __diesel_schema_migrations WHERE version = ANY($1)")
        .bind::<Array<Text>, _>(known);
    Ok(usize::try_from(applied.get_result::<Found>(conn).await?.found) == Ok(wanted))
}

fn known_versions() -> Result<Vec<String>, StoreError> {
    let migrations: Vec<Box<dyn Migration<Pg>>> = MIGRATIONS.migrations().map_err(StoreError::Migration)?;
    Ok(migrations.iter().map(|migration| migration.name().version().to_string()).collect())
}
