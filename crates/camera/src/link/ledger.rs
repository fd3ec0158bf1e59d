//! Frames that were taken in and whose results have not come yet.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use domain::id::FrameId;
use tokio::time::Instant;

use crate::message::Found;
use crate::notice::Recognized;

/// How many results may come before the answer that names their frame. There is at most one such frame of ours;
/// the others are of another client with the same key.
const EARLY: usize = 32;

/// A frame that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sent {
    /// Which picture it is.
    pub source: String,
    /// When it was sent.
    pub at: Instant,
}

/// Which frame is which picture, until its result has come or is too late.
pub(super) struct Ledger {
    patience: Duration,
    waiting: HashMap<FrameId, Sent>,
    early: VecDeque<(Found, Instant)>,
}

impl Ledger {
    /// An empty one, which gives a frame up when its result has not come within `patience`.
    pub(super) fn new(patience: Duration) -> Self {
        Self { patience, waiting: HashMap::new(), early: VecDeque::new() }
    }

    /// Whether no result is outstanding.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Notes that a frame was taken in; answers with its result where that came first.
    pub(super) fn accept(&mut self, frame_id: FrameId, sent: Sent) -> Option<Recognized> {
        match self.early.iter().position(|(found, _)| found.frame_id == frame_id) {
            Some(position) => {
                let (found, heard) = self.early.remove(position)?;
                Some(recognized(found, sent, heard))
            }
            None => {
                self.waiting.insert(frame_id, sent);
                None
            }
        }
    }

    /// Takes a result; `None` when it is of no frame that we know (yet).
    pub(super) fn answer(&mut self, found: Found, now: Instant) -> Option<Recognized> {
        match self.waiting.remove(&found.frame_id) {
            Some(sent) => Some(recognized(found, sent, now)),
            None => {
                if self.early.len() == EARLY {
                    self.early.pop_front();
                }
                self.early.push_back((found, now));
                None
            }
        }
    }

    /// Gives up the frames whose results are too late.
    pub(super) fn expire(&mut self, now: Instant) -> Vec<(FrameId, Sent)> {
        let patience = self.patience;
        self.waiting.extract_if(|_, sent| sent.at + patience <= now).collect()
    }

    /// When the next frame is to be given up.
    pub(super) fn next_expiry(&self) -> Option<Instant> {
        self.waiting.values().map(|sent| sent.at + self.patience).min()
    }
}

fn recognized(found: Found, sent: Sent, heard: Instant) -> Recognized {
    let latency_ms = heard.saturating_duration_since(sent.at).as_secs_f64() * 1e3;
    let Found { frame_id, result, people } = found;
    Recognized { source: sent.source, frame_id, latency_ms, result, people }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::DateTime;
    use domain::contract::ContractId;
    use domain::id::{FrameId, Id};
    use domain::sighting::{FrameResult, StageTimes};
    use tokio::time::Instant;

    use super::{EARLY, Ledger, Sent};
    use crate::message::Found;

    fn found(frame_id: FrameId) -> Found {
        let result = FrameResult {
            contract: ContractId::new("c"),
            decided_at: DateTime::UNIX_EPOCH,
            times: StageTimes::default(),
            sightings: Vec::new(),
        };
        Found { frame_id, result, people: Vec::new() }
    }

    fn sent(source: &str) -> Sent {
        Sent { source: source.to_owned(), at: Instant::now() }
    }

    #[tokio::test(start_paused = true)]
    async fn a_result_finds_its_picture_and_its_time() {
        let mut ledger = Ledger::new(Duration::from_secs(10));
        let id = Id::new();
        assert!(ledger.accept(id, sent("a.jpg")).is_none());
        tokio::time::advance(Duration::from_millis(250)).await;
        let recognized = ledger.answer(found(id), Instant::now()).unwrap();
        assert_eq!((recognized.source.as_str(), recognized.latency_ms), ("a.jpg", 250.0));
        assert!(ledger.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_result_may_come_before_the_answer() {
        let mut ledger = Ledger::new(Duration::from_secs(10));
        let id = Id::new();
        let sent = sent("a.jpg");
        tokio::time::advance(Duration::from_millis(40)).await;
        assert!(ledger.answer(found(id), Instant::now()).is_none());
        for _ in 1..EARLY {
            assert!(ledger.answer(found(Id::new()), Instant::now()).is_none());
        }
        tokio::time::advance(Duration::from_millis(40)).await;
        assert_eq!(ledger.accept(id, sent).unwrap().latency_ms, 40.0);
        assert!(ledger.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn patience_ends() {
        let mut ledger = Ledger::new(Duration::from_secs(10));
        let start = Instant::now();
        ledger.accept(Id::new(), sent("a.jpg"));
        tokio::time::advance(Duration::from_secs(6)).await;
        ledger.accept(Id::new(), sent("b.jpg"));
        assert_eq!(ledger.next_expiry(), Some(start + Duration::from_secs(10)));
        tokio::time::advance(Duration::from_secs(4)).await;
        let late: Vec<String> = ledger.expire(Instant::now()).into_iter().map(|(_, sent)| sent.source).collect();
        assert_eq!(late, ["a.jpg"]);
        assert!(!ledger.is_empty());
    }
}
