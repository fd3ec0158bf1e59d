//! `rollcall bench rejections`: what "not this person" keeps off, and whom it costs.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use domain::assignment::Candidate;
use domain::calibration::Calibration;
use domain::embedding::Embedding;
use domain::id::{Id, PersonId};
use domain::rejection::RejectedFaces;
use serde::Serialize;
use vision::VisionSettings;

use super::figure::Figure;
use super::models::{Extras, ModelArgs, view_one};
use super::people::{Person, people};
use super::realised::templates;
use super::rounded;
use super::variant::variants;

/// Pictures that made a person's template; the others are probes.
const ENROLLED: usize = super::realised::ENROLLED;
/// Floors, as false-match rates of one comparison.
const FLOORS: [f64; 5] = [1.0, 1e-2, 1e-3, 1e-4, 1e-5];

/// What is measured, and with which model.
#[derive(Debug, Args)]
pub struct RejectionsArgs {
    /// Folder with one folder of pictures per person.
    folder: PathBuf,
    /// How often a stranger may be taken for somebody; several times for several.
    #[arg(long = "wanted", default_values_t = [0.1, 0.01, 0.001])]
    wanted: Vec<f64>,
    /// People in a gallery, which the threshold depends on.
    #[arg(long, default_value_t = 60)]
    gallery: usize,
    #[command(flatten)]
    models: ModelArgs,
}

#[derive(Debug, Serialize)]
pub(super) struct Report {
    contract: String,
    people: usize,
    gallery: usize,
    of_thresholds: Vec<OfThreshold>,
}

/// What one false match after another would have done, each rejected alone.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct OfThreshold {
    wanted: f64,
    threshold: f64,
    /// Pictures of strangers as close to somebody's template as the threshold.
    false_matches: usize,
    /// Other pictures of the same strangers that are as close to the same people, counted for each false match.
    would_come_again: usize,
    /// Pictures of these people themselves, over the threshold, counted likewise.
    genuine: usize,
    /// Other genuine pictures of a person of whom one was rejected by mistake.
    genuine_after_a_mistake: usize,
    of_floors: Vec<OfFloor>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct OfFloor {
    /// 1: none.
    false_match_rate: f64,
    floor: f64,
    /// Share of what would come again that is kept off.
    kept_off: Figure,
    /// Share of the genuine ones that are no longer taken for who they are.
    lost: Figure,
    /// The same where a genuine picture was rejected by mistake.
    lost_by_a_mistake: Figure,
}

pub(super) fn measure(args: &RejectionsArgs, settings: &VisionSettings) -> anyhow::Result<Report> {
    let viewed = view_one(&args.folder, settings, &args.models, Extras::default())?;
    let calibration = viewed.calibration.clone().context("the encoder has no calibration")?;
    let contract = viewed.contract.to_string();
    let variant = variants(&[viewed], false)?.pop().context("one encoder")?;
    let people = people(variant.found());
    let of_thresholds = args.wanted.iter().map(|wanted| of_threshold(&people, &calibration, *wanted, args.gallery));
    Ok(Report { contract, people: people.len(), gallery: args.gallery, of_thresholds: of_thresholds.collect() })
}

/// How often something happened.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    again: usize,
    lost: usize,
    mistaken: usize,
}

