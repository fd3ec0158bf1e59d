//! `rollcall rotate-keys`.

use anyhow::{Context, bail};
use chrono::Utc;
use domain::audit::{AuditAction, AuditActor, NewAuditEntry};
use serde_json::{Map, Value};
use store::rotation::{Resealed, reseal, snapshots_left};
use store::{Conn, Sealer};

use crate::database;
use crate::settings::Settings;

/// Ids of broken rows that are printed for each column.
const LISTED: usize = 20;

/// Seals everything anew that is not sealed with the present keys, and says what is left to do.
pub(crate) async fn rotate(settings: &Settings) -> anyhow::Result<()> {
    let sealer = Sealer::of(&settings.database).context("database.template_key is needed")?;
    let (_pool, mut conn) = database::connect(settings).await?;
    let done = reseal(&mut conn, &sealer).await?;
    let mut broken = 0;
    for column in &done {
        println!("{}: {} of {} rows sealed anew", column.column, column.resealed, column.rows);
        for id in column.broken.iter().take(LISTED) {
            println!("{}: the row {id} opens with none of the keys", column.column);
        }
        broken += column.broken.len();
    }
    note(&mut conn, &done).await?;
    let snapshots = snapshots_left(&mut conn, &sealer).await?;
    if snapshots > 0 {
        println!(
            "{snapshots} index snapshots are sealed with an older key: schedulers that have the new one replace them \
             within minutes; until then workers that start replay the log of templates instead"
        );
    }
    if broken > 0 {
        bail!("{broken} rows open with none of the keys: name the key that sealed them in database.old_template_keys");
    }
    println!("older keys are not needed in the database any more");
    Ok(())
}

/// The log of the installation says what was done, unless it was nothing.
async fn note(conn: &mut Conn, done: &[Resealed]) -> anyhow::Result<()> {
    if done.iter().all(|column| column.resealed == 0) {
        return Ok(());
    }
    let details: Map<String, Value> =
        done.iter().map(|column| (column.column.clone(), column.resealed.into())).collect();
    let entry = NewAuditEntry {
        organization_id: None,
        at: Utc::now(),
        actor: AuditActor::Command,
        action: AuditAction::KeysRotated,
        subject_id: None,
        details: details.into(),
        request_id: None,
    };
    store::audit::append(conn, &entry).await?;
    Ok(())
}
