//! `rollcall bench`: how right and how fast the models are on this machine. Results are JSON on standard output.

mod embed;
mod faces;
mod identification;
mod pairs;
mod quantiles;
mod rates;
mod speed;

use std::num::NonZeroUsize;

use clap::{Args, Subcommand};
use serde::Serialize;
use vision::VisionSettings;

use faces::FacesArgs;
use speed::SpeedArgs;

/// What is measured.
#[derive(Debug, Subcommand)]
pub enum Bench {
    /// How well people are told apart, on a folder of NAME/PICTURE.jpg.
    ///
    /// Verification of the pairs, where a list of them is given; open-set identification; and the calibration of the
    /// encoder: which cosine goes with which false-match rate.
    Faces(FacesArgs),
    /// How long each stage takes for one picture.
    Vision(SpeedArgs),
}

/// What may differ from the settings' section `[vision]`.
#[derive(Debug, Args)]
struct ModelArgs {
    /// Which encoder of the manifest: `facenet` or `mobilefacenet`.
    #[arg(long)]
    encoder: Option<String>,
    /// Threads on the CPU.
    #[arg(long)]
    threads: Option<NonZeroUsize>,
    /// `cpu` or `cuda:N`.
    #[arg(long)]
    device: Option<String>,
    /// Smallest face looked for, in pixels.
    #[arg(long)]
    min_face_px: Option<f32>,
}

impl ModelArgs {
    fn over(&self, settings: VisionSettings) -> VisionSettings {
        VisionSettings {
            encoder: self.encoder.clone().unwrap_or(settings.encoder),
            threads: self.threads.map_or(settings.threads, NonZeroUsize::get),
            device: self.device.clone().unwrap_or(settings.device),
            min_face_px: self.min_face_px.unwrap_or(settings.min_face_px),
            ..settings
        }
    }
}

/// Measures and prints.
///
/// # Errors
/// When the models cannot be loaded or what is to be measured cannot be read.
pub fn run(bench: &Bench, settings: VisionSettings) -> anyhow::Result<()> {
    match bench {
        Bench::Faces(args) => print(&faces::measure(args, settings)?),
        Bench::Vision(args) => print(&speed::measure(args, settings)?),
    }
}

fn print(report: &impl Serialize) -> anyhow::Result<()> {
    println!("{}", serde_json::to_string_pretty(report)?);
    Ok(())
}

/// A figure as a person reads it: six digits after the point.
fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}
