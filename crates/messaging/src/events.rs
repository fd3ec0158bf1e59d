//! What has happened, told to whoever listens now.

use std::time::Duration;

use deadpool_redis::redis::aio::{PubSubSink, PubSubStream};
use deadpool_redis::redis::{RedisError, cmd};
use domain::event::Event;
use futures_util::{Stream, StreamExt, stream};
use tokio::time::{Instant, timeout};

use crate::backoff::Backoff;
use crate::error::{MessagingError, REDIS};
use crate::redis::Redis;

/// How long a subscription may be silent before Redis is asked for a sign of life.
const SILENCE: Duration = Duration::from_secs(5);
const ANSWER_LIMIT: Duration = Duration::from_secs(2);

/// What a subscription yields.
#[derive(Debug, Clone, PartialEq)]
pub enum Live {
    /// Something happened.
    Event(Box<Event>),
    /// The subscription was away for a while: look at the truth, for something may have been missed.
    Gap,
}

impl Redis {
    /// Tells whoever listens in this namespace.
    ///
    /// # Errors
    /// When Redis is away: nobody was told.
    pub async fn announce(&self, event: &Event) -> Result<(), MessagingError> {
        let text = serde_json::to_string(event)?;
        self.ask(cmd("PUBLISH").arg(self.channel()).arg(text)).await
    }

    /// All events of this namespace from the first poll on, across any number of lost connections. Never ends.
    ///
    /// A [`Live::Gap`] comes first, once the subscription stands, and again after each time that it was lost.
    pub fn subscribe(&self) -> impl Stream<Item = Live> + Send + use<> {
        stream::unfold((self.clone(), None), async |(redis, subscription): (Self, Option<Subscription>)| {
            if let Some(mut subscription) = subscription
                && let Some(event) = subscription.next().await
            {
                return Some((Live::Event(Box::new(event)), (redis, Some(subscription))));
            }
            let subscription = redis.insist().await;
            Some((Live::Gap, (redis, Some(subscription))))
        })
    }

    fn channel(&self) -> String {
        self.namespace.name("events")
    }

    /// Subscribes, trying until it works.
    async fn insist(&self) -> Subscription {
        let mut backoff = Backoff::default();
        loop {
            let error = match self.listen().await {
                Ok(subscription) => return subscription,
                Err(error) => error,
            };
            if backoff.is_fresh() {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "cannot listen for events; trying again until it works");
            }
            tokio::time::sleep(backoff.next_pause()).await;
        }
    }

    async fn listen(&self) -> Result<Subscription, MessagingError> {
        let subscribe = async {
            let mut pubsub = self.client.get_async_pubsub().await?;
            pubsub.subscribe(self.channel()).await?;
            Ok::<_, RedisError>(pubsub.split())
        };
        let subscribed = timeout(ANSWER_LIMIT, subscribe).await.map_err(|_late| MessagingError::late(REDIS))?;
        let (questions, messages) = subscribed.map_err(MessagingError::redis)?;
        Ok(Subscription { questions, messages, heard_at: Instant::now() })
    }
}

struct Subscription {
    questions: PubSubSink,
    messages: PubSubStream,
    heard_at: Instant,
}

impl Subscription {
    /// The next event; `None` when the connection is lost, even where nothing says so but silence.
    async fn next(&mut self) -> Option<Event> {
        loop {
            let Ok(message) = tokio::time::timeout_at(self.heard_at + SILENCE, self.messages.next()).await else {
                timeout(ANSWER_LIMIT, self.questions.ping::<()>()).await.ok()?.ok()?;
                self.heard_at = Instant::now();
                continue;
            };
            self.heard_at = Instant::now();
            match serde_json::from_slice(message?.get_payload_bytes()) {
                Ok(event) => return Some(event),
                Err(_) => metrics::counter!("rollcall_messages_malformed_total", "queue" => "events").increment(1),
            }
        }
    }
}
