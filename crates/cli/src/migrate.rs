//! `rollcall migrate`.

use anyhow::Context;

use crate::database;
use crate::settings::Settings;

/// Applies the migrations that are missing.
pub(crate) async fn migrate(settings: &Settings) -> anyhow::Result<()> {
    let url = database::url(settings)?;
    let applied = store::migrate(url).await.context("the database could not be migrated")?;
    for version in &applied {
        println!("applied {version}");
    }
    if applied.is_empty() {
        println!("the database is up to date");
    }
    Ok(())
}
