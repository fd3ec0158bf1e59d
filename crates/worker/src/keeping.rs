//! Which faces are kept beside what is recorded of them, for "not this person".

use chrono::{TimeDelta, Utc};
use domain::embedding::Embedding;
use domain::evidence::EvidencePolicy;
use domain::frame::FrameHeader;
use domain::sighting::{FrameResult, Sighting};
use store::sightings::{FaceKeeping, Recorded, record, record_with_faces};
use store::{Conn, Sealer, StoreError};

/// Whether and for how long faces are kept.
#[derive(Clone)]
pub(crate) struct Keeping {
    sealer: Sealer,
    /// `None`: not at all.
    time: Option<TimeDelta>,
}

/// The faces of one frame by which somebody may be found on the roster.
pub(crate) struct KeptFaces {
    keeping: Keeping,
    /// Position and embedding.
    faces: Vec<(i16, Embedding)>,
}

impl Keeping {
    /// For so many days, from when a frame is recorded.
    pub(crate) fn new(sealer: Sealer, days: u32) -> Self {
        Self { sealer, time: (days > 0).then(|| TimeDelta::days(days.into())) }
    }

    /// The sightings, and of their faces those that may be kept: no strangers'.
    pub(crate) fn split(&self, found: Vec<(Sighting, Embedding)>) -> (Vec<Sighting>, KeptFaces) {
        let mut faces = Vec::new();
        let sightings = found.into_iter().map(|(sighting, embedding)| {
            if self.time.is_some() && sighting.outcome.names_on_roster() {
                faces.push((sighting.face_index, embedding));
            }
            sighting
        });
        (sightings.collect(), KeptFaces { keeping: self.clone(), faces })
    }
}

impl KeptFaces {
    /// Records the sightings of the frame, with the faces.
    pub(crate) async fn record(
        &self,
        conn: &mut Conn,
        header: &FrameHeader,
        result: &FrameResult,
        evidence: &EvidencePolicy,
    ) -> Result<Recorded, StoreError> {
        let Keeping { sealer, time } = &self.keeping;
        match time {
            Some(time) if !self.faces.is_empty() => {
                let keeping = FaceKeeping { sealer, faces: &self.faces, until: Utc::now() + *time };
                record_with_faces(conn, header, result, evidence, keeping).await
            }
            _ => record(conn, header, result, evidence).await,
        }
    }
}
