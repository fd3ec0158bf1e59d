//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use domain::id::{OrganizationId, SessionId};

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
    /// Reckons attendance anew, from all sightings and all that was done by hand.
    ///
    /// What is stored should follow from what is recorded; whatever does not is printed and put right. Safe to repeat, and
    /// while everything runs: each session is held up for a moment.
    Recompute(Recompute),
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
pub(crate) enum Weights {
    /// Checks that each model gives what it is meant to, on this machine.
    Verify,
}
