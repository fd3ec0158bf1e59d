//! Finds out in how many lists of an inverted index a search must look.

use domain::embedding::Embedding;
use faiss::Index;

use crate::error::IndexError;
use crate::vectors::{Vectors, flat_index};

/// How many faces are looked for.
const FACES: usize = 512;
/// How often an inverted index must find the template that is closest to a face: one of these faces may be missed.
const WANTED_RECALL: f32 = 0.998;
/// Similarities of the faces to the templates that they are made of: from where strangers begin to photos of one day.
const FROM_SIMILARITY: f32 = 0.45;
const TO_SIMILARITY: f32 = 0.9;
/// How many other templates make up the rest of such a face.
const OTHERS: usize = 8;
/// Sums are rounded in another order: similarities that differ by no more are the same.
const ROUNDING: f32 = 1e-5;

/// Made-up faces, and the template that is closest to each of them, by an exhaustive search.
#[derive(Debug)]
pub(crate) struct Trial {
    faces: Vec<f32>,
    closest: Vec<(u32, f32)>,
}

impl Trial {
    /// Faces made of some of `sample`, which are of the dimension.
    pub(crate) fn new(sample: &[Embedding], dimension: usize) -> Result<Self, IndexError> {
        let step = sample.len().div_ceil(FACES).max(1);
        let picked: Vec<&Embedding> = sample.iter().step_by(step).collect();
        let made: Vec<Embedding> = (0..picked.len()).filter_map(|at| made_up(&picked, at)).collect();
        let faces = crate::vectors::in_a_row(&made.iter().collect::<Vec<_>>(), dimension)?;
        Ok(Self { faces, closest: vec![(0, f32::MIN); made.len()] })
    }

    /// Compares the faces with all of some vectors, which come to stand at `first` and after.
    pub(crate) fn compare(&mut self, vectors: &[f32], first: usize) -> Result<(), IndexError> {
        if self.closest.is_empty() || vectors.is_empty() {
            return Ok(());
        }
        let mut page = flat_index(self.faces.len() / self.closest.len())?;
        page.add(vectors)?;
        for (known, hits) in self.closest.iter_mut().zip(Vectors::Flat(page).search(&self.faces, 1, None)?) {
            if let Some((position, similarity)) = hits.found.first().filter(|(_, s)| *s > known.1) {
                *known = (first as u32 + position, *similarity);
            }
        }
        Ok(())
    }

    /// Doubles the probes until the wanted recall@1 is reached, which it is at the latest when all lists are searched, and then
    /// takes the fewest with which it is, to an eighth. Answers with the recall; `None` where nothing is missed because
    /// everything is searched anyway.
    pub(crate) fn choose_probes(&self, vectors: &mut Vectors) -> Result<Option<f32>, IndexError> {
        if vectors.probes().is_none() || self.closest.is_empty() {
            return Ok(None);
        }
        let (mut enough, lists) = (1, vectors.lists());
        let mut recall = self.recall(vectors, enough)?;
        while recall < WANTED_RECALL && enough < lists {
            enough = (enough * 2).min(lists);
            recall = self.recall(vectors, enough)?;
        }
        let mut too_few = enough / 2;
        while enough - too_few > (enough / 8).max(1) {
            let between = u32::midpoint(too_few, enough);
            match self.recall(vectors, between)? {
                reached if reached >= WANTED_RECALL => (enough, recall) = (between, reached),
                _ => too_few = between,
            }
        }
        vectors.set_probes(enough);
        Ok(Some(recall))
    }

    /// How often the closest template is found in that many lists.
    fn recall(&self, vectors: &Vectors, probes: u32) -> Result<f32, IndexError> {
        let hits = vectors.search(&self.faces, 1, Some(probes))?;
        let is_found = |(hits, (position, similarity)): &(crate::vectors::Hits, &(u32, f32))| {
            // Two templates may be equally close.
            hits.found.first().is_some_and(|(at, s)| at == position || *s >= similarity - ROUNDING)
        };
        let found = hits.into_iter().zip(&self.closest).filter(is_found).count();
        Ok(found as f32 / self.closest.len() as f32)
    }
}

/// A face as it might be seen: like the template at `at` to some degree, and else like a mixture of others, so that it lies
/// among faces and not in directions that no face has.
fn made_up(templates: &[&Embedding], at: usize) -> Option<Embedding> {
    let own = templates[at].as_slice();
    let mut rest = vec![0.0; own.len()];
    for other in 1..=OTHERS {
        // The steps lead to other templates for each, and the signs make the mixture like none of them.
        let values = templates[(at + other * 31 + other * other) % templates.len()].as_slice();
        let sign = if (at >> (other % 4)) & 1 == other & 1 { 1.0 } else { -1.0 };
        rest.iter_mut().zip(values).for_each(|(sum, value)| *sum += sign * value);
    }
    let share = at as f32 / templates.len() as f32;
    let similarity = FROM_SIMILARITY + (TO_SIMILARITY - FROM_SIMILARITY) * share;
    let other = (1.0 - similarity * similarity).sqrt();
    let Some(rest) = Embedding::normalized(rest) else { return Some(templates[at].clone()) };
    Embedding::normalized(own.iter().zip(rest.as_slice()).map(|(a, b)| similarity * a + other * b).collect())
}
