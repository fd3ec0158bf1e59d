//! `rollcall bench vision`.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context;
use clap::Args;
use serde::Serialize;
use vision::{Pipeline, StageTimes, VisionSettings, decode};

use super::ModelArgs;

/// What is measured, and with which models.
#[derive(Debug, Args)]
pub struct SpeedArgs {
    /// The picture.
    #[arg(long, value_name = "FILE")]
    frame: PathBuf,
    /// How often it is analysed.
    #[arg(long, default_value_t = 20)]
    rounds: usize,
    #[command(flatten)]
    models: ModelArgs,
}

/// Milliseconds of every round, in order: whoever compares with something else takes turns with it and pools them.
#[derive(Debug, Default, Serialize)]
pub(super) struct Report {
    encoder: String,
    threads: usize,
    faces: usize,
    decode_ms: Vec<f32>,
    pyramid_ms: Vec<f32>,
    pnet_ms: Vec<f32>,
    crops_ms: Vec<f32>,
    rnet_ms: Vec<f32>,
    onet_ms: Vec<f32>,
    detect_ms: Vec<f32>,
    align_ms: Vec<f32>,
    encode_ms: Vec<f32>,
    embed_ms: Vec<f32>,
}

pub(super) fn measure(args: &SpeedArgs, settings: &VisionSettings) -> anyhow::Result<Report> {
    let settings = args.models.only(settings)?;
    let pipeline = Pipeline::load(&settings).context("the models cannot be loaded")?;
    let bytes = std::fs::read(&args.frame).with_context(|| format!("cannot read {}", args.frame.display()))?;
    // The first analysis of a picture prepares for its size.
    pipeline.warm_up()?;
    let faces = pipeline.analyse(&[decode(&bytes, settings.max_dimension)?])?.pictures[0].len();
    let mut report = Report { encoder: settings.encoder, threads: settings.threads, faces, ..Report::default() };
    for _round in 0..args.rounds {
        let begin = Instant::now();
        let picture = decode(&bytes, settings.max_dimension)?;
        report.decode_ms.push(begin.elapsed().as_secs_f32() * 1000.0);
        report.add(&pipeline.analyse(&[picture])?.stages);
    }
    Ok(report)
}

impl Report {
    fn add(&mut self, times: &StageTimes) {
        self.pyramid_ms.push(times.pyramid_ms);
        self.pnet_ms.push(times.pnet_ms);
        self.crops_ms.push(times.crops_ms);
        self.rnet_ms.push(times.rnet_ms);
        self.onet_ms.push(times.onet_ms);
        self.detect_ms.push(times.detect_ms());
        self.align_ms.push(times.align_ms);
        self.encode_ms.push(times.encode_ms);
        self.embed_ms.push(times.embed_ms());
    }
}
