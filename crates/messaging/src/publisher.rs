//! Sends the perishable pictures of one queue, one after the other.
//!
//! One task owns the sending and is fed by a bounded queue. lapin would take any number of messages that the network
//! cannot carry; this way at most one is with lapin, a few wait here, and the rest is refused at the door.

use std::sync::Arc;

use bytes::Bytes;
use lapin::BasicProperties;
use lapin::options::BasicPublishOptions;
use tokio::sync::{mpsc, oneshot, watch};

use crate::error::{BROKER, MessagingError};
use crate::link::Link;
use crate::topology::Queue;

/// Pictures that wait to be sent: a moment's worth.
const PLACES: usize = 16;

/// Feeds the task that sends; cheap to clone. Dropping the last one ends the task.
#[derive(Clone)]
pub(crate) struct Publisher(mpsc::Sender<Outgoing>);

struct Outgoing {
    properties: BasicProperties,
    body: Bytes,
    answer: oneshot::Sender<Result<(), MessagingError>>,
}

impl Publisher {
    /// Begins to send to `queue` over whichever link is current.
    pub(crate) fn start(queue: Queue, links: watch::Receiver<Option<Arc<Link>>>) -> Self {
        let (sender, waiting) = mpsc::channel(PLACES);
        tokio::spawn(send_all(queue, links, waiting));
        Self(sender)
    }

    /// Sends one message: `Ok` says that it is on its way. A caller that stops waiting takes it back, unless it is
    /// being sent already.
    pub(crate) async fn send(&self, properties: BasicProperties, body: Bytes) -> Result<(), MessagingError> {
        let (answer, answered) = oneshot::channel();
        let gone = || MessagingError::late(BROKER);
        self.0.send(Outgoing { properties, body, answer }).await.map_err(|_ended| gone())?;
        answered.await.unwrap_or_else(|_ended| Err(gone()))
    }
}

async fn send_all(queue: Queue, links: watch::Receiver<Option<Arc<Link>>>, mut waiting: mpsc::Receiver<Outgoing>) {
    while let Some(Outgoing { properties, body, answer }) = waiting.recv().await {
        if answer.is_closed() {
            continue;
        }
        let link = links.borrow().clone();
        let result = match link {
            Some(link) if !link.is_blocked() => send(&link, &queue, properties, &body).await,
            Some(_) | None => Err(MessagingError::late(BROKER)),
        };
        // The caller may have stopped waiting meanwhile.
        let _ = answer.send(result);
    }
}

async fn send(link: &Link, queue: &Queue, properties: BasicProperties, body: &[u8]) -> Result<(), MessagingError> {
    let options = BasicPublishOptions::default();
    let publish = link.perishables.basic_publish("".into(), queue.name.clone(), options, body, properties);
    // Nothing is confirmed on this channel, but lapin hoards confirmations that nobody looks at.
    let sent = async { publish.await?.await };
    match link.lost.run_until_cancelled(sent).await {
        Some(sent) => sent.map(drop).map_err(MessagingError::broker),
        None => Err(MessagingError::late(BROKER)),
    }
}
