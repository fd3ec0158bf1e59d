//! Jobs over RabbitMQ, events and version keys over Redis: the only crate that knows lapin and redis.
//!
//! A message is a hint to do work and an event is a hint to look; Postgres holds the truth. Losing either delays and
//! never corrupts, so callers may treat an error of Redis as "unknown".

mod broker;
mod consumer;
mod delivery;
mod error;
mod events;
mod job;
mod link;
mod namespace;
mod redis;
mod tickets;
mod topology;
mod versions;

pub use broker::{Broker, BrokerSettings};
pub use consumer::Consumer;
pub use delivery::{Delivery, Frame};
pub use error::MessagingError;
pub use events::Live;
pub use job::EnrollmentJob;
pub use namespace::{DeploymentSettings, Namespace};
pub use redis::{Redis, RedisSettings};
pub use topology::{FrameQueueSettings, QueueDepths};
