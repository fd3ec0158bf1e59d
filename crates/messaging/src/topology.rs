//! Every queue, and the rules that it lives by.

use lapin::options::QueueDeclareOptions;
use lapin::protocol::{AMQPErrorKind, AMQPSoftError};
use lapin::types::{AMQPValue, FieldTable, ShortString};
use lapin::{Channel, Connection, ErrorKind};
use serde::Deserialize;

use crate::error::MessagingError;
use crate::namespace::Namespace;

/// Deliveries of an enrollment that may fail before it is laid aside as dead.
const DELIVERY_LIMIT: i64 = 5;

/// How the queue of frames sheds what it cannot hold.
///
/// Processes of one installation must agree on it; a queue that is there already keeps what it was declared with.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrameQueueSettings {
    /// How long a frame may wait, in milliseconds.
    pub ttl_ms: u32,
    /// How many frames may wait; one more drops the oldest.
    pub max_length: u32,
}

impl FrameQueueSettings {
    /// Refuses what would drop every frame.
    pub(crate) fn check(&self) -> Result<(), MessagingError> {
        if self.ttl_ms > 0 && self.max_length > 0 {
            return Ok(());
        }
        Err(MessagingError::Settings("frames.ttl_ms and frames.max_length must be at least 1".to_owned()))
    }
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

/// One queue.
#[derive(Debug, Clone)]
pub(crate) struct Queue {
    /// As the broker knows it.
    pub(crate) name: ShortString,
    /// As logs and metrics know it, whatever the namespace.
    pub(crate) label: &'static str,
}

/// The queues of one namespace.
#[derive(Debug, Clone)]
pub(crate) struct Topology {
    /// Frames: a classic queue in memory, bounded, newest wins.
    pub(crate) frames: Queue,
    /// Enrollments: a quorum queue, nothing lost.
    pub(crate) enrollments: Queue,
    /// Enrollments that failed too often.
    pub(crate) dead: Queue,
    frame_settings: FrameQueueSettings,
    expires_ms: Option<u32>,
}

impl Topology {
    /// The queues of `namespace`; with `expires_ms` each vanishes when nobody has used it for so long.
    pub(crate) fn new(namespace: &Namespace, frame_settings: FrameQueueSettings, expires_ms: Option<u32>) -> Self {
        let queue = |label| Queue { name: namespace.name(label).into(), label };
        Self {
            frames: queue("frames"),
            enrollments: queue("enrollments"),
            dead: queue("enrollments.dead"),
            frame_settings,
            expires_ms,
        }
    }

    /// Declares them all; harmless where they are.
    pub(crate) async fn declare(&self, connection: &Connection) -> lapin::Result<()> {
        let (mut frames, mut dead) = (self.arguments(), self.arguments());
        frames.insert("x-message-ttl".into(), AMQPValue::LongLongInt(self.frame_settings.ttl_ms.into()));
        frames.insert("x-max-length".into(), AMQPValue::LongLongInt(self.frame_settings.max_length.into()));
        frames.insert("x-overflow".into(), AMQPValue::LongString("drop-head".into()));
        dead.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
        let mut enrollments = dead.clone();
        enrollments.insert("x-delivery-limit".into(), AMQPValue::LongLongInt(DELIVERY_LIMIT));
        enrollments.insert("x-dead-letter-exchange".into(), AMQPValue::LongString("".into()));
        let to_the_dead = AMQPValue::LongString(self.dead.name.as_str().into());
        enrollments.insert("x-dead-letter-routing-key".into(), to_the_dead);
        declare(connection, &self.dead, dead).await?;
        declare(connection, &self.enrollments, enrollments).await?;
        declare(connection, &self.frames, frames).await
    }

    /// Counts what waits.
    pub(crate) async fn depths(&self, channel: &Channel) -> lapin::Result<QueueDepths> {
        Ok(QueueDepths {
            frames: count(channel, &self.frames).await?,
            enrollments: count(channel, &self.enrollments).await?,
            dead: count(channel, &self.dead).await?,
        })
    }

    /// What all queues have in common.
    fn arguments(&self) -> FieldTable {
        let mut arguments = FieldTable::default();
        if let Some(expires_ms) = self.expires_ms {
            arguments.insert("x-expires".into(), AMQPValue::LongLongInt(expires_ms.into()));
        }
        arguments
    }
}

/// Declares a queue on a channel of its own, since a refusal closes the channel.
///
/// A queue that exists under other rules is used as it is: rather an old limit than no queue. Only deleting it can
/// change them, which is for the operator to decide.
async fn declare(connection: &Connection, queue: &Queue, arguments: FieldTable) -> lapin::Result<()> {
    let channel = connection.create_channel().await?;
    match channel.queue_declare(queue.name.clone(), QueueDeclareOptions::durable(), arguments).await {
        Err(error) if is_disagreement(&error) => {
            let (name, error) = (queue.name.as_str(), &error as &dyn std::error::Error);
            tracing::error!(queue = name, error, "the queue was declared with other settings, which stay: delete it");
            Ok(())
        }
        declared => declared.map(drop),
    }
}

fn is_disagreement(error: &lapin::Error) -> bool {
    let precondition = AMQPErrorKind::Soft(AMQPSoftError::PRECONDITIONFAILED);
    matches!(error.kind(), ErrorKind::ProtocolError(refusal) if *refusal.kind() == precondition)
}

async fn count(channel: &Channel, queue: &Queue) -> lapin::Result<u32> {
    let look = QueueDeclareOptions::default().passive();
    Ok(channel.queue_declare(queue.name.clone(), look, FieldTable::default()).await?.message_count())
}
