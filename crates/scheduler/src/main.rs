//! The scheduler.

use std::path::PathBuf;

use scheduler::{Application, Settings};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let file = std::env::args_os().nth(1).map(PathBuf::from);
    let settings = Settings::load(file.as_deref())?;
    let application = Application::build(&settings).await?;
    let stop = process::signals::shutdown()?;
    tracing::info!(port = application.port(), "the scheduler runs");
    application.run_until_stopped(stop).await
}