fn of_threshold(people: &[Person], calibration: &Calibration, wanted: f64, gallery: usize) -> OfThreshold {
    let threshold = calibration.threshold_cosine(wanted, gallery);
    let floors = FLOORS.map(|rate| if rate < 1.0 { calibration.threshold_cosine(rate, 1) } else { -1.0 });
    let everybody: Vec<&Person> = people.iter().collect();
    let (mut all, mut false_matches, mut of_floors) = (Counts::default(), 0, [Counts::default(); FLOORS.len()]);
    for (owner, template) in templates(&everybody) {
        // Pictures that are taken for the owner, by whose they are.
        let mut taken: BTreeMap<usize, Vec<(&Embedding, f32)>> = BTreeMap::new();
        for (number, person) in people.iter().enumerate() {
            let probes = person.samples.iter().skip(if number == owner { ENROLLED } else { 0 });
            let close = probes.map(|sample| (&sample.embedding, sample.embedding.similarity(&template)));
            let close: Vec<_> = close.filter(|(_, similarity)| *similarity >= threshold).collect();
            if !close.is_empty() {
                taken.insert(number, close);
            }
        }
        let genuine = taken.remove(&owner).unwrap_or_default();
        for of_stranger in taken.values() {
            false_matches += of_stranger.len();
            each_rejected(of_stranger, of_stranger, true, &floors, &mut all.again, &mut of_floors, |c| &mut c.again);
            each_rejected(of_stranger, &genuine, false, &floors, &mut all.lost, &mut of_floors, |c| &mut c.lost);
        }
        each_rejected(&genuine, &genuine, true, &floors, &mut all.mistaken, &mut of_floors, |c| &mut c.mistaken);
    }
    let of_floors = FLOORS.iter().zip(floors).zip(of_floors).map(|((rate, floor), counts)| OfFloor {
        false_match_rate: *rate,
        floor: rounded(floor.into()),
        kept_off: Figure::share(counts.again, all.again),
        lost: Figure::share(counts.lost, all.lost),
        lost_by_a_mistake: Figure::share(counts.mistaken, all.mistaken),
    });
    OfThreshold {
        wanted,
        threshold: rounded(threshold.into()),
        false_matches,
        would_come_again: all.again,
        genuine: all.lost,
        genuine_after_a_mistake: all.mistaken,
        of_floors: of_floors.collect(),
    }
}

/// Rejects each picture alone, and shows the others: how many there are, and how many are told apart for each floor.
fn each_rejected(
    rejected: &[(&Embedding, f32)],
    shown: &[(&Embedding, f32)],
    is_same: bool,
    floors: &[f32],
    total: &mut usize,
    of_floors: &mut [Counts],
    count: impl Fn(&mut Counts) -> &mut usize,
) {
    let owner: PersonId = Id::new();
    for (place, (face, _)) in rejected.iter().enumerate() {
        let heeded: RejectedFaces = [(owner, (*face).clone())].into_iter().collect();
        for (_, (other, similarity)) in shown.iter().enumerate().filter(|(at, _)| !is_same || *at != place) {
            *total += 1;
            let candidate = Candidate { person_id: owner, similarity: *similarity };
            for (floor, counts) in floors.iter().zip(of_floors.iter_mut()) {
                *count(counts) += usize::from(heeded.tell_apart(other, &candidate, *floor));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::calibration::Calibration;
    use domain::embedding::Embedding;

    use super::of_threshold;
    use crate::bench::people::{Person, Sample};

    fn person(name: &str, degrees: &[f32]) -> Person {
        let sample = |degrees: &f32| Sample {
            embedding: Embedding::normalized(vec![degrees.to_radians().cos(), degrees.to_radians().sin()])
                .expect("a direction"),
            quality: 1.0,
            augmented: Vec::new(),
        };
        Person { name: name.to_owned(), samples: degrees.iter().map(sample).collect() }
    }

    #[test]
    fn what_comes_again_is_kept_off_and_who_it_costs_is_counted() {
        // The template of the first is at 0 degrees; the stranger is mistaken for them at 20, 22 and, once more, at 6.
        let people = [person("a", &[-1.0, 1.0, 2.0, 12.0]), person("b", &[20.0, 22.0, 6.0]), person("c", &[120.0])];
        let calibration = Calibration::try_from(vec![(0.1, 0.9), (1e-5, 0.9995)]).expect("in order");
        let found = of_threshold(&people, &calibration, 0.1, 1);
        // Of b's template, at 21 degrees, only pictures of a: 12 degrees are 9 away.
        assert_eq!((found.false_matches, found.would_come_again), (3 + 4, 3 * 2 + 4 * 3));
        assert_eq!(found.genuine, 3 * 2 + 4);
        let without = &found.of_floors[0];
        assert_eq!((without.false_match_rate, without.floor), (1.0, -1.0));
        assert!(without.kept_off.value > 0.4 && without.lost.value > 0.0, "{without:?}");
        let strictest = &found.of_floors[4];
        assert!(strictest.kept_off.value < without.kept_off.value && strictest.lost.value <= without.lost.value);
    }
}
