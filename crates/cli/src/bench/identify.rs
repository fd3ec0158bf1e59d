//! `rollcall bench identify`.

use std::path::PathBuf;

use anyhow::ensure;
use clap::Args;
use domain::calibration::Calibration;
use serde::Serialize;
use vision::VisionSettings;

use super::figure::Figure;
use super::identification::{Rates, gain, rates, strangers, trials};
use super::models::{Extras, ModelArgs, Viewed, view_all};
use super::people::{Person, people};
use super::quantiles::as_toml;
use super::realised::{CrossValidation, Realised, calibrate, cross_validate, realised};
use super::report::Page;
use super::resample::weights;
use super::rounded;
use super::variant::{Variant, variants};
use super::ways::{How, Way};

mod page;

const ROUNDS: usize = 300;
/// Galleries that are drawn where not everybody is enrolled; with everybody, other probes are drawn each time.
const GALLERIES: usize = 20;

/// What is measured, and with which models.
#[derive(Debug, Args)]
pub struct IdentifyArgs {
    /// Folder with one folder of pictures per person. Where a picture shows several faces the most central one counts.
    pub(super) folder: PathBuf,
    /// People in a gallery; several times for several. Everybody that can be enrolled is always one of them.
    #[arg(long = "gallery", default_values_t = [60, 1000])]
    galleries: Vec<usize>,
    /// Also each encoder with the mean of the embeddings of a face and its mirror image.
    #[arg(long)]
    mirror: bool,
    /// Also enrolls with so many changed copies of each picture.
    #[arg(long, default_value_t = 0)]
    copies: usize,
    /// Also the first two encoders together: the mean of their cosines.
    #[arg(long)]
    fuse: bool,
    /// Writes a report with plots.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    #[command(flatten)]
    models: ModelArgs,
}

#[derive(Debug, Serialize)]
pub(super) struct Report {
    people: usize,
    pictures: usize,
    unreadable: usize,
    faces_not_found: usize,
    intervals: &'static str,
    encoders: Vec<OfEncoder>,
}

#[derive(Debug, Serialize)]
struct OfEncoder {
    encoder: String,
    contract: String,
    /// Milliseconds to cut out and embed one face.
    ms_per_face: f64,
    galleries: Vec<OfGallery>,
    /// Sizes of galleries that there are too few people for.
    too_large: Vec<usize>,
    /// (false-match rate of one comparison, threshold cosine): every picture against the pooled templates of others.
    calibration: Vec<(f64, f32)>,
    comparisons: u64,
    /// For `weights/manifest.toml`.
    manifest: String,
    /// Calibrated and measured on the same people: whether comparisons are as independent as the formula takes them.
    realised_on_the_same_people: Vec<Realised>,
    /// With the calibration that the manifest has; empty for two encoders together.
    realised_with_the_manifest: Vec<Realised>,
    cross_validation: CrossValidation,
}

/// What a gallery of one size gives, for each way to enroll.
#[derive(Debug, Serialize)]
struct OfGallery {
    people: usize,
    /// Drawn at random; figures are over all of them together.
    galleries: usize,
    probes: usize,
    strangers: usize,
    /// Pictures of strangers that differ.
    different_strangers: usize,
    ways: Vec<Rates>,
    pooled_minus_closest: Vec<Gain>,
}

/// What pooling gives over keeping every sample, at the same false-positive rate.
#[derive(Debug, Serialize)]
struct Gain {
    of: String,
    tpir_at_fpir_1e_2: Figure,
    tpir_at_fpir_1e_3: Figure,
}

const INTERVALS: &str = "95 %: percentile bootstrap over people (probes' and strangers'), galleries kept, fixed seed. \
    Marked (*, rests_on_few): rests on fewer than 5 pictures of strangers.";

