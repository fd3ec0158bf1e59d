//! Templates that do not change any more, and the layer that says which of them have gone.

use std::collections::HashSet;
use std::sync::Arc;

use domain::embedding::Embedding;
use domain::id::{PersonId, TemplateId};

use crate::error::IndexError;
use crate::vectors::Vectors;

/// Of how many templates a segment is asked whether it finds them.
pub(crate) const SAMPLE: usize = 256;
/// Least similarity of a template to itself, but for rounding.
const ITSELF: f32 = 0.999;

/// Templates in the order of their ids; the vector at a position belongs to the same position of the tables.
#[derive(Debug)]
pub(crate) struct Segment {
    pub(crate) vectors: Vectors,
    pub(crate) templates: Vec<TemplateId>,
    pub(crate) owners: Vec<PersonId>,
    /// Positions in the order of their owners.
    by_owner: Vec<u32>,
    /// Some of the templates, with their positions, that a sound segment finds; of an exhaustive one they need not be kept.
    pub(crate) sample: Vec<(u32, Embedding)>,
    pub(crate) people: usize,
}

impl Segment {
    /// Of tables that belong together, the templates rising.
    pub(crate) fn new(
        vectors: Vectors,
        templates: Vec<TemplateId>,
        owners: Vec<PersonId>,
        sample: Vec<(u32, Embedding)>,
    ) -> Self {
        let mut by_owner: Vec<u32> = (0..owners.len() as u32).collect();
        by_owner.sort_unstable_by_key(|position| owners[*position as usize]);
        let owner = |at: usize| owners[by_owner[at] as usize];
        let people = (0..by_owner.len()).filter(|at| *at == 0 || owner(*at) != owner(*at - 1)).count();
        Self { vectors, templates, owners, by_owner, sample, people }
    }

    /// The segment of `rows`, exact.
    pub(crate) fn exact(mut rows: Vec<(TemplateId, PersonId, &[f32])>, dimension: usize) -> Result<Self, IndexError> {
        rows.sort_unstable_by_key(|(template, ..)| *template);
        let mut flat = Vec::with_capacity(rows.len() * dimension);
        rows.iter().for_each(|(_, _, values)| flat.extend_from_slice(values));
        let mut vectors = Vectors::new(crate::Factory::Flat, dimension)?;
        vectors.add(&flat)?;
        let (templates, owners) = rows.iter().map(|(template, person, _)| (*template, *person)).unzip();
        Ok(Self::new(vectors, templates, owners, Vec::new()))
    }

    pub(crate) fn len(&self) -> usize {
        self.templates.len()
    }

    /// Memory that it takes, in bytes, without what does not grow.
    pub(crate) fn bytes(&self) -> usize {
        let tables = size_of::<TemplateId>() + size_of::<PersonId>() + size_of::<u32>();
        self.vectors.bytes() + self.len() * tables
    }

    fn position(&self, template: TemplateId) -> Option<u32> {
        self.templates.binary_search(&template).ok().map(|position| position as u32)
    }

    fn positions_of(&self, person: PersonId) -> impl Iterator<Item = u32> {
        let owner = |position: &u32| self.owners[*position as usize];
        let first = self.by_owner.partition_point(|position| owner(position) < person);
        self.by_owner[first..].iter().copied().take_while(move |position| owner(position) == person)
    }
}

/// A segment, and which of its positions are not to be found any more. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Layer {
    pub(crate) segment: Arc<Segment>,
    dead: Arc<HashSet<u32>>,
}

impl Layer {
    pub(crate) fn new(segment: Segment) -> Self {
        Self { segment: Arc::new(segment), dead: Arc::default() }
    }

    /// How many templates can be found.
    pub(crate) fn live(&self) -> usize {
        self.segment.len() - self.dead.len()
    }

    pub(crate) fn is_dead(&self, position: u32) -> bool {
        self.dead.contains(&position)
    }

    /// Where `template` is to be found.
    pub(crate) fn find(&self, template: TemplateId) -> Option<u32> {
        self.segment.position(template).filter(|position| !self.is_dead(*position))
    }

    pub(crate) fn has(&self, person: PersonId) -> bool {
        self.segment.positions_of(person).any(|position| !self.is_dead(position))
    }

    pub(crate) fn owner(&self, position: u32) -> PersonId {
        self.segment.owners[position as usize]
    }

    /// A position is not to be found any more.
    pub(crate) fn kill(&mut self, position: u32) {
        Arc::make_mut(&mut self.dead).insert(position);
    }

    /// What can be found, where the vectors are kept one after another.
    pub(crate) fn rows(&self) -> Option<Vec<(TemplateId, PersonId, &[f32])>> {
        let Segment { vectors, templates, owners, .. } = &*self.segment;
        let all = vectors.all()?;
        let found = (0..templates.len()).filter(|at| !self.is_dead(*at as u32));
        Some(found.map(|at| (templates[at], owners[at], vector(all, at, vectors.dimension()))).collect())
    }

    /// Of how many templates of the sample it was tried whether they are found, and how many were missed.
    pub(crate) fn missed(&self) -> Result<(usize, usize), IndexError> {
        let Segment { vectors, sample, .. } = &*self.segment;
        let dimension = vectors.dimension();
        let (mut tried, mut flat) = (0, Vec::new());
        let mut take = |position: u32, values: &[f32]| {
            if !self.is_dead(position) {
                tried += 1;
                flat.extend_from_slice(values);
            }
        };
        match vectors.all() {
            Some(all) => {
                let step = self.segment.len().div_ceil(SAMPLE).max(1);
                (0..self.segment.len()).step_by(step).for_each(|at| take(at as u32, vector(all, at, dimension)));
            }
            None => sample.iter().for_each(|(position, face)| take(*position, face.as_slice())),
        }
        if tried == 0 {
            return Ok((0, 0));
        }
        let hits = vectors.search(&flat, 1, None)?;
        let found = hits.iter().filter(|hits| hits.found.first().is_some_and(|(_, s)| *s > ITSELF)).count();
        Ok((tried, tried - found))
    }
}

fn vector(all: &[f32], at: usize, dimension: usize) -> &[f32] {
    &all[at * dimension..(at + 1) * dimension]
}
