//! How close many embeddings are to one.

use domain::embedding::Embedding;

/// Sums that run beside each other: what fits into a register or two, so that the compiler uses them.
const LANES: usize = 16;

/// Templates of people, several of one person allowed.
#[derive(Debug, Default)]
pub(super) struct Gallery {
    dimension: usize,
    people: Vec<usize>,
    /// Row by row, padded with zeros to whole lanes.
    values: Vec<f32>,
}

impl Gallery {
    /// Adds a template.
    pub(super) fn add(&mut self, person: usize, template: &Embedding) {
        self.dimension = template.as_slice().len().next_multiple_of(LANES);
        self.people.push(person);
        self.values.extend(template.as_slice());
        self.values.resize(self.people.len() * self.dimension, 0.0);
    }

    /// The closest person and the cosine; `None` when it is empty.
    pub(super) fn closest(&self, probe: &Embedding) -> Option<(usize, f32)> {
        self.cosines(probe).max_by(|a, b| a.1.total_cmp(&b.1))
    }

    /// Person and cosine of every template, in the order in which they were added.
    pub(super) fn cosines(&self, probe: &Embedding) -> impl Iterator<Item = (usize, f32)> {
        let mut padded = probe.as_slice().to_vec();
        padded.resize(self.dimension.max(LANES), 0.0);
        let rows = self.values.chunks_exact(self.dimension.max(LANES));
        self.people.iter().copied().zip(rows.map(move |row| inner_product(row, &padded)))
    }
}

/// Of two slices of one length, a multiple of [`LANES`].
fn inner_product(one: &[f32], other: &[f32]) -> f32 {
    let mut sums = [0f32; LANES];
    for (a, b) in one.chunks_exact(LANES).zip(other.chunks_exact(LANES)) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().sum()
}

#[cfg(test)]
mod tests {
    use domain::embedding::Embedding;
    use proptest::prelude::*;

    use super::Gallery;

    proptest! {
        #[test]
        fn the_closest_is_the_one_that_is_most_similar(
            templates in prop::collection::vec(prop::collection::vec(-1f32..1.0, 21), 1..12),
            probe in prop::collection::vec(-1f32..1.0, 21),
        ) {
            let embeddings: Option<Vec<Embedding>> = templates.into_iter().map(Embedding::normalized).collect();
            let (Some(embeddings), Some(probe)) = (embeddings, Embedding::normalized(probe)) else { return Ok(()) };
            let mut gallery = Gallery::default();
            for (person, embedding) in embeddings.iter().enumerate() {
                gallery.add(person, embedding);
            }
            for (person, cosine) in gallery.cosines(&probe) {
                prop_assert!((cosine - embeddings[person].similarity(&probe)).abs() < 1e-5);
            }
            let most = embeddings.iter().map(|embedding| embedding.similarity(&probe)).fold(-1.0, f32::max);
            prop_assert!((gallery.closest(&probe).expect("one").1 - most).abs() < 1e-5);
        }
    }

    #[test]
    fn nobody_is_closest_in_an_empty_gallery() {
        let probe = Embedding::normalized(vec![1.0, 0.0]).expect("a direction");
        assert_eq!(Gallery::default().closest(&probe), None);
    }
}
