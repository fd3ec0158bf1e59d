//! Everybody of an organization.

use std::collections::HashMap;

use domain::assignment::Candidate;
use domain::contract::ContractId;
use domain::embedding::Embedding;
use domain::id::{PersonId, TemplateId};
use faiss::selector::IdSelector;
use faiss::{FlatIndex, Idx, Index};

use crate::error::IndexError;
use crate::nearest::closest_people;
use crate::roster::flat_index;

/// Of how many templates an index is asked whether it finds them.
const SAMPLE: usize = 200;
/// Least similarity of a template to itself, but for rounding.
const ITSELF: f32 = 0.999;

/// One template that came or went: a line of the organization's log.
#[derive(Debug, Clone, PartialEq)]
pub struct TemplateChange {
    /// Its place in the log, from 1.
    pub revision: i64,
    /// The template.
    pub template_id: TemplateId,
    /// Whose face it is.
    pub person_id: PersonId,
    /// The face; `None` when the template is gone.
    pub embedding: Option<Embedding>,
}

/// An exact inner-product index of an organization's templates of one contract, as of a revision of their log.
///
/// Any number of threads may search it while nobody changes it. What was removed is never found again.
#[derive(Debug)]
pub struct GlobalIndex {
    contract: ContractId,
    watermark: i64,
    /// Made with the first template, which says the dimension. The vector at a position belongs to the same position
    /// of `templates` and `owners`; removals keep the order of the rest, here and in FAISS alike.
    vectors: Option<FlatIndex>,
    templates: Vec<TemplateId>,
    owners: Vec<PersonId>,
    positions: HashMap<TemplateId, usize>,
    /// How many templates a person has.
    people: HashMap<PersonId, usize>,
}

impl GlobalIndex {
    /// The index before the first change.
    #[must_use]
    pub fn new(contract: ContractId) -> Self {
        Self {
            contract,
            watermark: 0,
            vectors: None,
            templates: Vec::new(),
            owners: Vec::new(),
            positions: HashMap::new(),
            people: HashMap::new(),
        }
    }

    /// The contract of its templates.
    #[must_use]
    pub fn contract(&self) -> &ContractId {
        &self.contract
    }

    /// The revision up to which it holds every change: replay what came after.
    #[must_use]
    pub fn watermark(&self) -> i64 {
        self.watermark
    }

