//! The camera client.

use std::process::ExitCode;

use camera::{Arguments, Settings};
use clap::Parser;

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("camera: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let settings = Settings::load(arguments)?;
    process::telemetry::init(&settings.log)?;
    let stop = process::signals::shutdown()?;
    camera::run(&settings, std::io::stdout(), &stop).await?;
    Ok(())
}
