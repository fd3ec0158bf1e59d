//! The connection to RabbitMQ: made again whenever it is lost, for as long as the process lives.

use std::time::Duration;

use futures_util::StreamExt;
use lapin::options::ConfirmSelectOptions;
use lapin::{Channel, Connection, ConnectionProperties};
use rand::Rng;
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::error::{BROKER, MessagingError};
use crate::topology::{FrameQueueSettings, Queues};

const CONNECT_LIMIT: Duration = Duration::from_secs(10);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// A connection that works, or did a moment ago.
#[derive(Clone)]
pub(crate) struct Link {
    connection: std::sync::Arc<Connection>,
    /// Publishes frames; what it sends is not confirmed.
    pub(crate) frames: Channel,
    /// Publishes jobs; the broker confirms each.
    pub(crate) jobs: Channel,
}

impl Link {
    /// A channel of its own for a consumer.
    pub(crate) async fn channel(&self) -> lapin::Result<Channel> {
        self.connection.create_channel().await
    }
}

/// The place where the current link, if there is one, can be had. Dropping the last one closes the connection.
#[derive(Clone)]
pub(crate) struct Links {
    current: watch::Receiver<Option<Link>>,
    _keeper: std::sync::Arc<DropGuard>,
}

impl Links {
    /// Begins to connect to `url`, and to keep connected.
    pub(crate) fn keep(url: String, queues: Queues, frames: FrameQueueSettings) -> Self {
        let (sender, current) = watch::channel(None);
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        tokio::spawn(async move { stopped.run_until_cancelled(keep_connected(url, queues, frames, sender)).await });
        Self { current, _keeper: std::sync::Arc::new(stop.drop_guard()) }
    }

    /// Whether there is a link now.
    pub(crate) fn is_up(&self) -> bool {
        self.current.borrow().is_some()
    }

    /// The current link, waiting for it for at most `limit`.
    pub(crate) async fn get(&self, limit: Duration) -> Result<Link, MessagingError> {
        let mut current = self.current.clone();
        let found = tokio::time::timeout(limit, current.wait_for(Option::is_some)).await;
        match found {
            Ok(Ok(link)) => link.clone().ok_or_else(|| MessagingError::late(BROKER)),
            Ok(Err(_)) | Err(_) => Err(MessagingError::late(BROKER)),
        }
    }

    /// The current link, however long it takes.
    pub(crate) async fn wait(&self) -> Option<Link> {
        self.current.clone().wait_for(Option::is_some).await.ok().and_then(|link| link.clone())
    }
}

async fn keep_connected(url: String, queues: Queues, frames: FrameQueueSettings, current: watch::Sender<Option<Link>>) {
    let mut pause = FIRST_PAUSE;
    loop {
        match tokio::time::timeout(CONNECT_LIMIT, connect(&url, &queues, &frames)).await {
            Ok(Ok(link)) => {
                pause = FIRST_PAUSE;
                let connection = std::sync::Arc::clone(&link.connection);
                current.send_replace(Some(link));
                tracing::info!("connected to the broker");
                until_lost(&connection).await;
                current.send_replace(None);
                metrics::counter!("rollcall_broker_connections_lost_total").increment(1);
                tracing::warn!("the connection to the broker is lost; connecting again");
            }
            Ok(Err(error)) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the broker cannot be reached; trying again");
            }
            Err(_late) => tracing::warn!("the broker does not answer; trying again"),
        }
        // Half of the pause is left to chance, so that the processes of an installation do not come all at once.
        let share = rand::rng().random_range(0.5..1.0);
        tokio::time::sleep(pause.mul_f64(share)).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

async fn connect(url: &str, queues: &Queues, frames: &FrameQueueSettings) -> lapin::Result<Link> {
    let properties = ConnectionProperties::default().with_connection_name("rollcall".into());
    let connection = Connection::connect(url, properties).await?;
    let link = Link {
        frames: connection.create_channel().await?,
        jobs: connection.create_channel().await?,
        connection: std::sync::Arc::new(connection),
    };
    link.jobs.confirm_select(ConfirmSelectOptions::default()).await?;
    // On a channel of its own: a refused declaration closes it.
    queues.declare(&link.channel().await?, frames).await?;
    Ok(link)
}

/// Waits until the connection is of no more use.
async fn until_lost(connection: &Connection) {
    let mut events = std::pin::pin!(connection.events_listener());
    while connection.status().connected() {
        // Each event is a reason to look again; the look itself is what counts.
        if tokio::time::timeout(Duration::from_secs(1), events.next()).await.is_ok_and(|event| event.is_none()) {
            return;
        }
    }
}
