//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use domain::id::{OrganizationId, SessionId};
use domain::import::oneroster::ExternalId;
use domain::person::PersonKind;

/// Looks after an installation of Rollcall.
///
/// Addresses and secrets come from the environment (ROLLCALL_DATABASE__URL and so on) or from a settings file, never
/// from the command line, which other users of the machine can see.
#[derive(Debug, Parser)]
#[command(name = "rollcall", version)]
pub struct Arguments {
    /// Settings file; otherwise the one that ROLLCALL_CONFIG names, if any.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Brings the database's tables up to date. Safe to repeat; run it before the new version of anything else starts.
    Migrate,
    /// Makes an administrator.
    ///
    /// The password is read from ROLLCALL_ADMIN__PASSWORD, or from standard input (a terminal is asked twice, without
    /// showing it).
    CreateAdmin(CreateAdmin),
    /// Sends enrollments that failed too often to the workers once more, after what made them fail was mended.
    Redrive,
    /// Moves an organization to another encoder.
    ///
    /// Makes templates of the photos that the organization retained, and lists who must enroll again because there are
    /// none. People are recognised with the old encoder until --switch; workers that serve both, by `vision.also`, make
    /// that a matter of a moment. Safe to repeat: only what is missing is made.
    Reencode(Reencode),
    /// Seals everything with the present key that an older one sealed, and with the keys of people what was sealed before
    /// they had any.
    ///
    /// The new key is `database.template_key`, older ones are `database.old_template_keys`, here and in all processes. Safe to
    /// repeat, also while everything runs; afterwards the older keys can be taken out of the settings.
    RotateKeys,
    /// The log of what was changed by whom.
    #[command(subcommand)]
    Audit(Audit),
    /// Receipts of erasures.
    #[command(subcommand)]
    Receipt(Receipt),
    /// Reckons attendance anew, from all sightings and all that was done by hand.
    ///
    /// What is stored should follow from what is recorded; whatever does not is printed and put right. Safe to repeat, and
    /// while everything runs: each session is held up for a moment.
    Recompute(Recompute),
    /// Takes whole rosters out of files: all of a file or, where something is wrong with it, nothing.
    #[command(subcommand)]
    Import(Import),
    /// The indexes in which all people of an organization are searched.
    #[command(subcommand)]
    Index(Index),
    /// The models.
    #[command(subcommand)]
    Weights(Weights),
    /// Measures how right and how fast the models are on this machine.
    #[command(subcommand)]
    Bench(crate::bench::Bench),
}

#[derive(Debug, Args)]
pub(crate) struct CreateAdmin {
    /// Who logs in.
    #[arg(long)]
    pub(crate) email: String,
    /// The only organization that it administers; without, the administrator is one of the installation.
    #[arg(long, value_name = "ID")]
    pub(crate) organization: Option<OrganizationId>,
}

