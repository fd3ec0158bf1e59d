//! False and true acceptance from lists of scores.

/// Scores with whom each is of: two people of a pair, or one twice.
#[derive(Debug, Clone, Default)]
pub(super) struct Scores(Vec<Scored>);

/// A score and the two people that it is of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scored {
    pub(super) score: f32,
    pub(super) people: (usize, usize),
}

impl Scored {
    /// How much it counts when people count `weights`; once without.
    fn weight(&self, weights: Option<&[f64]>) -> f64 {
        let (one, other) = self.people;
        match weights {
            None => 1.0,
            Some(weights) if one == other => weights[one],
            Some(weights) => weights[one] * weights[other],
        }
    }
}

impl FromIterator<Scored> for Scores {
    fn from_iter<T: IntoIterator<Item = Scored>>(scores: T) -> Self {
        let mut sorted: Vec<Scored> = scores.into_iter().collect();
        sorted.sort_by(|a, b| b.score.total_cmp(&a.score));
        Self(sorted)
    }
}

impl Scores {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The scores, highest first.
    pub(super) fn values(&self) -> impl Iterator<Item = f32> {
        self.0.iter().map(|scored| scored.score)
    }

    pub(super) fn total(&self, weights: Option<&[f64]>) -> f64 {
        self.0.iter().map(|scored| scored.weight(weights)).sum()
    }

    /// The threshold over which at most the share `rate` of the scores are; -1 when all may be.
    ///
    /// With few scores this is coarse: a rate of 0.001 of 3,000 rests on three of them.
    pub(super) fn threshold(&self, rate: f64, weights: Option<&[f64]>) -> f32 {
        let allowed = rate * self.total(weights) + 1e-9;
        let mut over = 0.0;
        let first = self.0.iter().find(|scored| {
            over += scored.weight(weights);
            over > allowed
        });
        first.map_or(-1.0, |scored| scored.score)
    }

    /// The share of the scores over a threshold; 0 of none.
    pub(super) fn share_over(&self, threshold: f32, weights: Option<&[f64]>) -> f64 {
        let over = self.0.iter().take_while(|scored| scored.score > threshold);
        over.map(|scored| scored.weight(weights)).sum::<f64>() / self.total(weights).max(1e-12)
    }
}

/// Equal error rate: where as many impostors are accepted as genuine ones are refused; half way between the two where
/// they never are exactly equal. And the threshold.
pub(super) fn equal_error(genuine: &Scores, impostors: &Scores, weights: Option<&[f64]>) -> (f64, f32) {
    let (all_genuine, all_impostors) = (genuine.total(weights).max(1e-12), impostors.total(weights).max(1e-12));
    let (mut accepted, mut falsely, mut next) = (0.0, 0.0, 0);
    let mut best = (f64::INFINITY, 0.5, 1.0);
    for impostor in &impostors.0 {
        while let Some(pair) = genuine.0.get(next).filter(|pair| pair.score > impostor.score) {
            accepted += pair.weight(weights);
            next += 1;
        }
        let refused = 1.0 - accepted / all_genuine;
        // Without this impostor, and with it.
        for more in [0.0, impostor.weight(weights)] {
            falsely += more;
            let apart = (refused - falsely / all_impostors).abs();
            if apart < best.0 {
                best = (apart, f64::midpoint(refused, falsely / all_impostors), impostor.score);
            }
        }
    }
    (best.1, best.2)
}

/// (false acceptance, true acceptance) at up to `points` false-acceptance rates, even in the logarithm, from that of one
/// impostor to 1.
pub(super) fn roc(genuine: &Scores, impostors: &Scores, points: usize) -> Vec<(f64, f64)> {
    let lowest = 1.0 / impostors.len().max(1) as f64;
    let rates = (0..points).map(|point| lowest.powf(1.0 - point as f64 / (points - 1).max(1) as f64));
    rates.map(|rate| (rate, genuine.share_over(impostors.threshold(rate, None), None))).collect()
}

pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// Standard deviation of the values themselves, not an estimate for more of them.
pub(super) fn deviation(values: &[f64]) -> f64 {
    let middle = mean(values);
    mean(&values.iter().map(|value| (value - middle).powi(2)).collect::<Vec<_>>()).sqrt()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Scored, Scores, deviation, equal_error, roc};

    /// Each score of a person of its own.
    fn scores(values: &[f32]) -> Scores {
        values.iter().enumerate().map(|(person, score)| Scored { score: *score, people: (person, person) }).collect()
    }

    #[test]
    fn no_more_impostors_than_allowed_are_over_the_threshold() {
        let impostors = scores(&(0..100).map(|number| number as f32 / 100.0).collect::<Vec<_>>());
        let genuine = scores(&[0.5, 0.97, 0.981, 0.99]);
        let check = |impostors: &Scores, rate: f64, threshold: f32, share: f64| {
            assert_eq!(impostors.threshold(rate, None), threshold);
            assert_eq!(genuine.share_over(threshold, None), share);
        };
        check(&impostors, 0.01, 0.98, 0.5);
        check(&impostors, 0.0, 0.99, 0.0);
        check(&scores(&[]), 0.01, -1.0, 1.0);
        assert_eq!(scores(&[]).share_over(0.5, None), 0.0);
    }

    #[test]
    fn who_is_drawn_twice_counts_twice_and_pairs_by_both() {
        let of = |score, one, other| Scored { score, people: (one, other) };
        let pairs: Scores = [of(0.9, 0, 1), of(0.8, 1, 1), of(0.7, 0, 2)].into_iter().collect();
        let weights: &[f64] = &[3.0, 2.0, 0.0];
        assert_eq!(pairs.total(Some(weights)), 8.0);
        assert_eq!(pairs.share_over(0.85, Some(weights)), 0.75);
        assert_eq!(pairs.threshold(0.8, Some(weights)), 0.8);
    }

    #[test]
    fn errors_are_equal_where_the_curves_cross() {
        let (rate, threshold) = equal_error(&scores(&[0.9, 0.8, 0.7, 0.2]), &scores(&[0.75, 0.3, 0.1, 0.0]), None);
        assert_eq!(rate, 0.25);
        assert!((0.2..0.76).contains(&threshold));
        assert_eq!(equal_error(&scores(&[0.9, 0.8]), &scores(&[0.1, 0.2]), None).0, 0.0);
    }

    #[test]
    fn spread_is_about_the_mean() {
        assert_eq!(deviation(&[1.0, 3.0]), 1.0);
        assert_eq!(deviation(&[2.0]), 0.0);
    }

    proptest! {
        #[test]
        fn a_roc_rises_and_counts_what_it_says(
            genuine in prop::collection::vec(-1f32..1.0, 1..60), impostors in prop::collection::vec(-1f32..1.0, 2..60),
        ) {
            let (genuine, impostors) = (scores(&genuine), scores(&impostors));
            let points = roc(&genuine, &impostors, 20);
            prop_assert!(points.windows(2).all(|pair| pair[0].0 <= pair[1].0 && pair[0].1 <= pair[1].1));
            for (rate, _) in points {
                prop_assert!(impostors.share_over(impostors.threshold(rate, None), None) <= rate + 1e-9);
            }
        }

        #[test]
        fn even_weights_change_nothing(values in prop::collection::vec(-1f32..1.0, 1..40), rate in 0f64..1.0) {
            let scores = scores(&values);
            let ones = vec![1.0; values.len()];
            prop_assert_eq!(scores.threshold(rate, None), scores.threshold(rate, Some(&ones)));
            prop_assert_eq!(scores.share_over(0.1, None), scores.share_over(0.1, Some(&ones)));
        }
    }
}