    /// How many templates it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.templates.len()
    }

    /// Whether it holds no template.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.templates.is_empty()
    }

    /// How many people it can find.
    #[must_use]
    pub fn people(&self) -> usize {
        self.people.len()
    }

    /// Applies the next changes of the log, in their order. Those up to the watermark are passed over, so that a page
    /// may be applied again.
    ///
    /// # Errors
    /// [`IndexError::Dimension`] when an embedding has another dimension than those before it; the changes of the call
    /// are then not applied.
    pub fn apply(&mut self, changes: &[TemplateChange]) -> Result<(), IndexError> {
        let fresh: Vec<&TemplateChange> = changes.iter().filter(|change| change.revision > self.watermark).collect();
        let Some(last) = fresh.iter().map(|change| change.revision).max() else { return Ok(()) };
        // The last word on each template counts; one that comes and goes within these changes never enters.
        let mut settled: HashMap<TemplateId, &TemplateChange> = HashMap::new();
        for change in &fresh {
            settled.insert(change.template_id, change);
        }
        let mut gone: Vec<usize> = Vec::new();
        let mut come: Vec<(&TemplateChange, &Embedding)> = Vec::new();
        for change in settled.values() {
            match (&change.embedding, self.positions.get(&change.template_id)) {
                (None, Some(position)) => gone.push(*position),
                (Some(embedding), None) => come.push((change, embedding)),
                (None, None) | (Some(_), Some(_)) => {}
            }
        }
        come.sort_unstable_by_key(|(change, _)| change.revision);
        gone.sort_unstable();
        let rows: Vec<_> =
            come.iter().map(|(c, embedding)| (c.template_id, c.person_id, embedding.as_slice())).collect();
        self.add(&rows)?;
        self.remove(&gone)?;
        self.watermark = last;
        Ok(())
    }

    /// Says that there is no change of this contract up to `revision` that was not applied: the numbers between belong
    /// to other contracts.
    pub fn advance_to(&mut self, revision: i64) {
        self.watermark = self.watermark.max(revision);
    }

    /// For each query at most `k` people, the most alike first, each once with the closest of their templates.
    ///
    /// # Errors
    /// [`IndexError::Dimension`] when a query is of another kind.
    pub fn search(&self, queries: &[&Embedding], k: usize) -> Result<Vec<Vec<Candidate>>, IndexError> {
        match &self.vectors {
            Some(vectors) => closest_people(vectors, &self.owners, queries, k),
            None => Ok(vec![Vec::new(); queries.len()]),
        }
    }

    /// Looks for a sample of its own templates.
    ///
    /// # Errors
    /// [`IndexError::Unsound`] when one of them is not found.
    pub fn check_sample(&self) -> Result<(), IndexError> {
        let step = self.len().div_ceil(SAMPLE).max(1);
        let sample: Vec<Embedding> = (0..self.len())
            .step_by(step)
            .filter_map(|position| Embedding::normalized(self.vector(position).to_vec()))
            .collect();
        let queries: Vec<&Embedding> = sample.iter().collect();
        let answers = self.search(&queries, 1)?;
        let tried = self.len().div_ceil(step);
        let found = answers.iter().filter(|people| people.first().is_some_and(|best| best.similarity > ITSELF)).count();
        if found == tried { Ok(()) } else { Err(IndexError::Unsound { tried, missed: tried - found }) }
    }

    /// The number of floats of a template; `None` before the first.
    pub(crate) fn dimension(&self) -> Option<usize> {
        self.vectors.as_ref().map(|vectors| vectors.d() as usize)
    }

    /// Template, owner and vector at a position below [`Self::len`].
    pub(crate) fn row(&self, position: usize) -> (TemplateId, PersonId, &[f32]) {
        (self.templates[position], self.owners[position], self.vector(position))
    }

    /// Adds templates that are not there yet.
    pub(crate) fn add(&mut self, rows: &[(TemplateId, PersonId, &[f32])]) -> Result<(), IndexError> {
        let Some((_, _, first)) = rows.first() else { return Ok(()) };
        let dimension = self.dimension().unwrap_or(first.len());
        let mut flat = Vec::with_capacity(rows.len() * dimension);
        for (_, _, values) in rows {
            if values.len() != dimension {
                return Err(IndexError::Dimension { expected: dimension, found: values.len() });
            }
            flat.extend_from_slice(values);
        }
        let vectors = match &mut self.vectors {
            Some(vectors) => vectors,
            empty => empty.insert(flat_index(dimension)?),
        };
        vectors.add(&flat)?;
        for (template, person, _) in rows {
            self.positions.insert(*template, self.templates.len());
            self.templates.push(*template);
            self.owners.push(*person);
            *self.people.entry(*person).or_default() += 1;
        }
        Ok(())
    }

    /// Takes the templates at `gone`, which rise, out.
    fn remove(&mut self, gone: &[usize]) -> Result<(), IndexError> {
        let (Some(first), Some(vectors)) = (gone.first(), &mut self.vectors) else { return Ok(()) };
        let ids: Vec<Idx> = gone.iter().map(|position| Idx::new(*position as u64)).collect();
        vectors.remove_ids(&IdSelector::batch(&ids)?)?;
        for position in gone {
            let person = self.owners[*position];
            if let Some(count) = self.people.get_mut(&person) {
                *count -= 1;
                if *count == 0 {
                    self.people.remove(&person);
                }
            }
            self.positions.remove(&self.templates[*position]);
        }
        drop_at(&mut self.templates, gone);
        drop_at(&mut self.owners, gone);
        for (position, template) in self.templates.iter().enumerate().skip(*first) {
            self.positions.insert(*template, position);
        }
        Ok(())
    }

    fn vector(&self, position: usize) -> &[f32] {
        // The slice of an empty FAISS index is not to be touched.
        let Some(vectors) = self.vectors.as_ref().filter(|_| !self.is_empty()) else { return &[] };
        let dimension = vectors.d() as usize;
        &vectors.xb()[position * dimension..(position + 1) * dimension]
    }
}

/// Drops the elements at `gone`, which rise, and keeps the order of the rest.
fn drop_at<T>(all: &mut Vec<T>, gone: &[usize]) {
    let mut next = gone.iter().peekable();
    let mut position = 0;
    all.retain(|_| {
        let is_gone = next.next_if(|at| **at == position).is_some();
        position += 1;
        !is_gone
    });
}
