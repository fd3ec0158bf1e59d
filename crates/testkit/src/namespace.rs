//! A namespace per test: its queues and keys go with it.

use anyhow::Context;
use deadpool_redis::redis;
use lapin::options::QueueDeleteOptions;
use lapin::{Connection, ConnectionProperties};
use uuid::Uuid;

use crate::servers::servers;

/// Queues that a process of ours may have declared, by their name within the namespace.
const QUEUES: [&str; 3] = ["frames", "enrollments", "enrollments.dead"];

/// A prefix for queues, keys and channels that no other test has; what bears it is deleted with this value.
pub struct TestNamespace {
    name: String,
    broker_url: String,
    redis_url: String,
}

impl TestNamespace {
    /// A new namespace.
    ///
    /// # Errors
    /// When the servers were never started.
    pub fn create() -> anyhow::Result<Self> {
        let servers = servers()?;
        Ok(Self {
            name: format!("test-{}", Uuid::new_v4().simple()),
            broker_url: servers.broker_url()?.to_owned(),
            redis_url: servers.redis_url()?.to_owned(),
        })
    }

    /// The prefix.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// RabbitMQ.
    #[must_use]
    pub fn broker_url(&self) -> &str {
        &self.broker_url
    }

    /// Redis.
    #[must_use]
    pub fn redis_url(&self) -> &str {
        &self.redis_url
    }

    /// Forgets every key of the namespace, as a flushed Redis has.
    ///
    /// # Errors
    /// When Redis is away.
    pub async fn flush_redis(&self) -> anyhow::Result<()> {
        delete_keys(&self.redis_url, &self.name).await
    }
}

impl Drop for TestNamespace {
    fn drop(&mut self) {
        // A thread with its own runtime, since the test's is busy with us or gone.
        let (name, broker_url, redis_url) = (self.name.clone(), self.broker_url.clone(), self.redis_url.clone());
        let clearing = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                delete_queues(&broker_url, &name).await?;
                delete_keys(&redis_url, &name).await
            })
        });
        match clearing.join() {
            Ok(Ok(())) => {}
            Ok(Err(error)) => eprintln!("namespace {} was left behind: {error:#}", self.name),
            Err(_) => eprintln!("namespace {} was left behind", self.name),
        }
    }
}

async fn delete_queues(broker_url: &str, name: &str) -> anyhow::Result<()> {
    let connection =
        Connection::connect(broker_url, ConnectionProperties::default()).await.context("cannot reach RabbitMQ")?;
    let channel = connection.create_channel().await?;
    for queue in QUEUES {
        channel.queue_delete(format!("{name}.{queue}").into(), QueueDeleteOptions::default()).await?;
    }
    connection.close(200, "done".into()).await?;
    Ok(())
}

async fn delete_keys(redis_url: &str, name: &str) -> anyhow::Result<()> {
    let mut connection =
        redis::Client::open(redis_url)?.get_multiplexed_async_connection().await.context("cannot reach Redis")?;
    let keys: Vec<String> = redis::cmd("KEYS").arg(format!("{name}.*")).query_async(&mut connection).await?;
    if !keys.is_empty() {
        redis::cmd("DEL").arg(keys).query_async::<()>(&mut connection).await?;
    }
    Ok(())
}
