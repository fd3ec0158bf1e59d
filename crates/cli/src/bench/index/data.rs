//! How alike the made-up faces are, beside real ones; and what is known of the data.

use std::path::Path;

use anyhow::Context;
use domain::calibration::Calibration;
use serde::Serialize;

use super::IndexArgs;
use super::crowd::{Crowd, MODEL};
use super::measures::{quantile, timed};
use super::truth::{Queries, Truth};

/// MobileFaceNet's, as in `weights/manifest.toml`.
const CALIBRATION: [(f64, f32); 5] = [(1e-1, 0.208), (1e-2, 0.359), (1e-3, 0.461), (1e-4, 0.535), (1e-5, 0.597)];
/// Faces of different people that are compared, each with each.
const COMPARED: u64 = 1500;

#[derive(Debug, Serialize)]
pub(super) struct DataReport {
    model: &'static str,
    dimension: usize,
    impostors: Vec<Impostors>,
    impostor_mean: f64,
    impostor_standard_deviation: f64,
    /// Cosines of genuine queries with their template.
    genuine_mean: f64,
    genuine_standard_deviation: f64,
    /// The first hundredth, the first tenth and the middle.
    genuine_p01_p10_p50: [f32; 3],
}

/// The cosine that the share `rate` of the pairs of two people exceed.
#[derive(Debug, Serialize)]
struct Impostors {
    rate: f64,
    made_up: f32,
    mobilefacenet: f32,
}

pub(super) fn calibration() -> Calibration {
    Calibration::try_from(CALIBRATION.to_vec()).expect("points that fall and rise")
}

pub(super) fn measure(args: &IndexArgs) -> anyhow::Result<DataReport> {
    let crowd = Crowd::new(args.dimension(), 1);
    let faces: Vec<_> = (0..COMPARED).map(|draw| crowd.stranger(draw)).collect();
    let pairs = (0..faces.len()).flat_map(|a| (0..a).map(move |b| (a, b)));
    let mut cosines: Vec<f32> = pairs.map(|(a, b)| faces[a].similarity(&faces[b])).collect();
    cosines.sort_unstable_by(f32::total_cmp);
    let over = |(rate, mobilefacenet): (f64, f32)| {
        Some(Impostors { rate, made_up: quantile(&cosines, 1.0 - rate)?, mobilefacenet })
    };
    let mut genuine: Vec<f32> = (0..COMPARED)
        .map(|draw| super::crowd::unit(crowd.template(draw as usize)).similarity(&crowd.seen(draw as usize, draw)))
        .collect();
    genuine.sort_unstable_by(f32::total_cmp);
    let ((impostor_mean, impostor_standard_deviation), (genuine_mean, genuine_standard_deviation)) =
        (spread(&cosines), spread(&genuine));
    Ok(DataReport {
        model: MODEL,
        dimension: args.dimension(),
        impostors: CALIBRATION.into_iter().filter_map(over).collect(),
        impostor_mean,
        impostor_standard_deviation,
        genuine_mean,
        genuine_standard_deviation,
        genuine_p01_p10_p50: [0.01, 0.1, 0.5].map(|share| quantile(&genuine, share).unwrap_or_default()),
    })
}

fn spread(values: &[f32]) -> (f64, f64) {
    let count = values.len().max(1) as f64;
    let mean = values.iter().map(|value| f64::from(*value)).sum::<f64>() / count;
    let variance = values.iter().map(|value| (f64::from(*value) - mean).powi(2)).sum::<f64>() / count;
    (crate::bench::rounded(mean), crate::bench::rounded(variance.sqrt()))
}

/// What an exhaustive search finds: found out once for a folder.
pub(super) fn truth(args: &IndexArgs, crowd: &Crowd, queries: &Queries, folder: &Path) -> anyhow::Result<Truth> {
    let path = folder.join(Truth::name(crowd, args.templates, args.queries));
    if let Ok(known) = std::fs::read(&path) {
        return serde_json::from_slice(&known).with_context(|| format!("{} is damaged: delete it", path.display()));
    }
    let (truth, seconds) = timed(|| Truth::find(crowd, args.templates, queries));
    let truth = truth?;
    eprintln!("exhaustive search: {seconds:.1} s");
    std::fs::write(&path, serde_json::to_vec(&truth)?).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(truth)
}

#[cfg(test)]
mod tests {
    use super::{CALIBRATION, spread};

    #[test]
    fn the_calibration_is_the_manifests() {
        let manifest = include_str!("../../../../../weights/manifest.toml");
        assert!(manifest.contains(&crate::bench::quantiles::as_toml(&CALIBRATION)));
    }

    #[test]
    fn spread_is_mean_and_standard_deviation() {
        assert_eq!(spread(&[1.0, 3.0, 5.0, 7.0]), (4.0, 2.236_068));
        assert_eq!(spread(&[]), (0.0, 0.0));
    }
}
