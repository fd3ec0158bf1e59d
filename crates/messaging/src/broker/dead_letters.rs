//! Jobs that failed too often: to be looked at, sent again or thrown away, without losing one.
//!
//! Letters are held while they are looked at: taken from the broker and not settled, so that it returns them when they
//! are given back, dropped, or lost with the connection. A letter that is sent again is settled only once the broker has
//! the new message on disk: it may come twice, and is never lost.
//!
//! Somebody else who looks meanwhile does not see what is held. Whoever wants to see all must keep others out.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use lapin::options::BasicGetOptions;
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Channel};
use sha2::{Digest, Sha256};

use super::{Broker, counted, within};
use crate::delivery::Payload;
use crate::error::MessagingError;
use crate::job::{ClassPhotoJob, EnrollmentJob};
use crate::receipt::Receipt;
use crate::topology::{Jobs, Queue, count};

/// How long a queue of dead letters may take to be read, to be given back, or to settle one.
const HOLD_LIMIT: Duration = Duration::from_secs(10);
/// Hexadecimal digits of a letter's id.
const ID_DIGITS: usize = 32;

/// A queue whose messages are laid aside when they fail too often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobQueue {
    /// Enrollments.
    Enrollments,
    /// Class photos.
    Photos,
}

impl JobQueue {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Enrollments, Self::Photos];

    fn of(self, broker: &Broker) -> &Jobs {
        match self {
            Self::Enrollments => &broker.topology.enrollments,
            Self::Photos => &broker.topology.photos,
        }
    }
}

/// What a dead letter asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeadJob {
    /// That photos become templates.
    Enrollment(EnrollmentJob),
    /// That a picture of a class is looked at.
    ClassPhoto(ClassPhotoJob),
}

/// A message that failed too often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The same whenever it is looked at. Letters that are alike in everything have the same.
    pub id: String,
    /// The queue that it came from.
    pub queue: JobQueue,
    /// When it was laid aside, to the second; `None` where the broker does not say.
    pub died_at: Option<DateTime<Utc>>,
    /// Why, in the words of RabbitMQ: `rejected` by a worker, or `delivery_limit`.
    pub reason: Option<String>,
    /// What kind of bytes it is.
    pub content_type: Option<String>,
    /// How many bytes it has.
    pub bytes: usize,
    /// What it asks for; `None` when it is not one of ours.
    pub job: Option<DeadJob>,
}

/// Dead letters that nobody else sees until they are given back. Dropping them gives them back too, a moment later.
pub struct HeldLetters {
    broker: Broker,
    dead: Queue,
    waiting: Queue,
    channel: Arc<Channel>,
    held: Vec<Held>,
}

/// One of them.
struct Held {
    letter: DeadLetter,
    message: Message,
    receipt: Receipt,
}

/// What was sent.
struct Message {
    properties: BasicProperties,
    body: Vec<u8>,
}

/// The one that is dealt with.
pub struct HeldLetter {
    broker: Broker,
    dead: Queue,
    waiting: Queue,
    channel: Arc<Channel>,
    held: Held,
}

impl Broker {
    /// Holds the dead letters of a queue, at most `most`, those first that come first.
    ///
    /// What is given back comes before what was never held, and after what was given back before: to hold all that there
    /// are, or always the same number, leaves the order as it is.
    ///
    /// # Errors
    /// [`MessagingError::Unavailable`] when the broker is away or slow; then it has them all again.
    pub async fn hold_dead_letters(&self, queue: JobQueue, most: usize) -> Result<HeldLetters, MessagingError> {
        within(HOLD_LIMIT, self.hold(queue, most)).await
    }

    async fn hold(&self, queue: JobQueue, most: usize) -> Result<HeldLetters, MessagingError> {
        let Jobs { waiting, dead } = queue.of(self).clone();
        let link = self.links.get(super::JOB_LIMIT).await?;
        let channel = Arc::new(link.channel().await.map_err(MessagingError::broker)?);
        let mut held = Vec::new();
        while held.len() < most {
            let got = channel.basic_get(dead.name.clone(), BasicGetOptions::default()).await;
            let Some(got) = got.map_err(MessagingError::broker)? else { break };
            let message = Message { properties: got.delivery.properties.clone(), body: got.delivery.data.clone() };
            let receipt = Receipt::new(got.delivery.acker, Arc::clone(&channel), dead.label);
            held.push(Held { letter: message.read(queue), message, receipt });
        }
        Ok(HeldLetters { broker: self.clone(), dead, waiting, channel, held })
    }
}

impl HeldLetters {
    /// The letters, those first that come first.
    pub fn letters(&self) -> impl Iterator<Item = &DeadLetter> {
        self.held.iter().map(|held| &held.letter)
    }

    /// Gives all back, where they were.
    ///
    /// # Errors
    /// [`MessagingError::Unavailable`] when the connection is lost, which gives them back as well.
    pub async fn give_back(self) -> Result<(), MessagingError> {
        self.keep(|_| false).await.map(drop)
    }

