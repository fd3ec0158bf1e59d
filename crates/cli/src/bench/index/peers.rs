//! Other kinds of FAISS index, on the same faces: what they cost, and what they miss.

use std::path::Path;
use std::str::FromStr;

use anyhow::{Context, bail};
use index::peers::Peer;
use serde::{Deserialize, Serialize};

use super::crowd::Crowd;
use super::data::{calibration, truth};
use super::global::frame;
use super::measures::{Memory, Share, Times, mib, timed};
use super::steps::{answer, command, start};
use super::truth::{PAGE, Queries, Truth, pages};
use super::{IndexArgs, Step};
use crate::bench::rounded;

/// How many templates a search asks for.
const WANTED: usize = 10;
const BATCHES: [usize; 2] = [1, 8];
/// How often a stranger is taken for somebody, at the most that anybody would ask for.
const LAX: f64 = 0.1;
/// Training vectors for each list, and the fewest where there are others to find, such as code books.
const TRAINING_PER_LIST: usize = 64;
const LEAST_TRAINING: usize = 1 << 16;

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct PeerReport {
    kind: String,
    templates: usize,
    dimension: usize,
    train_s: f64,
    add_s: f64,
    /// What the index added to the process, with what its building left behind.
    resident_mib: f64,
    bytes_per_template: f64,
    searches: Vec<Setting>,
}

/// How it does with what a search may cost.
#[derive(Debug, Serialize, Deserialize)]
struct Setting {
    parameters: String,
    genuine_at_1: Share,
    strangers_at_1: Share,
    /// Of the genuine queries that could be named at all: as like their closest template as a false-match rate of 0.1 asks.
    nameable_at_1: Share,
    /// The template that an exhaustive search finds is among the ten that are found.
    genuine_in_10: Share,
    one_query: Times,
    eight_queries: Times,
}

/// A kind, and the settings of its searches.
#[derive(Debug, Clone, PartialEq)]
struct Wanted {
    kind: String,
    settings: Vec<Vec<(String, f64)>>,
}

impl FromStr for Wanted {
    type Err = anyhow::Error;

    /// `FACTORY:PARAMETER=VALUE,..:PARAMETER=VALUE,..`: every combination.
    fn from_str(text: &str) -> anyhow::Result<Self> {
        let mut parts = text.split(':');
        let kind = parts.next().unwrap_or_default().to_owned();
        let mut settings = vec![Vec::new()];
        for part in parts {
            let (name, values) = part.split_once('=').context("--peer: PARAMETER=VALUE,.. after the colon")?;
            let values: Vec<f64> = values.split(',').map(str::parse).collect::<Result<_, _>>()?;
            let with = |setting: &Vec<(String, f64)>, value: f64| [&setting[..], &[(name.to_owned(), value)]].concat();
            settings =
                settings.iter().flat_map(|setting| values.iter().map(move |value| with(setting, *value))).collect();
        }
        Ok(Self { kind, settings })
    }
}

/// What fewer bytes cost: codes alone, compared exhaustively, so that what is missed is missed because of them.
pub(super) fn quantised(args: &IndexArgs, folder: &Path) -> anyhow::Result<Vec<PeerReport>> {
    let (half, quarter, eighth) = (args.dimension() / 2, args.dimension() / 4, args.dimension() / 8);
    let kinds = [
        "SQfp16".to_owned(),
        "SQ8".to_owned(),
        format!("PQ{half}"),
        format!("PQ{quarter}"),
        format!("PQ{eighth}"),
        format!("OPQ{eighth},PQ{eighth}"),
        format!("PQ{eighth},Refine(SQ8):k_factor_rf=4,16"),
    ];
    measure(args, folder, &kinds)
}

/// Each in a process of its own.
pub(super) fn measure(args: &IndexArgs, folder: &Path, kinds: &[String]) -> anyhow::Result<Vec<PeerReport>> {
    let crowd = args.crowd();
    for kind in kinds {
        // What FAISS does not know is said before anything is measured.
        Peer::new(&kind.parse::<Wanted>()?.kind, crowd.dimension())?;
    }
    truth(args, &crowd, &Queries::new(&crowd, args.templates, args.queries), folder)?;
    let mut reports = Vec::new();
    for kind in kinds {
        let mut words = command(args, folder, Step::Peer)?;
        words.extend(["--peer".to_owned(), kind.clone()]);
        let (report, seconds) = timed(|| answer(start(&words, &[])?));
        eprintln!("{kind}: {seconds:.1} s");
        reports.push(report?);
    }
    Ok(reports)
}

/// The step.
pub(super) fn measure_one(args: &IndexArgs, folder: &Path) -> anyhow::Result<PeerReport> {
    let [wanted] = &args.peer[..] else { bail!("one kind at a time") };
    let wanted: Wanted = wanted.parse()?;
    let crowd = args.crowd();
    let queries = Queries::new(&crowd, args.templates, args.queries);
    let truth = truth(args, &crowd, &queries, folder)?;
    let before = Memory::now()?;
    let mut peer = Peer::new(&wanted.kind, crowd.dimension())?;
    let train_s = train(&mut peer, &wanted.kind, &crowd, args.templates)?;
    let mut add_s = 0.0;
    pages(&crowd, args.templates, |_first, rows| {
        let (added, seconds) = timed(|| peer.add(rows));
        add_s += seconds;
        Ok(added?)
    })?;
    let resident = Memory::now()?.resident.saturating_sub(before.resident);
    let mut searches = Vec::new();
    for setting in &wanted.settings {
        for (name, value) in setting {
            peer.set(name, *value)?;
        }
        searches.push(search(
            &mut peer,
            setting,
            &queries,
            &truth,
            args.templates.div_ceil(args.per_person),
            args.seconds,
        )?);
    }
    Ok(PeerReport {
        kind: wanted.kind,
        templates: args.templates,
        dimension: crowd.dimension(),
        train_s,
        add_s: rounded(add_s),
        resident_mib: mib(resident),
        bytes_per_template: rounded((resident as f64 / args.templates as f64).round()),
        searches,
    })
}

