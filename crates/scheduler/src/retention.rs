//! Retention: what is older than its organization keeps it goes, and the audit log says how much.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::audit::{AuditAction, AuditActor, NewAuditEntry};
use domain::organization::Organization;
use store::retention::Expired;
use store::{Conn, Pool, StoreError, transaction};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::error::SchedulerError;

const ORGANIZATIONS: i64 = 100;
/// Rows of each kind that go in one transaction; of sessions, which take much with them, a hundredth.
const BATCH: i64 = 5000;

/// What it takes to delete what is too old.
#[derive(Clone)]
pub struct Retention {
    /// Postgres.
    pub pool: Pool,
    /// How often it is looked what is too old.
    pub every: Duration,
}

impl Retention {
    /// Deletes what is too old at `now`, organization by organization, a batch at a time, and answers with how much. Each
    /// batch and its entry in the audit log are one transaction. The signal to stop is heard between two of them.
    ///
    /// # Errors
    /// When the database is away. What fails for one organization is logged and does not keep the others waiting.
    pub async fn apply(&self, now: DateTime<Utc>, stop: &CancellationToken) -> Result<Expired, SchedulerError> {
        let mut conn = store::get(&self.pool).await?;
        let (mut all, mut after) = (Expired::default(), None);
        loop {
            let page = store::organizations::list(&mut conn, after, ORGANIZATIONS).await?;
            let Some(last) = page.last() else { return Ok(all) };
            after = Some(last.id.uuid());
            for organization in &page {
                match apply_to(&mut conn, organization, now, stop).await {
                    Ok(expired) => all += expired,
                    Err(error @ StoreError::Unavailable(_)) => return Err(error.into()),
                    Err(error) => {
                        let error = &error as &dyn std::error::Error;
                        tracing::error!(error, organization.id = %organization.id, "retention was not applied");
                    }
                }
            }
        }
    }

    /// Looks again and again, until told to stop.
    ///
    /// # Errors
    /// None; the signature is that of a task.
    pub async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        let mut looks = tokio::time::interval(self.every);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                _ = looks.tick() => {}
            }
            if let Err(error) = self.apply(Utc::now(), &stop).await {
                tracing::error!(error = &error as &dyn std::error::Error, "retention was not applied");
            }
        }
    }
}

async fn apply_to(
    conn: &mut Conn,
    organization: &Organization,
    now: DateTime<Utc>,
    stop: &CancellationToken,
) -> Result<Expired, StoreError> {
    let mut all = Expired::default();
    while !stop.is_cancelled() {
        let expired = transaction::run(conn, async |tx| {
            let expired = store::retention::expire(tx, organization, now, BATCH).await?;
            if !expired.is_nothing() {
                store::audit::append(tx, &entry(organization, &expired, now)).await?;
            }
            Ok::<_, StoreError>(expired)
        });
        let expired = expired.await?;
        if expired.is_nothing() {
            break;
        }
        tracing::info!(organization.id = %organization.id, ?expired, "what was too old was deleted");
        all += expired;
    }
    Ok(all)
}

fn entry(organization: &Organization, expired: &Expired, now: DateTime<Utc>) -> NewAuditEntry {
    NewAuditEntry {
        organization_id: Some(organization.id),
        at: now,
        actor: AuditActor::Scheduler,
        action: AuditAction::RetentionApplied,
        subject_id: None,
        details: expired.details(),
        request_id: None,
    }
}
