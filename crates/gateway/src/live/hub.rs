//! Who listens to what.

use std::sync::Arc;

use domain::event::{Event, EventBody};
use domain::id::{CameraId, FrameId, GuidedCaptureId, OrganizationId, SessionId};
use futures_util::{Stream, StreamExt};
use messaging::Live;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

use crate::error::ApiError;

/// What a socket is sent when it may have missed something.
const RESYNC: &str = r#"{"type":"resync"}"#;

/// Which events of its organization a socket, or a request that waits, wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interest {
    /// All.
    Organization,
    /// Those that are about no session but about somebody: enrollments and guided captures.
    NoSession,
    /// Those of one session.
    Session(SessionId),
    /// The changes of a session and the results of one camera in it (`None`: of frames that users send).
    Frames(SessionId, Option<CameraId>),
    /// The result of one frame.
    Frame(FrameId),
    /// The progress of one guided capture.
    Capture(GuidedCaptureId),
}

impl Interest {
    fn covers(self, event: &EventBody) -> bool {
        match self {
            Self::Organization => true,
            Self::NoSession => event.session_id().is_none() && !matches!(event, EventBody::IndexBuilt { .. }),
            Self::Session(session) => event.session_id() == Some(session),
            Self::Frames(session, sender) => match event {
                EventBody::FrameRecognized { session_id, camera_id, .. } => {
                    *session_id == session && *camera_id == sender
                }
                EventBody::SessionChanged { session_id, .. } => *session_id == session,
                EventBody::EnrollmentProgressed { .. }
                | EventBody::EnrollmentFinished { .. }
                | EventBody::ClassPhotoFinished { .. }
                | EventBody::AttendanceChanged { .. }
                | EventBody::CaptureProgressed { .. }
                | EventBody::IndexBuilt { .. } => false,
            },
            Self::Frame(frame) => {
                matches!(event, EventBody::FrameRecognized { frame_id, .. } if *frame_id == frame)
            }
            Self::Capture(capture) => {
                matches!(event, EventBody::CaptureProgressed { guided_capture_id, .. } if *guided_capture_id == capture)
            }
        }
    }
}

/// Where a socket's messages come from; leaving is dropping it.
pub(crate) struct Feed {
    messages: mpsc::Receiver<Arc<str>>,
    _place: OwnedSemaphorePermit,
}

impl Feed {
    /// The next message as JSON text; `None` when the hub has stopped.
    pub(crate) async fn next(&mut self) -> Option<Arc<str>> {
        self.messages.recv().await
    }
}

/// Lets sockets join; cheap to clone.
#[derive(Clone)]
pub(crate) struct Hub {
    joining: mpsc::Sender<Listener>,
    places: Arc<Semaphore>,
    backlog: usize,
}

/// The task's side: the owner of all listeners.
pub(crate) struct HubTask {
    joining: mpsc::Receiver<Listener>,
    listeners: Vec<Listener>,
}

struct Listener {
    organization_id: OrganizationId,
    interest: Interest,
    messages: mpsc::Sender<Arc<str>>,
}

/// A hub for at most `sockets` sockets, each with room for `backlog` messages that it has not taken yet.
pub(crate) fn hub(sockets: usize, backlog: usize) -> (Hub, HubTask) {
    let (joining, joined) = mpsc::channel(64);
    let hub = Hub { joining, places: Arc::new(Semaphore::new(sockets)), backlog };
    (hub, HubTask { joining: joined, listeners: Vec::new() })
}

impl Hub {
    /// A feed of what happens in `organization_id` from now on, as far as it is of interest.
    pub(crate) async fn join(&self, organization_id: OrganizationId, interest: Interest) -> Result<Feed, ApiError> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_all_taken| ApiError::Overloaded)?;
        // One more place: the last is for the word that something was missed.
        let (sender, messages) = mpsc::channel(self.backlog + 1);
        let listener = Listener { organization_id, interest, messages: sender };
        self.joining.send(listener).await.map_err(|_hub_has_stopped| ApiError::Overloaded)?;
        Ok(Feed { messages, _place: place })
    }
}

impl HubTask {
    /// Passes events on until `shutdown`, or until there can be no more.
    pub(crate) async fn run(mut self, events: impl Stream<Item = Live>, shutdown: CancellationToken) {
        let mut events = std::pin::pin!(events);
        loop {
            // In this order, so that who has joined before an event arrives is sent it.
            tokio::select! {
                biased;
                () = shutdown.cancelled() => return,
                joined = self.joining.recv() => match joined {
                    Some(listener) => self.add(listener),
                    None => return,
                },
                live = events.next() => match live {
                    Some(Live::Event(event)) => self.pass_on(&event),
                    Some(Live::Gap) => self.tell_all_to_resync(),
                    None => return,
                },
            }
        }
    }

