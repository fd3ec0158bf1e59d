//! `rollcall weights`.

use anyhow::Context;
use vision::{Deviation, Verified};

use crate::settings::Settings;

/// Runs every model on a known input and compares what it gives with its reference.
pub(crate) async fn verify(settings: &Settings) -> anyhow::Result<()> {
    let weights = settings.vision.weights.clone();
    let verified = tokio::task::spawn_blocking(move || vision::verify(&weights))
        .await?
        .context("the models are not as they should be")?;
    for Verified { model, deviation } in verified {
        match deviation {
            Some(Deviation { largest, allowed }) => {
                println!("{model}: off by at most {largest:.1e}, {allowed:.1e} allowed")
            }
            None => println!("{model}: runs; it has no reference to be compared with"),
        }
    }
    Ok(())
}
