//! Runs the gateway, or prints its OpenAPI document.

use std::io::Write;
use std::path::Path;

use anyhow::bail;
use gateway::{Application, Settings};

const USAGE: &str = "usage: gateway [SETTINGS.toml] | gateway openapi";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["openapi"] => Ok(std::io::stdout().write_all(gateway::openapi::json()?.as_bytes())?),
        [] => run(None).await,
        [file] if !file.starts_with('-') => run(Some(Path::new(file))).await,
        _ => bail!(USAGE),
    }
}

async fn run(file: Option<&Path>) -> anyhow::Result<()> {
    let settings = Settings::load(file)?;
    let application = Application::build(&settings).await?;
    application.run_until_stopped(process::signals::shutdown()?).await
}
