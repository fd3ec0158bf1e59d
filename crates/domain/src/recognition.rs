//! From the candidates of every face of an image to a decision about each.

use std::collections::HashSet;

use crate::assignment::{Candidate, assign};
use crate::id::PersonId;

/// One face, and whom it is like.
#[derive(Debug, Clone, PartialEq)]
pub struct FaceCandidates {
    /// Whether it is large and clear enough to be compared.
    pub usable: bool,
    /// The closest people of the roster, each once.
    pub roster: Vec<Candidate>,
    /// The closest people of the organization, each once; those on the roster are ignored here.
    pub global: Vec<Candidate>,
}

/// How sure a decision must be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DecisionPolicy {
    /// Least similarity to somebody on the roster, inclusive.
    pub roster_threshold_cosine: f32,
    /// Least similarity to somebody on the roster who is then likely, inclusive; not more than the threshold.
    pub likely_threshold_cosine: f32,
    /// Least similarity to somebody else of the organization, inclusive.
    pub global_threshold_cosine: f32,
    /// By how much the person must be more alike than the next one who has no face in the image.
    pub margin_cosine: f32,
}

/// Who a face is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Decision {
    /// Somebody on the roster.
    OnRoster(Candidate),
    /// Likely somebody on the roster, but not surely.
    Likely(Candidate),
    /// Somebody of the organization, not on the roster.
    NotOnRoster(Candidate),
    /// Nobody that we know, or too close between two to say; the closest, where there was one.
    Unknown(Option<Candidate>),
    /// Not compared.
    TooPoor,
}

/// Decides about all faces of one image: a person is found at most once.
///
/// The roster comes first. Who is not found there, or is only likely to be somebody there, is looked for in the
/// organization, with its own threshold: whoever is more like somebody else than like the likely one is that other.
/// The answer has one decision per face.
#[must_use]
pub fn decide(faces: &[FaceCandidates], roster: &HashSet<PersonId>, policy: &DecisionPolicy) -> Vec<Decision> {
    let on_roster = settle(
        faces.iter().map(|face| usable(face, &face.roster, |_| true)),
        policy.likely_threshold_cosine,
        policy.margin_cosine,
    );
    let is_sure = |candidate: &Candidate| candidate.similarity >= policy.roster_threshold_cosine;
    let elsewhere = settle(
        faces.iter().zip(&on_roster).map(|(face, found)| match found {
            Some(candidate) if is_sure(candidate) => Vec::new(),
            found => usable(face, &face.global, |candidate| {
                !roster.contains(&candidate.person_id)
                    && found.is_none_or(|likely| candidate.similarity > likely.similarity)
            }),
        }),
        policy.global_threshold_cosine,
        policy.margin_cosine,
    );
    faces
        .iter()
        .zip(on_roster.into_iter().zip(elsewhere))
        .map(|(face, found)| match (face.usable, found) {
            (false, _) => Decision::TooPoor,
            (true, (Some(candidate), _)) if is_sure(&candidate) => Decision::OnRoster(candidate),
            (true, (_, Some(candidate))) => Decision::NotOnRoster(candidate),
            (true, (Some(candidate), None)) => Decision::Likely(candidate),
            (true, (None, None)) => Decision::Unknown(closest(face)),
        })
        .collect()
}

fn usable(face: &FaceCandidates, candidates: &[Candidate], keep: impl Fn(&Candidate) -> bool) -> Vec<Candidate> {
    if face.usable { candidates.iter().filter(|c| keep(c)).copied().collect() } else { Vec::new() }
}

fn settle(
    faces: impl Iterator<Item = Vec<Candidate>>,
    threshold_cosine: f32,
    margin_cosine: f32,
) -> Vec<Option<Candidate>> {
    let faces: Vec<Vec<Candidate>> = faces.collect();
    let mut found = assign(&faces, threshold_cosine);
    let taken: HashSet<PersonId> = found.iter().flatten().map(|c| c.person_id).collect();
    for (candidates, chosen) in faces.iter().zip(&mut found) {
        let runner_up =
            candidates.iter().filter(|c| !taken.contains(&c.person_id)).map(|c| c.similarity).max_by(f32::total_cmp);
        if let (Some(best), Some(next)) = (*chosen, runner_up)
            && best.similarity - next < margin_cosine
        {
            *chosen = None;
        }
    }
    found
}

