//! One message, until it is settled.

use std::sync::Arc;

use lapin::types::AMQPValue;
use lapin::{BasicProperties, Channel};
use serde::de::DeserializeOwned;

use crate::error::MessagingError;
use crate::job::{ClassPhotoJob, EnrollmentJob};
use crate::perishable::{Header, Perishable};
use crate::receipt::Receipt;

/// A message that is ours until it is settled; dropping it unsettled returns it to the queue.
#[derive(Debug)]
pub struct Delivery<T> {
    /// What it says.
    pub payload: T,
    /// How often it was delivered before.
    pub earlier_deliveries: u32,
    receipt: Receipt,
}

impl<T> Delivery<T> {
    /// Takes payload and what settles it apart.
    #[must_use]
    pub fn split(self) -> (T, Delivery<()>) {
        let rest = Delivery { payload: (), earlier_deliveries: self.earlier_deliveries, receipt: self.receipt };
        (self.payload, rest)
    }

    /// The work is done.
    ///
    /// # Errors
    /// When the connection is lost: the broker will deliver the message again, which every job survives.
    pub async fn ack(self) -> Result<(), MessagingError> {
        self.receipt.ack().await
    }

    /// The work is to be tried again, by whoever comes first.
    ///
    /// # Errors
    /// As [`Delivery::ack`].
    pub async fn retry(self) -> Result<(), MessagingError> {
        self.receipt.retry().await
    }

    /// The work cannot be done: a job is laid aside as dead, a perishable picture is dropped.
    ///
    /// # Errors
    /// As [`Delivery::ack`].
    pub async fn dead_letter(self) -> Result<(), MessagingError> {
        self.receipt.dead_letter().await
    }
}

/// What can be read from a message.
pub trait Payload: Sized {
    /// Reads it; `None` when it is not one of ours.
    fn read(properties: &BasicProperties, body: Vec<u8>) -> Option<Self>;
}

impl<H: Header> Payload for Perishable<H> {
    fn read(properties: &BasicProperties, body: Vec<u8>) -> Option<Self> {
        let headers = properties.headers().as_ref()?;
        let AMQPValue::LongString(text) = headers.inner().get(H::NAME)? else { return None };
        let header: H = serde_json::from_slice(text.as_bytes()).ok()?;
        header.is_known().then(|| Self { header, jpeg: body.into() })
    }
}

impl Payload for EnrollmentJob {
    fn read(_properties: &BasicProperties, body: Vec<u8>) -> Option<Self> {
        read_job(&body, |job: &Self| job.v)
    }
}

impl Payload for ClassPhotoJob {
    fn read(_properties: &BasicProperties, body: Vec<u8>) -> Option<Self> {
        read_job(&body, |job: &Self| job.v)
    }
}

/// A job of the first version of its format; others are not ours.
fn read_job<T: DeserializeOwned>(body: &[u8], version: fn(&T) -> u8) -> Option<T> {
    serde_json::from_slice(body).ok().filter(|job| version(job) == 1)
}

impl<T: Payload> Delivery<T> {
    /// Reads a message; one that is not ours comes back as what settles it.
    pub(crate) fn read(
        message: lapin::message::Delivery,
        channel: Arc<Channel>,
        queue: &'static str,
    ) -> Result<Self, Receipt> {
        let earlier_deliveries = earlier_deliveries(&message.properties, message.redelivered);
        let receipt = Receipt::new(message.acker, channel, queue);
        match T::read(&message.properties, message.data) {
            Some(payload) => Ok(Self { payload, earlier_deliveries, receipt }),
            None => Err(receipt),
        }
    }
}

/// Quorum queues count deliveries in a header; classic ones only say whether there was one.
fn earlier_deliveries(properties: &BasicProperties, redelivered: bool) -> u32 {
    let counted = properties.headers().as_ref().and_then(|headers| headers.inner().get("x-delivery-count").cloned());
    match counted {
        Some(AMQPValue::LongLongInt(count)) => u32::try_from(count).unwrap_or(u32::MAX),
        Some(AMQPValue::LongInt(count)) => u32::try_from(count).unwrap_or(u32::MAX),
        Some(AMQPValue::ShortShortUInt(count)) => count.into(),
        _ => redelivered.into(),
    }
}
