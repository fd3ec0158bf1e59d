//! What has happened, told to whoever listens now.

use std::time::Duration;

use deadpool_redis::redis::aio::PubSub;
use deadpool_redis::redis::{RedisError, cmd};
use domain::event::Event;
use futures_util::stream::{BoxStream, StreamExt};
use futures_util::{Stream, stream};

use crate::error::MessagingError;
use crate::redis::Redis;

const PAUSE: Duration = Duration::from_millis(250);

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
        let redis = self.clone();
        stream::unfold(None, move |subscription: Option<BoxStream<'static, String>>| {
            let redis = redis.clone();
            async move {
                let Some(mut messages) = subscription else {
                    return Some((Live::Gap, Some(redis.insist().await)));
                };
                loop {
                    match messages.next().await {
                        Some(text) => match serde_json::from_str(&text) {
                            Ok(event) => return Some((Live::Event(Box::new(event)), Some(messages))),
                            Err(_) => metrics::counter!("rollcall_messages_malformed_total").increment(1),
                        },
                        None => return Some((Live::Gap, Some(redis.insist().await))),
                    }
                }
            }
        })
    }

    fn channel(&self) -> String {
        self.namespace.name("events")
    }

    /// Subscribes, trying until it works.
    async fn insist(&self) -> BoxStream<'static, String> {
        loop {
            match self.listen().await {
                Ok(pubsub) => {
                    let texts = pubsub.into_on_message().filter_map(async |message| message.get_payload().ok());
                    return texts.boxed();
                }
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "cannot listen for events; trying again");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    async fn listen(&self) -> Result<PubSub, RedisError> {
        let mut pubsub = self.client.get_async_pubsub().await?;
        pubsub.subscribe(self.channel()).await?;
        Ok(pubsub)
    }
}