fn closest(face: &FaceCandidates) -> Option<Candidate> {
    face.roster.iter().chain(&face.global).max_by(|a, b| a.similarity.total_cmp(&b.similarity)).copied()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{Decision, DecisionPolicy, FaceCandidates, decide};
    use crate::assignment::Candidate;
    use crate::id::Id;

    const POLICY: DecisionPolicy = DecisionPolicy {
        roster_threshold_cosine: 0.5,
        likely_threshold_cosine: 0.45,
        global_threshold_cosine: 0.7,
        margin_cosine: 0.05,
    };

    fn candidates(all: &[(u128, f32)]) -> Vec<Candidate> {
        all.iter()
            .map(|(p, similarity)| Candidate {
                person_id: Id::from_uuid(uuid::Uuid::from_u128(*p)),
                similarity: *similarity,
            })
            .collect()
    }

    fn face(roster: &[(u128, f32)], global: &[(u128, f32)]) -> FaceCandidates {
        FaceCandidates { usable: true, roster: candidates(roster), global: candidates(global) }
    }

    /// People 1 to 4 are on the roster. The answer is a letter and the person.
    fn check(faces: &[FaceCandidates], expected: &[&str]) {
        let roster: HashSet<_> = (1..5).map(|p| Id::from_uuid(uuid::Uuid::from_u128(p))).collect();
        let found: Vec<String> = decide(faces, &roster, &POLICY)
            .iter()
            .map(|decision| match decision {
                Decision::OnRoster(c) => format!("roster {}", c.person_id.uuid().as_u128()),
                Decision::Likely(c) => format!("likely {}", c.person_id.uuid().as_u128()),
                Decision::NotOnRoster(c) => format!("global {}", c.person_id.uuid().as_u128()),
                Decision::Unknown(_) => "unknown".to_owned(),
                Decision::TooPoor => "poor".to_owned(),
            })
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn looks_on_the_roster_then_in_the_organization() {
        check(&[face(&[(1, 0.6)], &[(1, 0.6)])], &["roster 1"]);
        check(&[face(&[(1, 0.4)], &[(9, 0.8), (1, 0.4)])], &["global 9"]);
        check(&[face(&[(1, 0.4)], &[(9, 0.6)])], &["unknown"]);
        check(&[face(&[], &[])], &["unknown"]);
    }

    #[test]
    fn who_is_likely_may_be_somebody_else() {
        check(&[face(&[(1, 0.47)], &[])], &["likely 1"]);
        check(&[face(&[(1, 0.47)], &[(9, 0.6)])], &["likely 1"]);
        check(&[face(&[(1, 0.47)], &[(9, 0.75)])], &["global 9"]);
        check(&[face(&[(1, 0.47), (2, 0.44)], &[])], &["unknown"]);
    }

    #[test]
    fn two_people_too_close_are_nobody() {
        check(&[face(&[(1, 0.60), (2, 0.58)], &[])], &["unknown"]);
        check(&[face(&[(1, 0.60), (2, 0.54)], &[])], &["roster 1"]);
    }

    #[test]
    fn siblings_side_by_side_are_told_apart() {
        check(&[face(&[(1, 0.60), (2, 0.58)], &[]), face(&[(1, 0.57), (2, 0.61)], &[])], &["roster 1", "roster 2"]);
    }

    #[test]
    fn a_face_that_lost_its_person_is_not_that_person_again_by_the_other_index() {
        check(&[face(&[(1, 0.9)], &[(1, 0.9)]), face(&[(1, 0.8)], &[(1, 0.8)])], &["roster 1", "unknown"]);
    }

    #[test]
    fn a_poor_face_is_not_compared() {
        let poor = FaceCandidates { usable: false, ..face(&[(1, 0.9)], &[]) };
        check(&[poor, face(&[(1, 0.6)], &[])], &["poor", "roster 1"]);
    }
}
