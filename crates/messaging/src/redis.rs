//! Redis, as far as it can be reached.

use std::time::Duration;

use deadpool_redis::redis::{Client, Cmd, FromRedisValue, RedisError};
use deadpool_redis::{Config, Connection, Pool, PoolConfig, Runtime, Timeouts};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::error::{MessagingError, REDIS};
use crate::namespace::Namespace;

const COMMAND_LIMIT: Duration = Duration::from_secs(1);
const CONNECTIONS: usize = 16;

/// Where Redis is.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedisSettings {
    /// `redis://:password@host:port/database`.
    pub url: SecretString,
}

/// Events, version keys and tickets; cheap to clone. Each command is given up after a second.
#[derive(Clone)]
pub struct Redis {
    pool: Pool,
    pub(crate) client: Client,
    pub(crate) namespace: Namespace,
}

impl Redis {
    /// Prepares connections, which are made when they are needed.
    ///
    /// # Errors
    /// [`MessagingError::Settings`] when a setting cannot be used.
    pub fn connect(settings: &RedisSettings, namespace: &Namespace) -> Result<Self, MessagingError> {
        namespace.check()?;
        let url = settings.url.expose_secret();
        let bad_url = || {
            let advice = "redis.url must look like redis://:password@host:port/database";
            MessagingError::Settings(advice.to_owned())
        };
        let client = Client::open(url).map_err(|_secret| bad_url())?;
        let timeouts =
            Timeouts { wait: Some(COMMAND_LIMIT), create: Some(COMMAND_LIMIT), recycle: Some(COMMAND_LIMIT) };
        let mut config = Config::from_url(url);
        config.pool = Some(PoolConfig { max_size: CONNECTIONS, timeouts, ..PoolConfig::default() });
        let pool = config.create_pool(Some(Runtime::Tokio1)).map_err(|_secret| bad_url())?;
        Ok(Self { pool, client, namespace: namespace.clone() })
    }

    /// Asks Redis for a sign of life.
    ///
    /// # Errors
    /// When there is none.
    pub async fn ping(&self) -> Result<(), MessagingError> {
        self.ask(&deadpool_redis::redis::cmd("PING")).await
    }

    pub(crate) async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, MessagingError> {
        self.with(async |connection| command.query_async(connection).await).await
    }

    /// Runs `work` on a connection, for at most a second.
    pub(crate) async fn with<T>(
        &self,
        work: impl AsyncFnOnce(&mut Connection) -> Result<T, RedisError>,
    ) -> Result<T, MessagingError> {
        let run = async {
            let mut connection = self.pool.get().await.map_err(MessagingError::redis)?;
            work(&mut connection).await.map_err(MessagingError::redis)
        };
        tokio::time::timeout(COMMAND_LIMIT, run).await.unwrap_or_else(|_late| Err(MessagingError::late(REDIS)))
    }
}
