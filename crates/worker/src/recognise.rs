//! From the faces of one frame to its sightings: whom they are like, by the indexes; who they are, by `domain`.

use std::collections::HashSet;

use domain::calibration::Calibration;
use domain::embedding::Embedding;
use domain::id::PersonId;
use domain::recognition::{Decision, DecisionPolicy, FaceCandidates, decide};
use domain::sighting::{Outcome, Sighting};
use index::{IndexError, RosterIndex};
use vision::AnalysedFace;

use crate::replica::Replica;
use crate::settings::RecognitionSettings;

/// Fewest candidates that are asked for: enough to know the runner-up.
const FEWEST_CANDIDATES: usize = 5;

/// How sure a decision must be, whatever is searched.
#[derive(Debug, Clone)]
pub(crate) struct Certainty {
    pub(crate) settings: RecognitionSettings,
    pub(crate) calibration: Calibration,
}

impl Certainty {
    /// The threshold for a search among `gallery` people.
    fn threshold_cosine(&self, gallery: usize) -> f32 {
        let wanted = self.settings.false_match_rate;
        self.settings.forced_threshold.unwrap_or_else(|| self.calibration.threshold_cosine(wanted, gallery))
    }
}

/// Recognises the faces of one frame: on the roster first, and those who are not there in the organization.
///
/// Somebody on the roster comes back as [`Outcome::Present`]; the store knows whether they were marked before. Computes:
/// not for an async thread.
pub(crate) fn recognise(
    faces: &[AnalysedFace],
    roster: &RosterIndex,
    members: &HashSet<PersonId>,
    organization: &Replica,
    certainty: &Certainty,
) -> Result<Vec<Sighting>, IndexError> {
    // Each of the others may take one candidate away, and the runner-up is still to be known.
    let wanted = FEWEST_CANDIDATES.max(faces.len() + 1);
    let embeddings: Vec<&Embedding> = faces.iter().map(|face| &face.embedding).collect();
    let mut candidates: Vec<FaceCandidates> = roster
        .search(&embeddings, wanted)?
        .into_iter()
        .zip(faces)
        .map(|(on_roster, face)| FaceCandidates {
            usable: is_usable(face, certainty.settings.min_face_px),
            roster: on_roster,
            global: Vec::new(),
        })
        .collect();
    let mut policy = DecisionPolicy {
        roster_threshold_cosine: certainty.threshold_cosine(roster.people()),
        global_threshold_cosine: 1.0,
        margin_cosine: certainty.settings.margin_cosine,
    };
    let mut decisions = decide(&candidates, members, &policy);
    let strangers: Vec<usize> =
        (0..faces.len()).filter(|position| matches!(decisions[*position], Decision::Unknown(_))).collect();
    if !strangers.is_empty() {
        let queries: Vec<&Embedding> = strangers.iter().map(|position| embeddings[*position]).collect();
        let found = organization.search(&queries, wanted)?;
        for (position, global) in strangers.into_iter().zip(found.candidates) {
            candidates[position].global = global;
        }
        policy.global_threshold_cosine = certainty.threshold_cosine(found.gallery);
        decisions = decide(&candidates, members, &policy);
    }
    let sightings = faces.iter().zip(decisions).enumerate();
    Ok(sightings.map(|(position, (face, decision))| sighting(position, face, decision, &policy)).collect())
}

fn is_usable(face: &AnalysedFace, min_face_px: f32) -> bool {
    let face_box = &face.face.face_box;
    face_box.width().min(face_box.height()) >= min_face_px
}

