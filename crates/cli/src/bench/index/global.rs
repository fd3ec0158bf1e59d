//! Everybody of an organization: the index is built in one process, and loaded and searched in another.

use std::path::Path;

use domain::assignment::Candidate;
use domain::embedding::Embedding;
use index::GlobalIndex;
use serde::{Deserialize, Serialize};

use super::data::{calibration, truth};
use super::measures::{Memory, Share, Times, mib, timed};
use super::steps::{Built, answer, command, load, start};
use super::truth::{Queries, Truth};
use super::{IndexArgs, Step, person_id};
use crate::bench::rounded;

/// Sums are rounded in another order: similarities that differ by no more are the same.
const ROUNDING: f32 = 1e-5;
/// Fewest people that a worker asks for.
const FEWEST: usize = 5;
/// Faces that are searched together.
const BATCHES: [usize; 2] = [1, 8];
/// How often a stranger may be taken for somebody.
const WANTED_RATES: [f64; 3] = [0.1, 0.01, 0.001];

#[derive(Debug, Serialize)]
pub(super) struct GlobalReport {
    templates: usize,
    dimension: usize,
    factory: String,
    lists_searched: Option<u32>,
    vectors_mib: f64,
    build: BuildReport,
    snapshot_mib: f64,
    loaded: Loaded,
}

#[derive(Debug, Serialize)]
struct BuildReport {
    training_vectors: usize,
    train_s: f64,
    add_s: f64,
    finish_s: f64,
    /// The three together: without the making of the data.
    build_s: f64,
    write_s: f64,
    recall_of_its_trial: Option<f32>,
    resident_before_mib: f64,
    resident_after_mib: f64,
    peak_built_mib: f64,
    peak_written_mib: f64,
    /// The whole process' peak, until all was written, beside the size of the vectors; and what building and writing added
    /// to what the process was before, models' libraries and all.
    peak_over_vectors: f64,
    added_over_vectors: f64,
}

/// What a process that only loads the index and searches it has to say.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Loaded {
    load_s: f64,
    /// What loading added.
    resident_mib: f64,
    peak_mib: f64,
    bytes_per_template: f64,
    /// As the index counts it itself.
    counted_mib: f64,
    searches: Vec<Search>,
    genuine: Recall,
    strangers: Recall,
    decisions: Vec<Decision>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Search {
    queries: usize,
    people_asked_for: usize,
    #[serde(flatten)]
    pub(super) times: Times,
}

#[derive(Debug, Serialize, Deserialize)]
struct Recall {
    /// The closest template is the one that an exhaustive search finds, or one as close.
    at_1: Share,
    /// An exhaustive search finds the person: no index does better. Not of strangers.
    person_is_closest: Option<Share>,
}

/// At the threshold for a rate, by MobileFaceNet's calibration.
#[derive(Debug, Serialize, Deserialize)]
struct Decision {
    false_match_rate: f64,
    threshold: f32,
    /// Genuine queries and strangers that an exhaustive search would name.
    named: Share,
    /// Those that the index would name otherwise, or not at all.
    differently: Share,
}

pub(super) fn measure(args: &IndexArgs, folder: &Path) -> anyhow::Result<GlobalReport> {
    let crowd = args.crowd();
    let queries = Queries::new(&crowd, args.templates, args.queries);
    truth(args, &crowd, &queries, folder)?;
    let build: Built = answer(start(&command(args, folder, Step::Build)?, &[])?)?;
    let loaded = answer(start(&command(args, folder, Step::Load)?, &[])?)?;
    let vectors = (args.templates * args.dimension() * size_of::<f32>()) as u64;
    Ok(GlobalReport {
        templates: args.templates,
        dimension: args.dimension(),
        factory: build.factory.clone(),
        lists_searched: build.probes,
        vectors_mib: mib(vectors),
        snapshot_mib: mib(build.snapshot_bytes),
        build: BuildReport {
            training_vectors: build.training_vectors,
            train_s: build.train_s,
            add_s: build.add_s,
            finish_s: build.finish_s,
            build_s: rounded(build.train_s + build.add_s + build.finish_s),
            write_s: build.write_s,
            recall_of_its_trial: build.recall,
            resident_before_mib: mib(build.resident_before),
            resident_after_mib: mib(build.resident_after),
            peak_built_mib: mib(build.peak_built),
            peak_written_mib: mib(build.peak_written),
            peak_over_vectors: rounded(build.peak_written as f64 / vectors as f64),
            added_over_vectors: rounded((build.peak_written - build.resident_before) as f64 / vectors as f64),
        },
        loaded,
    })
}

