//! What runs in a process of its own, and how it is started.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, bail};
use clap::ValueEnum;
use domain::embedding::Embedding;
use domain::enrollment::Gallery;
use domain::id::{Id, OrganizationId};
use index::snapshot::{self, SnapshotFolder, SnapshotSettings, Wanted};
use index::{Builder, Factory, GlobalIndex};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use store::Sealer;
use uuid::Uuid;

use super::crowd::{Crowd, unit};
use super::measures::{Memory, timed};
use super::truth::pages;
use super::{IndexArgs, Step, contract, person_id, template_id};

/// Where what runs keeps its files; a temporary one goes when this does.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    is_temporary: bool,
}

impl Folder {
    pub(super) fn of(args: &IndexArgs) -> anyhow::Result<Self> {
        let made_up = || std::env::temp_dir().join(format!("rollcall-bench-index-{}", Uuid::new_v4()));
        let path = args.folder.clone().unwrap_or_else(made_up);
        std::fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Self { path, is_temporary: args.folder.is_none() })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.is_temporary {
            // What cannot be deleted now lies where temporary files do.
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}

/// A step's command line: the same figures are asked for.
pub(super) fn command(args: &IndexArgs, folder: &Path, step: Step) -> anyhow::Result<Vec<String>> {
    let program = std::env::current_exe().context("this program's own path is not known")?;
    let step = step.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
    let mut words: Vec<String> = vec![program.display().to_string(), "bench".to_owned(), "index".to_owned()];
    let mut option = |name: &str, value: String| words.extend([format!("--{name}"), value]);
    option("step", step);
    option("folder", folder.display().to_string());
    option("templates", args.templates.to_string());
    option("dimension", args.dimension().to_string());
    option("per-person", args.per_person.to_string());
    option("queries", args.queries.to_string());
    option("seconds", args.seconds.to_string());
    option("factory", args.factory().to_string());
    Ok(words)
}

/// Starts a command line, its answer to be read from its output.
pub(super) fn start(words: &[String], environment: &[(&str, &str)]) -> anyhow::Result<Child> {
    let [program, arguments @ ..] = words else { bail!("no program") };
    let mut command = Command::new(program);
    command.args(arguments).envs(environment.iter().copied()).stdin(Stdio::null()).stdout(Stdio::piped());
    command.spawn().with_context(|| format!("cannot start {program}"))
}

/// Waits for what was started, and reads its answer.
pub(super) fn answer<T: DeserializeOwned>(child: Child) -> anyhow::Result<T> {
    let output = child.wait_with_output()?;
    if !output.status.success() {
        bail!("a step failed: {}", output.status);
    }
    serde_json::from_slice(&output.stdout).context("a step's answer cannot be read")
}

/// Runs a step in this process.
pub(super) fn run(args: &IndexArgs, step: Step) -> anyhow::Result<serde_json::Value> {
    let folder = args.folder.as_deref().context("a step needs a folder")?;
    Ok(match step {
        Step::Build => serde_json::to_value(build(args, folder)?)?,
        Step::Load => serde_json::to_value(super::global::load_and_search(args, folder)?)?,
        Step::Peer => serde_json::to_value(super::peers::measure_one(args, folder)?)?,
    })
}

/// What a build took, and where what it made lies.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Built {
    pub(super) factory: String,
    pub(super) probes: Option<u32>,
    /// Of the builder's own trial.
    pub(super) recall: Option<f32>,
    pub(super) training_vectors: usize,
    pub(super) train_s: f64,
    pub(super) add_s: f64,
    pub(super) finish_s: f64,
    pub(super) write_s: f64,
    /// Before, when it was built, and the most until then and until it was written, in bytes.
    pub(super) resident_before: u64,
    pub(super) resident_after: u64,
    pub(super) peak_built: u64,
    pub(super) peak_written: u64,
    pub(super) snapshot_bytes: u64,
    pub(super) snapshot: Uuid,
    pub(super) organization: Uuid,
    pub(super) path: String,
    pub(super) sha256: String,
}

