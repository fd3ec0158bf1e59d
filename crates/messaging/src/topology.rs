//! Every queue, and the rules that it lives by.

use lapin::Channel;
use lapin::options::QueueDeclareOptions;
use lapin::types::{AMQPValue, FieldTable, ShortString};
use serde::Deserialize;

use crate::namespace::Namespace;

/// Deliveries of an enrollment before it is laid aside as dead.
const DELIVERY_LIMIT: i64 = 10;

/// How the queue of frames sheds what it cannot hold.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrameQueueSettings {
    /// How long a frame may wait, in milliseconds.
    pub ttl_ms: u32,
    /// How many frames may wait; one more drops the oldest.
    pub max_length: u32,
}

/// How many messages wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueDepths {
    /// Frames.
    pub frames: u32,
    /// Enrollments.
    pub enrollments: u32,
    /// Enrollments that failed too often.
    pub dead: u32,
}

/// The names of the queues of one namespace.
#[derive(Debug, Clone)]
pub(crate) struct Queues {
    /// Frames: a classic queue in memory, bounded, newest wins.
    pub(crate) frames: ShortString,
    /// Enrollments: a quorum queue, nothing lost.
    pub(crate) enrollments: ShortString,
    /// Enrollments that failed too often.
    pub(crate) dead: ShortString,
}

impl Queues {
    pub(crate) fn of(namespace: &Namespace) -> Self {
        Self {
            frames: namespace.name("frames").into(),
            enrollments: namespace.name("enrollments").into(),
            dead: namespace.name("enrollments.dead").into(),
        }
    }

    /// Declares them all; harmless where they are.
    pub(crate) async fn declare(&self, channel: &Channel, frames: &FrameQueueSettings) -> lapin::Result<()> {
        let mut perishable = FieldTable::default();
        perishable.insert("x-message-ttl".into(), AMQPValue::LongInt(i32::try_from(frames.ttl_ms).unwrap_or(i32::MAX)));
        perishable
            .insert("x-max-length".into(), AMQPValue::LongInt(i32::try_from(frames.max_length).unwrap_or(i32::MAX)));
        perishable.insert("x-overflow".into(), AMQPValue::LongString("drop-head".into()));
        let mut durable = FieldTable::default();
        durable.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
        let mut limited = durable.clone();
        limited.insert("x-delivery-limit".into(), AMQPValue::LongLongInt(DELIVERY_LIMIT));
        limited.insert("x-dead-letter-exchange".into(), AMQPValue::LongString("".into()));
        limited.insert("x-dead-letter-routing-key".into(), AMQPValue::LongString(self.dead.as_str().into()));
        for (queue, arguments) in [(&self.dead, durable), (&self.enrollments, limited), (&self.frames, perishable)] {
            channel.queue_declare(queue.clone(), QueueDeclareOptions::durable(), arguments).await?;
        }
        Ok(())
    }

    /// Counts what waits.
    pub(crate) async fn depths(&self, channel: &Channel) -> lapin::Result<QueueDepths> {
        let count = async |queue: &ShortString| {
            let passive = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
            Ok::<u32, lapin::Error>(
                channel.queue_declare(queue.clone(), passive, FieldTable::default()).await?.message_count(),
            )
        };
        Ok(QueueDepths {
            frames: count(&self.frames).await?,
            enrollments: count(&self.enrollments).await?,
            dead: count(&self.dead).await?,
        })
    }
}
