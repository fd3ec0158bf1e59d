//! One template for a person, from many samples.

use crate::embedding::Embedding;

/// Which share of the samples, those least like the rest, is left out of a pooled template.
pub const TRIMMED_SHARE: f64 = 0.15;

/// The direction of the weighted mean of a person's samples, without the share [`TRIMMED_SHARE`] (rounded down) that is
/// least like the mean of all; `None` when there are none or they cancel out.
///
/// Weights are at least 0, such as qualities 0..=100. When all are 0, all count the same. The same samples in another
/// order give the same template up to rounding.
#[must_use]
pub fn pooled(samples: &[(&Embedding, f32)]) -> Option<Embedding> {
    let even = samples.iter().all(|(_, weight)| *weight <= 0.0);
    let weighted: Vec<(&Embedding, f32)> =
        samples.iter().map(|(embedding, weight)| (*embedding, if even { 1.0 } else { weight.max(0.0) })).collect();
    let all = mean(&weighted)?;
    let mut ranked: Vec<(f32, (&Embedding, f32))> =
        weighted.into_iter().map(|sample| (all.similarity(sample.0), sample)).collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
    let trimmed = (ranked.len() as f64 * TRIMMED_SHARE) as usize;
    ranked.truncate(ranked.len() - trimmed);
    let kept: Vec<(&Embedding, f32)> = ranked.into_iter().map(|(_, sample)| sample).collect();
    mean(&kept).or(Some(all))
}

fn mean(samples: &[(&Embedding, f32)]) -> Option<Embedding> {
    let (first, _) = samples.first()?;
    let mut sum = vec![0.0; first.as_slice().len()];
    for (embedding, weight) in samples {
        for (total, value) in sum.iter_mut().zip(embedding.as_slice()) {
            *total += value * weight;
        }
    }
    Embedding::normalized(sum)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::pooled;
    use crate::embedding::Embedding;

    fn at(degrees: f32) -> Embedding {
        let angle = degrees.to_radians();
        Embedding::normalized(vec![angle.cos(), angle.sin()]).expect("a direction")
    }

    fn check(samples: &[(f32, f32)], expected: f32) {
        let embeddings: Vec<Embedding> = samples.iter().map(|(degrees, _)| at(*degrees)).collect();
        let samples: Vec<(&Embedding, f32)> = embeddings.iter().zip(samples).map(|(e, (_, w))| (e, *w)).collect();
        let found = pooled(&samples).expect("a template");
        assert!(found.similarity(&at(expected)) > 0.9999, "{samples:?}");
    }

    #[test]
    fn lies_between_by_weight_and_leaves_the_odd_one_out() {
        check(&[(10.0, 50.0)], 10.0);
        check(&[(0.0, 1.0), (20.0, 1.0)], 10.0);
        check(&[(0.0, 80.0), (20.0, 0.0)], 0.0);
        check(&[(0.0, 0.0), (20.0, 0.0)], 10.0);
        let six = [(0.0, 1.0), (1.0, 1.0), (-1.0, 1.0), (2.0, 1.0), (-2.0, 1.0), (0.0, 1.0), (90.0, 1.0)];
        check(&six, 0.0);
    }

    #[test]
    fn nothing_has_no_template() {
        assert_eq!(pooled(&[]), None);
        let (east, west) = (at(0.0), at(180.0));
        assert!(pooled(&[(&east, 1.0), (&west, 1.0)]).is_none_or(|t| t.as_slice().iter().all(|v| v.is_finite())));
    }

    proptest! {
        #[test]
        fn the_order_of_samples_does_not_matter(
            mut samples in prop::collection::vec((0f32..60.0, 1f32..100.0), 1..20), by in 0usize..20,
        ) {
            let template = |samples: &[(f32, f32)]| {
                let embeddings: Vec<(Embedding, f32)> = samples.iter().map(|(d, w)| (at(*d), *w)).collect();
                pooled(&embeddings.iter().map(|(e, w)| (e, *w)).collect::<Vec<_>>()).expect("a template")
            };
            let before = template(&samples);
            let by = by % samples.len();
            samples.rotate_left(by);
            prop_assert!(before.similarity(&template(&samples)) > 0.999);
        }
    }
}
