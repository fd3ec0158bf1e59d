//! The closest people to a face, each once, out of an index of templates.

use std::collections::HashSet;

use domain::assignment::Candidate;
use domain::embedding::Embedding;
use domain::id::PersonId;
use faiss::{ConcurrentIndex, FlatIndex, Index};

use crate::error::IndexError;

/// Templates asked for at first, per person wanted. A person rarely has more; where people do, we ask again for more.
const TEMPLATES_PER_PERSON: usize = 8;

/// For each query at most `k` people, the most alike first. A person is as alike as the closest of their templates.
///
/// `owners[i]` is whose the template at position `i` is. Exact: as many templates are looked at as it takes.
pub(crate) fn closest_people(
    index: &FlatIndex,
    owners: &[PersonId],
    queries: &[&Embedding],
    k: usize,
) -> Result<Vec<Vec<Candidate>>, IndexError> {
    let dimension = index.d() as usize;
    let mut flat = Vec::with_capacity(queries.len() * dimension);
    for query in queries {
        flat.extend_from_slice(checked(query, dimension)?);
    }
    if owners.is_empty() || queries.is_empty() || k == 0 {
        return Ok(vec![Vec::new(); queries.len()]);
    }
    let mut templates = owners.len().min(k.saturating_mul(TEMPLATES_PER_PERSON));
    loop {
        let found = ConcurrentIndex::search(index, &flat, templates)?;
        let answers: Vec<Vec<Candidate>> = found
            .labels
            .chunks(templates)
            .zip(found.distances.chunks(templates))
            .map(|(labels, similarities)| {
                let positions = labels.iter().map(|label| label.get());
                people(positions.zip(similarities.iter().copied()), owners, k)
            })
            .collect();
        if templates == owners.len() || answers.iter().all(|people| people.len() == k) {
            return Ok(answers);
        }
        templates = owners.len().min(templates * 4);
    }
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

/// The first `k` people of a list of templates that is sorted by similarity.
fn people(templates: impl Iterator<Item = (Option<u64>, f32)>, owners: &[PersonId], k: usize) -> Vec<Candidate> {
    let mut met = HashSet::new();
    templates
        .filter_map(|(position, similarity)| {
            let person_id = *owners.get(usize::try_from(position?).ok()?)?;
            // Rounding may take the product of two unit vectors beyond 1.
            met.insert(person_id).then(|| Candidate { person_id, similarity: similarity.clamp(-1.0, 1.0) })
        })
        .take(k)
        .collect()
}
