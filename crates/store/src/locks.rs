//! Advisory locks: one holder in the whole installation, such as the scheduler that builds the nightly index.
//!
//! A lock belongs to the connection that took it and ends with it. A connection that goes back to its pool keeps its
//! locks, so unlock first.

use diesel::sql_types::{BigInt, Bool};
use diesel_async::RunQueryDsl;

use crate::error::StoreError;
use crate::pool::Conn;

/// Takes the lock `key` if nobody holds it; `false` when another connection does.
///
/// # Errors
/// Only those of the database.
pub async fn try_lock(conn: &mut Conn, key: i64) -> Result<bool, StoreError> {
    ask(conn, "SELECT pg_try_advisory_lock($1) AS answer", key).await
}

/// Takes the lock `key`, however long others have it, until the transaction ends.
///
/// # Errors
/// Only those of the database.
pub async fn wait(tx: &mut Conn, key: i64) -> Result<(), StoreError> {
    diesel::sql_query("SELECT pg_advisory_xact_lock($1)").bind::<BigInt, _>(key).execute(tx).await?;
    Ok(())
}

/// Gives the lock `key` back; `false` when this connection did not hold it.
///
/// # Errors
/// Only those of the database.
pub async fn unlock(conn: &mut Conn, key: i64) -> Result<bool, StoreError> {
    ask(conn, "SELECT pg_advisory_unlock($1) AS answer", key).await
}

/// Whether this connection holds the lock `key`, which is not negative.
///
/// # Errors
/// Only those of the database.
pub async fn is_held(conn: &mut Conn, key: i64) -> Result<bool, StoreError> {
    // A key of 64 bits stands there in two halves.
    const HELD: &str = "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 \
         AND pid = pg_backend_pid() AND granted AND (classid::bigint << 32) + objid::bigint = $1) AS answer";
    ask(conn, HELD, key).await
}

async fn ask(conn: &mut Conn, sql: &'static str, key: i64) -> Result<bool, StoreError> {
    #[derive(diesel::QueryableByName)]
    struct Answer {
        #[diesel(sql_type = Bool)]
        answer: bool,
    }
    Ok(diesel::sql_query(sql).bind::<BigInt, _>(key).get_result::<Answer>(conn).await?.answer)
}
