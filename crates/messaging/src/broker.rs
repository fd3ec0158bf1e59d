//! Publishing, and beginning to consume.

use std::time::Duration;

use bytes::Bytes;
use domain::frame::FrameHeader;
use lapin::options::BasicPublishOptions;
use lapin::types::{AMQPValue, FieldTable};
use lapin::uri::{AMQPScheme, AMQPUri};
use lapin::{BasicProperties, Confirmation};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::consumer::Consumer;
use crate::delivery::Payload;
use crate::error::{BROKER, MessagingError};
use crate::job::{ClassPhotoJob, EnrollmentJob};
use crate::link::Links;
use crate::namespace::Namespace;
use crate::perishable::{Frame, Header, Look, LookHeader};
use crate::publisher::Publisher;
use crate::topology::{FrameQueueSettings, Queue, QueueDepths, QueueStanding, Topology};

mod dead_letters;

pub use dead_letters::{DeadJob, DeadLetter, HeldLetter, HeldLetters, JobQueue};

const PERISHABLE_LIMIT: Duration = Duration::from_secs(1);
const JOB_LIMIT: Duration = Duration::from_secs(5);
const CLOSE_LIMIT: Duration = Duration::from_secs(5);
/// Seconds from one heartbeat to the next; a broker that is silent for twice as long is given up.
const HEARTBEAT: u16 = 10;
const PERSISTENT: u8 = 2;

/// Where RabbitMQ is.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrokerSettings {
    /// `amqp://user:password@host:port/vhost`.
    pub url: SecretString,
    /// Deletes queues that nobody has used for so many milliseconds. For tests: where it is not set queues stay.
    #[serde(default)]
    pub queue_expires_ms: Option<u32>,
}

/// RabbitMQ, as far as it can be reached; cheap to clone.
///
/// The connection is made again whenever it is lost. Meanwhile publishing waits a little and then fails with
/// [`MessagingError::Unavailable`], and consumers wait.
#[derive(Clone)]
pub struct Broker {
    links: Links,
    topology: Topology,
    frames: Publisher,
    looks: Publisher,
}

impl Broker {
    /// Begins to connect. That the broker is away is no error: [`Broker::is_ready`] says when it is there.
    ///
    /// # Errors
    /// [`MessagingError::Settings`] when a setting cannot be used.
    #[expect(clippy::unused_async, reason = "needs the runtime that its connection lives on")]
    pub async fn connect(
        settings: &BrokerSettings,
        namespace: &Namespace,
        perishables: FrameQueueSettings,
    ) -> Result<Self, MessagingError> {
        namespace.check()?;
        perishables.check()?;
        let mut address: AMQPUri = settings.url.expose_secret().parse().map_err(|_secret: String| bad_url())?;
        // Built without TLS, lapin would take `amqps` and speak plainly.
        if address.scheme != AMQPScheme::AMQP {
            return Err(bad_url());
        }
        address.query.heartbeat.get_or_insert(HEARTBEAT);
        let topology = Topology::new(namespace, perishables, settings.queue_expires_ms);
        let links = Links::keep(address, topology.clone());
        let frames = Publisher::start(topology.frames.clone(), links.watch());
        let looks = Publisher::start(topology.looks.clone(), links.watch());
        Ok(Self { links, topology, frames, looks })
    }

