//! The vectors of one segment in FAISS.

use domain::embedding::Embedding;
use faiss::index::SearchWithParams;
use faiss::index::ivf_flat::IVFFlatIndex;
use faiss::search_params::SearchParametersIVFImpl;
use faiss::{ConcurrentIndex, FlatIndex, Index, index};

use crate::error::IndexError;
use crate::factory::Factory;
use crate::scan;

/// Queries from which on FAISS multiplies matrices (its `distance_compute_blas_threshold`), with all processors.
const MANY: usize = 20;

/// Positions and similarities that a search found for one query, the most alike first.
pub(crate) struct Hits {
    pub(crate) found: Vec<(u32, f32)>,
    /// Whether there is nothing beyond these that a search could find.
    pub(crate) is_all: bool,
}

/// Vectors by position, from 0, by inner product. Any number of threads may search them.
#[derive(Debug)]
pub(crate) enum Vectors {
    Flat(FlatIndex),
    Inverted(IVFFlatIndex),
}

impl Vectors {
    /// None yet, of `dimension` floats each.
    pub(crate) fn new(factory: Factory, dimension: usize) -> Result<Self, IndexError> {
        let flat = flat_index(dimension)?;
        Ok(match factory {
            Factory::Flat => Self::Flat(flat),
            Factory::Inverted { lists } => Self::Inverted(IVFFlatIndex::new_ip(flat, dimension as u32, lists)?),
        })
    }

    /// What FAISS read, if it is of the kind.
    pub(crate) fn of(read: index::IndexImpl, factory: Factory, probes: u32) -> Result<Self, IndexError> {
        Ok(match factory {
            Factory::Flat => Self::Flat(read.into_flat()?),
            Factory::Inverted { .. } => {
                let mut vectors = Self::Inverted(read.into_ivf_flat()?);
                vectors.set_probes(probes);
                vectors
            }
        })
    }

    pub(crate) fn dimension(&self) -> usize {
        match self {
            Self::Flat(index) => index.d() as usize,
            Self::Inverted(index) => index.d() as usize,
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Flat(index) => index.ntotal() as usize,
            Self::Inverted(index) => index.ntotal() as usize,
        }
    }

    pub(crate) fn train(&mut self, flat: &[f32]) -> Result<(), IndexError> {
        match self {
            Self::Flat(_) => Ok(()),
            Self::Inverted(index) => Ok(index.train(flat)?),
        }
    }

    pub(crate) fn add(&mut self, flat: &[f32]) -> Result<(), IndexError> {
        match self {
            Self::Flat(index) => Ok(index.add(flat)?),
            Self::Inverted(index) => Ok(index.add(flat)?),
        }
    }

    /// How many lists a search looks at; `None` where it looks at everything.
    pub(crate) fn probes(&self) -> Option<u32> {
        match self {
            Self::Flat(_) => None,
            Self::Inverted(index) => Some(index.nprobe()),
        }
    }

    pub(crate) fn set_probes(&mut self, probes: u32) {
        if let Self::Inverted(index) = self {
            index.set_nprobe(probes.min(index.nlist()));
        }
    }

    /// How many lists there are; 1 where there are none.
    pub(crate) fn lists(&self) -> u32 {
        match self {
            Self::Flat(_) => 1,
            Self::Inverted(index) => index.nlist(),
        }
    }

    /// All vectors one after another, where they are kept so.
    pub(crate) fn all(&self) -> Option<&[f32]> {
        match self {
            // The slice of an empty FAISS index is not to be touched.
            Self::Flat(index) => Some(if index.ntotal() == 0 { &[] } else { index.xb() }),
            Self::Inverted(_) => None,
        }
    }

    /// Memory that they take, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        let vectors = self.len() * self.dimension() * size_of::<f32>();
        match self {
            Self::Flat(_) => vectors,
            // With each vector its position, and the centroids.
            Self::Inverted(index) => {
                vectors + self.len() * size_of::<i64>() + index.nlist() as usize * self.dimension() * size_of::<f32>()
            }
        }
    }

    /// The `count` (at least 1) vectors most alike to each of the `queries`, which lie one after another in `flat`; of inverted
    /// lists those in `probes` of them, or in as many as were set.
    pub(crate) fn search(&self, flat: &[f32], count: usize, probes: Option<u32>) -> Result<Vec<Hits>, IndexError> {
        let asked = count.min(self.len()).max(1);
        if let Some(all) = self.all().filter(|_| flat.len() < MANY * self.dimension()) {
            let is_all = asked == self.len();
            let found = scan::closest(all, flat, self.dimension(), asked);
            return Ok(found.into_iter().map(|found| Hits { found, is_all }).collect());
        }
        let found = match (self, probes) {
            (Self::Flat(index), _) => ConcurrentIndex::search(index, flat, asked)?,
            (Self::Inverted(index), None) => ConcurrentIndex::search(index, flat, asked)?,
            (Self::Inverted(index), Some(probes)) => {
                let mut params = SearchParametersIVFImpl::new()?;
                params.set_nprobe(probes.min(index.nlist()) as usize);
                SearchWithParams::search_with_params(index, flat, asked, &params.upcast())?
            }
        };
        let each = found.labels.chunks(asked).zip(found.distances.chunks(asked));
        Ok(each
            .map(|(labels, similarities)| {
                let known = labels.iter().zip(similarities).filter_map(|(label, s)| Some((label.get()? as u32, *s)));
                let found: Vec<(u32, f32)> = known.collect();
                let is_all = found.len() < asked || asked == self.len();
                Hits { found, is_all }
            })
            .collect())
    }
}

/// An empty exact inner-product index.
pub(crate) fn flat_index(dimension: usize) -> Result<FlatIndex, IndexError> {
    let width = u32::try_from(dimension).ok().filter(|width| *width > 0);
    let width = width.ok_or(IndexError::Dimension { expected: 1, found: dimension })?;
    Ok(FlatIndex::new_ip(width)?)
}

/// The floats of `queries`, one after another, if each has `dimension` of them.
pub(crate) fn in_a_row(queries: &[&Embedding], dimension: usize) -> Result<Vec<f32>, IndexError> {
    let mut flat = Vec::with_capacity(queries.len() * dimension);
    for query in queries {
        flat.extend_from_slice(checked(query, dimension)?);
    }
    Ok(flat)
}

/// The floats of an embedding, if there are `dimension` of them.
pub(crate) fn checked(embedding: &Embedding, dimension: usize) -> Result<&[f32], IndexError> {
    let values = embedding.as_slice();
    if values.len() == dimension {
        Ok(values)
    } else {
        Err(IndexError::Dimension { expected: dimension, found: values.len() })
    }
}
