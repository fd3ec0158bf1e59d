//! "Not this person": faces that were taken for somebody and are somebody else's, and what follows from them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::assignment::Candidate;
use crate::embedding::Embedding;
use crate::id::{FrameId, PersonId, RejectionId, SessionId, UserId};

/// That a face is not the person's whom it was taken for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Rejection {
    /// Its id.
    pub id: RejectionId,
    /// Whose face it is not.
    pub person_id: PersonId,
    /// Whose face it is, where somebody said so.
    pub actual_person_id: Option<PersonId>,
    /// The session that the face was seen in; it may be gone.
    pub session_id: SessionId,
    /// The frame.
    pub frame_id: FrameId,
    /// Position of the face in its frame, from 0.
    pub face_index: i16,
    /// Why, in words.
    pub reason: String,
    /// Whether the face is remembered, so that it is not taken for the person again. Not where it was no longer kept when it
    /// was rejected.
    pub is_remembered: bool,
    /// Who said so; `null` where the user is gone.
    pub rejected_by: Option<UserId>,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// The rejected faces of one contract, by whose they are not.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RejectedFaces(HashMap<PersonId, Vec<Embedding>>);

impl FromIterator<(PersonId, Embedding)> for RejectedFaces {
    fn from_iter<T: IntoIterator<Item = (PersonId, Embedding)>>(rejected: T) -> Self {
        let mut faces: HashMap<PersonId, Vec<Embedding>> = HashMap::new();
        for (person, face) in rejected {
            faces.entry(person).or_default().push(face);
        }
        Self(faces)
    }
}

impl RejectedFaces {
    /// How many faces there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.values().map(Vec::len).sum()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a face is not the candidate's although it is so much alike: because a face that was rejected as the
    /// candidate's is more alike still, and at least `floor_cosine`, from which on two faces are likely one person's.
    #[must_use]
    pub fn tell_apart(&self, face: &Embedding, candidate: &Candidate, floor_cosine: f32) -> bool {
        let rejected = self.0.get(&candidate.person_id).into_iter().flatten();
        rejected.map(|rejected| face.similarity(rejected)).any(|s| s >= floor_cosine && s > candidate.similarity)
    }

    /// The candidates of a face without those who it is not, in their order.
    #[must_use]
    pub fn heed(&self, face: &Embedding, candidates: Vec<Candidate>, floor_cosine: f32) -> Vec<Candidate> {
        candidates.into_iter().filter(|candidate| !self.tell_apart(face, candidate, floor_cosine)).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::RejectedFaces;
    use crate::assignment::Candidate;
    use crate::embedding::Embedding;
    use crate::id::{Id, PersonId};

    fn person(number: u128) -> PersonId {
        Id::from_uuid(uuid::Uuid::from_u128(number))
    }

    fn face(degrees: f32) -> Embedding {
        Embedding::normalized(vec![degrees.to_radians().cos(), degrees.to_radians().sin()]).expect("a direction")
    }

    /// Person 1's template is at 0 degrees, person 2's at 60; these faces were rejected. Whom a face may still be.
    fn check(rejected: &[(u128, f32)], shown: f32, floor_cosine: f32, expected: &[u128]) {
        let rejected: RejectedFaces = rejected.iter().map(|(p, degrees)| (person(*p), face(*degrees))).collect();
        let shown = face(shown);
        let candidate =
            |number, degrees| Candidate { person_id: person(number), similarity: shown.similarity(&face(degrees)) };
        let left = rejected.heed(&shown, vec![candidate(1, 0.0), candidate(2, 60.0)], floor_cosine);
        let left: Vec<u128> = left.iter().map(|candidate| candidate.person_id.uuid().as_u128()).collect();
        assert_eq!(left, expected, "{rejected:?} {floor_cosine}");
    }

    #[test]
    fn a_face_more_like_a_rejected_one_than_like_the_person_is_not_theirs() {
        check(&[], 20.0, 0.5, &[1, 2]);
        // The very face, and one near it.
        check(&[(1, 20.0)], 20.0, 0.5, &[2]);
        check(&[(1, 20.0)], 15.0, 0.5, &[2]);
        // Nearer the person than the one who was rejected.
        check(&[(1, 20.0)], 5.0, 0.5, &[1, 2]);
        check(&[(1, 20.0)], -20.0, 0.5, &[1, 2]);
        // As near as the person: theirs.
        check(&[(1, 0.0)], 10.0, 0.5, &[1, 2]);
        // Too far from both to say that it is the rejected one again: 30 degrees are 0.87.
        check(&[(1, 50.0)], 20.0 + 60.0, 0.9, &[1, 2]);
        check(&[(1, 50.0)], 20.0 + 60.0, 0.8, &[2]);
        // Each for itself.
        check(&[(2, 20.0)], 20.0, 0.5, &[1]);
        check(&[(1, 20.0), (2, 21.0)], 20.5, 0.5, &[]);
    }

    fn direction() -> impl Strategy<Value = Embedding> {
        prop::collection::vec(-1f32..1.0, 4).prop_filter_map("a direction", Embedding::normalized)
    }

    proptest! {
        #[test]
        fn only_who_was_rejected_can_be_lost_and_never_more_by_a_higher_floor(
            shown in direction(),
            candidates in prop::collection::vec((0u128..6, -1f32..1.0), 0..8),
            rejected in prop::collection::vec((0u128..6, direction()), 0..8),
            floor in -1f32..1.0, higher in 0f32..1.0,
        ) {
            let candidates: Vec<Candidate> = candidates.into_iter()
                .map(|(number, similarity)| Candidate { person_id: person(number), similarity }).collect();
            let faces: RejectedFaces = rejected.iter().map(|(n, face)| (person(*n), face.clone())).collect();
            prop_assert_eq!(faces.len(), rejected.len());
            let left = faces.heed(&shown, candidates.clone(), floor);
            // Those who are left are a part of them, in their order.
            let mut rest = candidates.iter();
            prop_assert!(left.iter().all(|kept| rest.any(|candidate| candidate == kept)));
            for candidate in candidates.iter().filter(|candidate| !left.contains(candidate)) {
                let closest = rejected.iter().filter(|(n, _)| person(*n) == candidate.person_id)
                    .map(|(_, face)| face.similarity(&shown)).fold(-2.0, f32::max);
                prop_assert!(closest > candidate.similarity && closest >= floor);
            }
            let more_left = faces.heed(&shown, candidates.clone(), floor + higher);
            prop_assert!(left.iter().all(|candidate| more_left.contains(candidate)));
            // One more rejection brings nobody back.
            let and_shown = rejected.iter().map(|(n, face)| (person(*n), face.clone()));
            let and_shown: RejectedFaces = and_shown.chain([(person(0), shown.clone())]).collect();
            let fewer_left = and_shown.heed(&shown, candidates, floor.min(0.9));
            prop_assert!(fewer_left.iter().all(|candidate| candidate.similarity > 0.999 || candidate.person_id != person(0)));
        }

        #[test]
        fn what_is_not_there_changes_nothing(shown in direction(), other in direction(), similarity in -1f32..1.0) {
            let candidates = vec![Candidate { person_id: person(1), similarity }];
            prop_assert_eq!(RejectedFaces::default().heed(&shown, candidates.clone(), -1.0), candidates.clone());
            let of_another: RejectedFaces = [(person(2), other)].into_iter().collect();
            prop_assert_eq!(of_another.heed(&shown, candidates.clone(), -1.0), candidates);
        }
    }
}