/// Builds an index of made-up templates as a scheduler does: a sample for the training, then all in rising order of their
/// ids; the templates themselves are streamed and not kept.
pub(super) fn make(
    crowd: &Crowd,
    templates: usize,
    factory: Factory,
    training: usize,
) -> anyhow::Result<(GlobalIndex, [f64; 3])> {
    let dimension = crowd.dimension();
    let mut builder = Builder::new(contract(dimension), factory, dimension, templates as i64, templates)?;
    let mut train_s = 0.0;
    if training > 0 {
        let sample: Vec<Embedding> = (0..training).map(|at| unit(crowd.template(at * templates / training))).collect();
        let (trained, seconds) = timed(|| builder.train(&sample));
        (train_s, _) = (seconds, trained?);
    }
    let mut add_s = 0.0;
    pages(crowd, templates, |first, rows| {
        let row = |(at, values): (usize, &[f32])| {
            let number = first + at;
            (template_id(number), person_id(number / crowd.per_person()), unit(values.to_vec()))
        };
        let rows: Vec<_> = rows.chunks_exact(dimension).enumerate().map(row).collect();
        let (added, seconds) = timed(|| builder.add(&rows));
        add_s += seconds;
        Ok(added?)
    })?;
    let (index, finish_s) = timed(|| builder.finish());
    Ok((index?, [train_s, add_s, finish_s]))
}

fn build(args: &IndexArgs, folder: &Path) -> anyhow::Result<Built> {
    let (crowd, factory) = (args.crowd(), args.factory());
    let training = factory.training(args.templates);
    let before = Memory::now()?;
    let (index, [train_s, add_s, finish_s]) = make(&crowd, args.templates, factory, training)?;
    let after = Memory::now()?;
    let (probes, recall) = (index.probes(), index.recall());
    let (id, organization) = (Uuid::new_v4(), Uuid::new_v4());
    let (sealer, owner) = (sealer()?, Id::from_uuid(organization));
    let seal = move |plain: &[u8]| sealer.seal(id, plain);
    let shelf = shelf(folder)?;
    let (written, write_s) = timed(|| {
        let writing = snapshot::write(&shelf, owner, id, index, seal);
        tokio::runtime::Handle::current().block_on(writing)
    });
    let written = written?;
    let built = Built {
        factory: written.factory,
        probes,
        recall,
        training_vectors: training,
        train_s,
        add_s,
        finish_s,
        write_s,
        resident_before: before.resident,
        resident_after: after.resident,
        peak_built: after.peak,
        peak_written: Memory::now()?.peak,
        snapshot_bytes: written.bytes,
        snapshot: id,
        organization,
        path: written.path,
        sha256: written.sha256,
    };
    std::fs::write(folder.join(RECORD), serde_json::to_vec(&built)?)?;
    Ok(built)
}

/// What was built last in a folder.
const RECORD: &str = "built.json";

/// What was built last in the folder.
pub(super) fn built(folder: &Path) -> anyhow::Result<Built> {
    let record = std::fs::read(folder.join(RECORD)).context("nothing was built in the folder")?;
    Ok(serde_json::from_slice(&record)?)
}

/// Reads the snapshot that was written last in the folder.
pub(super) fn load(args: &IndexArgs, folder: &Path) -> anyhow::Result<GlobalIndex> {
    let Built { snapshot: id, organization, path, sha256, .. } = built(folder)?;
    let organization_id: OrganizationId = Id::from_uuid(organization);
    let wanted = Wanted { organization_id, contract: contract(args.dimension()), path, sha256 };
    let (shelf, sealer) = (shelf(folder)?, sealer()?);
    let reading = snapshot::read(&shelf, wanted, move |sealed| sealer.open(id, sealed).ok());
    Ok(tokio::runtime::Handle::current().block_on(reading)?)
}

fn shelf(folder: &Path) -> anyhow::Result<SnapshotFolder> {
    let snapshots = folder.join("snapshots").display().to_string();
    Ok(SnapshotFolder::open(&SnapshotSettings {
        snapshots,
        keep: 1,
        gallery: Gallery::Pooled,
        exhaustive_templates: index::EXHAUSTIVE,
    })?)
}

/// Of a key that everybody may know: nothing here is anybody's face.
fn sealer() -> anyhow::Result<Sealer> {
    let key = format!("{}Bwc=", "BwcH".repeat(10));
    Ok(Sealer::new(&key.into())?)
}
