//! Figures with their intervals of confidence.

use serde::Serialize;

use super::rounded;

/// 97.5 % quantile of the standard normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// A measured figure and its 95 % interval of confidence.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Figure {
    pub(super) value: f64,
    pub(super) low: f64,
    pub(super) high: f64,
    /// Whether it rests on so little that it says next to nothing.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) rests_on_few: bool,
}

impl Figure {
    /// A share of successes among trials, with Wilson's interval.
    ///
    /// Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22, 1927. Of no trials the
    /// value is 0 and the interval all of 0..=1.
    pub(super) fn share(successes: usize, trials: usize) -> Self {
        if trials == 0 {
            return Self { value: 0.0, low: 0.0, high: 1.0, rests_on_few: true };
        }
        let (n, p) = (trials as f64, successes as f64 / trials as f64);
        let middle = (p + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
        let half = Z / (1.0 + Z * Z / n) * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
        // Rounding must not leave the value outside.
        let (low, high) = ((middle - half).clamp(0.0, p), (middle + half).clamp(p, 1.0));
        Self::new(p, low, high)
    }

    /// A value, and the 2.5 and 97.5 % quantiles of the same on resampled data (percentile bootstrap; Efron and
    /// Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13). Without resamples the value alone.
    pub(super) fn resampled(value: f64, mut resamples: Vec<f64>) -> Self {
        resamples.retain(|value| value.is_finite());
        resamples.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let place = (share * resamples.len() as f64) as usize;
            resamples.get(place.min(resamples.len().saturating_sub(1))).copied().unwrap_or(value)
        };
        Self::new(value, at(0.025), at(0.975))
    }

    /// The same; where nothing or everything was right in every resample, the interval is Wilson's for so many
    /// `trials` that do not depend on each other: a bootstrap of what never happened says it never will.
    pub(super) fn resampled_share(value: f64, resamples: Vec<f64>, trials: usize) -> Self {
        let figure = Self::resampled(value, resamples);
        let is_flat = figure.low == figure.high && (value <= 0.0 || value >= 1.0);
        if is_flat { Self::share((value * trials as f64).round() as usize, trials) } else { figure }
    }

    /// The same, marked when `few`.
    pub(super) fn marked(self, few: bool) -> Self {
        Self { rests_on_few: self.rests_on_few || few, ..self }
    }

    /// All of it times `factor`, above 0.
    pub(super) fn times(self, factor: f64) -> Self {
        Self {
            rests_on_few: self.rests_on_few,
            ..Self::new(self.value * factor, self.low * factor, self.high * factor)
        }
    }

    fn new(value: f64, low: f64, high: f64) -> Self {
        Self { value: rounded(value), low: rounded(low), high: rounded(high), rests_on_few: false }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Figure;

    fn check(successes: usize, trials: usize, low: f64, high: f64) {
        let figure = Figure::share(successes, trials);
        assert!((figure.low - low).abs() < 1e-4 && (figure.high - high).abs() < 1e-4, "{figure:?}");
    }

    #[test]
    fn shares_have_wilsons_interval() {
        // Known values, as in Brown, Cai and DasGupta, "Interval estimation for a binomial proportion", 2001.
        check(0, 10, 0.0, 0.2775);
        check(10, 10, 0.7225, 1.0);
        check(5, 10, 0.2366, 0.7634);
        check(81, 263, 0.2553, 0.3662);
        check(0, 0, 0.0, 1.0);
        assert!(Figure::share(0, 0).rests_on_few);
    }

    #[test]
    fn resamples_give_quantiles() {
        let figure = Figure::resampled(50.0, (0..1000).rev().map(|number| f64::from(number) / 10.0).collect());
        assert_eq!((figure.value, figure.low, figure.high), (50.0, 2.5, 97.5));
        check_flat(0.0, 0.0, 0.2775);
        check_flat(1.0, 0.7225, 1.0);
        let alone = Figure::resampled(0.5, vec![f64::NAN]);
        assert_eq!((alone.low, alone.high), (0.5, 0.5));
        assert!(alone.marked(true).rests_on_few && alone.marked(true).times(2.0).rests_on_few);
        assert_eq!(alone.times(2.0).value, 1.0);
    }

    fn check_flat(value: f64, low: f64, high: f64) {
        let figure = Figure::resampled_share(value, vec![value; 50], 10);
        assert!((figure.low - low).abs() < 1e-4 && (figure.high - high).abs() < 1e-4, "{figure:?}");
        assert_eq!(Figure::resampled_share(0.5, vec![0.4, 0.6], 10), Figure::resampled(0.5, vec![0.4, 0.6]));
    }

    proptest! {
        #[test]
        fn an_interval_holds_its_value_and_shrinks_with_trials(trials in 1usize..5000, of in 0.0..=1.0f64) {
            let successes = (trials as f64 * of) as usize;
            let (figure, more) = (Figure::share(successes, trials), Figure::share(successes * 4, trials * 4));
            prop_assert!(figure.low <= figure.value && figure.value <= figure.high);
            prop_assert!(0.0 <= figure.low && figure.high <= 1.0);
            prop_assert!(more.high - more.low <= figure.high - figure.low + 1e-6);
        }
    }
}
