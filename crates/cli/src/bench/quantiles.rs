//! Which cosine goes with which false-match rate.

use domain::embedding::Embedding;

use super::closeness::Gallery;

/// Cosines are counted in steps of this.
const STEP: f32 = 1e-4;
const RATES: [f64; 6] = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6];
/// A rate is left out when it rests on fewer comparisons than this.
const LEAST: f64 = 10.0;

/// (false-match rate of one comparison, threshold cosine) for each rate that there are enough comparisons for, and their
/// number: of each probe with each template of another person.
pub(super) fn calibration<'a>(
    templates: &[(usize, Embedding)],
    probes: impl IntoIterator<Item = (usize, &'a Embedding)>,
) -> (Vec<(f64, f32)>, u64) {
    let mut gallery = Gallery::default();
    for (person, template) in templates {
        gallery.add(*person, template);
    }
    let mut counts = vec![0u64; (2.0 / STEP) as usize + 2];
    for (person, probe) in probes {
        for (_, cosine) in gallery.cosines(probe).filter(|(other, _)| *other != person) {
            counts[step(cosine)] += 1;
        }
    }
    let all: u64 = counts.iter().sum();
    let enough = RATES.into_iter().filter(|rate| rate * all as f64 >= LEAST);
    (enough.map(|rate| (rate, threshold(&counts, (rate * all as f64) as u64))).collect(), all)
}

/// As `weights/manifest.toml` has it.
pub(super) fn as_toml(points: &[(f64, f32)]) -> String {
    let points: Vec<String> = points.iter().map(|(rate, threshold)| format!("[{rate:e}, {threshold:.3}]")).collect();
    format!("calibration = [{}]", points.join(", "))
}

fn step(cosine: f32) -> usize {
    ((cosine.clamp(-1.0, 1.0) + 1.0) / STEP) as usize
}

/// The lowest step's cosine at which no more than `allowed` comparisons are counted from it upwards.
fn threshold(counts: &[u64], allowed: u64) -> f32 {
    let mut above = 0;
    let over = counts.iter().rposition(|count| {
        above += count;
        above > allowed
    });
    let steps = over.map_or(0, |position| position + 1);
    (steps as f64 * f64::from(STEP) - 1.0).min(1.0) as f32
}

#[cfg(test)]
mod tests {
    use super::{Embedding, as_toml, calibration};

    fn at(degrees: f32) -> Embedding {
        let angle = degrees.to_radians();
        Embedding::normalized(vec![angle.cos(), angle.sin()]).expect("a direction")
    }

    #[test]
    fn a_share_of_the_comparisons_is_over_the_threshold() {
        // 30 people at equal angles: each has two neighbours, so 60 of 870 comparisons are closest.
        let people: Vec<(usize, Embedding)> = (0..30).map(|number| (number, at(number as f32 * 12.0))).collect();
        let probes = people.iter().map(|(person, embedding)| (*person, embedding));
        let (points, comparisons) = calibration(&people, probes);
        assert_eq!(comparisons, 870);
        assert_eq!(points.len(), 1);
        let (rate, threshold) = points[0];
        assert_eq!(rate, 0.1);
        // 60 comparisons at 12 degrees are fewer than 87, with the 60 at 24 degrees they are more.
        let limit = 24f32.to_radians().cos();
        assert!(threshold > limit - 1e-6 && threshold <= limit + 2e-4, "{threshold}");
    }

    #[test]
    fn pictures_of_one_person_are_no_impostors() {
        let one = at(3.0);
        assert_eq!(calibration(&[(7, at(0.0))], [(7, &one)]), (Vec::new(), 0));
    }

    #[test]
    fn points_are_written_as_the_manifest_has_them() {
        assert_eq!(as_toml(&[(0.1, 0.2), (0.001, 0.45678)]), "calibration = [[1e-1, 0.200], [1e-3, 0.457]]");
    }
}