fn train(peer: &mut Peer, kind: &str, crowd: &Crowd, templates: usize) -> anyhow::Result<f64> {
    let wanted = templates.min(LEAST_TRAINING.max(lists(kind) * TRAINING_PER_LIST));
    let dimension = crowd.dimension();
    if kind == "Flat" || kind.starts_with("HNSW") {
        return Ok(0.0);
    }
    let mut sample = vec![0.0; wanted * dimension];
    for (at, row) in sample.chunks_exact_mut(dimension).enumerate() {
        row.copy_from_slice(&crowd.template(at * templates / wanted));
    }
    let (trained, seconds) = timed(|| peer.train(&sample));
    trained?;
    Ok(seconds)
}

/// How many lists a factory string asks for.
fn lists(kind: &str) -> usize {
    let number = kind.split(',').find_map(|part| part.strip_prefix("IVF"));
    number.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

fn search(
    peer: &mut Peer,
    setting: &[(String, f64)],
    queries: &Queries,
    truth: &Truth,
    people: usize,
    seconds: f64,
) -> anyhow::Result<Setting> {
    let mixed = queries.mixed();
    let [one_query, eight_queries] = BATCHES.map(|batch| {
        Times::measure(seconds, |turn| {
            let faces = frame(&mixed, batch, turn);
            let flat: Vec<f32> = faces.into_iter().flat_map(|face| face.as_slice()).copied().collect();
            peer.search(&flat, WANTED).map(drop)
        })
    });
    let mut found = Vec::new();
    for some in queries.flat().chunks(peer.dimension() * PAGE.min(256)) {
        found.extend(peer.search(some, WANTED)?);
    }
    let pairs: Vec<_> = found.iter().zip(&truth.closest).collect();
    let (genuine, strangers) = pairs.split_at(queries.genuine.len());
    let threshold = calibration().threshold_cosine(LAX, people);
    let over = |(_, closest): &(&Positions, &Positions)| closest.first().is_some_and(|(_, s)| *s >= threshold);
    let nameable: Vec<_> = genuine.iter().copied().filter(over).collect();
    Ok(Setting {
        parameters: setting.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" "),
        genuine_at_1: within(genuine, 1),
        strangers_at_1: within(strangers, 1),
        nameable_at_1: within(&nameable, 1),
        genuine_in_10: within(genuine, WANTED),
        one_query: one_query?,
        eight_queries: eight_queries?,
    })
}

type Positions = Vec<(usize, f32)>;

/// How often the closest template is among the first `count` that were found.
fn within(pairs: &[(&Positions, &Positions)], count: usize) -> Share {
    Share::of(pairs.iter().map(|(found, closest)| {
        closest.first().is_some_and(|(position, _)| found.iter().take(count).any(|(at, _)| at == position))
    }))
}

#[cfg(test)]
mod tests {
    use super::{Wanted, lists, within};

    fn check(text: &str, kind: &str, settings: &[&[(&str, f64)]]) {
        let wanted: Wanted = text.parse().expect("a kind and its settings");
        let owned =
            |setting: &&[(&str, f64)]| setting.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
        assert_eq!(wanted, Wanted { kind: kind.to_owned(), settings: settings.iter().map(owned).collect() });
    }

    #[test]
    fn every_combination_is_searched() {
        check("Flat", "Flat", &[&[]]);
        check("HNSW32:efSearch=16,64", "HNSW32", &[&[("efSearch", 16.0)], &[("efSearch", 64.0)]]);
        check(
            "IVF8,PQ4,Refine(SQ8):nprobe=4:k_factor_rf=2,8",
            "IVF8,PQ4,Refine(SQ8)",
            &[&[("nprobe", 4.0), ("k_factor_rf", 2.0)], &[("nprobe", 4.0), ("k_factor_rf", 8.0)]],
        );
        for text in ["IVF8:nprobe", "IVF8:nprobe=", "IVF8:nprobe=a"] {
            assert!(text.parse::<Wanted>().is_err(), "{text}");
        }
    }

    #[test]
    fn lists_are_read_off_the_string() {
        let read = ["Flat", "IVF64,Flat", "OPQ8,IVF4096,PQ8", "HNSW32"].map(lists);
        assert_eq!(read, [0, 64, 4096, 0]);
    }

    #[test]
    fn the_closest_may_be_the_first_or_among_them() {
        let (closest, other) = (vec![(4, 0.9), (5, 0.8)], vec![(5, 0.8), (4, 0.9)]);
        let pairs = [(&closest, &closest), (&other, &closest)];
        assert_eq!([1, 2].map(|count| within(&pairs, count).count), [1, 2]);
    }
}
