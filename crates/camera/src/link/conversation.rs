//! What is said on one WebSocket: a frame goes up, its answer comes down, and results come when they come.

use std::time::Duration;

use domain::session::SessionState;
use futures_util::{SinkExt, StreamExt};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::{self, Bytes, Message as Packet};

use super::ledger::{Ledger, Sent};
use super::socket::Socket;
use super::{LinkError, tell};
use crate::backoff::Backoff;
use crate::feeder::Keep;
use crate::message::Message;
use crate::notice::Notice;
use crate::refusal::{Problem, Verdict};
use crate::slot::Slot;
use crate::source::Picture;

/// How long a frame may take to leave, and its answer to come.
const SEND_TIME: Duration = Duration::from_secs(60);
const ANSWER_TIME: Duration = Duration::from_secs(30);
const CLOSE_TIME: Duration = Duration::from_secs(2);
/// The gateway asks for a sign of life more often than this; a connection that is as silent is dead.
const LONGEST_SILENCE: Duration = Duration::from_secs(60);

/// What is kept from one connection to the next.
pub(super) struct Link<'a> {
    pub(super) keep: Keep,
    pub(super) slot: &'a Slot<Picture>,
    pub(super) notices: &'a mpsc::Sender<Notice>,
    pub(super) ledger: Ledger,
    pub(super) backoff: Backoff,
    /// A frame that must be sent again.
    pub(super) again: Option<Picture>,
}

/// How a connection ended.
pub(super) enum End {
    /// Everything was sent and answered.
    Done,
    /// The session takes no more frames.
    SessionOver,
    /// By accident, with the reason.
    Lost(String),
}

impl Link<'_> {
    /// Whether there is nothing to send and nothing to wait for.
    pub(super) fn is_finished(&self) -> bool {
        self.again.is_none() && self.slot.is_finished() && self.ledger.is_empty()
    }

    /// Stops waiting for the results that are too late.
    pub(super) async fn give_up_late(&mut self) {
        for (frame_id, sent) in self.ledger.expire(Instant::now()) {
            tell(self.notices, Notice::FrameUnanswered { source: sent.source, frame_id }).await;
        }
    }

    /// Sends and listens until the connection ends.
    pub(super) async fn converse(&mut self, mut socket: Socket) -> Result<End, LinkError> {
        let now = Instant::now();
        let mut conversation = Conversation { link: self, owed: None, heard: now, not_before: now };
        let end = conversation.run(&mut socket).await?;
        let Conversation { link, owed, .. } = conversation;
        if let Some(owed) = owed {
            // The gateway may or may not have taken this one.
            match link.keep {
                Keep::Every => link.again = Some(owed.picture),
                Keep::Newest => tell(link.notices, Notice::FrameLost { source: owed.picture.name }).await,
            }
        }
        let _ = timeout(CLOSE_TIME, socket.close(None)).await;
        Ok(end)
    }
}

struct Conversation<'l, 'a> {
    link: &'l mut Link<'a>,
    /// The frame that was sent and not answered yet.
    owed: Option<Owed>,
    /// When the gateway last said anything.
    heard: Instant,
    /// When the next frame may be sent.
    not_before: Instant,
}

struct Owed {
    picture: Picture,
    at: Instant,
}

impl Conversation<'_, '_> {
    async fn run(&mut self, socket: &mut Socket) -> Result<End, LinkError> {
        loop {
            self.link.give_up_late().await;
            if self.owed.is_none() && self.link.is_finished() {
                return Ok(End::Done);
            }
            let may_send = self.may_send();
            let due = self.due();
            let end = tokio::select! {
                picture = next_picture(&mut self.link.again, self.link.slot, self.not_before), if may_send => {
                    match picture {
                        Some(picture) => self.send(socket, picture).await,
                        None => None,
                    }
                }
                packet = socket.next() => self.receive(packet).await?,
                () = tokio::time::sleep_until(due) => self.silence(),
            };
            if let Some(end) = end {
                return Ok(end);
            }
        }
    }

    /// One frame at a time; and where every frame counts, none before the result of the last.
    fn may_send(&self) -> bool {
        let is_free = self.owed.is_none() && (self.link.keep == Keep::Newest || self.link.ledger.is_empty());
        is_free && (self.link.again.is_some() || !self.link.slot.is_finished())
    }

    fn answer_due(&self) -> Option<Instant> {
        self.owed.as_ref().map(|owed| owed.at + ANSWER_TIME)
    }

