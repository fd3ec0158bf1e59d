//! What a build costs those who are searching.

use std::path::Path;
use std::process::Child;
use std::time::{Duration, Instant};

use domain::embedding::Embedding;
use index::GlobalIndex;
use serde::Serialize;

use super::global::frame;
use super::measures::Times;
use super::steps::{Built, answer, command, load, start};
use super::truth::Queries;
use super::{IndexArgs, Step};
use crate::bench::rounded;

/// Faces of a frame, and how many people are asked for.
const FACES: usize = 8;
const WANTED: usize = FACES + 1;
/// From one frame to the next: twenty a second.
const PACE: Duration = Duration::from_millis(50);

#[derive(Debug, Serialize)]
pub(super) struct RebuildReport {
    templates: usize,
    dimension: usize,
    factory: String,
    faces: usize,
    frames_per_second: f64,
    searches: Vec<Beside>,
}

/// Searches beside a build.
#[derive(Debug, Serialize)]
struct Beside {
    /// What else ran.
    beside: &'static str,
    build_s: Option<f64>,
    #[serde(flatten)]
    times: Times,
}

pub(super) fn measure(args: &IndexArgs, folder: &Path) -> anyhow::Result<RebuildReport> {
    let serving: Built = answer(start(&command(args, folder, Step::Build)?, &[])?)?;
    let index = load(args, folder)?;
    let crowd = args.crowd();
    let queries = Queries::new(&crowd, args.templates, args.queries.min(500));
    let faces = queries.mixed();
    let mut searches = vec![alone(args, &index, &faces)?];
    let building = folder.join("rebuilt");
    let plain = command(args, &building, Step::Build)?;
    let nice: Vec<String> = ["nice", "-n", "10"].map(str::to_owned).into_iter().chain(plain.clone()).collect();
    let one_thread = [("OMP_NUM_THREADS", "1")];
    let builds = [
        ("a build", &plain, &[][..]),
        ("a build with one thread (OMP_NUM_THREADS=1)", &plain, &one_thread),
        ("a build at nice 10", &nice, &[]),
        ("a build with one thread at nice 10", &nice, &one_thread),
    ];
    for (beside, words, environment) in builds {
        std::fs::create_dir_all(&building)?;
        let (built, times): (Built, Times) = beside_of(start(words, environment)?, &index, &faces)?;
        let build_s = Some(rounded(built.train_s + built.add_s + built.finish_s + built.write_s));
        searches.push(Beside { beside, build_s, times });
        std::fs::remove_dir_all(&building)?;
    }
    Ok(RebuildReport {
        templates: args.templates,
        dimension: args.dimension(),
        factory: serving.factory,
        faces: FACES,
        frames_per_second: 1.0 / PACE.as_secs_f64(),
        searches,
    })
}

fn alone(args: &IndexArgs, index: &GlobalIndex, faces: &[&Embedding]) -> anyhow::Result<Beside> {
    let begin = Instant::now();
    let times = paced(index, faces, || Ok(begin.elapsed().as_secs_f64() < args.seconds * 4.0))?;
    Ok(Beside { beside: "nothing", build_s: None, times })
}

fn beside_of(mut child: Child, index: &GlobalIndex, faces: &[&Embedding]) -> anyhow::Result<(Built, Times)> {
    let searched = paced(index, faces, || Ok(child.try_wait()?.is_none()));
    if searched.is_err() {
        // It would go on building for nobody.
        let _ = child.kill();
    }
    let built = answer(child);
    Ok((built?, searched?))
}

/// Searches a frame at each tick for as long as `goes_on`, and at least one.
fn paced(
    index: &GlobalIndex,
    faces: &[&Embedding],
    mut goes_on: impl FnMut() -> anyhow::Result<bool>,
) -> anyhow::Result<Times> {
    let (mut all, mut next) = (Vec::new(), Instant::now());
    while all.is_empty() || goes_on()? {
        let started = Instant::now();
        index.search(&frame(faces, FACES, all.len()), WANTED)?;
        all.push(started.elapsed());
        // What comes too late is dropped, as frames are.
        next = (next + PACE).max(Instant::now());
        tokio::runtime::Handle::current().block_on(tokio::time::sleep_until(next.into()));
    }
    Ok(Times::of(all))
}
