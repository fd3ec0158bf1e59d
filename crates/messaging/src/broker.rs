//! Publishing, and beginning to consume.

use std::time::Duration;

use domain::frame::FrameHeader;
use lapin::options::BasicPublishOptions;
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Confirmation};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::consumer::Consumer;
use crate::delivery::{FRAME_HEADER, Frame};
use crate::error::{BROKER, MessagingError};
use crate::job::EnrollmentJob;
use crate::link::Links;
use crate::namespace::Namespace;
use crate::topology::{FrameQueueSettings, QueueDepths, Queues};

const FRAME_LIMIT: Duration = Duration::from_secs(1);
const JOB_LIMIT: Duration = Duration::from_secs(5);
const PERSISTENT: u8 = 2;

/// Where RabbitMQ is.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrokerSettings {
    /// `amqp://user:password@host:port/vhost`.
    pub url: SecretString,
}

/// RabbitMQ, as far as it can be reached; cheap to clone.
///
/// The connection is made again whenever it is lost. Meanwhile publishing waits a little and then fails with
/// [`MessagingError::Unavailable`], and consumers wait.
#[derive(Clone)]
pub struct Broker {
    links: Links,
    queues: Queues,
}

impl Broker {
    /// Begins to connect. That the broker is away is no error: [`Broker::is_ready`] says when it is there.
    ///
    /// # Errors
    /// When the address is none.
    #[expect(clippy::unused_async, reason = "needs the runtime that its connection lives on")]
    pub async fn connect(
        settings: &BrokerSettings,
        namespace: &Namespace,
        frames: FrameQueueSettings,
    ) -> Result<Self, MessagingError> {
        let url = settings.url.expose_secret().to_owned();
        let parsed = url::Url::parse(&url).map_err(|_secret| bad_url())?;
        if !matches!(parsed.scheme(), "amqp" | "amqps") {
            return Err(bad_url());
        }
        let queues = Queues::of(namespace);
        Ok(Self { links: Links::keep(url, queues.clone(), frames), queues })
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
    /// [`MessagingError::Unavailable`] when there is no connection within a second.
    pub async fn publish_frame(&self, header: &FrameHeader, jpeg: impl AsRef<[u8]>) -> Result<(), MessagingError> {
        let mut headers = FieldTable::default();
        let header = serde_json::to_string(header)?;
        headers.insert(FRAME_HEADER.into(), AMQPValue::LongString(header.into()));
        let properties = BasicProperties::default().with_headers(headers).with_content_type("image/jpeg".into());
        let queue = self.queues.frames.clone();
        let publish = async {
            let link = self.links.get(FRAME_LIMIT).await?;
            let options = BasicPublishOptions::default();
            let sent = link.frames.basic_publish("".into(), queue, options, jpeg.as_ref(), properties).await;
            sent.map(drop).map_err(MessagingError::broker)
        };
        within(FRAME_LIMIT, publish).await?;
        metrics::counter!("rollcall_messages_published_total", "queue" => "frames").increment(1);
        Ok(())
    }

    /// Publishes an enrollment's job; `Ok` says that the broker has it on disk.
    ///
    /// # Errors
    /// [`MessagingError::Unavailable`] when the broker does not confirm it within five seconds; it may have it all the
    /// same, which is harmless.
    pub async fn publish_enrollment(&self, job: &EnrollmentJob) -> Result<(), MessagingError> {
        let payload = serde_json::to_vec(job)?;
        let properties =
            BasicProperties::default().with_delivery_mode(PERSISTENT).with_content_type("application/json".into());
        let queue = self.queues.enrollments.clone();
        let publish = async {
            let link = self.links.get(JOB_LIMIT).await?;
            let options = BasicPublishOptions::default();
            let sent = link.jobs.basic_publish("".into(), queue, options, &payload, properties).await;
            match sent.map_err(MessagingError::broker)?.await.map_err(MessagingError::broker)? {
                Confirmation::Ack(_) => Ok(()),
                Confirmation::Nack(_) | Confirmation::NotRequested => Err(MessagingError::late(BROKER)),
            }
        };
        within(JOB_LIMIT, publish).await?;
        metrics::counter!("rollcall_messages_published_total", "queue" => "enrollments").increment(1);
        Ok(())
    }

    /// Frames, at most `prefetch` of them unsettled at a time.
    #[must_use]
    pub fn consume_frames(&self, prefetch: u16) -> Consumer<Frame> {
        Consumer::new(self.links.clone(), self.queues.frames.clone(), prefetch)
    }

    /// Enrollments, at most `prefetch` of them unsettled at a time.
    #[must_use]
    pub fn consume_enrollments(&self, prefetch: u16) -> Consumer<EnrollmentJob> {
        Consumer::new(self.links.clone(), self.queues.enrollments.clone(), prefetch)
    }

    /// Enrollments that failed too often.
    #[must_use]
    pub fn consume_dead_enrollments(&self, prefetch: u16) -> Consumer<EnrollmentJob> {
        Consumer::new(self.links.clone(), self.queues.dead.clone(), prefetch)
    }

    /// How many messages wait.
    ///
    /// # Errors
    /// [`MessagingError::Unavailable`] when the broker does not say.
    pub async fn depths(&self) -> Result<QueueDepths, MessagingError> {
        let count = async {
            let channel = self.links.get(JOB_LIMIT).await?.channel().await.map_err(MessagingError::broker)?;
            self.queues.depths(&channel).await.map_err(MessagingError::broker)
        };
        within(JOB_LIMIT, count).await
    }
}

fn bad_url() -> MessagingError {
    MessagingError::Settings("broker.url must look like amqp://user:password@host:port/vhost".to_owned())
}

async fn within<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, MessagingError>>,
) -> Result<T, MessagingError> {
    tokio::time::timeout(limit, work).await.unwrap_or_else(|_late| Err(MessagingError::late(BROKER)))
}
