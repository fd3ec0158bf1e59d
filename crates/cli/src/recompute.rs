//! `rollcall recompute`.

use anyhow::{Context, ensure};
use chrono::{SubsecRound, Utc};
use domain::attendance::Standing;
use domain::audit::{AuditAction, AuditActor, NewAuditEntry};
use domain::id::{OrganizationId, SessionId};
use serde_json::json;
use store::attendance::Difference;
use store::{Conn, StoreError};

use crate::arguments::Recompute;
use crate::database;
use crate::settings::Settings;

/// Rows of one question to the database.
const PAGE: i64 = 200;

/// Why the transaction of a session ends.
enum Stop {
    /// It was only to be looked at: what was found.
    Looked(Vec<Difference>),
    Failed(StoreError),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

/// Compares every session's attendance with what is recorded, and puts right what differs.
pub(crate) async fn recompute(settings: &Settings, wanted: &Recompute) -> anyhow::Result<()> {
    let (_pool, mut conn) = database::connect(settings).await?;
    let (mut sessions, mut differing) = (0, 0);
    for organization in organizations(&mut conn, wanted.organization).await? {
        for session in sessions_of(&mut conn, organization, wanted.session).await? {
            let found = of_session(&mut conn, organization, session, wanted.check).await;
            let found = match found {
                // Another organization's, or deleted since it was listed.
                Err(StoreError::NotFound) => continue,
                found => found.with_context(|| format!("session {session} could not be reckoned"))?,
            };
            for Difference { person_id, wanted, stored } in &found {
                println!(
                    "session {session}, person {person_id}: {} is {}",
                    words(stored.as_ref()),
                    words(wanted.as_ref())
                );
            }
            sessions += 1;
            differing += found.len();
        }
    }
    ensure!(sessions > 0 || wanted.session.is_none(), "there is no session with this id: check --session");
    if wanted.check {
        println!("{sessions} sessions looked at, {differing} rows differ");
        ensure!(differing == 0, "attendance is not what follows from what is recorded: run without --check");
    } else {
        println!("{sessions} sessions reckoned, {differing} rows put right");
    }
    Ok(())
}

async fn organizations(conn: &mut Conn, wanted: Option<OrganizationId>) -> anyhow::Result<Vec<OrganizationId>> {
    if let Some(id) = wanted {
        let found = store::organizations::find(conn, id).await;
        found.context("there is no organization with this id: check --organization")?;
        return Ok(vec![id]);
    }
    let mut all: Vec<OrganizationId> = Vec::new();
    loop {
        let after = all.last().map(|id| id.uuid());
        let page = store::organizations::list(conn, after, PAGE).await?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page.into_iter().map(|organization| organization.id));
    }
}

async fn sessions_of(
    conn: &mut Conn,
    organization: OrganizationId,
    wanted: Option<SessionId>,
) -> anyhow::Result<Vec<SessionId>> {
    if let Some(id) = wanted {
        return Ok(vec![id]);
    }
    Ok(store::attendance::sessions_of(conn, organization).await?)
}

async fn of_session(
    conn: &mut Conn,
    organization: OrganizationId,
    session: SessionId,
    is_check: bool,
) -> Result<Vec<Difference>, StoreError> {
    let now = Utc::now().trunc_subsecs(6);
    let done = store::transaction::run(conn, async |tx| {
        let found = store::attendance::recompute(tx, organization, session, now).await?;
        if is_check {
            return Err(Stop::Looked(found));
        }
        if !found.is_empty() {
            let entry = NewAuditEntry {
                organization_id: Some(organization),
                at: now,
                actor: AuditActor::Command,
                action: AuditAction::AttendanceCorrected,
                subject_id: Some(session.uuid()),
                details: json!({"recomputed": found.len()}),
                request_id: None,
            };
            store::audit::append(tx, &entry).await?;
        }
        Ok(found)
    });
    match done.await {
        Ok(found) | Err(Stop::Looked(found)) => Ok(found),
        Err(Stop::Failed(error)) => Err(error),
    }
}

fn words(standing: Option<&Standing>) -> String {
    let Some(standing) = standing else { return "nothing".to_owned() };
    let time = |at: Option<chrono::DateTime<Utc>>| at.map_or("never".to_owned(), |at| at.to_rfc3339());
    format!(
        "{} ({} sightings, from {} to {})",
        domain::wire::name(&standing.state),
        standing.sightings,
        time(standing.first_seen_at),
        time(standing.last_seen_at)
    )
}
