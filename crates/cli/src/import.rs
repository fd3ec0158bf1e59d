//! `rollcall import`: whole rosters out of files.

use anyhow::{Context, bail};
use chrono::Utc;
use domain::audit::{AuditAction, AuditActor, NewAuditEntry};
use domain::id::OrganizationId;
use domain::import::ImportProblem;
use domain::organization::Organization;
use store::PooledConn;
use uuid::Uuid;

pub(crate) mod oneroster;
pub(crate) mod people;
pub(crate) mod photos;

/// The organization that a command names.
async fn organization(conn: &mut PooledConn, id: OrganizationId) -> anyhow::Result<Organization> {
    store::organizations::find(conn, id).await.with_context(|| format!("there is no organization {id}"))
}

/// Prints what is wrong with a file, and fails where there is something.
fn check(problems: &[ImportProblem]) -> anyhow::Result<()> {
    for problem in problems {
        let file = problem.file.as_deref().map(|file| format!("{file}: ")).unwrap_or_default();
        let line = if problem.line == 0 { String::new() } else { format!("line {}: ", problem.line) };
        let column = problem.column.as_deref().map(|column| format!("`{column}` ")).unwrap_or_default();
        println!("{file}{line}{column}{} ({})", problem.detail, problem.code);
    }
    match problems.len() {
        0 => Ok(()),
        1 => bail!("one thing is wrong; nothing was imported"),
        count => bail!("{count} things are wrong; nothing was imported"),
    }
}

/// What the audit log is told.
fn entry(
    organization: OrganizationId,
    action: AuditAction,
    subject_id: Option<Uuid>,
    details: serde_json::Value,
) -> NewAuditEntry {
    let (at, actor) = (Utc::now(), AuditActor::Command);
    NewAuditEntry { organization_id: Some(organization), at, actor, action, subject_id, details, request_id: None }
}

/// How what follows is to be understood.
fn mood(dry_run: bool) -> &'static str {
    if dry_run { "would have " } else { "" }
}
