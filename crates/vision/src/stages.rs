//! Where the time of an analysis goes.

use std::time::Instant;

/// Milliseconds of each stage of one [`crate::Pipeline::analyse`], for all its pictures together.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct StageTimes {
    /// Shrinking the pictures to the levels of the image pyramids, or to what YuNet or RetinaFace sees.
    pub pyramid_ms: f32,
    /// MTCNN's first net and the suppression after it.
    pub pnet_ms: f32,
    /// Cutting out candidates for the second and third net.
    pub crops_ms: f32,
    /// MTCNN's second net and the suppression after it.
    pub rnet_ms: f32,
    /// MTCNN's third net and the suppression after it.
    pub onet_ms: f32,
    /// YuNet or RetinaFace and what its results mean.
    pub one_pass_ms: f32,
    /// Cutting out faces for the encoder.
    pub align_ms: f32,
    /// The encoder.
    pub encode_ms: f32,
    /// Telling living people from pictures of people.
    pub liveness_ms: f32,
}

impl StageTimes {
    /// Pixels to faces.
    #[must_use]
    pub fn detect_ms(&self) -> f32 {
        self.pyramid_ms + self.pnet_ms + self.crops_ms + self.rnet_ms + self.onet_ms + self.one_pass_ms
    }

    /// Faces to embeddings, and to liveness where it is asked for.
    #[must_use]
    pub fn embed_ms(&self) -> f32 {
        self.align_ms + self.encode_ms + self.liveness_ms
    }
}

pub(crate) fn elapsed_ms(begin: Instant) -> f32 {
    begin.elapsed().as_secs_f32() * 1000.0
}
