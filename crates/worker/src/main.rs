//! Runs the worker.

use std::path::PathBuf;

use anyhow::bail;
use worker::{Application, Settings};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let file = match arguments.as_slice() {
        [] => None,
        [file] if !file.as_os_str().as_encoded_bytes().starts_with(b"-") => Some(file.as_path()),
        _ => bail!("usage: worker [SETTINGS.toml]"),
    };
    let shutdown = process::signals::shutdown()?;
    let settings = Settings::load(file)?;
    Application::build(&settings).await?.run_until_stopped(shutdown).await
}
