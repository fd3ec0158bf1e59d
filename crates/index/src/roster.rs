//! The people of one course.

use std::collections::HashSet;

use domain::assignment::Candidate;
use domain::contract::ContractId;
use domain::embedding::Embedding;
use domain::enrollment::Template;
use domain::id::PersonId;
use faiss::{FlatIndex, Index};

use crate::error::IndexError;
use crate::nearest::{checked, closest_people};

/// An exact inner-product index of a roster's templates at one version. Never changes; any number of threads may search.
#[derive(Debug)]
pub struct RosterIndex {
    version: i64,
    index: FlatIndex,
    /// Whose the template at a position is.
    owners: Vec<PersonId>,
    people: usize,
}

impl RosterIndex {
    /// Builds the index of a roster's `templates`; none are fine.
    ///
    /// # Errors
    /// [`IndexError::Contract`] or [`IndexError::Dimension`] when a template is of another kind.
    pub fn build(
        version: i64,
        contract: &ContractId,
        dimension: usize,
        templates: &[Template],
    ) -> Result<Self, IndexError> {
        let mut flat = Vec::with_capacity(templates.len() * dimension);
        for template in templates {
            if template.contract != *contract {
                return Err(IndexError::Contract { expected: contract.clone(), found: template.contract.clone() });
            }
            flat.extend_from_slice(checked(&template.embedding, dimension)?);
        }
        let mut index = flat_index(dimension)?;
        if !flat.is_empty() {
            index.add(&flat)?;
        }
        let owners: Vec<PersonId> = templates.iter().map(|template| template.person_id).collect();
        let people = owners.iter().collect::<HashSet<_>>().len();
        Ok(Self { version, index, owners, people })
    }

    /// The version of the roster that it was built from.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.version
    }

    /// How many people it can find: those with at least one template.
    #[must_use]
    pub fn people(&self) -> usize {
        self.people
    }

    /// Memory that it takes, in bytes, without what does not grow.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.owners.len() * (size_of::<PersonId>() + self.index.d() as usize * size_of::<f32>())
    }

    /// For each query at most `k` people, the most alike first, each once with the closest of their templates.
    ///
    /// # Errors
    /// [`IndexError::Dimension`] when a query is of another kind.
    pub fn search(&self, queries: &[&Embedding], k: usize) -> Result<Vec<Vec<Candidate>>, IndexError> {
        closest_people(&self.index, &self.owners, queries, k)
    }
}

/// An empty exact inner-product index.
pub(crate) fn flat_index(dimension: usize) -> Result<FlatIndex, IndexError> {
    let width = u32::try_from(dimension).ok().filter(|width| *width > 0);
    let width = width.ok_or(IndexError::Dimension { expected: 1, found: dimension })?;
    Ok(FlatIndex::new_ip(width)?)
}
