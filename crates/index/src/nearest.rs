//! The closest people to a face, each once, out of layers of templates.

use std::collections::HashSet;

use domain::assignment::Candidate;
use domain::embedding::Embedding;
use domain::id::PersonId;

use crate::error::IndexError;
use crate::segment::Layer;
use crate::vectors::in_a_row;

/// Up to how many people are looked through one by one.
const FEW: usize = 24;

/// For each query at most `k` people, the most alike first. A person is as alike as the closest of their templates.
///
/// As many templates are looked at as it takes: people with many templates, and templates that have gone, hide nobody. Exact
/// where all layers are; an inverted one is searched in as many lists as its build found to be enough.
pub(crate) fn closest_people(
    layers: &[Layer],
    dimension: usize,
    queries: &[&Embedding],
    k: usize,
) -> Result<Vec<Vec<Candidate>>, IndexError> {
    let flat = in_a_row(queries, dimension)?;
    let mut answers = vec![Vec::new(); queries.len()];
    if queries.is_empty() || k == 0 || layers.is_empty() {
        return Ok(answers);
    }
    let mut open: Vec<usize> = (0..queries.len()).collect();
    let mut count = at_first(layers, k);
    while !open.is_empty() {
        let asked: Vec<f32> = open.iter().flat_map(|at| &flat[at * dimension..(at + 1) * dimension]).copied().collect();
        let mut found = vec![Found::default(); open.len()];
        for layer in layers {
            for (found, hits) in found.iter_mut().zip(layer.segment.vectors.search(&asked, count, None)?) {
                if !hits.is_all {
                    found.floor = found.floor.max(hits.found.last().map_or(f32::MIN, |(_, similarity)| *similarity));
                }
                let live = hits.found.into_iter().filter(|(position, _)| !layer.is_dead(*position));
                found.templates.extend(live.map(|(position, similarity)| (layer.owner(position), similarity)));
            }
        }
        let mut left = Vec::new();
        for (at, found) in open.into_iter().zip(found) {
            match found.people(k) {
                Some(people) => answers[at] = people,
                None => left.push(at),
            }
        }
        open = left;
        count = count.saturating_mul(4);
    }
    Ok(answers)
}

/// How many templates are asked for at first: as many as `k` people have on average.
fn at_first(layers: &[Layer], k: usize) -> usize {
    let of_a_person = layers.iter().map(|layer| layer.segment.len().div_ceil(layer.segment.people.max(1))).max();
    k.saturating_mul(of_a_person.unwrap_or(1).max(1))
}

/// What the layers found for one query.
#[derive(Clone)]
struct Found {
    templates: Vec<(PersonId, f32)>,
    /// What is less alike than this may have been missed.
    floor: f32,
}

impl Default for Found {
    fn default() -> Self {
        Self { templates: Vec::new(), floor: f32::MIN }
    }
}

impl Found {
    /// The first `k` people, or all there are; `None` when others might come before one of them.
    fn people(mut self, k: usize) -> Option<Vec<Candidate>> {
        self.templates.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        let mut people: Vec<Candidate> = Vec::with_capacity(k.min(self.templates.len()));
        let mut met = HashSet::new();
        let sure = self.templates.iter().take_while(|(_, similarity)| *similarity >= self.floor);
        for (person_id, similarity) in sure {
            // Among a few, looking at all is faster than hashing.
            let is_new = match people.len() {
                0..FEW => people.iter().all(|known| known.person_id != *person_id),
                FEW => {
                    met.extend(people.iter().map(|known| known.person_id));
                    met.insert(*person_id)
                }
                _ => met.insert(*person_id),
            };
            if is_new {
                // Rounding may take the product of two unit vectors beyond 1.
                people.push(Candidate { person_id: *person_id, similarity: similarity.clamp(-1.0, 1.0) });
            }
            if people.len() == k {
                break;
            }
        }
        (people.len() == k || self.floor == f32::MIN).then_some(people)
    }
}
