//! Everybody of an organization.

use std::collections::{HashMap, HashSet};

use domain::assignment::Candidate;
use domain::contract::ContractId;
use domain::embedding::Embedding;
use domain::id::{PersonId, TemplateId};

use crate::error::IndexError;
use crate::factory::Factory;
use crate::nearest::closest_people;
use crate::segment::{Layer, Segment};
use crate::vectors::checked;

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

/// An inner-product index of an organization's templates of one contract, as of a revision of their log.
///
/// It consists of layers: a large one from a build or a snapshot, and small exact ones of what came after, which are merged
/// as they grow, so that there are never more than about log₂ of their templates. What goes is only marked in its layer;
/// it is never found again. Layers are shared, not copied: a clone costs little, and [`Self::apply`] to a clone leaves the
/// original as it is, so an index can be searched while the next state of it is made.
#[derive(Debug, Clone)]
pub struct GlobalIndex {
    contract: ContractId,
    watermark: i64,
    /// Known from the first template on.
    dimension: Option<usize>,
    /// The oldest, and largest, first.
    layers: Vec<Layer>,
    people: usize,
    recall: Option<f32>,
}

impl GlobalIndex {
    /// The index before the first change.
    #[must_use]
    pub fn new(contract: ContractId) -> Self {
        Self { contract, watermark: 0, dimension: None, layers: Vec::new(), people: 0, recall: None }
    }

    /// The index of one segment that holds every change up to `watermark`.
    pub(crate) fn of(contract: ContractId, watermark: i64, segment: Segment, recall: Option<f32>) -> Self {
        let (dimension, people) = (Some(segment.vectors.dimension()), segment.people);
        Self { contract, watermark, dimension, layers: vec![Layer::new(segment)], people, recall }
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
        self.layers.iter().map(Layer::live).sum()
    }

    /// Whether it holds no template.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many people it can find.
    #[must_use]
    pub fn people(&self) -> usize {
        self.people
    }

    /// Memory that it takes, in bytes, without what does not grow; what is marked as gone counts until it is dropped.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.layers.iter().map(|layer| layer.segment.bytes()).sum()
    }

    /// The kind of its largest layer.
    #[must_use]
    pub fn factory(&self) -> Factory {
        match self.base().map(|base| &base.vectors) {
            Some(crate::vectors::Vectors::Inverted(index)) => Factory::Inverted { lists: index.nlist() },
            _ => Factory::Flat,
        }
    }

    /// In how many lists of its largest layer a search looks; `None` where it looks at everything.
    #[must_use]
    pub fn probes(&self) -> Option<u32> {
        self.base().and_then(|base| base.vectors.probes())
    }

    /// How often its build found the template that is closest to a face, 0..=1; `None` for an index that is exact.
    #[must_use]
    pub fn recall(&self) -> Option<f32> {
        self.recall
    }

    /// Applies the next changes of the log, in their order. Those up to the watermark are passed over, so that a page
    /// may be applied again.
    ///
    /// # Errors
    /// [`IndexError::Dimension`] when an embedding has another dimension than those before it; the changes of the call
    /// are then not applied.
    pub fn apply(&mut self, changes: &[TemplateChange]) -> Result<(), IndexError> {
        let fresh = changes.iter().filter(|change| change.revision > self.watermark);
        // The last word on each template counts; one that comes and goes within these changes never enters.
        let mut settled: HashMap<TemplateId, &TemplateChange> = HashMap::new();
        let mut last = self.watermark;
        for change in fresh {
            settled.insert(change.template_id, change);
            last = last.max(change.revision);
        }
        let mut gone: Vec<(usize, u32)> = Vec::new();
        let mut come: Vec<(TemplateId, PersonId, &Embedding)> = Vec::new();
        for change in settled.values() {
            let place = self.layers.iter().enumerate().find_map(|(at, l)| Some((at, l.find(change.template_id)?)));
            match (&change.embedding, place) {
                (None, Some(place)) => gone.push(place),
                (Some(embedding), None) => come.push((change.template_id, change.person_id, embedding)),
                (None, None) | (Some(_), Some(_)) => {}
            }
        }
        let newest = self.segment_of(&come)?;
        self.remove(&gone);
        if let Some(segment) = newest {
            let new: HashSet<PersonId> = segment.owners.iter().copied().filter(|person| !self.has(*person)).collect();
            self.people += new.len();
            self.dimension = Some(segment.vectors.dimension());
            self.layers.push(Layer::new(segment));
        }
        self.merge()?;
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
        match self.dimension {
            Some(dimension) => closest_people(&self.layers, dimension, queries, k),
            None => Ok(vec![Vec::new(); queries.len()]),
        }
    }

    /// Looks for a sample of its own templates.
    ///
    /// # Errors
    /// [`IndexError::Unsound`] when one of them is not found.
    pub fn check_sample(&self) -> Result<(), IndexError> {
        let (mut tried, mut missed) = (0, 0);
        for layer in &self.layers {
            let (of, not) = layer.missed()?;
            tried += of;
            missed += not;
        }
        if missed == 0 { Ok(()) } else { Err(IndexError::Unsound { tried, missed }) }
    }

    /// The only segment, with nothing gone: what a builder made, or a snapshot held.
    pub(crate) fn as_built(&self) -> Option<&Segment> {
        match &self.layers[..] {
            [only] if only.live() == only.segment.len() => Some(&only.segment),
            _ => None,
        }
    }

    fn base(&self) -> Option<&Segment> {
        self.layers.first().map(|layer| &*layer.segment)
    }

    fn has(&self, person: PersonId) -> bool {
        self.layers.iter().any(|layer| layer.has(person))
    }

    fn segment_of(&self, come: &[(TemplateId, PersonId, &Embedding)]) -> Result<Option<Segment>, IndexError> {
        let Some((_, _, first)) = come.first() else { return Ok(None) };
        let dimension = self.dimension.unwrap_or(first.as_slice().len());
        let rows =
            come.iter().map(|(template, person, embedding)| Ok((*template, *person, checked(embedding, dimension)?)));
        Ok(Some(Segment::exact(rows.collect::<Result<_, IndexError>>()?, dimension)?))
    }

    fn remove(&mut self, gone: &[(usize, u32)]) {
        let mut people = HashSet::new();
        for (at, position) in gone {
            people.insert(self.layers[*at].owner(*position));
            self.layers[*at].kill(*position);
        }
        self.people -= people.into_iter().filter(|person| !self.has(*person)).count();
        self.layers.retain(|layer| layer.live() > 0);
    }

    /// Puts exact layers at the end together until each holds at least twice as much as the next.
    fn merge(&mut self) -> Result<(), IndexError> {
        while let [.., before, last] = &self.layers[..]
            && before.live() < 2 * last.live()
            && let (Some(mut rows), Some(more)) = (before.rows(), last.rows())
        {
            rows.extend(more);
            let merged = Segment::exact(rows, before.segment.vectors.dimension())?;
            self.layers.truncate(self.layers.len() - 2);
            self.layers.push(Layer::new(merged));
        }
        Ok(())
    }
}
