//! Other kinds of FAISS index, to compare ours with: `rollcall bench index` uses them, and nothing that serves anybody.

use faiss::index::IndexImpl;
use faiss::index::autotune::ParameterSpace;
use faiss::{Index, MetricType, index_factory};

use crate::error::IndexError;

/// An inner-product index of any kind that FAISS' factory makes; vectors are known by their positions.
#[derive(Debug)]
pub struct Peer {
    index: IndexImpl,
    dimension: usize,
}

impl Peer {
    /// An empty one, by FAISS' factory string, such as `Flat`, `HNSW32` or `IVF1024,PQ64`.
    ///
    /// # Errors
    /// [`IndexError::Faiss`] when FAISS does not know the string.
    pub fn new(description: &str, dimension: usize) -> Result<Self, IndexError> {
        let width = u32::try_from(dimension).unwrap_or(u32::MAX);
        Ok(Self { index: index_factory(width, description, MetricType::InnerProduct)?, dimension })
    }

    /// Trains it with vectors that lie one after another, where it needs that.
    ///
    /// # Errors
    /// [`IndexError::Faiss`] when there are too few.
    pub fn train(&mut self, flat: &[f32]) -> Result<(), IndexError> {
        if self.index.is_trained() { Ok(()) } else { Ok(self.index.train(flat)?) }
    }

    /// Adds vectors that lie one after another.
    ///
    /// # Errors
    /// [`IndexError::Faiss`] when it was not trained.
    pub fn add(&mut self, flat: &[f32]) -> Result<(), IndexError> {
        Ok(self.index.add(flat)?)
    }

    /// Forgets its vectors, not its training.
    ///
    /// # Errors
    /// [`IndexError::Faiss`] when this kind cannot.
    pub fn clear(&mut self) -> Result<(), IndexError> {
        Ok(self.index.reset()?)
    }

    /// Sets what a search costs, by FAISS' name for it: `nprobe`, `efSearch`, `k_factor_rf`.
    ///
    /// # Errors
    /// [`IndexError::Faiss`] when this kind has no such parameter.
    pub fn set(&mut self, parameter: &str, value: f64) -> Result<(), IndexError> {
        Ok(ParameterSpace::new()?.set_index_parameter(&self.index, parameter, value)?)
    }

    /// For each of the queries, which lie one after another, at most `count` (at least 1) positions and similarities, the
    /// most alike first.
    ///
    /// # Errors
    /// [`IndexError::Faiss`] when FAISS fails.
    pub fn search(&mut self, flat: &[f32], count: usize) -> Result<Vec<Vec<(usize, f32)>>, IndexError> {
        if flat.is_empty() {
            return Ok(Vec::new());
        }
        let found = self.index.search(flat, count)?;
        let each = found.labels.chunks(count).zip(found.distances.chunks(count));
        let known = |(labels, similarities): (&[faiss::Idx], &[f32])| {
            let pairs = labels.iter().zip(similarities);
            pairs.filter_map(|(label, s)| Some((label.get()? as usize, *s))).collect()
        };
        Ok(each.map(known).collect())
    }

    /// How many floats a vector has.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.dimension
    }
}