fn sighting(position: usize, face: &AnalysedFace, decision: Decision, policy: &DecisionPolicy) -> Sighting {
    let (outcome, person_id, similarity, threshold) = match decision {
        Decision::OnRoster(c) => {
            (Outcome::Present, Some(c.person_id), Some(c.similarity), Some(policy.roster_threshold_cosine))
        }
        Decision::NotOnRoster(c) => {
            (Outcome::NotOnRoster, Some(c.person_id), Some(c.similarity), Some(policy.global_threshold_cosine))
        }
        Decision::Unknown(Some(closest)) => {
            (Outcome::Unknown, None, Some(closest.similarity), Some(policy.roster_threshold_cosine))
        }
        Decision::Unknown(None) => (Outcome::Unknown, None, None, None),
        Decision::TooPoor => (Outcome::TooPoor, None, None, None),
    };
    Sighting {
        face_index: i16::try_from(position).unwrap_or(i16::MAX),
        person_id,
        outcome,
        similarity,
        threshold,
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
    use domain::quality::FaceMeasure;
    use domain::sighting::Outcome;
    use index::{RosterIndex, TemplateChange};
    use uuid::Uuid;
    use vision::AnalysedFace;

    use super::{Certainty, recognise};
    use crate::replica::Replica;
    use crate::settings::RecognitionSettings;

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
        let face = DetectedFace { face_box, landmarks, detection_score: 0.99 };
        AnalysedFace { face, embedding, measure: FaceMeasure::default(), liveness: None, augmented: Vec::new() }
    }

    fn roster() -> RosterIndex {
        let template = |number| Template {
            id: Id::new(),
            person_id: person(number),
            contract: contract(),
            embedding: like(number, 1.0),
            quality: 1.0,
            origin: TemplateOrigin::Original,
        };
        let templates: Vec<Template> = ON_ROSTER.map(template).collect();
        RosterIndex::build(1, &contract(), DIMENSION, &templates).expect("a roster")
    }

    async fn organization() -> Replica {
        let replica = Replica::new(contract());
        let change = |number| TemplateChange {
            revision: number as i64 + 1,
            template_id: Id::new(),
            person_id: person(number),
            embedding: Some(like(number, 1.0)),
        };
        replica.apply(KNOWN.map(change).collect()).await.expect("changes");
        replica
    }

    /// The expectation is the outcome and the person.
    async fn check(faces: &[AnalysedFace], forced_threshold: Option<f32>, expected: &[(Outcome, Option<usize>)]) {
        let settings =
            RecognitionSettings { false_match_rate: 0.01, margin_cosine: 0.05, min_face_px: 40.0, forced_threshold };
        let calibration = Calibration::try_from(vec![(1e-2, 0.4), (1e-4, 0.8)]).expect("a calibration");
        let members: HashSet<PersonId> = ON_ROSTER.map(person).collect();
        let certainty = Certainty { settings, calibration };
        let sightings = recognise(faces, &roster(), &members, &organization().await, &certainty).expect("a search");
        let found: Vec<_> = sightings.iter().map(|s| (s.outcome, s.person_id)).collect();
        let expected: Vec<_> = expected.iter().map(|(outcome, number)| (*outcome, number.map(person))).collect();
        assert_eq!(found, expected);
        for (position, sighting) in sightings.iter().enumerate() {
            assert_eq!(usize::try_from(sighting.face_index), Ok(position));
            let passes = sighting.similarity.zip(sighting.threshold).is_some_and(|(s, threshold)| s >= threshold);
            assert!(passes || sighting.person_id.is_none(), "{sighting:?}");
        }
    }

    #[tokio::test]
    async fn the_roster_comes_first_and_the_organization_second() {
        check(&[], None, &[]).await;
        check(&[face(like(1, 0.9), 60.0)], None, &[(Outcome::Present, Some(1))]).await;
        check(&[face(like(5, 0.9), 60.0)], None, &[(Outcome::NotOnRoster, Some(5))]).await;
        check(&[face(like(6, 0.9), 60.0)], None, &[(Outcome::Unknown, None)]).await;
    }

    #[tokio::test]
    async fn more_people_ask_for_more_certainty() {
        // One in a hundred among four people is one in four hundred a comparison: a cosine of 0.52. Among six: 0.56.
        check(&[face(like(1, 0.54), 60.0)], None, &[(Outcome::Present, Some(1))]).await;
        check(&[face(like(5, 0.54), 60.0)], None, &[(Outcome::Unknown, None)]).await;
        check(&[face(like(5, 0.54), 60.0)], Some(0.53), &[(Outcome::NotOnRoster, Some(5))]).await;
        check(&[face(like(1, 0.50), 60.0)], None, &[(Outcome::Unknown, None)]).await;
    }

    #[tokio::test]
    async fn nobody_is_found_twice_and_small_faces_are_not_compared() {
        let twice = [face(like(1, 0.7), 60.0), face(like(1, 0.9), 60.0), face(like(2, 0.9), 39.0)];
        check(&twice, None, &[(Outcome::Unknown, None), (Outcome::Present, Some(1)), (Outcome::TooPoor, None)]).await;
    }
}
