//! `rollcall`: what an operator does by hand.
//!
//! One file per command. Commands print what they did to standard output and end with an error that says what to do.
#![expect(clippy::print_stdout, reason = "a command's output")]

mod admin;
mod arguments;
pub mod bench;
mod database;
mod migrate;
mod recompute;
mod redrive;
mod reencode;
mod settings;
mod weights;

pub use arguments::Arguments;

use arguments::{Command, Weights};
use settings::Settings;

/// Carries the command out.
///
/// # Errors
/// What went wrong, and what to do about it.
pub async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let settings = Settings::load(arguments.config.as_deref())?;
    process::telemetry::init(&settings.log)?;
    match arguments.command {
        Command::Migrate => migrate::migrate(&settings).await,
        Command::CreateAdmin(wanted) => admin::create(&settings, &wanted).await,
        Command::Redrive => redrive::redrive(&settings).await,
        Command::Reencode(wanted) => reencode::reencode(&settings, &wanted).await,
        Command::Recompute(wanted) => recompute::recompute(&settings, &wanted).await,
        Command::Weights(Weights::Verify) => weights::verify(&settings).await,
        Command::Bench(bench) => tokio::task::spawn_blocking(move || bench::run(&bench, &settings.vision)).await?,
    }
}
