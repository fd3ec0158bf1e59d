//! How often values occur.

/// The share of the values in each of `bins` even steps from `low` to `high`: left edge and share. Values beyond an end
/// count in the step at that end.
pub(super) fn histogram(values: impl Iterator<Item = f64>, low: f64, high: f64, bins: usize) -> Vec<(f64, f64)> {
    let mut counts = vec![0usize; bins.max(1)];
    let mut all = 0;
    let last = counts.len() - 1;
    for value in values {
        let place = ((value - low) / (high - low) * counts.len() as f64).max(0.0) as usize;
        counts[place.min(last)] += 1;
        all += 1;
    }
    let width = (high - low) / counts.len() as f64;
    let each = counts.iter().enumerate();
    each.map(|(place, count)| (low + place as f64 * width, *count as f64 / all.max(1) as f64)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::histogram;

    #[test]
    fn values_are_counted_in_steps() {
        let found = histogram([0.1, 0.2, 0.9, 7.0, -7.0].into_iter(), 0.0, 1.0, 2);
        assert_eq!(found, [(0.0, 0.6), (0.5, 0.4)]);
        assert_eq!(histogram([].into_iter(), 0.0, 1.0, 2), [(0.0, 0.0), (0.5, 0.0)]);
    }

    proptest! {
        #[test]
        fn nothing_is_lost(values in prop::collection::vec(-3f64..3.0, 1..50), bins in 1usize..30) {
            let all: f64 = histogram(values.into_iter(), -1.0, 1.0, bins).iter().map(|(_, share)| share).sum();
            prop_assert!((all - 1.0).abs() < 1e-9);
        }
    }
}
