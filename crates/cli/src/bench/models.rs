//! Which models look at a folder.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use domain::calibration::Calibration;
use domain::contract::ContractId;
use vision::manifest::Manifest;
use vision::{Pipeline, VisionSettings};

use super::look::{Looked, look};
use super::{cache, folder};

/// Raised when more is kept of a face than before.
const KEPT: u32 = 2;

/// What may differ from the settings' section `[vision]`.
#[derive(Debug, Args)]
pub(super) struct ModelArgs {
    /// Which encoder of the manifest: `facenet` or `mobilefacenet`. Said several times, they are compared.
    #[arg(long)]
    pub(super) encoder: Vec<String>,
    /// Threads on the CPU.
    #[arg(long)]
    threads: Option<NonZeroUsize>,
    /// `cpu` or `cuda:N`.
    #[arg(long)]
    device: Option<String>,
    /// Smallest face looked for, in pixels.
    #[arg(long)]
    min_face_px: Option<f32>,
    /// Keeps what the models saw in this file, and does not look again while pictures and settings are the same. It
    /// holds embeddings: delete it when done.
    #[arg(long, value_name = "FILE")]
    pub(super) cache: Option<PathBuf>,
}

impl ModelArgs {
    /// The settings for each encoder that is to be measured; at least one.
    pub(super) fn over(&self, settings: &VisionSettings) -> Vec<VisionSettings> {
        let encoders = if self.encoder.is_empty() { std::slice::from_ref(&settings.encoder) } else { &self.encoder };
        let one = |encoder: &String| VisionSettings {
            encoder: encoder.clone(),
            threads: self.threads.map_or(settings.threads, NonZeroUsize::get),
            device: self.device.clone().unwrap_or_else(|| settings.device.clone()),
            min_face_px: self.min_face_px.unwrap_or(settings.min_face_px),
            ..settings.clone()
        };
        encoders.iter().map(one).collect()
    }
}

/// What one set of models saw.
#[derive(Debug)]
pub(super) struct Viewed {
    /// What it is called in a report.
    pub(super) label: String,
    pub(super) contract: ContractId,
    /// As the manifest has it.
    pub(super) calibration: Calibration,
    pub(super) looked: Looked,
}

/// Looks with each encoder that is to be measured; at least one.
///
/// # Errors
/// As [`view`].
pub(super) fn view_all(from: &Path, settings: &VisionSettings, args: &ModelArgs) -> anyhow::Result<Vec<Viewed>> {
    args.over(settings).iter().map(|settings| view(from, settings, args.cache.as_deref())).collect()
}

/// Looks at all pictures of a folder, or takes what the cache has.
///
/// # Errors
/// When there is no picture, the models cannot be loaded, or the cache cannot be read or written.
pub(super) fn view(from: &Path, settings: &VisionSettings, cached: Option<&Path>) -> anyhow::Result<Viewed> {
    let names = folder::pictures(from)?;
    let manifest = Manifest::read(&settings.weights)?;
    let known = manifest.encoder(&settings.encoder);
    let (_, encoder) = known.with_context(|| format!("the manifest has no encoder {}", settings.encoder))?;
    let looks = || -> anyhow::Result<Looked> {
        let pipeline = Pipeline::load(settings).context("the models cannot be loaded")?;
        look(&pipeline, from, &names, settings.max_dimension)
    };
    let looked = match cached {
        None => looks()?,
        Some(file) => {
            let key = cache::key(from, &names, &format!("{KEPT} {} {settings:?}", encoder.contract))?;
            match cache::load(file, &key)? {
                Some(looked) => looked,
                None => {
                    let looked = looks()?;
                    cache::save(file, &key, &looked)?;
                    looked
                }
            }
        }
    };
    Ok(Viewed {
        label: settings.encoder.clone(),
        contract: encoder.contract.clone(),
        calibration: encoder.calibration.clone(),
        looked,
    })
}
