//! Whether people in group pictures are kept apart, and found again.

use domain::assignment::{Candidate, assign};
use domain::calibration::Calibration;
use domain::embedding::Embedding;
use domain::id::{Id, PersonId};
use serde::Serialize;

use super::annotations::Annotated;
use super::look::Seen;

/// Counts over all pictures.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub(super) struct Identities {
    /// How often a stranger may be taken for somebody: it sets the thresholds.
    pub(super) false_match_rate: f64,
    /// Faces in pictures that show several people.
    pub(super) faces_in_groups: usize,
    /// Of them, those that are taken for another face of their picture, though those are other people: all of a picture
    /// assigned together, each to the others.
    pub(super) taken_for_another: usize,
    /// People who were given to two faces of one picture.
    pub(super) given_twice: usize,
    /// Pairs of pictures that show the same person alone, and how many are recognised.
    pub(super) pairs_of_one_person: usize,
    pub(super) recognised: usize,
    /// Pairs of pictures that show two different people alone, and how many are confused.
    pub(super) pairs_of_two_people: usize,
    pub(super) confused: usize,
}

impl Identities {
    pub(super) fn in_words(&self) -> String {
        format!(
            "With thresholds for a false-match rate of {}: of {} faces in pictures of several people {} are taken for \
             another face of their picture, and {} people are given to two faces of one picture. Of {} pairs of pictures \
             of one person {} are recognised, of {} pairs of two people {} are confused.",
            self.false_match_rate,
            self.faces_in_groups,
            self.taken_for_another,
            self.given_twice,
            self.pairs_of_one_person,
            self.recognised,
            self.pairs_of_two_people,
            self.confused
        )
    }
}

/// Checks the identities of all pictures.
pub(super) fn identities(
    pictures: &[(&Annotated, &Seen)],
    calibration: &Calibration,
    false_match_rate: f64,
) -> Identities {
    let mut all = Identities { false_match_rate, ..Identities::default() };
    for (_, seen) in pictures.iter().filter(|(_, seen)| seen.faces().len() > 1) {
        let faces: Vec<&Embedding> = seen.faces().iter().map(|face| &face.embedding).collect();
        let (taken, twice) = among_themselves(&faces, calibration, false_match_rate);
        all.faces_in_groups += faces.len();
        all.taken_for_another += taken;
        all.given_twice += twice;
    }
    let alone = pictures.iter().filter_map(|(picture, seen)| {
        let largest = seen.faces().first()?;
        Some((picture.person.as_deref()?, &largest.embedding))
    });
    let alone: Vec<(&str, &Embedding)> = alone.collect();
    let threshold = calibration.threshold_cosine(false_match_rate, 1);
    for (place, (person, embedding)) in alone.iter().enumerate() {
        for (other, other_embedding) in &alone[place + 1..] {
            let is_alike = usize::from(embedding.similarity(other_embedding) >= threshold);
            if person == other {
                all.pairs_of_one_person += 1;
                all.recognised += is_alike;
            } else {
                all.pairs_of_two_people += 1;
                all.confused += is_alike;
            }
        }
    }
    all
}

/// Each face shown to a gallery of the other faces, all assigned together: how many are taken for another, and how many
/// people are given twice.
fn among_themselves(faces: &[&Embedding], calibration: &Calibration, false_match_rate: f64) -> (usize, usize) {
    let threshold = calibration.threshold_cosine(false_match_rate, faces.len().saturating_sub(1));
    let people: Vec<PersonId> = faces.iter().map(|_| Id::new()).collect();
    let candidates = |place: usize| {
        let others = faces.iter().zip(&people).enumerate().filter(|(other, _)| *other != place);
        let each = others.map(|(_, (embedding, person_id))| Candidate {
            person_id: *person_id,
            similarity: faces[place].similarity(embedding),
        });
        each.collect::<Vec<Candidate>>()
    };
    let given = assign(&(0..faces.len()).map(candidates).collect::<Vec<_>>(), threshold);
    let given: Vec<PersonId> = given.into_iter().flatten().map(|candidate| candidate.person_id).collect();
    let twice = people.iter().filter(|person| given.iter().filter(|given| given == person).count() > 1).count();
    (given.len(), twice)
}

#[cfg(test)]
mod tests {
    use domain::geometry::{DetectedFace, FaceBox, Point};

    use super::{Annotated, Calibration, Embedding, Identities, Seen, identities};
    use crate::bench::detection::Truth;
    use crate::bench::look::Face;

    fn seen(degrees: &[f32]) -> Seen {
        let face = |degrees: &f32| Face {
            face: DetectedFace {
                face_box: FaceBox { x_min: 0.0, y_min: 0.0, x_max: 1.0, y_max: 1.0 },
                landmarks: [Point { x: 0.0, y: 0.0 }; 5],
                detection_score: 1.0,
            },
            embedding: Embedding::normalized(vec![degrees.to_radians().cos(), degrees.to_radians().sin()])
                .expect("a direction"),
            augmented: Vec::new(),
            measure: None,
            liveness: None,
        };
        Seen::Faces { width: 1, height: 1, faces: degrees.iter().map(face).collect() }
    }

    #[test]
    fn doubles_are_noticed_and_letters_compared() {
        let picture = |person: Option<&str>| Annotated {
            file: String::new(),
            truth: Truth::Count(1),
            person: person.map(str::to_owned),
        };
        let (none, a, b) = (picture(None), picture(Some("A")), picture(Some("B")));
        // The first two faces of the group could be one person's.
        let (group, one, same, other) = (seen(&[0.0, 5.0, 120.0]), seen(&[200.0]), seen(&[210.0]), seen(&[300.0]));
        let calibration = Calibration::try_from(vec![(0.1, 0.2), (0.001, 0.6)]).expect("in order");
        let found = identities(&[(&none, &group), (&a, &one), (&a, &same), (&b, &other)], &calibration, 0.001);
        let expected = Identities {
            false_match_rate: 0.001,
            faces_in_groups: 3,
            taken_for_another: 2,
            given_twice: 0,
            pairs_of_one_person: 1,
            recognised: 1,
            pairs_of_two_people: 2,
            confused: 0,
        };
        assert_eq!(found, expected);
        assert!(found.in_words().contains("of 3 faces"));
    }
}
