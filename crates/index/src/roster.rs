//! The people of one course.

use domain::assignment::Candidate;
use domain::contract::ContractId;
use domain::embedding::Embedding;
use domain::enrollment::Template;

use crate::error::IndexError;
use crate::nearest::closest_people;
use crate::segment::{Layer, Segment};
use crate::vectors::checked;

/// An exact inner-product index of a roster's templates at one version. Never changes; any number of threads may search.
#[derive(Debug)]
pub struct RosterIndex {
    version: i64,
    dimension: usize,
    layer: Layer,
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
        let mut rows = Vec::with_capacity(templates.len());
        for template in templates {
            if template.contract != *contract {
                return Err(IndexError::Contract { expected: contract.clone(), found: template.contract.clone() });
            }
            rows.push((template.id, template.person_id, checked(&template.embedding, dimension)?));
        }
        Ok(Self { version, dimension, layer: Layer::new(Segment::exact(rows, dimension)?) })
    }

    /// The version of the roster that it was built from.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.version
    }

    /// How many people it can find: those with at least one template.
    #[must_use]
    pub fn people(&self) -> usize {
        self.layer.segment.people
    }

    /// Memory that it takes, in bytes, without what does not grow.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.layer.segment.bytes()
    }

    /// For each query at most `k` people, the most alike first, each once with the closest of their templates.
    ///
    /// # Errors
    /// [`IndexError::Dimension`] when a query is of another kind.
    pub fn search(&self, queries: &[&Embedding], k: usize) -> Result<Vec<Vec<Candidate>>, IndexError> {
        closest_people(std::slice::from_ref(&self.layer), self.dimension, queries, k)
    }
}