    fn add(&mut self, listener: Listener) {
        self.listeners.push(listener);
        self.forget_the_gone();
    }

    fn forget_the_gone(&mut self) {
        self.listeners.retain(|listener| !listener.messages.is_closed());
        metrics::gauge!("rollcall_websockets").set(self.listeners.len() as f64);
    }

    fn pass_on(&mut self, event: &Event) {
        self.forget_the_gone();
        let mut wanting = self
            .listeners
            .iter()
            .filter(|l| l.organization_id == event.organization_id && l.interest.covers(&event.body))
            .peekable();
        if wanting.peek().is_none() {
            return;
        }
        let Ok(text) = serde_json::to_string(&event) else {
            tracing::error!("an event could not be written as JSON");
            return;
        };
        let message: Arc<str> = text.into();
        wanting.for_each(|listener| offer(listener, &message));
    }

    fn tell_all_to_resync(&mut self) {
        self.forget_the_gone();
        self.listeners.iter().for_each(|listener| offer(listener, &RESYNC.into()));
    }
}

/// Gives a listener a message, without ever waiting for it.
///
/// The last free place is always filled with a resync: all that is dropped after it happened before the listener
/// reads it, so what it fetches then includes all of that.
fn offer(listener: &Listener, message: &Arc<str>) {
    let message = match listener.messages.capacity() {
        0 => {
            metrics::counter!("rollcall_live_messages_dropped_total").increment(1);
            return;
        }
        1 => RESYNC.into(),
        _ => Arc::clone(message),
    };
    // Only the hub sends, so the place is still free; a socket that has just gone does not matter.
    let _ = listener.messages.try_send(message);
}

#[cfg(test)]
mod tests {
    use domain::event::{Event, EventBody};
    use domain::id::{OrganizationId, SessionId};
    use domain::session::SessionState;

    use super::{Feed, Hub, HubTask, Interest, RESYNC, hub};

    fn changed(organization_id: OrganizationId, session_id: SessionId) -> Event {
        Event { organization_id, body: EventBody::SessionChanged { session_id, state: SessionState::Active } }
    }

    async fn join(hub: &Hub, task: &mut HubTask, organization_id: OrganizationId, interest: Interest) -> Feed {
        let feed = hub.join(organization_id, interest).await.expect("there is a place");
        let listener = task.joining.recv().await.expect("somebody joined");
        task.add(listener);
        feed
    }

    fn waiting(feed: &mut Feed) -> Vec<String> {
        std::iter::from_fn(|| feed.messages.try_recv().ok()).map(|message| message.to_string()).collect()
    }

    #[tokio::test]
    async fn a_socket_gets_what_it_wants_of_its_organization() {
        let (hub, mut task) = hub(4, 8);
        let (ours, theirs, session) = (OrganizationId::new(), OrganizationId::new(), SessionId::new());
        let mut all = join(&hub, &mut task, ours, Interest::Organization).await;
        let mut one = join(&hub, &mut task, ours, Interest::Session(session)).await;
        let mut foreign = join(&hub, &mut task, theirs, Interest::Session(session)).await;
        let mut elsewhere = join(&hub, &mut task, ours, Interest::NoSession).await;
        task.pass_on(&changed(ours, session));
        task.pass_on(&changed(ours, SessionId::new()));
        assert_eq!(waiting(&mut all).len(), 2);
        assert_eq!(waiting(&mut one).len(), 1);
        assert_eq!(waiting(&mut foreign).len(), 0);
        assert_eq!(waiting(&mut elsewhere).len(), 0);
        task.tell_all_to_resync();
        assert_eq!([waiting(&mut all), waiting(&mut one), waiting(&mut foreign)].concat(), [RESYNC; 3]);
    }

    #[tokio::test]
    async fn the_last_word_before_a_gap_is_resync() {
        let (hub, mut task) = hub(1, 2);
        let organization = OrganizationId::new();
        let event = changed(organization, SessionId::new());
        let mut feed = join(&hub, &mut task, organization, Interest::Organization).await;
        (0..5).for_each(|_| task.pass_on(&event));
        let messages = waiting(&mut feed);
        assert_eq!((messages.len(), messages[2].as_str()), (3, RESYNC));
        task.pass_on(&event);
        assert_ne!(waiting(&mut feed), [RESYNC]);
    }

    #[tokio::test]
    async fn places_are_limited_and_given_back() {
        let (hub, mut task) = hub(1, 2);
        let feed = join(&hub, &mut task, OrganizationId::new(), Interest::Organization).await;
        assert!(hub.join(OrganizationId::new(), Interest::Organization).await.is_err());
        drop(feed);
        assert!(hub.join(OrganizationId::new(), Interest::Organization).await.is_ok());
    }
}
