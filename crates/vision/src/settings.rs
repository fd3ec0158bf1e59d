//! The section `[vision]` of a process's settings.

use std::path::PathBuf;

use serde::Deserialize;

use crate::error::VisionError;

/// Which models run where, and how they look for faces.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VisionSettings {
    /// The folder with `manifest.toml` and `cache/`.
    pub weights: PathBuf,
    /// What finds faces: `mtcnn`, `yunet` or `retinaface`.
    pub detector: String,
    /// Id of the encoder in the manifest, such as `facenet`; it is the one for organizations that have no templates yet.
    pub encoder: String,
    /// Ids of more encoders, for organizations whose templates are of another contract.
    pub also: Vec<String>,
    /// `cpu`, or `cuda:N` for the graphics card with that number. A card that is not there is an error.
    pub device: String,
    /// Threads on the CPU, at least 1. More than the cores that are free makes everything much slower.
    pub threads: usize,
    /// Smallest face looked for, in pixels of the picture as analysed; at least 12. Halving it costs four times the work.
    pub min_face_px: f32,
    /// Least probability of a face after each of MTCNN's three nets, each in 0..1.
    pub thresholds: [f32; 3],
    /// Faces that the detector, whichever it is, is less sure of are not reported, 0..1. Each has a scale of its own: good
    /// faces get 0.99 from MTCNN and RetinaFace, but 0.85 to 0.93 from YuNet.
    pub min_detection_score: f32,
    /// Whether an embedding is the mean of the face's and its mirror image's: a little surer, and twice the work.
    pub mirror: bool,
    /// Whether to load the nets that tell living people from pictures of people.
    pub liveness: bool,
    /// Ratio of one level of the image pyramid to the level before, in 0.1..0.95.
    pub factor: f32,
    /// Longer side that pictures are shrunk to when decoded, in pixels, 64..=8192.
    pub max_dimension: u32,
    /// Whether local contrast is evened out (CLAHE) before looking for faces; for dark or backlit rooms.
    pub clahe: bool,
}

impl VisionSettings {
    /// Checks every value's range.
    ///
    /// # Errors
    /// [`VisionError::Setting`] names the first that is out of it.
    pub fn validate(&self) -> Result<(), VisionError> {
        let refuse = |setting, problem: &str| Err(VisionError::Setting { setting, problem: problem.to_owned() });
        if !["mtcnn", "yunet", "retinaface"].contains(&self.detector.as_str()) {
            return refuse("detector", "must be `mtcnn`, `yunet` or `retinaface`");
        }
        if self.threads == 0 || self.threads > 256 {
            return refuse("threads", "must be 1 to 256");
        }
        if !(12.0..=4096.0).contains(&self.min_face_px) {
            return refuse("min_face_px", "must be 12 to 4096");
        }
        if !self.thresholds.iter().all(|threshold| (0.0..1.0).contains(threshold)) {
            return refuse("thresholds", "must each be in 0..1");
        }
        if !(0.0..1.0).contains(&self.min_detection_score) {
            return refuse("min_detection_score", "must be in 0..1");
        }
        if !(0.1..=0.95).contains(&self.factor) {
            return refuse("factor", "must be 0.1 to 0.95");
        }
        if !(64..=8192).contains(&self.max_dimension) {
            return refuse("max_dimension", "must be 64 to 8192");
        }
        Ok(())
    }
}
