//! `rollcall`: what an operator does by hand.
//!
//! One file per command. Commands print what they did to standard output and end with an error that says what to do.
#![expect(clippy::print_stdout, reason = "a command's output")]

mod admin;
mod arguments;
mod audit;
pub mod bench;
mod database;
mod import;
mod indexes;
mod migrate;
mod receipt;
mod recompute;
mod redrive;
mod reencode;
mod rotate;
mod settings;
mod weights;
mod workers;

pub use arguments::Arguments;

use arguments::{Audit, Command, Import, Index, Receipt, Weights};
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
        Command::RotateKeys => rotate::rotate(&settings).await,
        Command::Audit(Audit::List(wanted)) => audit::list(&settings, &wanted).await,
        Command::Audit(Audit::Verify(wanted)) => audit::verify(&settings, &wanted).await,
        Command::Receipt(Receipt::Verify(wanted)) => receipt::verify(&settings, &wanted),
        Command::Recompute(wanted) => recompute::recompute(&settings, &wanted).await,
        Command::Import(Import::People(wanted)) => import::people::import(&settings, &wanted).await,
        Command::Import(Import::Oneroster(wanted)) => import::oneroster::import(&settings, &wanted).await,
        Command::Import(Import::Photos(wanted)) => import::photos::import(&settings, &wanted).await,
        Command::Index(Index::Rebuild(wanted)) => indexes::rebuild::rebuild(&settings, &wanted).await,
        Command::Index(Index::Status(wanted)) => indexes::status::status(&settings, &wanted).await,
        Command::Weights(Weights::Verify) => weights::verify(&settings).await,
        Command::Bench(bench) => tokio::task::spawn_blocking(move || bench::run(&bench, &settings.vision)).await?,
    }
}
