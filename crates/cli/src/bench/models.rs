//! Which models look at a folder.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use clap::Args;
use domain::calibration::Calibration;
use domain::contract::ContractId;
use vision::manifest::Manifest;
use vision::{Pipeline, VisionSettings, Wants};

use super::look::{Looked, look};
use super::{cache, folder};

/// Raised when more is kept of a face than before.
const KEPT: u32 = 2;

/// What may differ from the settings' section `[vision]`.
#[derive(Debug, Args)]
pub(super) struct ModelArgs {
    /// Which encoder of the manifest, such as `facenet` or `mobilefacenet`. Said several times, they are compared.
    #[arg(long)]
    pub(super) encoder: Vec<String>,
    /// What finds faces: `mtcnn`, `yunet` or `retinaface`.
    #[arg(long)]
    detector: Option<String>,
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
            detector: self.detector.clone().unwrap_or_else(|| settings.detector.clone()),
            also: Vec::new(),
            mirror: false,
            threads: self.threads.map_or(settings.threads, NonZeroUsize::get),
            device: self.device.clone().unwrap_or_else(|| settings.device.clone()),
            min_face_px: self.min_face_px.unwrap_or(settings.min_face_px),
            ..settings.clone()
        };
        encoders.iter().map(one).collect()
    }

    /// The same where only one encoder makes sense.
    pub(super) fn only(&self, settings: &VisionSettings) -> anyhow::Result<VisionSettings> {
        let mut each = self.over(settings);
        ensure!(each.len() == 1, "one --encoder at a time");
        Ok(each.remove(0))
    }
}

/// What one set of models saw.
#[derive(Debug)]
pub(super) struct Viewed {
    /// What it is called in a report.
    pub(super) label: String,
    /// Whether embeddings are the means of a face's and its mirror image's.
    pub(super) is_mirrored: bool,
    pub(super) contract: ContractId,
    /// As the manifest has it; for one that it has none for, and for mirrored means, `None`.
    pub(super) calibration: Option<Calibration>,
    pub(super) looked: Looked,
}

/// Besides faces and their embeddings.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Extras {
    /// Also each encoder with the mean of a face's and its mirror image's embedding.
    pub(super) mirror: bool,
    /// Embeddings of so many changed copies of each face.
    pub(super) copies: usize,
    /// Pictures are looked at piece by piece, too.
    pub(super) tiled: bool,
    pub(super) liveness: bool,
}

/// Looks with each encoder that is to be measured; at least one.
///
/// # Errors
/// When there is no picture, the models cannot be loaded, or the cache cannot be read or written.
pub(super) fn view_all(
    from: &Path,
    settings: &VisionSettings,
    args: &ModelArgs,
    extras: Extras,
) -> anyhow::Result<Vec<Viewed>> {
    let mut viewed = Vec::new();
    for plain in args.over(settings) {
        let plain = VisionSettings { liveness: extras.liveness, ..plain };
        viewed.push(view(from, &plain, args.cache.as_deref(), extras)?);
        if extras.mirror {
            let mirrored = VisionSettings { mirror: true, ..plain };
            viewed.push(view(from, &mirrored, args.cache.as_deref(), extras)?);
        }
    }
    Ok(viewed)
}

/// Looks with the only encoder that is to be measured.
///
/// # Errors
/// As [`view_all`]; and when there are several encoders.
pub(super) fn view_one(
    from: &Path,
    settings: &VisionSettings,
    args: &ModelArgs,
    extras: Extras,
) -> anyhow::Result<Viewed> {
    let settings = args.only(settings)?;
    view(from, &VisionSettings { liveness: extras.liveness, ..settings }, args.cache.as_deref(), extras)
}

/// Looks at all pictures of a folder, or takes what the cache has.
fn view(from: &Path, settings: &VisionSettings, cached: Option<&Path>, extras: Extras) -> anyhow::Result<Viewed> {
    let names = folder::pictures(from)?;
    let manifest = Manifest::read(&settings.weights)?;
    let known = manifest.encoder(&settings.encoder);
    let (_, encoder) = known.with_context(|| format!("the manifest has no encoder {}", settings.encoder))?;
    let wants = Wants { liveness: extras.liveness, tiled: extras.tiled, augmentations: extras.copies };
    let looks = || -> anyhow::Result<Looked> {
        let pipeline = Pipeline::load(settings).context("the models cannot be loaded")?;
        look(&pipeline, from, &names, settings.max_dimension, wants)
    };
    let mut looked = match cached {
        None => looks()?,
        Some(file) => {
            let how = format!("{KEPT} {} {settings:?} {}", encoder.contract, extras.tiled);
            let key = cache::key(from, &names, &how)?;
            match cache::load(file, &key, extras.copies)? {
                Some(looked) => looked,
                None => {
                    let looked = looks()?;
                    cache::save(file, &key, &looked)?;
                    looked
                }
            }
        }
    };
    looked.keep_copies(extras.copies);
    let mirrored = if settings.mirror { ", mirrored mean" } else { "" };
    Ok(Viewed {
        label: format!("{}{mirrored}", settings.encoder),
        is_mirrored: settings.mirror,
        contract: encoder.contract.clone(),
        calibration: encoder.calibration.clone().filter(|_| !settings.mirror),
        looked,
    })
}
