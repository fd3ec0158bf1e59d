//! Is the false-match rate that is asked for the one that comes about?

use domain::calibration::Calibration;
use domain::embedding::Embedding;
use domain::pooling::pooled;
use serde::Serialize;

use super::closeness::Gallery;
use super::figure::Figure;
use super::people::{Person, half};
use super::quantiles::calibration;
use super::rates::{Scored, Scores, mean};
use super::resample::{draw, random, weights};
use super::rounded;

/// Wanted false-match rates of one scan: a stranger is shown once to the whole gallery.
pub(super) const WANTED: [f64; 3] = [0.1, 0.01, 0.001];
/// Pictures that make a person's pooled template; who has fewer is not enrolled.
pub(super) const ENROLLED: usize = 2;
/// Ways to halve the people; each is calibrated on one half and measured on the other, and the reverse.
const SPLITS: usize = 4;
const GALLERIES: usize = 20;
const ROUNDS: usize = 200;
/// A rate that rests on fewer strangers' pictures than this is marked.
const FEW: f64 = 5.0;

/// Calibrated on some people, measured on others.
#[derive(Debug, Serialize)]
pub(super) struct CrossValidation {
    pub(super) halves: Vec<Half>,
    /// Over all halves.
    pub(super) together: Vec<Together>,
}

/// What was calibrated on one half of the people and measured on the other.
#[derive(Debug, Serialize)]
pub(super) struct Half {
    pub(super) split: usize,
    pub(super) calibrated_on_people: usize,
    pub(super) measured_on_people: usize,
    pub(super) calibration: Vec<(f64, f32)>,
    pub(super) realised: Vec<Realised>,
}

/// One wanted rate in galleries of one size.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Realised {
    pub(super) gallery: usize,
    pub(super) galleries: usize,
    /// Pictures of strangers in all galleries together; many are in several.
    pub(super) scans: usize,
    pub(super) wanted: f64,
    pub(super) threshold: f64,
    /// Share of the strangers' pictures at least as close to somebody as the threshold.
    pub(super) realised: Figure,
    /// Realised over wanted.
    pub(super) ratio: Figure,
}

/// The mean ratio over all halves, and the lowest and highest of one.
#[derive(Debug, Serialize)]
pub(super) struct Together {
    pub(super) gallery: usize,
    pub(super) wanted: f64,
    pub(super) halves: usize,
    pub(super) mean_ratio: f64,
    pub(super) lowest_ratio: f64,
    pub(super) highest_ratio: f64,
    /// In how many halves it was within a factor of two, either way.
    pub(super) within_a_factor_of_two: usize,
}

/// The pooled template of everybody with [`ENROLLED`] pictures: of the first of them.
pub(super) fn templates(people: &[&Person]) -> Vec<(usize, Embedding)> {
    let one = |(number, person): (usize, &&Person)| {
        let samples = person.samples.get(..ENROLLED)?;
        let weighted: Vec<(&Embedding, f32)> = samples.iter().map(|s| (&s.embedding, s.quality)).collect();
        Some((number, pooled(&weighted)?))
    };
    people.iter().enumerate().filter_map(one).collect()
}

/// Calibration points as they are used: every picture against the pooled templates of all others.
pub(super) fn calibrate(people: &[&Person]) -> (Vec<(f64, f32)>, u64) {
    let probes = people.iter().enumerate();
    calibration(
        &templates(people),
        probes.flat_map(|(number, person)| person.samples.iter().map(move |sample| (number, &sample.embedding))),
    )
}

/// Calibrates on half of the people and measures on the other, both ways, for several ways to halve them.
pub(super) fn cross_validate(people: &[Person], sizes: &[usize]) -> CrossValidation {
    let mut halves = Vec::new();
    for split in 0..SPLITS {
        for side in 0..2 {
            let (ours, others): (Vec<&Person>, Vec<&Person>) =
                people.iter().partition(|person| half(&person.name, split) == side);
            let (points, _) = calibrate(&ours);
            let Ok(usable) = Calibration::try_from(points.clone()) else { continue };
            halves.push(Half {
                split,
                calibrated_on_people: ours.len(),
                measured_on_people: others.len(),
                calibration: points,
                realised: realised(&others, &usable, sizes),
            });
        }
    }
    let together = together(&halves);
    CrossValidation { halves, together }
}

/// Shows all strangers to random galleries of each size that leaves at least as many people as strangers.
///
/// The interval is a bootstrap over the strangers, the galleries being what they are.
pub(super) fn realised(people: &[&Person], calibration: &Calibration, sizes: &[usize]) -> Vec<Realised> {
    let templates = templates(people);
    let weights = weights(people.len(), ROUNDS);
    let mut all = Vec::new();
    for size in sizes.iter().copied().filter(|size| *size <= templates.len() && size * 2 <= people.len()) {
        let mut random = random(size as u64);
        let mut scores = Vec::new();
        let mut differing = vec![false; people.len()];
        for _ in 0..GALLERIES {
            let mut gallery = Gallery::default();
            let mut is_member = vec![false; people.len()];
            for place in draw(templates.len(), size, &mut random) {
                let (person, template) = &templates[place];
                gallery.add(*person, template);
                is_member[*person] = true;
            }
            for (number, person) in people.iter().enumerate().filter(|(number, _)| !is_member[*number]) {
                differing[number] = true;
                let closest = person.samples.iter().filter_map(|sample| gallery.closest(&sample.embedding));
                scores.extend(closest.map(|(_, score)| Scored { score, people: (number, number) }));
            }
        }
        let shown = people.iter().zip(differing).filter(|(_, shown)| *shown);
        let strangers = shown.fold((0, 0), |(people, pictures), (one, _)| (people + 1, pictures + one.samples.len()));
        let scores: Scores = scores.into_iter().collect();
        all.extend(WANTED.map(|wanted| one(&scores, calibration, size, wanted, strangers, &weights)));
    }
    all
}

