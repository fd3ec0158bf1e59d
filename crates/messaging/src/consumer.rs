//! Receiving messages, across any number of lost connections.

use std::marker::PhantomData;
use std::time::Duration;

use futures_util::StreamExt;
use lapin::Channel;
use lapin::options::{BasicCancelOptions, BasicConsumeOptions, BasicQosOptions};
use lapin::types::{FieldTable, ShortString};

use crate::delivery::{Delivery, Payload};
use crate::error::MessagingError;
use crate::link::{Link, Links};

/// Before a refused subscription is tried again.
const PAUSE: Duration = Duration::from_millis(500);

/// Messages of one queue. Dropping it, and all deliveries that it gave, returns what is unsettled to the queue.
pub struct Consumer<T> {
    links: Links,
    queue: ShortString,
    prefetch: u16,
    subscription: Option<Subscription>,
    payload: PhantomData<fn() -> T>,
}

struct Subscription {
    channel: Channel,
    messages: lapin::Consumer,
}

impl<T: Payload> Consumer<T> {
    pub(crate) fn new(links: Links, queue: ShortString, prefetch: u16) -> Self {
        Self { links, queue, prefetch, subscription: None, payload: PhantomData }
    }

    /// The next message, however long it takes. Nothing is lost when the caller stops waiting.
    ///
    /// A message that is not one of ours is laid aside as dead, and counted.
    pub async fn next(&mut self) -> Delivery<T> {
        loop {
            let Some(subscription) = &mut self.subscription else {
                self.subscription = self.subscribe().await;
                continue;
            };
            let Some(Ok(message)) = subscription.messages.next().await else {
                self.subscription = None;
                continue;
            };
            match Delivery::read(message, subscription.channel.clone()) {
                Ok(delivery) => return delivery,
                Err(receipt) => {
                    metrics::counter!("rollcall_messages_malformed_total").increment(1);
                    tracing::warn!(queue = self.queue.as_str(), "a message that is not ours is laid aside");
                    // A lost connection delivers it again, and we lay it aside then.
                    let _ = receipt.reject(false).await;
                }
            }
        }
    }

    /// Asks for no more messages. Deliveries that were given stay good until they are dropped; messages that the broker
    /// has sent but nobody was given return to the queue.
    ///
    /// # Errors
    /// When the connection is lost, which returns them as well.
    pub async fn stop(mut self) -> Result<(), MessagingError> {
        let Some(Subscription { channel, mut messages }) = self.subscription.take() else { return Ok(()) };
        let cancelled = channel.basic_cancel(messages.tag(), BasicCancelOptions::default()).await;
        cancelled.map_err(MessagingError::broker)?;
        while let Some(Ok(message)) = messages.next().await {
            let requeue = lapin::options::BasicRejectOptions { requeue: true };
            message.acker.reject(requeue).await.map_err(MessagingError::broker)?;
        }
        Ok(())
    }

    async fn subscribe(&self) -> Option<Subscription> {
        let link = self.links.wait().await?;
        match self.subscribe_on(&link).await {
            Ok(subscription) => Some(subscription),
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(queue = self.queue.as_str(), error, "cannot subscribe; trying again");
                tokio::time::sleep(PAUSE).await;
                None
            }
        }
    }

    async fn subscribe_on(&self, link: &Link) -> lapin::Result<Subscription> {
        let channel = link.channel().await?;
        channel.basic_qos(self.prefetch, BasicQosOptions::default()).await?;
        let options = BasicConsumeOptions::default();
        let messages = channel.basic_consume(self.queue.clone(), "".into(), options, FieldTable::default()).await?;
        Ok(Subscription { channel, messages })
    }
}
