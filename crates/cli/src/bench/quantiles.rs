//! Which cosine goes with which false-match rate: quantiles over all pairs of pictures of different people.

use domain::embedding::Embedding;

/// Cosines are counted in steps of this.
const STEP: f32 = 1e-4;
const RATES: [f64; 6] = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6];
/// A rate is left out when it rests on fewer pairs than this.
const LEAST_PAIRS: f64 = 10.0;

/// (false-match rate, threshold) for each rate that there are enough pairs for, and the number of pairs.
pub(super) fn calibration(people: &[Vec<&Embedding>]) -> (Vec<(f64, f64)>, u64) {
    let mut counts = vec![0u64; (2.0 / STEP) as usize + 2];
    for (number, person) in people.iter().enumerate() {
        for one in person {
            for other in people[number + 1..].iter().flatten() {
                counts[step(one.similarity(other))] += 1;
            }
        }
    }
    let pairs: u64 = counts.iter().sum();
    let enough = RATES.into_iter().filter(|rate| rate * pairs as f64 >= LEAST_PAIRS);
    (enough.map(|rate| (rate, threshold(&counts, (rate * pairs as f64) as u64))).collect(), pairs)
}

fn step(cosine: f32) -> usize {
    ((cosine.clamp(-1.0, 1.0) + 1.0) / STEP) as usize
}

/// The lowest step's cosine at which no more than `allowed` pairs are counted from it upwards.
fn threshold(counts: &[u64], allowed: u64) -> f64 {
    let mut above = 0;
    let over = counts.iter().rposition(|count| {
        above += count;
        above > allowed
    });
    let steps = over.map_or(0, |position| position + 1);
    (steps as f64 * f64::from(STEP) - 1.0).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::{Embedding, calibration};

    #[test]
    fn a_share_of_the_pairs_is_over_the_threshold() {
        // 30 people at equal angles: each has two neighbours, so 30 of 435 pairs are closest.
        let people: Vec<Embedding> = (0..30)
            .map(|number| (number as f32 * 12.0).to_radians())
            .map(|angle| Embedding::normalized(vec![angle.cos(), angle.sin()]).expect("has a direction"))
            .collect();
        let people: Vec<Vec<&Embedding>> = people.iter().map(|person| vec![person]).collect();
        let (points, pairs) = calibration(&people);
        assert_eq!(pairs, 435);
        assert_eq!(points.len(), 1);
        let (rate, threshold) = points[0];
        assert_eq!(rate, 0.1);
        // 30 pairs at 12 degrees are fewer than 43.5, with the 30 at 24 degrees they are more.
        assert!(threshold > 24f64.to_radians().cos() && threshold <= 24f64.to_radians().cos() + 2e-4, "{threshold}");
    }

    #[test]
    fn pictures_of_one_person_are_no_impostors() {
        let twice = Embedding::normalized(vec![1.0, 0.0]).expect("has a direction");
        assert_eq!(calibration(&[vec![&twice, &twice]]), (Vec::new(), 0));
    }
}
