//! Several changes that are made together or not at all.

use diesel_async::{AsyncConnection, TransactionManager};

use crate::error::StoreError;
use crate::pool::Conn;

type Manager = <Conn as AsyncConnection>::TransactionManager;

/// Carries out `work` in one transaction, which is undone in any case: to know what would happen.
///
/// # Errors
/// That of `work`, or that of the database.
pub async fn rehearse<T, E: From<StoreError>>(
    conn: &mut Conn,
    work: impl AsyncFnOnce(&mut Conn) -> Result<T, E>,
) -> Result<T, E> {
    Manager::begin_transaction(conn).await.map_err(StoreError::from)?;
    let done = work(conn).await;
    Manager::rollback_transaction(conn).await.map_err(StoreError::from)?;
    done
}

/// Carries out `work` in one transaction, which is undone when it fails. Transactions within it are parts of it.
///
/// A connection whose `work` was dropped halfway does not go back to its pool, and so is undone too. (Diesel's own
/// `transaction` does the same, but asks for a `work` that may move between threads, which a handler's may not.)
///
/// # Errors
/// That of `work`, or that of the database.
pub async fn run<T, E: From<StoreError>>(
    conn: &mut Conn,
    work: impl AsyncFnOnce(&mut Conn) -> Result<T, E>,
) -> Result<T, E> {
    Manager::begin_transaction(conn).await.map_err(StoreError::from)?;
    match work(conn).await {
        Ok(done) => {
            Manager::commit_transaction(conn).await.map_err(StoreError::from)?;
            Ok(done)
        }
        Err(error) => {
            // When this fails too the connection is broken, and its pool drops it.
            let _broken = Manager::rollback_transaction(conn).await;
            Err(error)
        }
    }
}