    /// When something is to be done even if nothing happens.
    fn due(&self) -> Instant {
        let others = [self.answer_due(), self.link.ledger.next_expiry()];
        others.into_iter().flatten().fold(self.heard + LONGEST_SILENCE, Instant::min)
    }

    fn silence(&self) -> Option<End> {
        let now = Instant::now();
        let is_dead = now >= self.heard + LONGEST_SILENCE || self.answer_due().is_some_and(|due| now >= due);
        is_dead.then(|| End::Lost("the gateway has fallen silent".to_owned()))
    }

    async fn send(&mut self, socket: &mut Socket, picture: Picture) -> Option<End> {
        let packet = Packet::Binary(Bytes::from(picture.jpeg.clone()));
        let at = Instant::now();
        self.owed = Some(Owed { picture, at });
        match timeout(SEND_TIME, socket.send(packet)).await {
            Ok(Ok(())) => {
                // Nothing could be heard while a large frame left.
                self.heard = Instant::now();
                None
            }
            _ => Some(End::Lost("the connection broke while a frame was sent".to_owned())),
        }
    }

    async fn receive(&mut self, packet: Option<Result<Packet, tungstenite::Error>>) -> Result<Option<End>, LinkError> {
        self.heard = Instant::now();
        let lost = |reason: String| Ok(Some(End::Lost(reason)));
        match packet {
            Some(Ok(Packet::Text(text))) => match serde_json::from_str(&text) {
                Ok(message) => self.hear(message).await,
                Err(error) => {
                    tracing::warn!(%error, "the gateway said something that this client cannot read");
                    Ok(None)
                }
            },
            Some(Ok(Packet::Close(close))) => {
                let code = close.map(|close| format!(" ({})", close.code)).unwrap_or_default();
                lost(format!("the gateway closed the connection{code}"))
            }
            Some(Ok(_)) => Ok(None),
            Some(Err(error)) => lost(format!("the connection broke: {error}")),
            None => lost("the connection ended".to_owned()),
        }
    }

    async fn hear(&mut self, message: Message) -> Result<Option<End>, LinkError> {
        match message {
            Message::FrameAccepted { frame_id } => {
                let Some(Owed { picture, at }) = self.owed.take() else { return Ok(None) };
                self.link.backoff.reset();
                let source = picture.name;
                tell(self.link.notices, Notice::FrameAccepted { source: source.clone(), frame_id }).await;
                if let Some(recognized) = self.link.ledger.accept(frame_id, Sent { source, at }) {
                    tell(self.link.notices, Notice::FrameRecognized(Box::new(recognized))).await;
                }
                Ok(None)
            }
            Message::FrameRefused { problem } => match self.owed.take() {
                Some(owed) => self.refused(owed.picture, problem).await,
                None => Ok(None),
            },
            Message::FrameRecognized(found) => {
                if let Some(recognized) = self.link.ledger.answer(*found, Instant::now()) {
                    tell(self.link.notices, Notice::FrameRecognized(Box::new(recognized))).await;
                }
                Ok(None)
            }
            Message::SessionChanged { state: SessionState::Closed } => Ok(Some(End::SessionOver)),
            Message::SessionChanged { .. } | Message::Other => Ok(None),
        }
    }

    async fn refused(&mut self, picture: Picture, problem: Problem) -> Result<Option<End>, LinkError> {
        let verdict = problem.verdict();
        match verdict {
            Verdict::GiveUp => return Err(LinkError::refused(&problem)),
            Verdict::TryLater => {
                let wait = self.link.backoff.next();
                self.not_before = Instant::now() + wait;
                tell(self.link.notices, Notice::Waiting { reason: problem.to_string(), wait }).await;
            }
            Verdict::SkipFrame | Verdict::NotActive => {}
        }
        if verdict != Verdict::SkipFrame && self.link.keep == Keep::Every {
            self.link.again = Some(picture);
        } else {
            tell(self.link.notices, Notice::FrameRefused { source: picture.name, problem }).await;
        }
        Ok((verdict == Verdict::NotActive).then_some(End::SessionOver))
    }
}

/// The next picture to send, from `not_before` on. Cancel-safe.
async fn next_picture(again: &mut Option<Picture>, slot: &Slot<Picture>, not_before: Instant) -> Option<Picture> {
    tokio::time::sleep_until(not_before).await;
    match again.take() {
        Some(picture) => Some(picture),
        None => slot.take().await,
    }
}