/// The step that a worker stands for.
pub(super) fn load_and_search(args: &IndexArgs, folder: &Path) -> anyhow::Result<Loaded> {
    let before = Memory::now()?;
    let (index, load_s) = timed(|| load(args, folder));
    let index = index?;
    let after = Memory::now()?;
    let resident = after.resident.saturating_sub(before.resident);
    let crowd = args.crowd();
    let queries = Queries::new(&crowd, args.templates, args.queries);
    let truth = truth(args, &crowd, &queries, folder)?;
    let mixed = queries.mixed();
    let searches = BATCHES.map(|batch| search(&index, &mixed, batch, args.seconds));
    let found = closest(&index, queries.genuine.iter().chain(&queries.strangers))?;
    Ok(Loaded {
        load_s,
        resident_mib: mib(resident),
        peak_mib: mib(after.peak),
        bytes_per_template: rounded((resident as f64 / args.templates as f64).round()),
        counted_mib: mib(index.bytes() as u64),
        searches: searches.into_iter().collect::<anyhow::Result<_>>()?,
        genuine: Recall {
            at_1: recall(&found[..args.queries], &truth.closest[..args.queries]),
            person_is_closest: Some(Share::of(queries.of.iter().zip(&truth.closest).map(|(template, closest)| {
                closest.first().is_some_and(|(at, _)| at / args.per_person == template / args.per_person)
            }))),
        },
        strangers: Recall {
            at_1: recall(&found[args.queries..], &truth.closest[args.queries..]),
            person_is_closest: None,
        },
        decisions: decisions(args, &found, &truth, index.people()),
    })
}

/// How long `batch` faces together take, other ones each time.
pub(super) fn search(index: &GlobalIndex, faces: &[&Embedding], batch: usize, seconds: f64) -> anyhow::Result<Search> {
    let wanted = FEWEST.max(batch + 1);
    let times = Times::measure(seconds, |turn| index.search(&frame(faces, batch, turn), wanted).map(drop))?;
    Ok(Search { queries: batch, people_asked_for: wanted, times })
}

/// The faces of the frame of that turn.
pub(super) fn frame<'a>(faces: &[&'a Embedding], batch: usize, turn: usize) -> Vec<&'a Embedding> {
    (0..batch).map(|at| faces[(turn * batch + at) % faces.len()]).collect()
}

/// The closest person to each face, searched as a worker searches the faces of a frame.
fn closest<'a>(
    index: &GlobalIndex,
    faces: impl Iterator<Item = &'a Embedding>,
) -> anyhow::Result<Vec<Option<Candidate>>> {
    let faces: Vec<&Embedding> = faces.collect();
    let mut all = Vec::new();
    for frame in faces.chunks(8) {
        all.extend(index.search(frame, frame.len() + 1)?.into_iter().map(|people| people.first().copied()));
    }
    Ok(all)
}

/// How often the closest template is found, of genuine queries and of strangers.
pub(super) fn at_1(index: &GlobalIndex, queries: &Queries, truth: &Truth) -> anyhow::Result<[Share; 2]> {
    let found = closest(index, queries.genuine.iter().chain(&queries.strangers))?;
    let count = queries.genuine.len();
    Ok([recall(&found[..count], &truth.closest[..count]), recall(&found[count..], &truth.closest[count..])])
}

fn recall(found: &[Option<Candidate>], truth: &[Vec<(usize, f32)>]) -> Share {
    Share::of(found.iter().zip(truth).map(|(found, closest)| match (found, closest.first()) {
        (Some(found), Some((_, similarity))) => found.similarity >= similarity - ROUNDING,
        (found, closest) => found.is_none() && closest.is_none(),
    }))
}

fn decisions(args: &IndexArgs, found: &[Option<Candidate>], truth: &Truth, people: usize) -> Vec<Decision> {
    let decision = |false_match_rate: f64| {
        let threshold = calibration().threshold_cosine(false_match_rate, people);
        let exact = |closest: &Vec<(usize, f32)>| {
            let (at, _) = closest.first().filter(|(_, similarity)| *similarity >= threshold)?;
            Some(person_id(at / args.per_person))
        };
        let ours = |found: &Option<Candidate>| found.filter(|f| f.similarity >= threshold).map(|f| f.person_id);
        Decision {
            false_match_rate,
            threshold,
            named: Share::of(truth.closest.iter().map(|closest| exact(closest).is_some())),
            differently: Share::of(found.iter().zip(&truth.closest).map(|(f, closest)| ours(f) != exact(closest))),
        }
    };
    WANTED_RATES.into_iter().map(decision).collect()
}

#[cfg(test)]
mod tests {
    use super::{Candidate, person_id, recall};

    #[test]
    fn as_close_as_the_closest_is_found() {
        let found = |person, similarity| Some(Candidate { person_id: person_id(person), similarity });
        let truth = vec![vec![(7, 0.6)], vec![(8, 0.5), (9, 0.4)], vec![(1, 0.3)], vec![]];
        // The same, another that is as close, one that is less close, and nobody where there is nobody.
        let answers = [found(7, 0.6), found(3, 0.499_999), found(2, 0.29), None];
        let share = recall(&answers, &truth);
        assert_eq!((share.count, share.of), (3, 4));
        assert_eq!(recall(&[None, None, found(1, 0.1), None], &truth).count, 1);
    }
}
