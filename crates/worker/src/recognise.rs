//! From the faces of one frame to its sightings: whom they are like, by the indexes; who they are, by `domain`.
//!
//! Whom a face was said not to be is no candidate, on the roster and in the organization alike: the next one is.

use std::collections::HashSet;

use domain::assignment::Candidate;
use domain::embedding::Embedding;
use domain::id::PersonId;
use domain::quality::quality;
use domain::recognition::{Decision, DecisionPolicy, FaceCandidates, decide};
use domain::rejection::RejectedFaces;
use domain::sighting::{Outcome, Sighting};
use index::{GlobalIndex, IndexError, RosterIndex};
use vision::AnalysedFace;

use crate::certainty::Certainty;

/// Fewest candidates that are asked for: enough to know the runner-up.
const FEWEST_CANDIDATES: usize = 5;

/// Recognises the faces of one frame: on the roster first, and those who are not there in the organization.
///
/// Somebody on the roster comes back as [`Outcome::Present`]; the store knows whether they were marked before. Computes:
/// not for an async thread.
pub(crate) fn recognise(
    faces: &[AnalysedFace],
    roster: &RosterIndex,
    members: &HashSet<PersonId>,
    rejected: &RejectedFaces,
    organization: &GlobalIndex,
    certainty: &Certainty,
) -> Result<Vec<Sighting>, IndexError> {
    let floor = certainty.same_face_cosine();
    // Each of the others may take one candidate away, and the runner-up is still to be known.
    let wanted = FEWEST_CANDIDATES.max(faces.len() + 1);
    let embeddings: Vec<&Embedding> = faces.iter().map(|face| &face.embedding).collect();
    let mut candidates: Vec<FaceCandidates> =
        heeding(rejected, floor, &embeddings, wanted, |k| roster.search(&embeddings, k))?
            .into_iter()
            .zip(faces)
            .map(|(on_roster, face)| FaceCandidates {
                usable: is_usable(face, certainty.min_face_px()),
                roster: on_roster,
                global: Vec::new(),
            })
            .collect();
    let mut policy = DecisionPolicy {
        roster_threshold_cosine: certainty.threshold_cosine(roster.people()),
        likely_threshold_cosine: certainty.likely_cosine(roster.people()),
        global_threshold_cosine: 1.0,
        margin_cosine: certainty.margin_cosine(),
    };
    let galleries = Galleries { roster: roster.people(), organization: organization.people() };
    let mut decisions = decide(&candidates, members, &policy);
    let is_open = |decision: &Decision| matches!(decision, Decision::Unknown(_) | Decision::Likely(_));
    let strangers: Vec<usize> = (0..faces.len()).filter(|position| is_open(&decisions[*position])).collect();
    if !strangers.is_empty() {
        let queries: Vec<&Embedding> = strangers.iter().map(|position| embeddings[*position]).collect();
        let found = heeding(rejected, floor, &queries, wanted, |k| organization.search(&queries, k))?;
        for (position, global) in strangers.into_iter().zip(found) {
            candidates[position].global = global;
        }
        policy.global_threshold_cosine = certainty.threshold_cosine(galleries.organization);
        decisions = decide(&candidates, members, &policy);
    }
    let all = faces.iter().zip(decisions).enumerate();
    Ok(all.map(|(at, (face, decision))| sighting(at, face, decision, &policy, galleries, certainty)).collect())
}

/// For each query at least `wanted` people who it is not said not to be, where there are so many: as many are asked for as
/// it takes.
fn heeding(
    rejected: &RejectedFaces,
    floor_cosine: f32,
    queries: &[&Embedding],
    wanted: usize,
    mut search: impl FnMut(usize) -> Result<Vec<Vec<Candidate>>, IndexError>,
) -> Result<Vec<Vec<Candidate>>, IndexError> {
    let mut asked = wanted;
    loop {
        let found = search(asked)?;
        let is_all: Vec<bool> = found.iter().map(|candidates| candidates.len() < asked).collect();
        let left = queries.iter().zip(found).map(|(face, candidates)| rejected.heed(face, candidates, floor_cosine));
        let left: Vec<Vec<Candidate>> = left.collect();
        if left.iter().zip(is_all).all(|(left, is_all)| is_all || left.len() >= wanted) {
            return Ok(left);
        }
        asked *= 2;
    }
}

/// How many people were searched.
#[derive(Clone, Copy)]
struct Galleries {
    roster: usize,
    organization: usize,
}

