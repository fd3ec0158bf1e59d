//! `rollcall bench`: how right and how fast the models are on this machine. Results are JSON on standard output.

mod annotations;
mod attacks;
mod cache;
mod closeness;
mod detect;
mod detection;
mod enroll;
mod faces;
mod figure;
mod folder;
mod histogram;
mod identification;
mod identify;
mod identities;
mod index;
mod liveness;
mod look;
mod models;
mod pairs;
mod people;
mod quantiles;
mod rates;
mod realised;
mod rejections;
mod report;
mod resample;
mod speed;
mod variant;
mod ways;

use clap::Subcommand;
use serde::Serialize;
use vision::VisionSettings;

use self::index::IndexArgs;
use detect::DetectArgs;
use enroll::EnrollArgs;
use faces::FacesArgs;
use identify::IdentifyArgs;
use liveness::LivenessArgs;
use models::ModelArgs;
use rejections::RejectionsArgs;
use speed::SpeedArgs;

/// What is measured.
#[derive(Debug, Subcommand)]
pub enum Bench {
    /// Verification: whether two pictures show one person, on a folder of NAME/PICTURE.jpg and a list of pairs.
    Faces(FacesArgs),
    /// Identification among people who are known and strangers, on a folder of NAME/PICTURE.jpg.
    ///
    /// For several ways to enroll; with the calibration of the encoder, which cosine goes with which false-match rate,
    /// and whether the false-match rate that is asked for comes about.
    Identify(IdentifyArgs),
    /// Faces found, missed and made up, and people kept apart, on annotated pictures of groups.
    Detect(DetectArgs),
    /// How often attacks pass for live people and live people for attacks (ISO/IEC 30107-3).
    Liveness(LivenessArgs),
    /// Which pictures, and which people, cannot be enrolled and why, on a folder of NAME/PICTURE.jpg.
    Enroll(EnrollArgs),
    /// What "not this person" keeps off, and whom it costs, on a folder of NAME/PICTURE.jpg.
    Rejections(RejectionsArgs),
    /// How fast, how large and how exact the indexes are, on made-up faces: roster, global, and what a build costs.
    Index(IndexArgs),
    /// How long each stage takes for one picture.
    Vision(SpeedArgs),
}

/// Measures and prints.
///
/// # Errors
/// When the models cannot be loaded or what is to be measured cannot be read.
pub fn run(bench: &Bench, settings: &VisionSettings) -> anyhow::Result<()> {
    match bench {
        Bench::Faces(args) => print(&faces::measure(args, settings)?),
        Bench::Identify(args) => print(&identify::measure(args, settings)?),
        Bench::Detect(args) => print(&detect::measure(args, settings)?),
        Bench::Liveness(args) => print(&liveness::measure(args, settings)?),
        Bench::Enroll(args) => print(&enroll::measure(args, settings)?),
        Bench::Rejections(args) => print(&rejections::measure(args, settings)?),
        Bench::Index(args) => print(&index::measure(args)?),
        Bench::Vision(args) => print(&speed::measure(args, settings)?),
    }
}

fn print(report: &impl Serialize) -> anyhow::Result<()> {
    println!("{}", serde_json::to_string_pretty(report)?);
    Ok(())
}

/// A figure as a person reads it: six digits after the point.
fn rounded(value: f64) -> f64 {
    // Not the negative zero that an empty sum is.
    (value * 1e6).round() / 1e6 + 0.0
}
