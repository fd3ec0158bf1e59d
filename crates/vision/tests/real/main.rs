//! The models themselves, on pictures from the registry packages. `scripts/setup` fetches both.

mod brought;
mod detectors;
mod encoders;
mod golden;
mod liveness;
mod pipeline;
mod refusals;
mod tiled;

use std::path::{Path, PathBuf};

use vision::{Picture, Pipeline, VisionSettings, decode};

fn weights() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../weights")
}

fn settings() -> VisionSettings {
    VisionSettings {
        weights: weights(),
        detector: "mtcnn".to_owned(),
        encoder: "mobilefacenet".to_owned(),
        also: Vec::new(),
        device: "cpu".to_owned(),
        threads: 1,
        min_face_px: 40.0,
        thresholds: [0.6, 0.7, 0.7],
        min_detection_score: 0.7,
        mirror: false,
        liveness: false,
        factor: 0.709,
        max_dimension: 1280,
        clahe: false,
    }
}

/// Whether all these models, which operators bring, are there; says loudly what is not tested where one is absent.
fn are_given(models: &[&str], what: &str) -> bool {
    let absent = models.iter().find(|model| !weights().join("cache").join(format!("{model}.pt")).exists());
    if let Some(model) = absent {
        eprintln!("NOT TESTED: {what}: weights/cache/{model}.pt is absent; weights/README.md says how to bring it");
    }
    absent.is_none()
}

fn load(settings: &VisionSettings) -> Pipeline {
    Pipeline::load(settings).expect("scripts/setup has made the models")
}

fn picture(file: &str, max_dimension: u32) -> Picture {
    let path = weights().join("cache/pictures").join(file);
    let bytes = std::fs::read(path).expect("scripts/setup has fetched the pictures");
    decode(&bytes, max_dimension).expect("a picture")
}