fn is_usable(face: &AnalysedFace, min_face_px: f32) -> bool {
    let face_box = &face.face.face_box;
    face_box.width().min(face_box.height()) >= min_face_px
}

fn sighting(
    position: usize,
    face: &AnalysedFace,
    decision: Decision,
    policy: &DecisionPolicy,
    galleries: Galleries,
    certainty: &Certainty,
) -> Sighting {
    let (roster, organization) = (policy.roster_threshold_cosine, policy.global_threshold_cosine);
    let (outcome, person_id, closest, held_against) = match decision {
        Decision::OnRoster(c) => (Outcome::Present, Some(c.person_id), Some(c), Some((roster, galleries.roster))),
        Decision::Likely(c) => (Outcome::Likely, Some(c.person_id), Some(c), Some((roster, galleries.roster))),
        Decision::NotOnRoster(c) => {
            (Outcome::NotOnRoster, Some(c.person_id), Some(c), Some((organization, galleries.organization)))
        }
        Decision::Unknown(Some(c)) => (Outcome::Unknown, None, Some(c), Some((roster, galleries.roster))),
        Decision::Unknown(None) => (Outcome::Unknown, None, None, None),
        Decision::TooPoor => (Outcome::TooPoor, None, None, None),
    };
    // Only whoever would be marked or named can be pretended to be.
    let is_suspect = person_id.is_some() && certainty.suspects(face.liveness);
    let rate =
        closest.zip(held_against).and_then(|(c, (_, gallery))| certainty.false_match_rate(c.similarity, gallery));
    Sighting {
        face_index: i16::try_from(position).unwrap_or(i16::MAX),
        person_id,
        outcome: if is_suspect { Outcome::SpoofSuspected } else { outcome },
        similarity: closest.map(|c| c.similarity),
        threshold: held_against.map(|(threshold, _)| threshold),
        false_match_rate: rate,
        liveness: face.liveness,
        quality: Some(quality(&face.face, &face.measure).score),
        detection_score: face.face.detection_score,
        face_box: face.face.face_box,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use domain::calibration::Calibration;
    use domain::contract::ContractId;
    use domain::embedding::Embedding;
    use domain::enrollment::{Template, TemplateOrigin};
    use domain::geometry::{DetectedFace, FaceBox, Point};
    use domain::id::{Id, PersonId};
    use domain::organization::{LivenessPolicy, RecognitionPolicy};
    use domain::quality::FaceMeasure;
    use domain::rejection::RejectedFaces;
    use domain::sighting::Outcome;
    use index::{GlobalIndex, RosterIndex, TemplateChange};
    use uuid::Uuid;
    use vision::AnalysedFace;

    use super::{Certainty, recognise};
    use crate::settings::RecognitionSettings;
    use crate::settings::tests::recognition;

    /// Person `n` looks like axis `n`; 0 to 3 are on the roster, 4 and 5 only in the organization.
    const DIMENSION: usize = 8;
    const ON_ROSTER: std::ops::Range<usize> = 0..4;
    const KNOWN: std::ops::Range<usize> = 0..6;

    fn person(number: usize) -> PersonId {
        Id::from_uuid(Uuid::from_u128(number as u128))
    }

    fn contract() -> ContractId {
        ContractId::new("test-8")
    }

    /// A face that is `similarity` like a person, and for the rest like nobody.
    fn like(number: usize, similarity: f32) -> Embedding {
        let mut values = vec![0.0; DIMENSION];
        values[number] = similarity;
        values[DIMENSION - 1] = (1.0 - similarity * similarity).sqrt();
        Embedding::normalized(values).expect("a direction")
    }

    fn face(embedding: Embedding, side: f32) -> AnalysedFace {
        let face_box = FaceBox { x_min: 10.0, y_min: 10.0, x_max: 10.0 + side, y_max: 20.0 + side };
        let landmarks = [Point { x: 0.0, y: 0.0 }; 5];
        AnalysedFace {
            face: DetectedFace { face_box, landmarks, detection_score: 0.99 },
            embedding,
            augmented: Vec::new(),
            measure: FaceMeasure::default(),
            liveness: None,
        }
    }

    fn roster() -> RosterIndex {
        let template = |number| Template {
            id: Id::new(),
            person_id: person(number),
            contract: contract(),
            embedding: like(number, 1.0),
            quality: 90.0,
            origin: TemplateOrigin::Original,
        };
        let templates: Vec<Template> = ON_ROSTER.map(template).collect();
        RosterIndex::build(1, &contract(), DIMENSION, &templates).expect("a roster")
    }

    fn organization() -> GlobalIndex {
        let mut index = GlobalIndex::new(contract());
        let change = |number| TemplateChange {
            revision: number as i64 + 1,
            template_id: Id::new(),
            person_id: person(number),
            embedding: Some(like(number, 1.0)),
        };
        index.apply(&KNOWN.map(change).collect::<Vec<_>>()).expect("changes");
        index
    }

    /// The expectation is the outcome and the person.
    fn check(faces: &[AnalysedFace], forced_threshold: Option<f32>, expected: &[(Outcome, Option<usize>)]) {
        let policy = RecognitionPolicy { forced_threshold, ..RecognitionPolicy::default() };
        check_policy(faces, policy, 1.0, expected);
    }

    fn check_policy(
        faces: &[AnalysedFace],
        policy: RecognitionPolicy,
        likely_factor: f64,
        expected: &[(Outcome, Option<usize>)],
    ) {
        check_rejected(faces, &[], policy, likely_factor, expected);
    }

    /// `rejected` are faces that are not those people's.
    fn check_rejected(
        faces: &[AnalysedFace],
        rejected: &[(usize, Embedding)],
        policy: RecognitionPolicy,
        likely_factor: f64,
        expected: &[(Outcome, Option<usize>)],
    ) {
        let rejected: RejectedFaces = rejected.iter().map(|(number, face)| (person(*number), face.clone())).collect();
        let settings = RecognitionSettings {
            false_match_rate: 0.01,
            margin_cosine: 0.05,
            min_face_px: 40.0,
            likely_factor,
            ..recognition()
        };
        let calibration = Calibration::try_from(vec![(1e-2, 0.4), (1e-4, 0.8)]).expect("a calibration");
        let members: HashSet<PersonId> = ON_ROSTER.map(person).collect();
        let certainty = Certainty::new(&settings, policy, Some(calibration));
        let sightings = recognise(faces, &roster(), &members, &rejected, &organization(), &certainty);
        let sightings = sightings.expect("a search");
        let found: Vec<_> = sightings.iter().map(|s| (s.outcome, s.person_id)).collect();
        let expected: Vec<_> = expected.iter().map(|(outcome, number)| (*outcome, number.map(person))).collect();
        assert_eq!(found, expected);
        for (position, sighting) in sightings.iter().enumerate() {
            assert_eq!(usize::try_from(sighting.face_index), Ok(position));
            let passes = sighting.similarity.zip(sighting.threshold).is_some_and(|(s, threshold)| s >= threshold)
                || sighting.outcome == Outcome::Likely;
            assert!(passes || sighting.person_id.is_none(), "{sighting:?}");
        }
    }

    #[test]
    fn the_roster_comes_first_and_the_organization_second() {
        check(&[], None, &[]);
        check(&[face(like(1, 0.9), 60.0)], None, &[(Outcome::Present, Some(1))]);
        check(&[face(like(5, 0.9), 60.0)], None, &[(Outcome::NotOnRoster, Some(5))]);
        check(&[face(like(6, 0.9), 60.0)], None, &[(Outcome::Unknown, None)]);
    }

    #[test]
    fn more_people_ask_for_more_certainty() {
        // One in a hundred among four people is one in four hundred a comparison: a cosine of 0.52. Among six: 0.56.
        check(&[face(like(1, 0.54), 60.0)], None, &[(Outcome::Present, Some(1))]);
        check(&[face(like(5, 0.54), 60.0)], None, &[(Outcome::Unknown, None)]);
        check(&[face(like(5, 0.54), 60.0)], Some(0.53), &[(Outcome::NotOnRoster, Some(5))]);
        check(&[face(like(1, 0.50), 60.0)], None, &[(Outcome::Unknown, None)]);
    }

    #[test]
    fn who_is_nearly_alike_enough_is_likely_unless_they_are_somebody_else() {
        let policy = RecognitionPolicy::default();
        check_policy(&[face(like(1, 0.45), 60.0)], policy, 10.0, &[(Outcome::Likely, Some(1))]);
        check_policy(&[face(like(1, 0.1), 60.0)], policy, 10.0, &[(Outcome::Unknown, None)]);
        check_policy(&[face(like(5, 0.9), 60.0)], policy, 10.0, &[(Outcome::NotOnRoster, Some(5))]);
    }

    #[test]
    fn a_picture_of_a_face_marks_nobody_where_liveness_is_required() {
        let policy = |liveness| RecognitionPolicy { liveness, ..RecognitionPolicy::default() };
        let shown = |liveness| [AnalysedFace { liveness, ..face(like(1, 0.9), 60.0) }];
        let (required, warn) = (policy(LivenessPolicy::Required), policy(LivenessPolicy::Warn));
        check_policy(&shown(Some(0.1)), required, 1.0, &[(Outcome::SpoofSuspected, Some(1))]);
        check_policy(&shown(None), required, 1.0, &[(Outcome::SpoofSuspected, Some(1))]);
        check_policy(&shown(Some(0.9)), required, 1.0, &[(Outcome::Present, Some(1))]);
        check_policy(&shown(Some(0.1)), warn, 1.0, &[(Outcome::Present, Some(1))]);
    }

    /// A face that is so much like several people.
    fn like_all(people: &[(usize, f32)]) -> Embedding {
        let mut values = vec![0.0; DIMENSION];
        for (number, similarity) in people {
            values[*number] = *similarity;
        }
        values[DIMENSION - 1] = (1.0 - values.iter().map(|value| value * value).sum::<f32>()).sqrt();
        Embedding::normalized(values).expect("a direction")
    }

    #[test]
    fn who_it_was_said_not_to_be_it_is_not_and_the_next_one_is() {
        let policy = RecognitionPolicy::default();
        let shown = || [face(like_all(&[(1, 0.7), (2, 0.6)]), 60.0)];
        let seen = like_all(&[(1, 0.7), (2, 0.6)]);
        check_rejected(&shown(), &[], policy, 1.0, &[(Outcome::Present, Some(1))]);
        check_rejected(&shown(), &[(1, seen.clone())], policy, 1.0, &[(Outcome::Present, Some(2))]);
        let both = [(1, seen.clone()), (2, seen.clone())];
        check_rejected(&shown(), &both, policy, 1.0, &[(Outcome::Unknown, None)]);
        // Of the other people in the picture nothing was said.
        let beside = [shown()[0].clone(), face(like(3, 0.9), 60.0)];
        let expected = [(Outcome::Present, Some(2)), (Outcome::Present, Some(3))];
        check_rejected(&beside, &[(1, seen.clone())], policy, 1.0, &expected);
        // Who looks more like themselves than like the one who was rejected stays who they are.
        check_rejected(&[face(like(1, 0.9), 60.0)], &[(1, seen)], policy, 1.0, &[(Outcome::Present, Some(1))]);
        // Too unlike the one who was rejected to be spoken of.
        let lax = RecognitionPolicy { forced_threshold: Some(0.3), ..policy };
        let elsewhere = like_all(&[(1, 0.4), (3, 0.8)]);
        let expected = [(Outcome::Present, Some(1))];
        check_rejected(&[face(like(1, 0.4), 60.0)], &[(1, elsewhere)], lax, 1.0, &expected);
    }

    #[test]
    fn who_it_was_said_not_to_be_it_is_not_in_the_organization_either() {
        let policy = RecognitionPolicy::default();
        let shown = [face(like(5, 0.9), 60.0)];
        check_rejected(&shown, &[(5, like(5, 0.9))], policy, 1.0, &[(Outcome::Unknown, None)]);
        let between = like_all(&[(5, 0.7), (4, 0.65)]);
        let expected = [(Outcome::NotOnRoster, Some(4))];
        check_rejected(&[face(between.clone(), 60.0)], &[(5, between)], policy, 1.0, &expected);
    }

    #[test]
    fn however_many_it_is_not_the_next_one_is_looked_for() {
        let policy = RecognitionPolicy { forced_threshold: Some(0.3), ..RecognitionPolicy::default() };
        let seen = like_all(&[(0, 0.45), (1, 0.45), (2, 0.45), (3, 0.4), (4, 0.35), (5, 0.31)]);
        let rejected: Vec<(usize, Embedding)> = (0..5).map(|number| (number, seen.clone())).collect();
        let expected = [(Outcome::NotOnRoster, Some(5))];
        check_rejected(&[face(seen, 60.0)], &rejected, policy, 1.0, &expected);
    }

    #[test]
    fn nobody_is_found_twice_and_small_faces_are_not_compared() {
        let twice = [face(like(1, 0.7), 60.0), face(like(1, 0.9), 60.0), face(like(2, 0.9), 39.0)];
        check(&twice, None, &[(Outcome::Unknown, None), (Outcome::Present, Some(1)), (Outcome::TooPoor, None)]);
    }
}
