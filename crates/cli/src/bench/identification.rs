//! Open-set identification: who is it, if anybody that we know?

use std::collections::HashSet;

use domain::embedding::Embedding;
use serde::Serialize;

use super::closeness::Gallery;
use super::figure::Figure;
use super::people::{Person, Sample};
use super::rates::{Scored, Scores};
use super::resample::{draw, random};
use super::rounded;
use super::ways::Way;

/// Whose pictures are fewer is never enrolled: two pictures enroll, one is shown.
pub(super) const LEAST_PICTURES: usize = 3;
/// A rate that rests on fewer strangers' pictures than this is marked.
const FEW: f64 = 5.0;
/// A probe that is closest to somebody else is never identified, whatever the threshold.
const WRONG: f32 = -2.0;

/// A gallery drawn at random; everybody else is a stranger.
#[derive(Debug)]
pub(super) struct Trial {
    pub(super) members: Vec<Member>,
}

/// Somebody enrolled: positions of their samples.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) person: usize,
    /// In random order.
    pub(super) enrolled: Vec<usize>,
    /// Shown later.
    pub(super) probe: usize,
}

/// Of one way to enroll.
///
/// TPIR: share of probes whose closest person is the right one, over a threshold. FPIR: share of strangers' pictures over
/// the same threshold, all galleries together.
#[derive(Debug, Serialize)]
pub(super) struct Rates {
    #[serde(flatten)]
    pub(super) way: Way,
    pub(super) rank_1: Figure,
    pub(super) tpir_at_fpir_1e_2: Figure,
    pub(super) threshold_at_fpir_1e_2: f64,
    pub(super) tpir_at_fpir_1e_3: Figure,
    pub(super) threshold_at_fpir_1e_3: f64,
    /// TPIR of each resample at FPIR 1e-2 and 1e-3, to compare ways on the same resamples.
    #[serde(skip)]
    pub(super) resamples: [Vec<f64>; 2],
}

/// `galleries` galleries of `size` people each, with one random probe of each member.
///
/// `None` when fewer than `size` people have [`LEAST_PICTURES`].
pub(super) fn trials(people: &[Person], size: usize, galleries: usize) -> Option<Vec<Trial>> {
    let known = |person: &usize| people[*person].samples.len() >= LEAST_PICTURES;
    let known: Vec<usize> = (0..people.len()).filter(known).collect();
    if known.len() < size || size == 0 {
        return None;
    }
    let trial = |number: usize| {
        let mut random = random(number as u64 + 1);
        let members = draw(known.len(), size, &mut random).into_iter().map(|place| {
            let person = known[place];
            let samples = people[person].samples.len();
            let mut enrolled = draw(samples, samples, &mut random);
            let probe = enrolled.pop().unwrap_or_default();
            Member { person, enrolled, probe }
        });
        Trial { members: members.collect() }
    };
    Some((0..galleries).map(trial).collect())
}

/// Pictures of strangers in all galleries together, and those that differ.
pub(super) fn strangers(people: &[Person], trials: &[Trial]) -> (usize, usize) {
    let all: usize = people.iter().map(|person| person.samples.len()).sum();
    let enrolled = |trial: &Trial| -> usize { trial.members.iter().map(|m| people[m.person].samples.len()).sum() };
    let scans = trials.iter().map(|trial| all - enrolled(trial)).sum();
    let always: usize = (0..people.len())
        .filter(|person| trials.iter().all(|trial| trial.members.iter().any(|member| member.person == *person)))
        .map(|person| people[person].samples.len())
        .sum();
    (scans, all - always)
}

/// People who are in any of the galleries.
fn members(trials: &[Trial]) -> usize {
    let all: HashSet<usize> = trials.iter().flat_map(|trial| trial.members.iter().map(|m| m.person)).collect();
    all.len()
}

/// Shows each member's probe and all pictures of strangers to each gallery.
pub(super) fn rates(people: &[Person], trials: &[Trial], way: Way, weights: &[Vec<f64>]) -> Rates {
    let (mut probes, mut shown) = (Vec::new(), Vec::new());
    for trial in trials {
        let mut gallery = Gallery::default();
        let mut is_member = vec![false; people.len()];
        for member in &trial.members {
            let samples: Vec<&Sample> = member.enrolled.iter().map(|at| &people[member.person].samples[*at]).collect();
            for template in way.templates(&samples) {
                gallery.add(member.person, &template);
            }
            is_member[member.person] = true;
        }
        let scored = |person: usize, score: f32| Scored { score, people: (person, person) };
        let closest = |embedding: &Embedding| gallery.closest(embedding).unwrap_or((usize::MAX, WRONG));
        probes.extend(trial.members.iter().map(|member| {
            let (found, score) = closest(&people[member.person].samples[member.probe].embedding);
            scored(member.person, if found == member.person { score } else { WRONG })
        }));
        for (number, person) in people.iter().enumerate().filter(|(number, _)| !is_member[*number]) {
            shown.extend(person.samples.iter().map(|sample| scored(number, closest(&sample.embedding).1)));
        }
    }
    let (probes, shown): (Scores, Scores) = (probes.into_iter().collect(), shown.into_iter().collect());
    let (_, differing) = strangers(people, trials);
    let people_shown = members(trials);
    let tpir = |rate: f64| {
        let at = |weights| probes.share_over(shown.threshold(rate, weights), weights);
        let resamples: Vec<f64> = weights.iter().map(|weights| at(Some(weights.as_slice()))).collect();
        let figure =
            Figure::resampled_share(at(None), resamples.clone(), people_shown).marked(rate * (differing as f64) < FEW);
        (figure, rounded(shown.threshold(rate, None).into()), resamples)
    };
    let rank_1 = |weights| probes.share_over(WRONG, weights);
    let ((tpir_1e_2, threshold_1e_2, first), (tpir_1e_3, threshold_1e_3, second)) = (tpir(1e-2), tpir(1e-3));
    Rates {
        way,
        rank_1: Figure::resampled_share(
            rank_1(None),
            weights.iter().map(|w| rank_1(Some(w.as_slice()))).collect(),
            people_shown,
        ),
        tpir_at_fpir_1e_2: tpir_1e_2,
        threshold_at_fpir_1e_2: threshold_1e_2,
        tpir_at_fpir_1e_3: tpir_1e_3,
        threshold_at_fpir_1e_3: threshold_1e_3,
        resamples: [first, second],
    }
}

