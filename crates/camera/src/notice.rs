//! What the camera client has to say, one JSON line or one line of text each.

use std::time::Duration;

use domain::event::PersonLabel;
use domain::id::FrameId;
use domain::sighting::{FrameResult, Outcome};
use serde::{Serialize, Serializer};

use crate::refusal::Problem;

/// Something that happened.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Notice {
    /// The gateway takes frames of this session.
    Connected,
    /// The gateway cannot be reached, or takes nothing at the moment.
    Waiting {
        /// Why.
        reason: String,
        /// Until the next try.
        #[serde(rename = "wait_ms", serialize_with = "milliseconds")]
        wait: Duration,
    },
    /// The camera or stream gives no pictures.
    SourceWaiting {
        /// Why.
        reason: String,
        /// Until the next try.
        #[serde(rename = "wait_ms", serialize_with = "milliseconds")]
        wait: Duration,
    },
    /// A picture of the source is of no use.
    SourceSkipped {
        /// Which picture.
        source: String,
        /// Why.
        reason: String,
    },
    /// The source has no more pictures.
    SourceEnded,
    /// A frame was taken in.
    FrameAccepted {
        /// Which picture.
        source: String,
        /// What the gateway calls it.
        frame_id: FrameId,
    },
    /// A frame was refused.
    FrameRefused {
        /// Which picture.
        source: String,
        /// Why.
        #[serde(flatten)]
        problem: Problem,
    },
    /// The connection ended before the gateway said whether it took the frame.
    FrameLost {
        /// Which picture.
        source: String,
    },
    /// A frame was looked at.
    FrameRecognized(Box<Recognized>),
    /// No result came for a frame in time: it was dropped on its way, or its result was.
    FrameUnanswered {
        /// Which picture.
        source: String,
        /// The frame.
        frame_id: FrameId,
    },
    /// The session is over.
    SessionClosed,
    /// The last line.
    Summary(Summary),
}

/// What was found in a frame.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Recognized {
    /// Which picture.
    pub source: String,
    /// The frame.
    pub frame_id: FrameId,
    /// From sending the frame to hearing of it.
    pub latency_ms: f64,
    /// What was found.
    #[serde(flatten)]
    pub result: FrameResult,
    /// The people that the sightings name.
    pub people: Vec<PersonLabel>,
}

/// What became of the pictures of the source.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Handed to the gateway.
    pub sent: u64,
    /// Taken in.
    pub accepted: u64,
    /// Refused.
    pub refused: u64,
    /// Whose fate is unknown, since the connection ended.
    pub lost: u64,
    /// Overtaken by a newer picture before they could be sent.
    pub dropped: u64,
    /// Pictures of the source that were of no use.
    pub skipped: u64,
    /// Whose result came back.
    pub answered: u64,
    /// Taken in, but no result came in time, or before the end.
    pub unanswered: u64,
    /// Faces that were taken for somebody.
    pub recognized: u64,
}

impl Summary {
    /// Counts `notice`.
    pub(crate) fn add(&mut self, notice: &Notice) {
        match notice {
            Notice::FrameAccepted { .. } => {
                self.sent += 1;
                self.accepted += 1;
            }
            Notice::FrameRefused { .. } => {
                self.sent += 1;
                self.refused += 1;
            }
            Notice::FrameLost { .. } => {
                self.sent += 1;
                self.lost += 1;
            }
            Notice::FrameRecognized(recognized) => {
                self.answered += 1;
                self.recognized +=
                    recognized.result.sightings.iter().filter(|s| names_somebody(s.outcome)).count() as u64;
            }
            Notice::SourceSkipped { .. } => self.skipped += 1,
            Notice::Connected
            | Notice::Waiting { .. }
            | Notice::SourceWaiting { .. }
            | Notice::SourceEnded
            | Notice::FrameUnanswered { .. }
            | Notice::SessionClosed
            | Notice::Summary(_) => {}
        }
    }
}

fn names_somebody(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Present | Outcome::Already | Outcome::OutsideHours | Outcome::NotOnRoster)
}

fn milliseconds<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(duration.as_millis().try_into().unwrap_or(u64::MAX))
}
