//! Pixels to faces and embeddings.
//!
//! [`decode`] turns bytes into an upright [`Picture`] within limits; a [`Pipeline`] finds the faces of many
//! pictures, cuts them out as its encoder wants them, and makes one embedding of each. Which models those are, and
//! what each expects, is in `weights/manifest.toml` ([`manifest`]).
//!
//! The only crate that knows libtorch (in one file, `torch.rs`) and OpenCV. It knows nothing of people, sessions or
//! thresholds, keeps nothing between two calls, and never writes a picture anywhere.

mod align;
mod analysis;
mod anchors;
mod annotate;
mod area;
mod augment;
mod boxes;
mod contrast;
mod crops;
mod decode;
mod detector;
mod encoder;
mod error;
mod liveness;
pub mod manifest;
mod measure;
mod mtcnn;
mod nms;
mod one_pass;
mod picture;
mod pipeline;
mod pool;
mod preparation;
mod pyramid;
mod settings;
mod similarity;
mod stages;
mod tiles;
mod torch;
mod verify;
mod windows;

pub use analysis::{AnalysedFace, Analysis, Wants};
pub use annotate::{Mark, annotated};
pub use decode::decode;
pub use encoder::EncoderFacts;
pub use error::{DecodeError, VisionError};
pub use picture::Picture;
pub use pipeline::Pipeline;
pub use settings::VisionSettings;
pub use stages::StageTimes;
pub use verify::{Deviation, Verified, verify};