pub(super) fn measure(args: &IdentifyArgs, settings: &VisionSettings) -> anyhow::Result<Report> {
    let viewed = view_all(
        &args.folder,
        settings,
        &args.models,
        Extras { mirror: args.mirror, copies: args.copies, ..Extras::default() },
    )?;
    let variants = variants(&viewed, args.fuse)?;
    let mut encoders = Vec::new();
    let mut known = 0;
    for variant in &variants {
        let people = people(variant.found());
        ensure!(people.len() >= 4, "{} people are too few: there must be some in and some out", people.len());
        known = people.len();
        let manifest =
            viewed.iter().find(|viewed| viewed.label == variant.label).and_then(|viewed| viewed.calibration.as_ref());
        encoders.push(of_encoder(variant, manifest, &people, &args.galleries));
    }
    let Viewed { looked, .. } = &viewed[0];
    let report = Report {
        people: known,
        pictures: looked.pictures.len(),
        unreadable: looked.unreadable(),
        faces_not_found: looked.without_face(),
        intervals: INTERVALS,
        encoders,
    };
    if let Some(file) = &args.html {
        let page: Page = page::page(args, &report);
        page.write(file)?;
    }
    Ok(report)
}

fn of_encoder(variant: &Variant, manifest: Option<&Calibration>, people: &[Person], sizes: &[usize]) -> OfEncoder {
    let label = &variant.label;
    let can_be_enrolled = |least: usize| people.iter().filter(|person| person.samples.len() >= least).count();
    let all = can_be_enrolled(super::identification::LEAST_PICTURES);
    let with_all = |all: usize| -> Vec<usize> {
        let mut sizes: Vec<usize> = sizes.iter().copied().chain([all]).filter(|size| *size > 0).collect();
        sizes.sort_unstable();
        sizes.dedup();
        sizes
    };
    eprintln!("{label}: galleries");
    let (fitting, too_large) = with_all(all).into_iter().partition::<Vec<usize>, _>(|size| *size <= all);
    let galleries = fitting.into_iter().filter_map(|size| of_gallery(people, size)).collect();
    eprintln!("{label}: calibration");
    let everybody: Vec<&Person> = people.iter().collect();
    let (points, comparisons) = calibrate(&everybody);
    let sizes = with_all(people.len() / 4);
    let same = match Calibration::try_from(points.clone()) {
        Ok(calibration) => realised(&everybody, &calibration, &sizes),
        Err(_too_few) => Vec::new(),
    };
    OfEncoder {
        encoder: label.clone(),
        contract: variant.contract.clone(),
        ms_per_face: rounded(variant.ms_per_face),
        galleries,
        too_large,
        manifest: as_toml(&points),
        comparisons,
        calibration: points,
        realised_on_the_same_people: same,
        realised_with_the_manifest: manifest.map(|has| realised(&everybody, has, &sizes)).unwrap_or_default(),
        cross_validation: cross_validate(people, &with_all(people.len() / 8)),
    }
}

fn of_gallery(people: &[Person], size: usize) -> Option<OfGallery> {
    let trials = trials(people, size, GALLERIES)?;
    let weights = weights(people.len(), ROUNDS);
    let with_copies = people.iter().any(|person| person.samples.iter().any(|sample| !sample.augmented.is_empty()));
    let each = Way::all(with_copies).into_iter().map(|way| rates(people, &trials, way, &weights));
    let ways: Vec<Rates> = each.collect();
    let gains = ways.iter().filter(|rates| rates.way.how == How::Pooled).filter_map(|pooled| {
        let other = Way { how: How::Closest, ..pooled.way };
        let closest = ways.iter().find(|rates| rates.way == other)?;
        let [tpir_at_fpir_1e_2, tpir_at_fpir_1e_3] = gain(pooled, closest);
        Some(Gain { of: pooled.way.name(), tpir_at_fpir_1e_2, tpir_at_fpir_1e_3 })
    });
    let pooled_minus_closest = gains.collect();
    let (strangers, different_strangers) = strangers(people, &trials);
    let probes = size * trials.len();
    Some(OfGallery {
        people: size,
        galleries: trials.len(),
        probes,
        strangers,
        different_strangers,
        ways,
        pooled_minus_closest,
    })
}
