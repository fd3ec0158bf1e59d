//! The index of very many templates, built in one go.

use domain::contract::ContractId;
use domain::embedding::Embedding;
use domain::id::{PersonId, TemplateId};

use crate::error::IndexError;
use crate::factory::Factory;
use crate::global::GlobalIndex;
use crate::segment::{SAMPLE, Segment};
use crate::trial::Trial;
use crate::vectors::{Vectors, checked, in_a_row};

/// Takes an organization's templates in and becomes their index. Holds each vector once, and a sample of them.
#[derive(Debug)]
pub struct Builder {
    contract: ContractId,
    watermark: i64,
    vectors: Vectors,
    templates: Vec<TemplateId>,
    owners: Vec<PersonId>,
    sample: Vec<(u32, Embedding)>,
    step: usize,
    trial: Option<Trial>,
}

impl Builder {
    /// An index of about `expected` templates of `dimension` floats, as of the revision `watermark`.
    ///
    /// # Errors
    /// [`IndexError::Dimension`] when the dimension is 0.
    pub fn new(
        contract: ContractId,
        factory: Factory,
        dimension: usize,
        watermark: i64,
        expected: usize,
    ) -> Result<Self, IndexError> {
        Ok(Self {
            contract,
            watermark,
            vectors: Vectors::new(factory, dimension)?,
            templates: Vec::with_capacity(expected),
            owners: Vec::with_capacity(expected),
            sample: Vec::new(),
            step: expected.div_ceil(SAMPLE).max(1),
            trial: None,
        })
    }

    /// Finds the centroids of an inverted index by k-means over `sample` (FAISS' own, spherical, 10 rounds), which should
    /// hold [`Factory::training`] of the templates. An exhaustive one needs none. Before the first [`Self::add`].
    ///
    /// # Errors
    /// [`IndexError::Dimension`] when one is of another kind, [`IndexError::Faiss`] when there are fewer than lists.
    pub fn train(&mut self, sample: &[Embedding]) -> Result<(), IndexError> {
        let dimension = self.vectors.dimension();
        let faces: Vec<&Embedding> = sample.iter().collect();
        self.vectors.train(&in_a_row(&faces, dimension)?)?;
        self.trial = Some(Trial::new(sample, dimension)?);
        Ok(())
    }

    /// Adds templates, in rising order of their ids, within a call and from call to call.
    ///
    /// # Errors
    /// [`IndexError::Dimension`] when one is of another kind, [`IndexError::Order`] when one does not follow the last.
    pub fn add(&mut self, rows: &[(TemplateId, PersonId, Embedding)]) -> Result<(), IndexError> {
        let dimension = self.vectors.dimension();
        let mut flat = Vec::with_capacity(rows.len() * dimension);
        let mut last = self.templates.last().copied();
        for (template, _, embedding) in rows {
            if last.is_some_and(|last| last >= *template) {
                return Err(IndexError::Order);
            }
            last = Some(*template);
            flat.extend_from_slice(checked(embedding, dimension)?);
        }
        if let Some(trial) = &mut self.trial {
            trial.compare(&flat, self.templates.len())?;
        }
        self.vectors.add(&flat)?;
        for (template, person, embedding) in rows {
            if self.trial.is_some() && self.templates.len().is_multiple_of(self.step) {
                self.sample.push((self.templates.len() as u32, embedding.clone()));
            }
            self.templates.push(*template);
            self.owners.push(*person);
        }
        Ok(())
    }

    /// How many templates were added.
    #[must_use]
    pub fn len(&self) -> usize {
        self.templates.len()
    }

    /// Whether none was added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.templates.is_empty()
    }

    /// The index. In how many lists of an inverted one a search looks is found out by trial: in as few as it takes to find
    /// what an exhaustive search finds.
    ///
    /// # Errors
    /// [`IndexError::Unsound`] when it does not find its own templates.
    pub fn finish(mut self) -> Result<GlobalIndex, IndexError> {
        if self.is_empty() {
            let mut empty = GlobalIndex::new(self.contract);
            empty.advance_to(self.watermark);
            return Ok(empty);
        }
        let recall = match &self.trial {
            Some(trial) => trial.choose_probes(&mut self.vectors)?,
            None => None,
        };
        let segment = Segment::new(self.vectors, self.templates, self.owners, self.sample);
        let index = GlobalIndex::of(self.contract, self.watermark, segment, recall);
        index.check_sample()?;
        Ok(index)
    }
}
