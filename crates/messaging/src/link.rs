//! The connection to RabbitMQ: made again whenever it is lost, for as long as the process lives.
//!
//! Each connection is used until its first failure and then thrown away with all its channels: what was sent on it and
//! what it delivered ends with it, and nothing has to be mended. (lapin can recover connections in place; then every
//! holder of a channel would have to know which of its messages came before.)

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use lapin::options::ConfirmSelectOptions;
use lapin::uri::AMQPUri;
use lapin::{Channel, Connection, ConnectionProperties};
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::backoff::Backoff;
use crate::error::{BROKER, MessagingError};
use crate::socket::Socket;
use crate::topology::Topology;

const CONNECT_LIMIT: Duration = Duration::from_secs(10);
const FAREWELL_LIMIT: Duration = Duration::from_secs(2);
/// A connection that lives so long was a success; one that ends sooner is tried again with growing pauses.
const PROVEN: Duration = Duration::from_secs(5);
/// How often a connection is looked at when nothing is heard of it.
const LOOK: Duration = Duration::from_millis(500);

/// A connection that works, or did a moment ago.
pub(crate) struct Link {
    connection: Connection,
    /// Publishes perishable pictures; what it sends is not confirmed.
    pub(crate) perishables: Channel,
    /// Publishes jobs; the broker confirms each.
    pub(crate) jobs: Channel,
    /// Cancelled when the connection is given up.
    pub(crate) lost: CancellationToken,
    socket: Socket,
}

impl Link {
    async fn open(address: &AMQPUri, topology: &Topology) -> lapin::Result<Self> {
        // Ends the connection when this is given up halfway.
        let socket = Socket::new();
        let properties = ConnectionProperties::default().with_connection_name("rollcall".into());
        let connection = socket.connect(address.clone(), properties).await?;
        topology.declare(&connection).await?;
        let (perishables, jobs) = (connection.create_channel().await?, connection.create_channel().await?);
        jobs.confirm_select(ConfirmSelectOptions::default()).await?;
        Ok(Self { connection, perishables, jobs, lost: CancellationToken::new(), socket })
    }

    /// A channel of its own for a consumer.
    pub(crate) async fn channel(&self) -> lapin::Result<Channel> {
        self.connection.create_channel().await
    }

    /// Declares the queues again, should somebody have deleted them.
    pub(crate) async fn declare(&self, topology: &Topology) -> lapin::Result<()> {
        topology.declare(&self.connection).await
    }

    /// Whether the broker has said that it takes nothing for now, being short of memory or disk.
    pub(crate) fn is_blocked(&self) -> bool {
        self.connection.status().blocked()
    }

    /// Gives the connection up, so that another is made.
    pub(crate) fn give_up(&self) {
        self.lost.cancel();
        self.socket.end();
    }

    fn is_whole(&self) -> bool {
        self.connection.status().connected()
            && self.perishables.status().connected()
            && self.jobs.status().connected()
            && !self.lost.is_cancelled()
    }

    async fn until_lost(&self) {
        let mut events = std::pin::pin!(self.connection.events_listener());
        // An event is a reason to look at once; the look is what counts.
        while self.is_whole() {
            tokio::select! {
                () = self.lost.cancelled() => {}
                _ = tokio::time::timeout(LOOK, events.next()) => {}
            }
        }
    }

    async fn say_farewell(&self) {
        // What is not answered in time is ended all the same.
        let _ = tokio::time::timeout(FAREWELL_LIMIT, self.connection.close(200, "goodbye".into())).await;
        self.give_up();
    }
}

/// The place where the current link, if there is one, can be had. Dropping the last one closes the connection.
#[derive(Clone)]
pub(crate) struct Links {
    current: watch::Receiver<Option<Arc<Link>>>,
    stop: CancellationToken,
    tasks: TaskTracker,
    _keeper: Arc<DropGuard>,
}

impl Links {
    /// Begins to connect to `address`, and to keep connected.
    pub(crate) fn keep(address: AMQPUri, topology: Topology) -> Self {
        let (sender, current) = watch::channel(None);
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        tasks.spawn(keep_connected(address, topology, sender, stop.clone()));
        Self { current, stop: stop.clone(), tasks, _keeper: Arc::new(stop.drop_guard()) }
    }

    /// Whether there is a link now that takes messages.
    pub(crate) fn is_up(&self) -> bool {
        self.current.borrow().as_ref().is_some_and(|link| link.is_whole() && !link.is_blocked())
    }

    /// The current link, waiting for it for at most `limit`.
    pub(crate) async fn get(&self, limit: Duration) -> Result<Arc<Link>, MessagingError> {
        let found = tokio::time::timeout(limit, self.wait()).await;
        found.ok().flatten().ok_or_else(|| MessagingError::late(BROKER))
    }

    /// The current link, however long it takes; `None` when there will be no more.
    pub(crate) async fn wait(&self) -> Option<Arc<Link>> {
        let mut current = self.current.clone();
        let link = current.wait_for(|link| link.as_ref().is_some_and(|link| link.is_whole())).await.ok()?;
        link.clone()
    }

    /// A view of the links that does not keep them.
    pub(crate) fn watch(&self) -> watch::Receiver<Option<Arc<Link>>> {
        self.current.clone()
    }

    /// Says goodbye to the broker, after all that was sent before; there is no link from then on.
    pub(crate) async fn close(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

async fn keep_connected(
    address: AMQPUri,
    topology: Topology,
    current: watch::Sender<Option<Arc<Link>>>,
    stop: CancellationToken,
) {
    let mut backoff = Backoff::default();
    loop {
        let opening = tokio::time::timeout(CONNECT_LIMIT, Link::open(&address, &topology));
        match stop.run_until_cancelled(opening).await {
            None => return,
            Some(Ok(Ok(link))) => {
                if use_until_lost(Arc::new(link), &current, &stop).await >= PROVEN {
                    backoff.reset();
                }
            }
            Some(Ok(Err(error))) => report_failure(&backoff, Some(&error)),
            Some(Err(_late)) => report_failure(&backoff, None),
        }
        if stop.run_until_cancelled(tokio::time::sleep(backoff.next_pause())).await.is_none() {
            return;
        }
    }
}

/// Lets everybody use the link until it is lost, or until we are told to stop, and answers with how long that was.
async fn use_until_lost(
    link: Arc<Link>,
    current: &watch::Sender<Option<Arc<Link>>>,
    stop: &CancellationToken,
) -> Duration {
    let since = Instant::now();
    let connected = metrics::gauge!("rollcall_broker_connected");
    current.send_replace(Some(Arc::clone(&link)));
    connected.set(1.0);
    tracing::info!("connected to the broker");
    let is_lost = stop.run_until_cancelled(link.until_lost()).await.is_some();
    current.send_replace(None);
    connected.set(0.0);
    if is_lost {
        link.give_up();
        metrics::counter!("rollcall_broker_connections_lost_total").increment(1);
        tracing::warn!("the connection to the broker is lost; connecting again");
    } else {
        link.say_farewell().await;
    }
    since.elapsed()
}

/// The first failure is worth a warning; those that follow say the same.
fn report_failure(backoff: &Backoff, error: Option<&lapin::Error>) {
    let error = error.map(|error| error as &(dyn std::error::Error + 'static));
    if backoff.is_fresh() {
        tracing::warn!(error, "the broker cannot be reached; trying again until it can");
    } else {
        tracing::debug!(error, "the broker cannot be reached");
    }
}