#[derive(Debug, Args)]
pub(crate) struct Reencode {
    /// Whose people.
    #[arg(long, value_name = "ID")]
    pub(crate) organization: OrganizationId,
    /// The encoder of the manifest to move to.
    #[arg(long, value_name = "ENCODER")]
    pub(crate) to: String,
    /// Changed copies of each photo that become samples, too.
    #[arg(long, default_value_t = 4)]
    pub(crate) augmentations: usize,
    /// Has people recognised with that encoder from now on.
    #[arg(long)]
    pub(crate) switch: bool,
    /// Switches although some people will not be recognised until they enroll again.
    #[arg(long, requires = "switch")]
    pub(crate) leave_behind: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Recompute {
    /// Whose sessions; without, those of all organizations.
    #[arg(long, value_name = "ID")]
    pub(crate) organization: Option<OrganizationId>,
    /// Only this one.
    #[arg(long, value_name = "ID")]
    pub(crate) session: Option<SessionId>,
    /// Changes nothing, and fails when something is not what it should be.
    #[arg(long)]
    pub(crate) check: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    /// Prints the newest entries of a log, a line of JSON each, the oldest of them first.
    List(ListAudit),
    /// Reads whole logs and says what in them was changed, left out or put in between. Ends with 1 when anything was.
    Verify(VerifyAudit),
}

#[derive(Debug, Args)]
pub(crate) struct ListAudit {
    /// The organization whose log is read; without, that of what belongs to no organization.
    #[arg(long, value_name = "ID")]
    pub(crate) organization: Option<OrganizationId>,
    /// How many entries.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=100_000))]
    pub(crate) last: i64,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyAudit {
    /// The only organization whose log is read; without, all logs are, and that of what belongs to no organization.
    #[arg(long, value_name = "ID")]
    pub(crate) organization: Option<OrganizationId>,
    /// The end of that organization's log, as an earlier run printed it: it must still be in the log.
    #[arg(long, value_name = "SEQUENCE:HASH", requires = "organization")]
    pub(crate) known: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Receipt {
    /// Checks the signature of a receipt and says what it tells. Needs no database.
    Verify(VerifyReceipt),
}

#[derive(Debug, Args)]
pub(crate) struct VerifyReceipt {
    /// The receipt, as the gateway answered it.
    pub(crate) file: PathBuf,
    /// The public key, in base64; otherwise that of ROLLCALL_RECEIPTS__SIGNING_KEY.
    #[arg(long, value_name = "BASE64")]
    pub(crate) key: Option<String>,
    /// Also checks that the receipt is of the person who had this external id; needs the signing key.
    #[arg(long, value_name = "ID")]
    pub(crate) external_id: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Import {
    /// Registers the people of a table, and changes those whose external id is registered already.
    People(ImportPeople),
    /// Takes over people, courses, rosters and teachers of a ZIP of OneRoster 1.2 or 1.1 CSV files.
    Oneroster(ImportOneroster),
    /// Enrolls people with photos in folders such as `S001_Ada Lovelace`, and registers those who are not yet; one folder
    /// after the other, whatever becomes of the others.
    Photos(ImportPhotos),
}

#[derive(Debug, Args)]
pub(crate) struct ImportPeople {
    /// Whose people.
    #[arg(long, value_name = "ID")]
    pub(crate) organization: OrganizationId,
    /// Says what would happen, and does nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// A JSON file that says which column is what: {"columns": {"external_id": "Roll No"}, "defaults": {"class": "10"}}.
    /// Without, columns are known by their headings.
    #[arg(long, value_name = "FILE")]
    pub(crate) mapping: Option<PathBuf>,
    /// Comma-, semicolon- or tab-separated values with a heading.
    pub(crate) path: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct ImportOneroster {
    /// Whose people.
    #[arg(long, value_name = "ID")]
    pub(crate) organization: OrganizationId,
    /// Says what would happen, and does nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// What of a user is the external id of the person: `sourced_id` or `identifier`.
    #[arg(long, value_name = "FIELD", default_value = "sourced_id", value_parser = domain::wire::parse::<ExternalId>)]
    pub(crate) external_id: ExternalId,
    /// The ZIP.
    pub(crate) path: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct ImportPhotos {
    /// Whose people.
    #[arg(long, value_name = "ID")]
    pub(crate) organization: OrganizationId,
    /// Says what would happen, and does nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// What those are who are registered: `student` or `employee`.
    #[arg(long, value_name = "KIND", default_value = "student", value_parser = domain::wire::parse::<PersonKind>)]
    pub(crate) kind: PersonKind,
    /// A folder of folders, or a ZIP of one.
    pub(crate) path: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Index {
    /// Asks the scheduler to build indexes anew, soon. Safe to repeat: a build that waits already is not doubled.
    Rebuild(RebuildIndexes),
    /// Shows the snapshots that are kept, the builds, and what each worker holds.
    Status(IndexStatus),
}

#[derive(Debug, Args)]
pub(crate) struct RebuildIndexes {
    /// Whose; without, those of all organizations.
    #[arg(long, value_name = "NAME|ID")]
    pub(crate) organization: Option<String>,
    /// Only the index of this contract; without, those of all contracts that there are templates of.
    #[arg(long, value_name = "CONTRACT")]
    pub(crate) contract: Option<String>,
    /// Waits until they are built and says how far they are. Ends with 1 when one failed.
    #[arg(long)]
    pub(crate) wait: bool,
}

#[derive(Debug, Args)]
pub(crate) struct IndexStatus {
    /// Whose; without, those of all organizations.
    #[arg(long, value_name = "NAME|ID")]
    pub(crate) organization: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Weights {
    /// Checks that each model gives what it is meant to, on this machine.
    Verify,
}
