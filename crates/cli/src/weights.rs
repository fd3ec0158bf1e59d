//! `rollcall weights`.

use anyhow::Context;

use crate::settings::Settings;

/// Runs every model on a known input and compares what it gives with its reference.
pub(crate) async fn verify(settings: &Settings) -> anyhow::Result<()> {
    let weights = settings.vision.weights.clone();
    let verified = tokio::task::spawn_blocking(move || vision::verify(&weights))
        .await?
        .context("the models are not as they should be")?;
    for model in verified {
        println!("{}: off by at most {:.1e}, {:.1e} allowed", model.model, model.deviation, model.tolerance);
    }
    Ok(())
}
