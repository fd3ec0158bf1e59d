//! Every queue, and the rules that it lives by.

use lapin::options::QueueDeclareOptions;
use lapin::protocol::{AMQPErrorKind, AMQPSoftError};
use lapin::types::{AMQPValue, FieldTable, ShortString};
use lapin::{Channel, Connection, ErrorKind};
use serde::Deserialize;

use crate::error::MessagingError;
use crate::namespace::Namespace;

/// Deliveries of a job that may fail before it is laid aside as dead.
const DELIVERY_LIMIT: i64 = 5;

/// How the queues of frames and of looks shed what they cannot hold, each by itself.
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
    /// Class photos.
    pub photos: u32,
    /// Class photos that failed too often.
    pub photos_dead: u32,
    /// Frames of guided captures.
    pub looks: u32,
}

/// A queue as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueStanding {
    /// As logs and metrics know it.
    pub name: &'static str,
    /// Messages that wait for somebody to take them.
    pub ready: u32,
    /// Those who take them, in all processes.
    pub consumers: u32,
    /// Messages that failed too often and lie aside; `None` where what fails is dropped.
    pub dead: Option<u32>,
}

/// One queue.
#[derive(Debug, Clone)]
pub(crate) struct Queue {
    /// As the broker knows it.
    pub(crate) name: ShortString,
    /// As logs and metrics know it, whatever the namespace.
    pub(crate) label: &'static str,
}

/// Jobs of one kind, in quorum queues: nothing is lost.
#[derive(Debug, Clone)]
pub(crate) struct Jobs {
    /// Those that wait.
    pub(crate) waiting: Queue,
    /// Those that failed too often.
    pub(crate) dead: Queue,
}

/// The queues of one namespace.
#[derive(Debug, Clone)]
pub(crate) struct Topology {
    /// Frames: a classic queue in memory, bounded, newest wins.
    pub(crate) frames: Queue,
    /// Frames of guided captures: a queue of the same kind.
    pub(crate) looks: Queue,
    /// Enrollments.
    pub(crate) enrollments: Jobs,
    /// Class photos.
    pub(crate) photos: Jobs,
    perishable_settings: FrameQueueSettings,
    expires_ms: Option<u32>,
}

impl Topology {
    /// The queues of `namespace`; with `expires_ms` each vanishes when nobody has used it for so long.
    pub(crate) fn new(namespace: &Namespace, perishable_settings: FrameQueueSettings, expires_ms: Option<u32>) -> Self {
        let queue = |label| Queue { name: namespace.name(label).into(), label };
        Self {
            frames: queue("frames"),
            looks: queue("looks"),
            enrollments: Jobs { waiting: queue("enrollments"), dead: queue("enrollments.dead") },
            photos: Jobs { waiting: queue("photos"), dead: queue("photos.dead") },
            perishable_settings,
            expires_ms,
        }
    }

    /// Declares them all; harmless where they are.
    pub(crate) async fn declare(&self, connection: &Connection) -> lapin::Result<()> {
        for jobs in [&self.enrollments, &self.photos] {
            declare(connection, &jobs.dead, self.dead_arguments()).await?;
            declare(connection, &jobs.waiting, self.waiting_arguments(&jobs.dead)).await?;
        }
        for perishables in [&self.frames, &self.looks] {
            declare(connection, perishables, self.perishable_arguments()).await?;
        }
        Ok(())
    }

    fn perishable_arguments(&self) -> FieldTable {
        let mut arguments = self.arguments();
        let FrameQueueSettings { ttl_ms, max_length } = self.perishable_settings;
        arguments.insert("x-message-ttl".into(), AMQPValue::LongLongInt(ttl_ms.into()));
        arguments.insert("x-max-length".into(), AMQPValue::LongLongInt(max_length.into()));
        arguments.insert("x-overflow".into(), AMQPValue::LongString("drop-head".into()));
        arguments
    }

    fn dead_arguments(&self) -> FieldTable {
        let mut arguments = self.arguments();
        arguments.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
        arguments
    }

    fn waiting_arguments(&self, dead: &Queue) -> FieldTable {
        let mut arguments = self.dead_arguments();
        arguments.insert("x-delivery-limit".into(), AMQPValue::LongLongInt(DELIVERY_LIMIT));
        arguments.insert("x-dead-letter-exchange".into(), AMQPValue::LongString("".into()));
        arguments.insert("x-dead-letter-routing-key".into(), AMQPValue::LongString(dead.name.as_str().into()));
        arguments
    }

    /// Counts what waits.
    pub(crate) async fn depths(&self, channel: &Channel) -> lapin::Result<QueueDepths> {
        Ok(QueueDepths {
            frames: count(channel, &self.frames).await?,
            enrollments: count(channel, &self.enrollments.waiting).await?,
            dead: count(channel, &self.enrollments.dead).await?,
            photos: count(channel, &self.photos.waiting).await?,
            photos_dead: count(channel, &self.photos.dead).await?,
            looks: count(channel, &self.looks).await?,
        })
    }

    /// How each queue stands.
    pub(crate) async fn standings(&self, channel: &Channel) -> lapin::Result<Vec<QueueStanding>> {
        let perishables = [&self.frames, &self.looks].map(|queue| (queue, None));
        let jobs = [&self.enrollments, &self.photos].map(|jobs| (&jobs.waiting, Some(&jobs.dead)));
        let mut standings = Vec::new();
        for (queue, dead) in perishables.into_iter().chain(jobs) {
            let waiting = look_at(channel, queue).await?;
            let dead = match dead {
                Some(dead) => Some(count(channel, dead).await?),
                None => None,
            };
            let (ready, consumers) = (waiting.message_count(), waiting.consumer_count());
            standings.push(QueueStanding { name: queue.label, ready, consumers, dead });
        }
        Ok(standings)
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

pub(crate) async fn count(channel: &Channel, queue: &Queue) -> lapin::Result<u32> {
    Ok(look_at(channel, queue).await?.message_count())
}

async fn look_at(channel: &Channel, queue: &Queue) -> lapin::Result<lapin::Queue> {
    let look = QueueDeclareOptions::default().passive();
    channel.queue_declare(queue.name.clone(), look, FieldTable::default()).await
}
