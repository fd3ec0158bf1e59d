//! `rollcall audit`.

use anyhow::{Context, bail};
use domain::id::OrganizationId;
use serde_json::json;
use store::Conn;
use store::audit::AuditFilter;

use crate::arguments::{ListAudit, VerifyAudit};
use crate::database;
use crate::settings::Settings;

/// Prints the newest entries of a log.
pub(crate) async fn list(settings: &Settings, wanted: &ListAudit) -> anyhow::Result<()> {
    let (_pool, mut conn) = database::connect(settings).await?;
    let filter = AuditFilter { newest_first: true, ..AuditFilter::default() };
    let entries = store::audit::search(&mut conn, wanted.organization, &filter, None, wanted.last).await?;
    for entry in entries.iter().rev() {
        let details: serde_json::Value = serde_json::from_str(&entry.details)?;
        println!(
            "{}",
            json!({
                "sequence": entry.sequence, "at": entry.at, "actor": entry.actor, "action": entry.action,
                "subject_id": entry.subject_id, "details": details, "request_id": entry.request_id,
                "hash": hex::encode(entry.hash),
            })
        );
    }
    Ok(())
}

/// Reads the logs that are wanted and says of each what is wrong with it.
pub(crate) async fn verify(settings: &Settings, wanted: &VerifyAudit) -> anyhow::Result<()> {
    let known = wanted.known.iter().map(|entry| parse(entry)).collect::<anyhow::Result<Vec<_>>>()?;
    let (_pool, mut conn) = database::connect(settings).await?;
    let logs = match wanted.organization {
        Some(organization) => vec![Some(organization)],
        None => store::audit::logs(&mut conn).await?,
    };
    let mut broken = 0;
    for log in logs {
        broken += u32::from(!verify_one(&mut conn, log, &known).await?);
    }
    if broken > 0 {
        bail!("{broken} of the logs are not what was written");
    }
    Ok(())
}

/// Whether a log is whole.
async fn verify_one(
    conn: &mut Conn,
    organization: Option<OrganizationId>,
    known: &[(i64, [u8; 32])],
) -> anyhow::Result<bool> {
    let mut known = known.to_vec();
    if let Some(organization) = organization {
        known.extend(store::receipts::vouched(conn, organization).await?);
    }
    let found = store::audit::verify(conn, organization, &known).await?;
    let of = organization.map_or_else(|| "the installation".to_owned(), |id| format!("organization {id}"));
    for problem in &found.problems {
        println!("{of}: {problem}");
    }
    let more = found.broken - found.problems.len() as u64;
    if more > 0 {
        println!("{of}: {more} more entries are wrong");
    }
    let (state, (sequence, hash)) = (if found.is_whole() { "whole" } else { "BROKEN" }, found.last);
    println!("{of}: {} entries, {state}; the last is {sequence}:{}", found.entries, hex::encode(hash));
    Ok(found.is_whole())
}

/// `SEQUENCE:HASH`.
fn parse(entry: &str) -> anyhow::Result<(i64, [u8; 32])> {
    let read = || {
        let (sequence, hash) = entry.split_once(':')?;
        Some((sequence.parse().ok().filter(|sequence| *sequence > 0)?, hex::decode(hash).ok()?.try_into().ok()?))
    };
    read().with_context(|| format!("{entry} is no SEQUENCE:HASH, as `rollcall audit verify` prints it"))
}