/// How much more one way identifies than another at the same false-positive rate: the difference of the two TPIRs, with
/// the interval of the difference on common resamples. At FPIR 1e-2 and 1e-3.
pub(super) fn gain(of: &Rates, over: &Rates) -> [Figure; 2] {
    let difference = |place: usize, of_value: Figure, over_value: Figure| {
        let each = of.resamples[place].iter().zip(&over.resamples[place]).map(|(a, b)| a - b).collect();
        Figure::resampled(of_value.value - over_value.value, each).marked(of_value.rests_on_few)
    };
    [
        difference(0, of.tpir_at_fpir_1e_2, over.tpir_at_fpir_1e_2),
        difference(1, of.tpir_at_fpir_1e_3, over.tpir_at_fpir_1e_3),
    ]
}

#[cfg(test)]
mod tests {
    use domain::embedding::Embedding;

    use super::{Person, Sample, gain, rates, strangers, trials};
    use crate::bench::resample::weights;
    use crate::bench::ways::{From, How, Way};

    /// People at even angles with `pictures` each, one degree apart.
    fn people(count: usize, pictures: usize) -> Vec<Person> {
        let at = |degrees: f32| {
            let angle = degrees.to_radians();
            Embedding::normalized(vec![angle.cos(), angle.sin()]).expect("a direction")
        };
        let sample = |degrees: f32| Sample { embedding: at(degrees), quality: 50.0, augmented: Vec::new() };
        let person = |number: usize| Person {
            name: number.to_string(),
            samples: (0..pictures)
                .map(|picture| sample(number as f32 * 360.0 / count as f32 + picture as f32))
                .collect(),
        };
        (0..count).map(person).collect()
    }

    const TWO: Way = Way { from: From::Two, copies: false, how: How::Pooled };

    #[test]
    fn galleries_are_drawn_where_there_are_enough_people() {
        let people = people(20, 3);
        assert!(trials(&people, 21, 2).is_none() && trials(&people, 0, 2).is_none());
        let drawn = trials(&people, 5, 4).expect("enough");
        assert_eq!(drawn.len(), 4);
        for trial in &drawn {
            assert_eq!(trial.members.len(), 5);
            assert!(trial.members.iter().all(|m| m.enrolled.len() == 2 && !m.enrolled.contains(&m.probe)));
        }
        assert_eq!(strangers(&people, &drawn[..1]), (45, 45));
        assert_eq!(strangers(&people, &drawn).0, 180);
        assert_eq!(trials(&self::people(20, 2), 5, 1).map(|drawn| drawn.len()), None);
    }

    #[test]
    fn everybody_is_identified_when_people_are_far_apart() {
        let people = people(20, 4);
        let drawn = trials(&people, 10, 3).expect("enough");
        let drawn_again = weights(people.len(), 50);
        let found = rates(&people, &drawn, TWO, &drawn_again);
        assert_eq!((found.rank_1.value, found.tpir_at_fpir_1e_2.value), (1.0, 1.0));
        assert!(found.threshold_at_fpir_1e_2 > 0.9 && found.threshold_at_fpir_1e_2 < 0.999);
        assert!(found.tpir_at_fpir_1e_3.rests_on_few);
        let [gain, _] = gain(&found, &found);
        assert_eq!((gain.value, gain.low, gain.high), (0.0, 0.0, 0.0));
    }

    #[test]
    fn strangers_who_look_the_same_leave_nobody_identified() {
        let mut people = people(4, 3);
        let doubles = people.iter().map(|person| Person { name: format!("{}b", person.name), ..person.clone() });
        let doubles: Vec<Person> =
            doubles.map(|person| Person { samples: person.samples[..2].to_vec(), ..person }).collect();
        people.extend(doubles);
        let drawn = trials(&people, 4, 1).expect("enough");
        let found = rates(&people, &drawn, TWO, &[]);
        assert_eq!(found.rank_1.value, 1.0);
        assert!(found.tpir_at_fpir_1e_2.value < 0.5, "{found:?}");
    }
}
