//! Which face is which person, for all faces of an image together.

use std::collections::BTreeMap;

use pathfinding::kuhn_munkres::kuhn_munkres;
use pathfinding::matrix::Matrix;

use crate::id::PersonId;

/// A person that a face may be, and how alike they are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// The person.
    pub person_id: PersonId,
    /// Cosine similarity of the face and the closest template of the person, -1..=1.
    pub similarity: f32,
}

/// Gives each face at most one of its candidates, and each person at most one face, so that the total of what
/// the similarities exceed `threshold_cosine` by is greatest (Kuhn and Munkres' algorithm).
///
/// Candidates under the threshold (inclusive) are never given. The answer has one entry per face.
#[must_use]
pub fn assign(faces: &[Vec<Candidate>], threshold_cosine: f32) -> Vec<Option<Candidate>> {
    let mut columns: BTreeMap<PersonId, usize> = BTreeMap::new();
    for candidate in faces.iter().flatten().filter(|c| c.similarity >= threshold_cosine) {
        let next = columns.len();
        columns.entry(candidate.person_id).or_insert(next);
    }
    if columns.is_empty() {
        return vec![None; faces.len()];
    }
    // One more column per face stands for "nobody"; it is worth nothing, and an impossible pair is worth less.
    let mut worth = Matrix::new(faces.len(), columns.len() + faces.len(), 0_i64);
    for (row, candidates) in faces.iter().enumerate() {
        for column in 0..columns.len() {
            worth[(row, column)] = IMPOSSIBLE;
        }
        for candidate in candidates.iter().filter(|c| c.similarity >= threshold_cosine) {
            let column = columns[&candidate.person_id];
            worth[(row, column)] = worth[(row, column)].max(micro(candidate.similarity - threshold_cosine));
        }
    }
    let (_, chosen) = kuhn_munkres(&worth);
    let people: Vec<PersonId> = {
        let mut by_column: Vec<(usize, PersonId)> = columns.iter().map(|(person, column)| (*column, *person)).collect();
        by_column.sort_by_key(|(column, _)| *column);
        by_column.into_iter().map(|(_, person)| person).collect()
    };
    faces
        .iter()
        .zip(chosen)
        .map(|(candidates, column)| {
            let person = people.get(column)?;
            candidates
                .iter()
                .filter(|c| c.person_id == *person && c.similarity >= threshold_cosine)
                .max_by(|a, b| a.similarity.total_cmp(&b.similarity))
                .copied()
        })
        .collect()
}

const IMPOSSIBLE: i64 = -1_000_000_000;

/// Millionths, plus one so that a candidate exactly at the threshold is worth more than nobody.
fn micro(excess: f32) -> i64 {
    (f64::from(excess) * 1e6) as i64 + 1
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::{Candidate, assign};
    use crate::id::{Id, PersonId};

    fn person(number: u128) -> PersonId {
        Id::from_uuid(uuid::Uuid::from_u128(number))
    }

    fn check(faces: &[&[(u128, f32)]], expected: &[Option<u128>]) {
        let faces: Vec<Vec<Candidate>> = faces
            .iter()
            .map(|c| {
                c.iter().map(|(p, similarity)| Candidate { person_id: person(*p), similarity: *similarity }).collect()
            })
            .collect();
        let found: Vec<Option<PersonId>> = assign(&faces, 0.5).iter().map(|c| c.map(|c| c.person_id)).collect();
        let expected: Vec<Option<PersonId>> = expected.iter().map(|p| p.map(person)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_person_is_found_once() {
        check(&[], &[]);
        check(&[&[]], &[None]);
        check(&[&[(1, 0.5)]], &[Some(1)]);
        check(&[&[(1, 0.49)]], &[None]);
        check(&[&[(1, 0.7)], &[(1, 0.9)]], &[None, Some(1)]);
    }

    #[test]
    fn the_whole_image_decides() {
        // Face by face, the first would take person 1 and leave nobody for the second.
        check(&[&[(1, 0.80), (2, 0.78)], &[(1, 0.79)]], &[Some(2), Some(1)]);
    }

    proptest! {
        #[test]
        fn never_twice_and_never_under_the_threshold(
            faces in prop::collection::vec(prop::collection::vec((0u128..6, -1f32..1.0), 0..6), 0..8)
        ) {
            let faces: Vec<Vec<Candidate>> = faces.into_iter()
                .map(|c| c.into_iter().map(|(p, similarity)| Candidate { person_id: person(p), similarity }).collect())
                .collect();
            let found = assign(&faces, 0.5);
            prop_assert_eq!(found.len(), faces.len());
            let given: Vec<Candidate> = found.iter().flatten().copied().collect();
            let distinct: HashSet<PersonId> = given.iter().map(|c| c.person_id).collect();
            prop_assert_eq!(distinct.len(), given.len());
            for (candidates, chosen) in faces.iter().zip(&found) {
                if let Some(chosen) = chosen {
                    prop_assert!(chosen.similarity >= 0.5 && candidates.contains(chosen));
                }
            }
        }
    }
}
