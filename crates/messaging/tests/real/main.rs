//! RabbitMQ and Redis as they are.

mod dead_letters;
mod kinds;
mod outages;
mod queues;
mod redis;
mod replicas;

use messaging::{Broker, BrokerSettings, FrameQueueSettings, Namespace, Redis, RedisSettings};
use testkit::TestNamespace;

const FRAMES: FrameQueueSettings = FrameQueueSettings { ttl_ms: 60_000, max_length: 3 };

async fn broker(namespace: &TestNamespace, url: &str) -> anyhow::Result<Broker> {
    broker_with(namespace, url, FRAMES).await
}

async fn broker_with(namespace: &TestNamespace, url: &str, frames: FrameQueueSettings) -> anyhow::Result<Broker> {
    let settings = BrokerSettings { url: url.to_owned().into(), queue_expires_ms: Some(300_000) };
    Ok(Broker::connect(&settings, &Namespace::new(namespace.name()), frames).await?)
}

fn redis(namespace: &TestNamespace, url: &str) -> anyhow::Result<Redis> {
    Ok(Redis::connect(&RedisSettings { url: url.to_owned().into() }, &Namespace::new(namespace.name()))?)
}
