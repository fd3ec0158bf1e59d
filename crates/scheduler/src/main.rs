//! The scheduler.

use std::path::PathBuf;
use std::time::Duration;

use scheduler::{Application, Settings};

/// How long threads that compute are waited for at the end. What they compute is given up by then.
const GRACE: Duration = Duration::from_secs(1);

fn main() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let ended = runtime.block_on(run());
    runtime.shutdown_timeout(GRACE);
    ended
}

async fn run() -> anyhow::Result<()> {
    let file = std::env::args_os().nth(1).map(PathBuf::from);
    let settings = Settings::load(file.as_deref())?;
    let application = Application::build(&settings).await?;
    let stop = process::signals::shutdown()?;
    tracing::info!(port = application.port(), "the scheduler runs");
    application.run_until_stopped(stop).await
}
