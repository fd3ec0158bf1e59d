//! `rollcall bench index`: how fast, how large and how exact the indexes are, on made-up faces. Needs no database and no
//! models.
//!
//! Whatever is to be measured alone runs in a process of its own: the same command with `--step`, which hands its figures
//! back as JSON. So memory is that of a builder, of a worker or of a peer, and of nothing else.

mod crowd;
mod data;
mod global;
mod limits;
mod measures;
mod peers;
mod rebuild;
mod roster;
mod steps;
mod truth;

use std::path::PathBuf;

use anyhow::bail;
use clap::{Args, ValueEnum};
use domain::contract::ContractId;
use domain::id::{Id, PersonId, TemplateId};
use index::Factory;
use serde::Serialize;
use uuid::Uuid;

use self::measures::Machine;

/// What is measured, of how many templates.
#[derive(Debug, Clone, Args)]
pub struct IndexArgs {
    /// Only this. Without, rosters and a global index are measured.
    #[arg(long, value_enum)]
    only: Option<Part>,
    /// How many templates the organization has.
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = at_least_one)]
    templates: usize,
    /// How many floats each has; without, 512, and for rosters and limits also 128.
    #[arg(long, value_name = "FLOATS", value_parser = at_least_one)]
    dimension: Option<usize>,
    /// How many templates each person has, one after another.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = at_least_one)]
    per_person: usize,
    /// How many genuine queries, and how many strangers.
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = at_least_one)]
    queries: usize,
    /// For how long each search is timed.
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// The kind of index, such as `Flat` or `IVF1024,Flat`, instead of the one that follows from the count.
    #[arg(long)]
    factory: Option<Factory>,
    /// Other kinds of FAISS index to measure beside ours, and what their searches may cost:
    /// `HNSW32:efSearch=32,64` or `IVF4096,PQ64:nprobe=16,64`.
    #[arg(long, value_name = "FACTORY[:PARAMETER=VALUE,..]")]
    peer: Vec<String>,
    /// Numbers of lists that `--only limits` compares at `--templates`; without, some about the square root.
    #[arg(long, value_delimiter = ',', value_name = "N")]
    lists: Vec<u32>,
    /// Numbers of training vectors for each list that `--only limits` compares at `--templates`.
    #[arg(long, value_delimiter = ',', value_name = "N", default_value = "32,64,128,256")]
    training: Vec<usize>,
    /// Where snapshots and what is known of the data are kept for the next run; without, in a temporary folder.
    #[arg(long)]
    folder: Option<PathBuf>,
    #[arg(long, value_enum, hide = true, requires = "folder")]
    step: Option<Step>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// The people of one course.
    Roster,
    /// Everybody of an organization: built, written, loaded and searched.
    Global,
    /// Up to how many templates an exhaustive search is best, and what more lists, probes and training bring.
    Limits,
    /// What fewer bytes per template cost: scalar and product quantisation.
    Quantised,
    /// What a build costs those who are searching.
    Rebuild,
    /// What `--peer` names.
    Peers,
}

/// What runs in a process of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Step {
    Build,
    Load,
    Peer,
}

#[derive(Debug, Default, Serialize)]
pub(super) struct Report {
    #[serde(skip_serializing_if = "Option::is_none")]
    machine: Option<Machine>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<data::DataReport>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    roster: Vec<roster::RosterReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    global: Option<global::GlobalReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limits: Option<limits::LimitsReport>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    peers: Vec<peers::PeerReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rebuild: Option<rebuild::RebuildReport>,
}

/// Measures, and gives what is to be printed.
pub(super) fn measure(args: &IndexArgs) -> anyhow::Result<serde_json::Value> {
    if let Some(step) = args.step {
        return steps::run(args, step);
    }
    if args.templates > u32::MAX as usize {
        bail!("--templates: an index holds at most {}", u32::MAX);
    }
    let mut report = Report { machine: Some(Machine::now()), ..Report::default() };
    let folder = steps::Folder::of(args)?;
    let wants = |part| args.only.is_none_or(|only| only == part);
    if wants(Part::Roster) {
        report.roster = roster::measure(args)?;
    }
    if wants(Part::Global) {
        report.data = Some(data::measure(args)?);
        report.global = Some(global::measure(args, folder.path())?);
    }
    if args.only == Some(Part::Peers) && args.peer.is_empty() {
        bail!("--only peers needs a --peer");
    }
    match args.only {
        Some(Part::Limits) => report.limits = Some(limits::measure(args)?),
        Some(Part::Quantised) => report.peers = peers::quantised(args, folder.path())?,
        Some(Part::Rebuild) => report.rebuild = Some(rebuild::measure(args, folder.path())?),
        Some(Part::Roster | Part::Global | Part::Peers) | None => {}
    }
    if !args.peer.is_empty() {
        report.peers.extend(peers::measure(args, folder.path(), &args.peer)?);
    }
    Ok(serde_json::to_value(report)?)
}

impl IndexArgs {
    fn dimension(&self) -> usize {
        self.dimension.unwrap_or(512)
    }

    fn crowd(&self) -> crowd::Crowd {
        crowd::Crowd::new(self.dimension(), self.per_person)
    }

    fn factory(&self) -> Factory {
        self.factory.unwrap_or_else(|| Factory::for_count(self.templates, index::EXHAUSTIVE))
    }
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("at least 1".to_owned()),
        Ok(number) => Ok(number),
        Err(error) => Err(error.to_string()),
    }
}

fn contract(dimension: usize) -> ContractId {
    ContractId::new(format!("made-up-{dimension}/1"))
}

/// The id of the template of that number; ids rise with numbers.
fn template_id(number: usize) -> TemplateId {
    Id::from_uuid(Uuid::from_u128(number as u128 + 1))
}

fn person_id(number: usize) -> PersonId {
    Id::from_uuid(Uuid::from_u128(number as u128 + 1))
}
