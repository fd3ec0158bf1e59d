//! Connections.

use std::time::Duration;

use diesel_async::pooled_connection::deadpool::{Object, Pool as DeadPool};
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig};
use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::error::StoreError;

/// A connection to Postgres.
pub type Conn = AsyncPgConnection;
/// Connections that are shared by a process.
pub type Pool = DeadPool<Conn>;
/// A connection out of a [`Pool`]; it goes back when dropped.
pub type PooledConn = Object<Conn>;

/// Section `[database]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseSettings {
    /// `postgres://user:password@host:port/database`.
    pub url: SecretString,
    /// Most connections of this process.
    pub pool_size: usize,
    /// 32 bytes in base64 that seal templates and photos.
    pub template_key: SecretString,
    /// Earlier ones, separated by commas, that still open what they sealed: while keys are rotated.
    #[serde(default)]
    pub old_template_keys: SecretString,
}

/// How long a caller waits for a connection, a new connection may take, and an old one may take to answer.
const WAIT: Duration = Duration::from_secs(5);

/// No statement of ours is meant to take longer, and a process that hangs must not keep its locks; nor may one whose
/// machine has gone, which Postgres finds out within a minute.
const SESSION: &str = "SET statement_timeout = '30s'; SET lock_timeout = '10s'; \
     SET idle_in_transaction_session_timeout = '60s'; SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; \
     SET tcp_keepalives_count = 3; SET TIME ZONE 'UTC'";

/// Makes the pool of a process. Connects to nothing yet: whether Postgres is there, the first query tells.
///
/// # Errors
/// [`StoreError::Settings`] when `pool_size` is 0.
pub fn connect(settings: &DatabaseSettings) -> Result<Pool, StoreError> {
    if settings.pool_size == 0 {
        return Err(StoreError::Settings("pool_size must be at least 1"));
    }
    let mut config = ManagerConfig::default();
    config.custom_setup = Box::new(|url| {
        Box::pin(async move {
            let mut conn = Conn::establish(url).await?;
            conn.batch_execute(SESSION).await.map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
            Ok(conn)
        })
    });
    DeadPool::builder(AsyncDieselConnectionManager::new_with_config(settings.url.expose_secret(), config))
        .max_size(settings.pool_size)
        .wait_timeout(Some(WAIT))
        .create_timeout(Some(WAIT))
        .recycle_timeout(Some(WAIT))
        .runtime(deadpool::Runtime::Tokio1)
        .build()
        .map_err(|error| StoreError::Unavailable(Box::new(error)))
}

/// A connection out of the pool, checked to be alive.
///
/// # Errors
/// [`StoreError::Unavailable`] when none is free, or Postgres does not answer, within five seconds.
pub async fn get(pool: &Pool) -> Result<PooledConn, StoreError> {
    Ok(pool.get().await?)
}
