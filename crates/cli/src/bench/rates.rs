//! False and true acceptance from lists of scores.

/// The threshold over which at most `rate` of the impostors' scores are, and the share of genuine scores over it.
///
/// With few impostors this is coarse: a rate of 0.001 of 3,000 rests on three of them.
pub(super) fn true_accepts_at(genuine: &[f32], impostors: &[f32], rate: f64) -> (f32, f64) {
    let mut sorted = impostors.to_vec();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let allowed = (rate * sorted.len() as f64).floor() as usize;
    let threshold = sorted.get(allowed).copied().unwrap_or(-1.0);
    (threshold, share_over(genuine, threshold))
}

pub(super) fn share_over(scores: &[f32], threshold: f32) -> f64 {
    scores.iter().filter(|score| **score > threshold).count() as f64 / scores.len().max(1) as f64
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
    use super::{deviation, true_accepts_at};

    #[test]
    fn no_more_impostors_than_allowed_are_over_the_threshold() {
        let impostors: Vec<f32> = (0..100).map(|number| number as f32 / 100.0).collect();
        let genuine = [0.5, 0.97, 0.981, 0.99];
        assert_eq!(true_accepts_at(&genuine, &impostors, 0.01), (0.98, 0.5));
        assert_eq!(true_accepts_at(&genuine, &impostors, 0.0), (0.99, 0.0));
        assert_eq!(true_accepts_at(&genuine, &[], 0.01), (-1.0, 1.0));
        assert_eq!(true_accepts_at(&[], &impostors, 0.01), (0.98, 0.0));
    }

    #[test]
    fn spread_is_about_the_mean() {
        assert_eq!(deviation(&[1.0, 3.0]), 1.0);
        assert_eq!(deviation(&[2.0]), 0.0);
    }
}
