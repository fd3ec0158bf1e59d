//! Drawing people again: pictures of one person are not independent of each other, people are.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// The seed of everything that is drawn, so that the same data give the same report.
const SEED: u64 = 20_261_121;

/// Numbers that are the same in every run; another `stream` gives others.
pub(super) fn random(stream: u64) -> StdRng {
    StdRng::seed_from_u64(SEED ^ stream.wrapping_mul(0x9E37_79B9_7F4A_7C15))
}

/// `count` different numbers below `below`, in the order drawn; all of them where there are no more.
pub(super) fn draw(below: usize, count: usize, random: &mut StdRng) -> Vec<usize> {
    let mut all: Vec<usize> = (0..below).collect();
    let count = count.min(below);
    for place in 0..count {
        let other = random.random_range(place..below);
        all.swap(place, other);
    }
    all.truncate(count);
    all
}

/// How often each of `people` is drawn when as many as there are are drawn with replacement, `rounds` times.
///
/// A statistic that gives each picture the weight of its person, and each pair of two people the product of both, is then
/// a bootstrap over people (Owen, "The pigeonhole bootstrap", Annals of Applied Statistics 1, 2007).
pub(super) fn weights(people: usize, rounds: usize) -> Vec<Vec<f64>> {
    let mut random = random(0);
    let round = |_| {
        let mut weights = vec![0.0; people];
        for _ in 0..people {
            weights[random.random_range(0..people)] += 1.0;
        }
        weights
    };
    (0..rounds).map(round).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::{draw, random, weights};

    proptest! {
        #[test]
        fn what_is_drawn_differs_and_exists(below in 0usize..200, count in 0usize..250, stream: u64) {
            let drawn = draw(below, count, &mut random(stream));
            prop_assert_eq!(drawn.len(), count.min(below));
            prop_assert!(drawn.iter().all(|number| *number < below));
            prop_assert_eq!(drawn.iter().collect::<HashSet<_>>().len(), drawn.len());
            prop_assert_eq!(drawn, draw(below, count, &mut random(stream)));
        }

        #[test]
        fn as_many_are_drawn_as_there_are(people in 0usize..100) {
            let drawn = weights(people, 3);
            prop_assert_eq!(drawn.len(), 3);
            prop_assert!(drawn.iter().all(|round| round.iter().sum::<f64>() == people as f64));
        }
    }
}
