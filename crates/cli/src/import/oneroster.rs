//! `rollcall import oneroster`.

use std::collections::BTreeMap;
use std::fs::File;

use anyhow::Context;
use chrono::Utc;
use domain::audit::AuditAction;
use domain::day;
use domain::import::archive::{Archive, Limits};
use domain::import::oneroster::{file_name, read};
use serde_json::json;
use store::StoreError;
use store::imports::{Imported, PeopleImport};

use super::{check, entry, mood, organization};
use crate::arguments::ImportOneroster;
use crate::settings::Settings;
use crate::{database, workers};

const LIMITS: Limits = Limits { entries: 100, entry_bytes: 256 << 20, total_bytes: 512 << 20 };

/// Takes over what a OneRoster archive holds.
pub(crate) async fn import(settings: &Settings, wanted: &ImportOneroster) -> anyhow::Result<()> {
    let path = wanted.path.display();
    let file = File::open(&wanted.path).with_context(|| format!("{path} cannot be read"))?;
    let mut archive = Archive::open(file, LIMITS).with_context(|| format!("{path} cannot be read"))?;
    let mut files = BTreeMap::new();
    for entry in archive.entries().to_vec() {
        if let Some(name) = file_name(&entry.path) {
            files.insert(name.to_owned(), archive.read(&entry).with_context(|| format!("{path} cannot be read"))?);
        }
    }
    let (_pool, mut conn) = database::connect(settings).await?;
    let found = organization(&mut conn, wanted.organization).await?;
    let organization = found.id;
    let zone = found.time_zone.parse().context("the organization's time zone is none")?;
    let now = Utc::now();
    let roster = read(&files, wanted.external_id, day::of(now, zone));
    let import = if wanted.dry_run {
        let rehearsed = store::transaction::rehearse(&mut conn, async |tx| {
            store::imports::oneroster(tx, organization, roster, now).await
        });
        rehearsed.await?
    } else {
        let carried_out = store::transaction::run(&mut conn, async |tx| {
            let import = store::imports::oneroster(tx, organization, roster, now).await?;
            if import.people.problems.is_empty() {
                let details = json!({
                    "format": "oneroster", "people": people(&import.people), "courses": counts(import.courses),
                    "roster_added": import.added, "roster_removed": import.removed,
                    "teachers_added": import.teachers_added, "teachers_removed": import.teachers_removed,
                });
                store::audit::append(tx, &entry(organization, AuditAction::PeopleImported, None, details)).await?;
            }
            Ok::<_, StoreError>(import)
        });
        carried_out.await.context("the import was undone")?
    };
    check(&import.people.problems)?;
    if !wanted.dry_run {
        workers::raise(settings, &mut conn, organization, &import.people.bumped).await;
    }
    println!(
        "{}registered {} people and changed {}, made {} courses and changed {}, put {} people on rosters and took {} off, \
         added {} teachers and removed {}",
        mood(wanted.dry_run),
        import.people.created,
        import.people.updated,
        import.courses.created,
        import.courses.updated,
        import.added,
        import.removed,
        import.teachers_added,
        import.teachers_removed,
    );
    if import.teachers_unknown > 0 {
        println!("{} teachers have no account with their e-mail address", import.teachers_unknown);
    }
    Ok(())
}

fn people(import: &PeopleImport) -> serde_json::Value {
    json!({"created": import.created, "updated": import.updated, "unchanged": import.unchanged})
}

fn counts(courses: Imported) -> serde_json::Value {
    json!({"created": courses.created, "updated": courses.updated, "unchanged": courses.unchanged})
}
