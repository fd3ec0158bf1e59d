//! Snapshots that should be no more: those that hold somebody who was deleted, erased or gave up their templates, and those
//! that are sealed with an earlier key. A new one takes the place of all of them, soon after and not in the next night.

use std::time::Duration;

use chrono::{DateTime, Utc};
use store::{Conn, Pool, PooledConn, StoreError, locks};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::builder::{self, Shelf, Subject};
use crate::error::SchedulerError;
use crate::nightly;

/// What it takes to replace snapshots.
#[derive(Clone)]
pub struct Removals {
    /// Postgres.
    pub pool: Pool,
    /// Where snapshots go.
    pub shelf: Shelf,
    /// How often it is looked whether any should go.
    pub every: Duration,
}

impl Removals {
    /// Replaces the snapshots that should be no more at `now`, and answers of how many organizations and contracts. None
    /// while another scheduler builds: the next look finds them again.
    ///
    /// # Errors
    /// When the database is away. What fails for one organization and contract is logged, and tried again at the next look.
    pub async fn replace(&self, now: DateTime<Utc>) -> Result<usize, SchedulerError> {
        // Out of the pool for good: the lock ends with the connection, however the job ends.
        let mut conn = store::get(&self.pool).await?;
        let fingerprint = self.shelf.sealer.fingerprint();
        if store::index_versions::outlived(&mut conn, fingerprint).await?.is_empty() {
            return Ok(0);
        }
        let mut conn = PooledConn::take(conn);
        if !locks::try_lock(&mut conn, nightly::LOCK).await? {
            return Ok(0);
        }
        let replaced = self.replace_all(&mut conn, now).await?;
        locks::unlock(&mut conn, nightly::LOCK).await?;
        Ok(replaced)
    }

    async fn replace_all(&self, conn: &mut Conn, now: DateTime<Utc>) -> Result<usize, SchedulerError> {
        // Only the new one stays: whatever is older may hold them, too.
        let shelf = Shelf { keep: 1, ..self.shelf.clone() };
        let mut replaced = 0;
        for (organization_id, contract) in store::index_versions::outlived(conn, shelf.sealer.fingerprint()).await? {
            let subject = Subject { organization_id, contract };
            match builder::build(conn, &shelf, &subject, now).await {
                Ok(_) => {
                    replaced += 1;
                    metrics::counter!("rollcall_snapshots_replaced_total").increment(1);
                    tracing::info!(organization.id = %organization_id, "snapshots that held somebody who is gone were replaced");
                }
                Err(SchedulerError::Store(error @ StoreError::Unavailable(_))) => return Err(error.into()),
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::error!(error, organization.id = %organization_id, "a snapshot that holds somebody who is gone stays");
                }
            }
        }
        Ok(replaced)
    }

    /// Looks again and again, until told to stop. A build that is broken off leaves what was there before.
    ///
    /// # Errors
    /// None; the signature is that of a task.
    pub async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        let mut looks = tokio::time::interval(self.every);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let looking = async {
            loop {
                looks.tick().await;
                if let Err(error) = self.replace(Utc::now()).await {
                    tracing::error!(error = &error as &dyn std::error::Error, "snapshots were not replaced");
                }
            }
        };
        stop.run_until_cancelled(looking).await;
        Ok(())
    }
}
