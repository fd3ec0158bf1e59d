//! `rollcall bench faces`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use domain::embedding::Embedding;
use serde::Serialize;
use vision::{Pipeline, VisionSettings};

use super::embed::{Embedded, embed};
use super::identification::{Identification, identify};
use super::pairs::{Verification, verify};
use super::quantiles::calibration;
use super::{ModelArgs, rounded};

/// What is measured, and with which models.
#[derive(Debug, Args)]
pub struct FacesArgs {
    /// Folder with one folder of pictures per person. Where a picture shows several faces the most central one counts.
    folder: PathBuf,
    /// CSV with the columns image_a, image_b (NAME/PICTURE.jpg) and same (0 or 1). Folds are row number modulo 10.
    #[arg(long, value_name = "CSV")]
    pairs: Option<PathBuf>,
    #[command(flatten)]
    models: ModelArgs,
}

#[derive(Debug, Serialize)]
pub(super) struct Report {
    encoder: String,
    contract: String,
    people: usize,
    pictures: usize,
    faces_not_found: usize,
    verification: Option<Verification>,
    identification: Option<Identification>,
    /// Pairs of pictures of different people that the calibration rests on.
    impostor_pairs: u64,
    /// (false-match rate of one comparison, threshold cosine)
    calibration: Vec<(f64, f64)>,
}

pub(super) fn measure(args: &FacesArgs, settings: VisionSettings) -> anyhow::Result<Report> {
    let settings = args.models.over(settings);
    let pipeline = Pipeline::load(&settings).context("the models cannot be loaded")?;
    let embedded = embed(&pipeline, &args.folder, settings.max_dimension)?;
    let verification = args.pairs.as_deref().map(|list| verify(list, &embedded)).transpose()?;
    let people = by_person(&embedded);
    let (points, impostor_pairs) = calibration(&people);
    let points: Vec<(f64, f64)> = points.into_iter().map(|(rate, threshold)| (rate, rounded(threshold))).collect();
    eprintln!("for weights/manifest.toml:\n{}", as_toml(&points));
    Ok(Report {
        encoder: settings.encoder,
        contract: pipeline.contract().to_string(),
        people: people.len(),
        pictures: embedded.len(),
        faces_not_found: embedded.values().filter(|embedding| embedding.is_none()).count(),
        verification,
        identification: identify(&people),
        impostor_pairs,
        calibration: points,
    })
}

/// The embeddings of each person, pictures in the order of their names.
fn by_person(embedded: &Embedded) -> Vec<Vec<&Embedding>> {
    let mut people: BTreeMap<&str, Vec<&Embedding>> = BTreeMap::new();
    for (name, embedding) in embedded {
        let person = name.split_once('/').map_or(name.as_str(), |(person, _)| person);
        people.entry(person).or_default().extend(embedding);
    }
    people.into_values().collect()
}

fn as_toml(points: &[(f64, f64)]) -> String {
    let points: Vec<String> = points.iter().map(|(rate, threshold)| format!("[{rate:e}, {threshold:.3}]")).collect();
    format!("calibration = [{}]", points.join(", "))
}

#[cfg(test)]
mod tests {
    use super::as_toml;

    #[test]
    fn points_are_written_as_the_manifest_has_them() {
        assert_eq!(as_toml(&[(0.1, 0.2), (0.001, 0.45678)]), "calibration = [[1e-1, 0.200], [1e-3, 0.457]]");
    }
}