fn one(
    scores: &Scores,
    calibration: &Calibration,
    gallery: usize,
    wanted: f64,
    (people, pictures): (usize, usize),
    weights: &[Vec<f64>],
) -> Realised {
    let threshold = calibration.threshold_cosine(wanted, gallery);
    // Inclusive, as decisions are.
    let over = threshold.next_down();
    let share = |weights| scores.share_over(over, weights);
    let figure =
        Figure::resampled_share(share(None), weights.iter().map(|weights| share(Some(weights))).collect(), people);
    let figure = figure.marked(wanted * (pictures as f64) < FEW);
    Realised {
        gallery,
        galleries: GALLERIES,
        scans: scores.len(),
        wanted,
        threshold: rounded(threshold.into()),
        realised: figure,
        ratio: figure.times(1.0 / wanted),
    }
}

fn together(halves: &[Half]) -> Vec<Together> {
    let all: Vec<&Realised> = halves.iter().flat_map(|half| &half.realised).collect();
    let mut settings: Vec<(usize, f64)> = Vec::new();
    for realised in &all {
        if !settings.contains(&(realised.gallery, realised.wanted)) {
            settings.push((realised.gallery, realised.wanted));
        }
    }
    let of = |(gallery, wanted): (usize, f64)| {
        let these = all.iter().filter(|realised| (realised.gallery, realised.wanted) == (gallery, wanted));
        let ratios: Vec<f64> = these.map(|realised| realised.ratio.value).collect();
        Together {
            gallery,
            wanted,
            halves: ratios.len(),
            mean_ratio: rounded(mean(&ratios)),
            lowest_ratio: ratios.iter().copied().fold(f64::INFINITY, f64::min),
            highest_ratio: ratios.iter().copied().fold(0.0, f64::max),
            within_a_factor_of_two: ratios.iter().filter(|ratio| (0.5..=2.0).contains(*ratio)).count(),
        }
    };
    settings.into_iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use domain::embedding::Embedding;
    use rand::Rng;

    use super::{calibrate, cross_validate, realised, templates};
    use crate::bench::people::{Person, Sample};
    use crate::bench::resample::random;
    use domain::calibration::Calibration;

    /// People in random directions of 32 dimensions, so that comparisons are nearly independent.
    fn people(count: usize, pictures: usize) -> Vec<Person> {
        let mut random = random(99);
        let mut direction = || {
            let values = (0..32).map(|_| (0..6).map(|_| random.random_range(-1f32..1.0)).sum()).collect();
            Embedding::normalized(values).expect("a direction")
        };
        let person = |number: usize, samples: Vec<Embedding>| Person {
            name: number.to_string(),
            samples: samples
                .into_iter()
                .map(|embedding| Sample { embedding, quality: 1.0, augmented: Vec::new() })
                .collect(),
        };
        (0..count).map(|number| person(number, (0..pictures).map(|_| direction()).collect())).collect()
    }

    #[test]
    fn independent_strangers_come_out_as_asked_for() {
        let people = people(300, 2);
        let found = cross_validate(&people, &[20]);
        assert_eq!(found.halves.len(), 8);
        for together in found.together.iter().filter(|together| together.wanted >= 0.01) {
            assert!((0.5..2.0).contains(&together.mean_ratio), "{together:?}");
        }
        let half = &found.halves[0];
        assert_eq!(half.calibrated_on_people + half.measured_on_people, 300);
    }

    #[test]
    fn galleries_that_leave_too_few_strangers_are_left_out() {
        let people = people(30, 2);
        let people: Vec<&Person> = people.iter().collect();
        let calibration = Calibration::try_from(vec![(0.1, 0.2), (0.01, 0.4)]).expect("in order");
        let found = realised(&people, &calibration, &[10, 16]);
        assert_eq!(found.iter().map(|realised| realised.gallery).collect::<Vec<_>>(), [10, 10, 10]);
        // 20 galleries, 20 strangers with two pictures each.
        assert_eq!(found[0].scans, 800);
        assert!(found[2].realised.rests_on_few && !found[0].realised.rests_on_few);
    }

    #[test]
    fn who_has_too_few_pictures_is_only_a_stranger() {
        let mut people = people(5, 2);
        people[3].samples.truncate(1);
        let people: Vec<&Person> = people.iter().collect();
        assert_eq!(templates(&people).iter().map(|(number, _)| *number).collect::<Vec<_>>(), [0, 1, 2, 4]);
        // Nine probes against four templates, without those of one's own.
        assert_eq!(calibrate(&people).1, 9 * 4 - 8);
    }
}