    /// Whether there is a connection now.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.links.is_up()
    }

    /// Waits for a connection.
    ///
    /// # Errors
    /// When there is none within `limit`.
    pub async fn wait_until_ready(&self, limit: Duration) -> Result<(), MessagingError> {
        self.links.get(limit).await.map(drop)
    }

    /// Publishes a frame: perishable, not confirmed, the oldest dropped when there are too many.
    ///
    /// # Errors
    /// [`MessagingError::Unavailable`] when it could not be sent within a second.
    pub async fn publish_frame(&self, header: &FrameHeader, jpeg: impl Into<Bytes>) -> Result<(), MessagingError> {
        self.publish_perishable(&self.frames, &self.topology.frames, header, jpeg.into()).await
    }

    /// Publishes a frame of a guided capture: perishable like any frame, in a queue of its own.
    ///
    /// # Errors
    /// As [`Broker::publish_frame`].
    pub async fn publish_look(&self, header: &LookHeader, jpeg: impl Into<Bytes>) -> Result<(), MessagingError> {
        self.publish_perishable(&self.looks, &self.topology.looks, header, jpeg.into()).await
    }

    async fn publish_perishable<H: Header>(
        &self,
        publisher: &Publisher,
        queue: &Queue,
        header: &H,
        jpeg: Bytes,
    ) -> Result<(), MessagingError> {
        let mut headers = FieldTable::default();
        let header = serde_json::to_string(header)?;
        headers.insert(H::NAME.into(), AMQPValue::LongString(header.into()));
        let properties = BasicProperties::default().with_headers(headers).with_content_type("image/jpeg".into());
        let publish = async {
            self.links.get(PERISHABLE_LIMIT).await?;
            publisher.send(properties, jpeg).await
        };
        counted(queue, within(PERISHABLE_LIMIT, publish).await)
    }

    /// Publishes an enrollment's job; `Ok` says that the broker has it on disk.
    ///
    /// # Errors
    /// [`MessagingError::Unavailable`] when the broker does not confirm it within five seconds; it may have it all the
    /// same, which is harmless.
    pub async fn publish_enrollment(&self, job: &EnrollmentJob) -> Result<(), MessagingError> {
        self.publish_job(&self.topology.enrollments.waiting, job).await
    }

    /// Publishes a class photo's job; `Ok` says that the broker has it on disk.
    ///
    /// # Errors
    /// As [`Broker::publish_enrollment`].
    pub async fn publish_class_photo(&self, job: &ClassPhotoJob) -> Result<(), MessagingError> {
        self.publish_job(&self.topology.photos.waiting, job).await
    }

    async fn publish_job(&self, queue: &Queue, job: &impl Serialize) -> Result<(), MessagingError> {
        let payload = serde_json::to_vec(job)?;
        counted(queue, within(JOB_LIMIT, self.publish_durable(queue, &payload)).await)
    }

    async fn publish_durable(&self, queue: &Queue, payload: &[u8]) -> Result<(), MessagingError> {
        let properties = BasicProperties::default().with_content_type("application/json".into());
        self.publish_confirmed(queue, payload, properties).await
    }

    /// Publishes a message that outlives the broker, under an id of its own, and waits until the broker has it on disk.
    async fn publish_confirmed(
        &self,
        queue: &Queue,
        payload: &[u8],
        properties: BasicProperties,
    ) -> Result<(), MessagingError> {
        let id = Uuid::now_v7().to_string();
        let properties = properties.with_delivery_mode(PERSISTENT).with_message_id(id.into());
        let link = self.links.get(JOB_LIMIT).await?;
        if link.is_blocked() {
            return Err(MessagingError::late(BROKER));
        }
        // A job that no queue takes comes back instead of vanishing.
        let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
        let sent = link.jobs.basic_publish("".into(), queue.name.clone(), options, payload, properties).await;
        match sent.map_err(MessagingError::broker)?.await.map_err(MessagingError::broker)? {
            Confirmation::Ack(None) => Ok(()),
            Confirmation::Ack(Some(_returned)) => {
                tracing::error!(queue = queue.label, "somebody deleted the queue; a new connection declares it again");
                link.give_up();
                Err(MessagingError::late(BROKER))
            }
            Confirmation::Nack(_) | Confirmation::NotRequested => Err(MessagingError::late(BROKER)),
        }
    }

    /// Frames, at most `prefetch` of them unsettled at a time.
    #[must_use]
    pub fn consume_frames(&self, prefetch: u16) -> Consumer<Frame> {
        self.consume(&self.topology.frames, prefetch)
    }

    /// Enrollments, at most `prefetch` of them unsettled at a time.
    #[must_use]
    pub fn consume_enrollments(&self, prefetch: u16) -> Consumer<EnrollmentJob> {
        self.consume(&self.topology.enrollments.waiting, prefetch)
    }

    /// Enrollments that failed too often.
    #[must_use]
    pub fn consume_dead_enrollments(&self, prefetch: u16) -> Consumer<EnrollmentJob> {
        self.consume(&self.topology.enrollments.dead, prefetch)
    }

    /// Class photos, at most `prefetch` of them unsettled at a time.
    #[must_use]
    pub fn consume_class_photos(&self, prefetch: u16) -> Consumer<ClassPhotoJob> {
        self.consume(&self.topology.photos.waiting, prefetch)
    }

    /// Class photos that failed too often.
    #[must_use]
    pub fn consume_dead_class_photos(&self, prefetch: u16) -> Consumer<ClassPhotoJob> {
        self.consume(&self.topology.photos.dead, prefetch)
    }

    /// Frames of guided captures, at most `prefetch` of them unsettled at a time.
    #[must_use]
    pub fn consume_looks(&self, prefetch: u16) -> Consumer<Look> {
        self.consume(&self.topology.looks, prefetch)
    }

    fn consume<T: Payload>(&self, queue: &Queue, prefetch: u16) -> Consumer<T> {
        Consumer::new(self.links.clone(), self.topology.clone(), queue.clone(), prefetch)
    }

    /// How many messages wait.
    ///
    /// # Errors
    /// [`MessagingError::Unavailable`] when the broker does not say.
    pub async fn depths(&self) -> Result<QueueDepths, MessagingError> {
        let count = async {
            let channel = self.links.get(JOB_LIMIT).await?.channel().await.map_err(MessagingError::broker)?;
            self.topology.depths(&channel).await.map_err(MessagingError::broker)
        };
        within(JOB_LIMIT, count).await
    }

    /// How each queue stands: what waits in it, who takes from it, and what died of it.
    ///
    /// # Errors
    /// As [`Broker::depths`].
    pub async fn standings(&self) -> Result<Vec<QueueStanding>, MessagingError> {
        let look = async {
            let channel = self.links.get(JOB_LIMIT).await?.channel().await.map_err(MessagingError::broker)?;
            self.topology.standings(&channel).await.map_err(MessagingError::broker)
        };
        within(JOB_LIMIT, look).await
    }

    /// Says goodbye to the broker. All clones are closed with this one: nothing can be published from then on, and
    /// consumers wait for good.
    pub async fn close(&self) {
        // The farewell has a limit of its own; this one only makes sure.
        let _ = tokio::time::timeout(CLOSE_LIMIT, self.links.close()).await;
    }
}

fn bad_url() -> MessagingError {
    MessagingError::Settings("broker.url must look like amqp://user:password@host:port/vhost".to_owned())
}

fn counted(queue: &Queue, result: Result<(), MessagingError>) -> Result<(), MessagingError> {
    let counter = match &result {
        Ok(()) => metrics::counter!("rollcall_messages_published_total", "queue" => queue.label),
        Err(_) => metrics::counter!("rollcall_messages_unpublished_total", "queue" => queue.label),
    };
    counter.increment(1);
    result
}

async fn within<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, MessagingError>>,
) -> Result<T, MessagingError> {
    tokio::time::timeout(limit, work).await.unwrap_or_else(|_late| Err(MessagingError::late(BROKER)))
}
