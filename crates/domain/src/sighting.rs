//! What was recognised in one frame.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::contract::ContractId;
use crate::geometry::FaceBox;
use crate::id::PersonId;

/// What recognition says about one face of one frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// On the roster; this sighting marked the person.
    Present,
    /// On the roster and marked before.
    Already,
    /// Probably on the roster: as alike as a stranger seldom is, but not yet seen so often that the person is marked.
    Likely,
    /// On the roster, but at a time at which an arrival does not count in this session.
    OutsideHours,
    /// Known to the organization but not on this roster.
    NotOnRoster,
    /// Nobody that we know.
    Unknown,
    /// Looks like a picture of a face.
    SpoofSuspected,
    /// Too small or unclear to compare.
    TooPoor,
}

impl Outcome {
    /// Whether it says that somebody was found on the roster, surely or likely: what may turn out to be somebody else.
    #[must_use]
    pub fn names_on_roster(self) -> bool {
        matches!(self, Self::Present | Self::Already | Self::Likely | Self::OutsideHours)
    }
}

/// Milliseconds that each stage took for the frame of a sighting.
///
/// Stages of a batch are shared by its frames: each carries the whole batch's time, since each waited for it.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StageTimes {
    /// From the gateway taking the frame in to the worker beginning with it.
    pub queue_ms: f32,
    /// JPEG to pixels.
    pub decode_ms: f32,
    /// Pixels to faces.
    pub detect_ms: f32,
    /// Faces to embeddings, alignment included.
    pub embed_ms: f32,
    /// Embeddings to people.
    pub search_ms: f32,
}

/// One face of one frame, recognised or not: an immutable event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Sighting {
    /// Position of the face in its frame, from 0; with the frame id, the key that makes redelivery harmless.
    pub face_index: i16,
    /// The person, for `Present`, `Already`, `Likely`, `OutsideHours` and `NotOnRoster`.
    pub person_id: Option<PersonId>,
    /// What it means.
    pub outcome: Outcome,
    /// Cosine similarity to the closest person, -1..=1: raw, never a probability. `None` where nobody was compared.
    pub similarity: Option<f32>,
    /// The threshold that `similarity` was held against.
    pub threshold: Option<f32>,
    /// How often a stranger looks as much like somebody of the gallery that was searched, 0..=1. `None` where nobody was
    /// compared.
    #[serde(default)]
    pub false_match_rate: Option<f64>,
    /// How probably the face is a living person's and no picture of one, 0..=1. `None` where that was not asked.
    #[serde(default)]
    pub liveness: Option<f32>,
    /// How good the face is for telling people apart, 0..=100.
    #[serde(default)]
    pub quality: Option<u8>,
    /// How sure the detector is, 0..=1.
    pub detection_score: f32,
    /// Where the face is.
    #[serde(rename = "box")]
    pub face_box: FaceBox,
}

/// All faces of one frame.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FrameResult {
    /// The contract of the encoder.
    pub contract: ContractId,
    /// When the worker decided.
    pub decided_at: DateTime<Utc>,
    /// Where the time went.
    pub times: StageTimes,
    /// One per face; empty when there was none.
    pub sightings: Vec<Sighting>,
}
