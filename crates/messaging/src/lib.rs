//! Jobs over RabbitMQ; events, version keys and short-lived pictures over Redis: the only crate that knows lapin and redis.
//!
//! A message is a hint to do work and an event is a hint to look; Postgres holds the truth. Losing either delays and
//! never corrupts, so callers may treat an error of Redis as "unknown".
//!
//! Counted, by `queue`: `rollcall_messages_published_total`, `rollcall_messages_unpublished_total` (refused or not
//! confirmed in time), `rollcall_messages_delivered_total`, `rollcall_messages_settled_total` (also by `outcome`: `done`,
//! `retry`, `dead`, or `lost` with its connection), `rollcall_messages_malformed_total`. Of the connection to the broker:
//! `rollcall_broker_connected` and `rollcall_broker_connections_lost_total`.

mod backoff;
mod broker;
mod consumer;
mod delivery;
mod error;
mod events;
mod job;
mod link;
mod namespace;
mod perishable;
mod pictures;
mod publisher;
mod receipt;
mod redis;
mod replicas;
mod socket;
mod tickets;
mod topology;
mod versions;

pub use broker::{Broker, BrokerSettings, DeadJob, DeadLetter, HeldLetter, HeldLetters, JobQueue};
pub use consumer::Consumer;
pub use delivery::{Delivery, Payload};
pub use error::MessagingError;
pub use events::Live;
pub use job::{ClassPhotoJob, EnrollmentJob};
pub use namespace::{DeploymentSettings, Namespace};
pub use perishable::{Frame, Look, LookHeader, Perishable};
pub use redis::{Redis, RedisSettings};
pub use topology::{FrameQueueSettings, QueueDepths, QueueStanding};
pub use versions::{Correction, Counted};
