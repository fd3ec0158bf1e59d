//! From a wanted false-match rate to a threshold.

use serde::{Deserialize, Serialize};

/// Which cosine threshold gives which false-match rate, as measured on pairs of different people.
///
/// Points are `(false-match rate per comparison, threshold cosine)`; rates fall and thresholds rise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<(f64, f32)>", into = "Vec<(f64, f32)>")]
pub struct Calibration(Vec<(f64, f32)>);

/// Why points are no calibration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CalibrationError {
    /// One point gives no slope.
    #[error("a calibration needs at least two points")]
    TooFewPoints,
    /// A rate or threshold out of range or order.
    #[error("calibration points need rates in 0..1 that fall and thresholds in -1..=1 that rise")]
    Disorder,
}

impl TryFrom<Vec<(f64, f32)>> for Calibration {
    type Error = CalibrationError;

    fn try_from(points: Vec<(f64, f32)>) -> Result<Self, Self::Error> {
        if points.len() < 2 {
            return Err(CalibrationError::TooFewPoints);
        }
        let in_range = |(rate, threshold): &(f64, f32)| *rate > 0.0 && *rate < 1.0 && threshold.abs() <= 1.0;
        let in_order = |pair: &[(f64, f32)]| pair[1].0 < pair[0].0 && pair[1].1 > pair[0].1;
        if !points.iter().all(in_range) || !points.windows(2).all(in_order) {
            return Err(CalibrationError::Disorder);
        }
        Ok(Self(points))
    }
}

impl From<Calibration> for Vec<(f64, f32)> {
    fn from(calibration: Calibration) -> Self {
        calibration.0
    }
}

impl Calibration {
    /// How often a stranger searched in a gallery of `gallery` people is at least as much like one of them as
    /// `similarity`, 0..=1, if comparisons are independent: the reverse of [`Self::threshold_cosine`].
    #[must_use]
    pub fn false_match_rate(&self, similarity: f32, gallery: usize) -> f64 {
        let segment = self.0.windows(2).find(|pair| similarity <= pair[1].1);
        let (from, to) = match segment {
            Some(pair) => (pair[0], pair[1]),
            None => (self.0[self.0.len() - 2], self.0[self.0.len() - 1]),
        };
        let along = f64::from(similarity - from.1) / f64::from(to.1 - from.1);
        let per_comparison = (from.0.ln() + along * (to.0.ln() - from.0.ln())).exp().min(1.0);
        // 1 - (1 - f)^gallery, without losing small numbers.
        -((-per_comparison).ln_1p() * gallery.max(1) as f64).exp_m1()
    }

    /// The threshold at which a stranger searched in a gallery of `gallery` people is taken for one of them with a
    /// probability of at most `wanted_false_match_rate`, 0..1, if comparisons are independent:
    /// `1 - (1 - f)^gallery = wanted`, solved for the rate `f` of one comparison.
    ///
    /// Between the measured points the threshold is linear in the logarithm of the rate; beyond them the nearest
    /// segment goes on, up to a threshold of 1.
    #[must_use]
    pub fn threshold_cosine(&self, wanted_false_match_rate: f64, gallery: usize) -> f32 {
        let wanted = wanted_false_match_rate.clamp(1e-12, 0.999_999);
        let per_comparison = -((-wanted).ln_1p() / gallery.max(1) as f64).exp_m1();
        let segment = self.0.windows(2).find(|pair| per_comparison >= pair[1].0);
        let (from, to) = match segment {
            Some(pair) => (pair[0], pair[1]),
            None => (self.0[self.0.len() - 2], self.0[self.0.len() - 1]),
        };
        let along = (per_comparison.ln() - from.0.ln()) / (to.0.ln() - from.0.ln());
        (f64::from(from.1) + along * f64::from(to.1 - from.1)).clamp(-1.0, 1.0) as f32
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Calibration, CalibrationError};

    fn calibration() -> Calibration {
        Calibration::try_from(vec![(1e-1, 0.2), (1e-2, 0.3), (1e-4, 0.5)]).expect("in order")
    }

    fn check(wanted: f64, gallery: usize, expected: f32) {
        let threshold = calibration().threshold_cosine(wanted, gallery);
        assert!((threshold - expected).abs() < 1e-3, "{wanted} among {gallery}: {threshold}, not {expected}");
    }

    #[test]
    fn interpolates_in_the_logarithm() {
        check(1e-2, 1, 0.3);
        check(1e-3, 1, 0.4);
        check(1e-4, 1, 0.5);
        check(1e-5, 1, 0.6);
        check(1e-2, 100, 0.5);
        check(1e-4, 0, 0.5);
        check(0.0, 1, 1.0);
    }

    #[test]
    fn refuses_points_that_say_nothing() {
        assert_eq!(Calibration::try_from(vec![(0.1, 0.2)]), Err(CalibrationError::TooFewPoints));
        for points in [vec![(0.1, 0.2), (0.2, 0.3)], vec![(0.1, 0.3), (0.01, 0.2)], vec![(1.0, 0.2), (0.1, 0.3)]] {
            assert_eq!(Calibration::try_from(points), Err(CalibrationError::Disorder));
        }
    }

    proptest! {
        #[test]
        fn rate_and_threshold_are_each_others_reverse(wanted in 1e-6..0.5f64, gallery in 1usize..10_000) {
            let threshold = calibration().threshold_cosine(wanted, gallery);
            prop_assume!(threshold < 1.0);
            let rate = calibration().false_match_rate(threshold, gallery);
            prop_assert!((rate / wanted).ln().abs() < 0.01, "{wanted} {rate}");
        }

        #[test]
        fn a_stricter_rate_or_a_larger_gallery_never_lowers_it(
            wanted in 1e-8..0.9f64, stricter in 0.01..1.0f64, gallery in 1usize..100_000, more in 0usize..100_000,
        ) {
            let base = calibration().threshold_cosine(wanted, gallery);
            prop_assert!(calibration().threshold_cosine(wanted * stricter, gallery) >= base - 1e-6);
            prop_assert!(calibration().threshold_cosine(wanted, gallery + more) >= base - 1e-6);
        }
    }
}
