//! `rollcall import people`.

use std::fs;

use anyhow::Context;
use chrono::Utc;
use domain::audit::AuditAction;
use domain::import::people::{Mapping, read};
use serde_json::json;
use store::StoreError;

use super::{check, entry, mood, organization};
use crate::arguments::ImportPeople;
use crate::settings::Settings;
use crate::{database, workers};

/// Registers and changes the people of a table.
pub(crate) async fn import(settings: &Settings, wanted: &ImportPeople) -> anyhow::Result<()> {
    let path = wanted.path.display();
    let bytes = fs::read(&wanted.path).with_context(|| format!("{path} cannot be read"))?;
    let mapping = match &wanted.mapping {
        Some(file) => {
            let json = fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
            serde_json::from_slice(&json).with_context(|| format!("{} is no mapping", file.display()))?
        }
        None => Mapping::default(),
    };
    let table = read(&bytes, &mapping);
    let (_pool, mut conn) = database::connect(settings).await?;
    let organization = organization(&mut conn, wanted.organization).await?.id;
    let now = Utc::now();
    let import = if wanted.dry_run {
        let rehearsed = store::transaction::rehearse(&mut conn, async |tx| {
            store::imports::people(tx, organization, table, now).await
        });
        rehearsed.await?
    } else {
        let carried_out = store::transaction::run(&mut conn, async |tx| {
            let import = store::imports::people(tx, organization, table, now).await?;
            if import.problems.is_empty() {
                let counts = json!({
                    "created": import.created, "updated": import.updated, "unchanged": import.unchanged,
                });
                let details = json!({"format": "table", "people": counts});
                store::audit::append(tx, &entry(organization, AuditAction::PeopleImported, None, details)).await?;
            }
            Ok::<_, StoreError>(import)
        });
        carried_out.await.context("the import was undone")?
    };
    check(&import.problems)?;
    if !wanted.dry_run {
        workers::raise(settings, &mut conn, organization, &import.bumped).await;
    }
    println!(
        "{}registered {} people and changed {}; {} were as {path} says",
        mood(wanted.dry_run),
        import.created,
        import.updated,
        import.unchanged,
    );
    Ok(())
}
