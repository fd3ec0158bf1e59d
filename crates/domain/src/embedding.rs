//! A face as numbers.

use std::fmt;

/// A face as a point on the unit sphere: `dimension` floats of length 1 (L2), so the inner product of two is their
/// cosine similarity, -1..=1.
///
/// Never printed: an embedding is as private as the face.
#[derive(Clone, PartialEq)]
pub struct Embedding(Vec<f32>);

impl Embedding {
    /// The unit vector in the direction of `values`; `None` when they are all zero or not all finite.
    #[must_use]
    pub fn normalized(mut values: Vec<f32>) -> Option<Self> {
        let norm = values.iter().map(|v| f64::from(*v) * f64::from(*v)).sum::<f64>().sqrt();
        if !norm.is_finite() || norm < 1e-12 {
            return None;
        }
        for value in &mut values {
            *value = (f64::from(*value) / norm) as f32;
        }
        Some(Self(values))
    }

    /// The direction of the sum of `all`, which have one dimension; `None` for an empty slice or a zero sum.
    #[must_use]
    pub fn mean(all: &[&Self]) -> Option<Self> {
        let mut sum = vec![0.0; all.first()?.0.len()];
        for embedding in all {
            for (total, value) in sum.iter_mut().zip(&embedding.0) {
                *total += value;
            }
        }
        Self::normalized(sum)
    }

    /// The numbers.
    #[must_use]
    pub fn as_slice(&self) -> &[f32] {
        &self.0
    }

    /// Cosine similarity with another embedding of the same contract, -1..=1.
    #[must_use]
    pub fn similarity(&self, other: &Self) -> f32 {
        self.0.iter().zip(&other.0).map(|(a, b)| a * b).sum()
    }
}

impl fmt::Debug for Embedding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Embedding({} floats)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Embedding;

    #[test]
    fn what_has_no_direction_is_refused_and_nothing_is_printed() {
        for values in [vec![], vec![0.0; 4], vec![f32::NAN, 1.0], vec![f32::INFINITY, 1.0]] {
            assert_eq!(Embedding::normalized(values), None);
        }
        let printed = format!("{:?}", Embedding::normalized(vec![0.25, 0.5]));
        assert_eq!(printed, "Some(Embedding(2 floats))");
    }

    proptest! {
        #[test]
        fn is_of_unit_length_and_like_itself(values in prop::collection::vec(-100f32..100.0, 1..64)) {
            if let Some(embedding) = Embedding::normalized(values) {
                prop_assert!((embedding.similarity(&embedding) - 1.0).abs() < 1e-5);
            }
        }
    }
}
