//! What settles one message.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use lapin::options::{BasicAckOptions, BasicRejectOptions};
use lapin::{Acker, Channel};

use crate::error::{BROKER, MessagingError};

const SETTLE_LIMIT: Duration = Duration::from_secs(5);

/// Settles one message; dropped, it returns the message to the queue, so that a job that panics is tried again.
#[derive(Debug)]
pub(crate) struct Receipt {
    acker: Acker,
    queue: &'static str,
    /// Keeps the channel open after its consumer has stopped.
    _channel: Arc<Channel>,
}

impl Receipt {
    pub(crate) fn new(acker: Acker, channel: Arc<Channel>, queue: &'static str) -> Self {
        Self { acker, queue, _channel: channel }
    }

    pub(crate) async fn ack(self) -> Result<(), MessagingError> {
        self.settle("done", self.acker.ack(BasicAckOptions::default())).await
    }

    pub(crate) async fn retry(self) -> Result<(), MessagingError> {
        self.settle("retry", self.acker.reject(BasicRejectOptions { requeue: true })).await
    }

    pub(crate) async fn dead_letter(self) -> Result<(), MessagingError> {
        self.settle("dead", self.acker.reject(BasicRejectOptions { requeue: false })).await
    }

    async fn settle(
        &self,
        outcome: &'static str,
        settling: impl Future<Output = lapin::Result<bool>>,
    ) -> Result<(), MessagingError> {
        let result = match tokio::time::timeout(SETTLE_LIMIT, settling).await {
            Ok(Ok(true)) => Ok(()),
            Ok(Err(error)) => Err(MessagingError::broker(error)),
            // `false` says that the channel is gone, and the delivery with it.
            Ok(Ok(false)) | Err(_) => Err(MessagingError::late(BROKER)),
        };
        let outcome = if result.is_ok() { outcome } else { "lost" };
        metrics::counter!("rollcall_messages_settled_total", "queue" => self.queue, "outcome" => outcome).increment(1);
        result
    }
}

impl Drop for Receipt {
    fn drop(&mut self) {
        if self.acker.usable() {
            // lapin hands a rejection on at the first poll; it needs no second.
            let _ = self.acker.reject(BasicRejectOptions { requeue: true }).now_or_never();
        }
    }
}
