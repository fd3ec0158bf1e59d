//! `rollcall bench`: how right and how fast the models are on this machine. Results are JSON on standard output.

mod cache;
mod closeness;
mod faces;
mod figure;
mod folder;
mod histogram;
mod identification;
mod identify;
mod look;
mod models;
mod pairs;
mod people;
mod quantiles;
mod rates;
mod realised;
mod report;
mod resample;
mod speed;
mod variant;
mod ways;

use clap::Subcommand;
use serde::Serialize;
use vision::VisionSettings;

use faces::FacesArgs;
use identify::IdentifyArgs;
use models::ModelArgs;
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
