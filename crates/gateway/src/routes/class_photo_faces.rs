//! A class photo, and what was found in it, as they are shown.

use chrono::{DateTime, Utc};
use domain::class_photo::{ClassPhotoFailure, ClassPhotoState};
use domain::event::PersonLabel;
use domain::geometry::FaceBox;
use domain::id::{ClassPhotoId, SessionId};
use domain::sighting::{Outcome, Sighting};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One picture of a whole class.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct ClassPhotoStatus {
    pub id: ClassPhotoId,
    session_id: SessionId,
    file_name: String,
    /// Whether a copy with boxes and names was asked for.
    annotate: bool,
    /// `pending` until a worker has looked at it.
    state: ClassPhotoState,
    /// Why it marked nobody.
    failure: Option<ClassPhotoFailure>,
    created_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
}

impl From<domain::class_photo::ClassPhoto> for ClassPhotoStatus {
    fn from(row: domain::class_photo::ClassPhoto) -> Self {
        Self {
            id: row.id,
            session_id: row.session_id,
            file_name: row.file_name,
            annotate: row.annotate,
            state: row.state,
            failure: row.failure,
            created_at: row.created_at,
            finished_at: row.finished_at,
        }
    }
}

/// A class photo with its faces.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClassPhoto {
    #[serde(flatten)]
    pub photo: ClassPhotoStatus,
    /// The faces that were found, the largest first.
    pub faces: Vec<PhotoFace>,
}

/// One face of a class photo.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PhotoFace {
    /// Position among the faces of the photo, from 0.
    face_index: i16,
    /// Where it is, in pixels of the photo.
    #[serde(rename = "box")]
    face_box: FaceBox,
    outcome: Outcome,
    /// Whose face it is; `null` where nobody was recognised.
    person: Option<PersonLabel>,
    /// Cosine similarity to the closest person: raw, -1 to 1, not a probability.
    similarity: Option<f32>,
    /// The threshold that `similarity` was held against.
    threshold: Option<f32>,
    /// How often a stranger looks as much like somebody of those who were searched, 0 to 1.
    false_match_rate: Option<f64>,
    /// How good the face is for telling people apart, 0 to 100.
    quality: Option<u8>,
    /// How probably it is a living person's and no picture of one, 0 to 1; `null` where that was not asked.
    liveness: Option<f32>,
    /// How sure the detector is that it is a face, 0 to 1.
    detection_score: f32,
}

impl PhotoFace {
    /// The face of a sighting, named by `people`.
    pub(crate) fn new(sighting: &Sighting, people: &[PersonLabel]) -> Self {
        let is_the_one = |label: &&PersonLabel| sighting.person_id == Some(label.person_id);
        Self {
            face_index: sighting.face_index,
            face_box: sighting.face_box,
            outcome: sighting.outcome,
            person: people.iter().find(is_the_one).cloned(),
            similarity: sighting.similarity,
            threshold: sighting.threshold,
            false_match_rate: sighting.false_match_rate,
            quality: sighting.quality,
            liveness: sighting.liveness,
            detection_score: sighting.detection_score,
        }
    }
}
