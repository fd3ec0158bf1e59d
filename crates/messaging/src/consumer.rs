//! Receiving messages, across any number of lost connections.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt};
use lapin::Channel;
use lapin::options::{BasicCancelOptions, BasicConsumeOptions, BasicQosOptions};
use lapin::types::FieldTable;
use tokio::time::{sleep, timeout};

use crate::backoff::Backoff;
use crate::delivery::{Delivery, Payload};
use crate::error::{BROKER, MessagingError};
use crate::link::{Link, Links};
use crate::receipt::Receipt;
use crate::topology::{Queue, Topology};

const SUBSCRIBE_LIMIT: Duration = Duration::from_secs(5);
/// A queue that is being deleted tells its consumers a moment before it is gone, and would take them once more.
const PAUSE_AFTER_LOSS: Duration = Duration::from_millis(200);
const CANCEL_LIMIT: Duration = Duration::from_secs(5);

/// Messages of one queue.
///
/// Dropping it returns to the queue what the broker has sent but nobody was given; deliveries that were given stay good
/// until they are settled or dropped.
pub struct Consumer<T> {
    source: Source,
    state: State,
    payload: PhantomData<fn() -> T>,
}

#[derive(Clone)]
struct Source {
    links: Links,
    topology: Topology,
    queue: Queue,
    prefetch: u16,
}

enum State {
    /// Kept here and not in [`Consumer::next`], so that a caller that keeps giving up does not keep us from subscribing.
    Subscribing(BoxFuture<'static, Subscription>),
    Subscribed(Box<Subscription>),
    Stopped,
}

struct Subscription {
    channel: Arc<Channel>,
    messages: lapin::Consumer,
}

impl<T: Payload> Consumer<T> {
    pub(crate) fn new(links: Links, topology: Topology, queue: Queue, prefetch: u16) -> Self {
        let source = Source { links, topology, queue, prefetch };
        Self { state: source.subscribe(Duration::ZERO), source, payload: PhantomData }
    }

    /// The next message, however long it takes. Nothing is lost when the caller stops waiting.
    ///
    /// A message that is not one of ours is laid aside as dead, and counted.
    pub async fn next(&mut self) -> Delivery<T> {
        loop {
            let subscription = match &mut self.state {
                State::Subscribing(subscribing) => {
                    self.state = State::Subscribed(Box::new(subscribing.await));
                    continue;
                }
                State::Subscribed(subscription) => subscription,
                State::Stopped => return std::future::pending().await,
            };
            let Some(Ok(message)) = subscription.messages.next().await else {
                // The connection is lost, or somebody deleted the queue.
                self.state = self.source.subscribe(PAUSE_AFTER_LOSS);
                continue;
            };
            let label = self.source.queue.label;
            match Delivery::read(message, Arc::clone(&subscription.channel), label) {
                Ok(delivery) => {
                    metrics::counter!("rollcall_messages_delivered_total", "queue" => label).increment(1);
                    return delivery;
                }
                Err(receipt) => {
                    metrics::counter!("rollcall_messages_malformed_total", "queue" => label).increment(1);
                    tracing::warn!(queue = label, "a message that is not ours is laid aside");
                    // A lost connection delivers it again, and we lay it aside then.
                    let _ = receipt.dead_letter().await;
                }
            }
        }
    }

    /// Asks for no more messages. Deliveries that were given stay good; messages that the broker has sent but nobody was
    /// given return to the queue.
    ///
    /// # Errors
    /// When the connection is lost or the broker does not answer, which returns them as well.
    pub async fn stop(mut self) -> Result<(), MessagingError> {
        match std::mem::replace(&mut self.state, State::Stopped) {
            State::Subscribed(subscription) => subscription.end(self.source.queue.label).await,
            State::Subscribing(_) | State::Stopped => Ok(()),
        }
    }
}

impl<T> Drop for Consumer<T> {
    fn drop(&mut self) {
        let State::Subscribed(subscription) = std::mem::replace(&mut self.state, State::Stopped) else { return };
        // Without a runtime the connection is gone, and everything has returned already.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(subscription.end(self.source.queue.label));
        }
    }
}

impl Subscription {
    /// Cancels, and then returns what has come and nobody was given. In this order: what is returned while we are
    /// subscribed comes to us again.
    async fn end(mut self, label: &'static str) -> Result<(), MessagingError> {
        let ending = async {
            self.channel.basic_cancel(self.messages.tag(), BasicCancelOptions::default()).await?;
            while let Some(message) = self.messages.next().await {
                // A receipt that is dropped returns its message.
                drop(Receipt::new(message?.acker, Arc::clone(&self.channel), label));
            }
            Ok(())
        };
        let ended = timeout(CANCEL_LIMIT, ending).await;
        ended.map_err(|_late| MessagingError::late(BROKER))?.map_err(MessagingError::broker)
    }
}

impl Source {
    fn subscribe(&self, pause: Duration) -> State {
        State::Subscribing(self.clone().insist(pause).boxed())
    }

    /// Subscribes after a pause, trying until it works.
    async fn insist(self, pause: Duration) -> Subscription {
        sleep(pause).await;
        let mut backoff = Backoff::default();
        loop {
            let Some(link) = self.links.wait().await else {
                // The broker was closed on our side: there is nothing more to come.
                return std::future::pending().await;
            };
            let error = match timeout(SUBSCRIBE_LIMIT, self.subscribe_on(&link)).await {
                Ok(Ok(subscription)) => return subscription,
                Ok(Err(error)) => MessagingError::broker(error),
                Err(_late) => MessagingError::late(BROKER),
            };
            if backoff.is_fresh() {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(queue = self.queue.label, error, "cannot subscribe; trying again until it works");
            }
            sleep(backoff.next_pause()).await;
        }
    }

    async fn subscribe_on(&self, link: &Link) -> lapin::Result<Subscription> {
        link.declare(&self.topology).await?;
        let channel = link.channel().await?;
        channel.basic_qos(self.prefetch, BasicQosOptions::default()).await?;
        let (queue, options) = (self.queue.name.clone(), BasicConsumeOptions::default());
        let messages = channel.basic_consume(queue, "".into(), options, FieldTable::default()).await?;
        Ok(Subscription { channel: Arc::new(channel), messages })
    }
}