    /// Gives all back but the first that is `wanted`.
    ///
    /// # Errors
    /// As [`HeldLetters::give_back`].
    pub async fn keep(self, wanted: impl Fn(&DeadLetter) -> bool) -> Result<Option<HeldLetter>, MessagingError> {
        let Self { broker, dead, waiting, channel, held } = self;
        let sorting = async {
            let mut kept = None;
            for held in held {
                if kept.is_none() && wanted(&held.letter) {
                    kept = Some(held);
                } else {
                    held.receipt.retry().await?;
                }
            }
            settled(&channel, &dead).await?;
            Ok(kept)
        };
        let kept = within(HOLD_LIMIT, sorting).await?;
        Ok(kept.map(|held| HeldLetter { broker, dead, waiting, channel, held }))
    }
}

impl HeldLetter {
    /// What is held.
    #[must_use]
    pub fn letter(&self) -> &DeadLetter {
        &self.held.letter
    }

    /// Sends it once more to whoever takes such jobs, as if it never had been; `Ok` says that the broker has it on disk.
    /// The letter is held still.
    ///
    /// # Errors
    /// As [`Broker::publish_enrollment`].
    pub async fn send_again(&self) -> Result<(), MessagingError> {
        let Message { properties, body } = &self.held.message;
        let publishing = self.broker.publish_confirmed(&self.waiting, body, revived(properties));
        counted(&self.waiting, within(super::JOB_LIMIT, publishing).await)
    }

    /// Takes it from the dead letters for good.
    ///
    /// # Errors
    /// [`MessagingError::Unavailable`] when the connection is lost: it is a dead letter still.
    pub async fn remove(self) -> Result<(), MessagingError> {
        let Self { dead, channel, held, .. } = self;
        let removing = async {
            held.receipt.ack().await?;
            settled(&channel, &dead).await
        };
        within(HOLD_LIMIT, removing).await
    }
}

/// Waits until the broker has read what was said on this channel: what is settled has no answer of its own.
async fn settled(channel: &Channel, queue: &Queue) -> Result<(), MessagingError> {
    count(channel, queue).await.map(drop).map_err(MessagingError::broker)
}

/// Properties without the history that the broker wrote into them.
fn revived(properties: &BasicProperties) -> BasicProperties {
    let mut headers = FieldTable::default();
    for (name, value) in properties.headers().as_ref().into_iter().flatten() {
        if !name.as_str().starts_with("x-") {
            headers.insert(name.clone(), value.clone());
        }
    }
    let revived = BasicProperties::default().with_headers(headers);
    match properties.content_type() {
        Some(kind) => revived.with_content_type(kind.clone()),
        None => revived,
    }
}

impl Message {
    fn read(&self, queue: JobQueue) -> DeadLetter {
        let death = last_death(&self.properties);
        let at = |name: &str| death.and_then(|death| death.inner().get(name));
        let (died_at, reason) = (at("time").and_then(time), at("reason").and_then(text));
        DeadLetter {
            id: self.id(queue, died_at, reason.as_deref()),
            queue,
            died_at,
            reason,
            content_type: self.properties.content_type().as_ref().map(|kind| kind.as_str().to_owned()),
            bytes: self.body.len(),
            job: self.job(queue),
        }
    }

    fn job(&self, queue: JobQueue) -> Option<DeadJob> {
        let (properties, body) = (&self.properties, self.body.clone());
        match queue {
            JobQueue::Enrollments => EnrollmentJob::read(properties, body).map(DeadJob::Enrollment),
            JobQueue::Photos => ClassPhotoJob::read(properties, body).map(DeadJob::ClassPhoto),
        }
    }

    /// Of what stays as it is however often the letter is looked at. (Headers count deliveries.)
    fn id(&self, queue: JobQueue, died_at: Option<DateTime<Utc>>, reason: Option<&str>) -> String {
        let message_id = self.properties.message_id().as_ref().map(|id| id.as_str());
        let content = (format!("{queue:?}"), message_id, died_at, reason, &self.body);
        let content = serde_json::to_vec(&content).expect("texts and bytes are JSON");
        let mut id = hex::encode(Sha256::digest(content));
        id.truncate(ID_DIGITS);
        id
    }
}

/// What the broker wrote down when it laid a message aside the last time.
fn last_death(properties: &BasicProperties) -> Option<&FieldTable> {
    match properties.headers().as_ref()?.inner().get("x-death")? {
        AMQPValue::FieldArray(deaths) => match deaths.as_slice().first()? {
            AMQPValue::FieldTable(death) => Some(death),
            _ => None,
        },
        _ => None,
    }
}

fn time(value: &AMQPValue) -> Option<DateTime<Utc>> {
    let AMQPValue::Timestamp(seconds) = value else { return None };
    DateTime::from_timestamp(i64::try_from(*seconds).ok()?, 0)
}

fn text(value: &AMQPValue) -> Option<String> {
    match value {
        AMQPValue::LongString(text) => String::from_utf8(text.as_bytes().to_vec()).ok(),
        AMQPValue::ShortString(text) => Some(text.as_str().to_owned()),
        _ => None,
    }
}
