//! The sweep: enrollments whose job was lost are published again.
//!
//! A gateway that dies between commit and publish, or a broker that loses its disk, leaves an enrollment pending with
//! nobody at work on it. Publishing one again that is not lost is harmless: its second job finds it finished.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use messaging::{Broker, EnrollmentJob};
use store::Pool;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::error::SchedulerError;

const BATCH: i64 = 100;

/// What the sweep works with.
#[derive(Clone)]
pub struct Sweep {
    /// Postgres.
    pub pool: Pool,
    /// RabbitMQ.
    pub broker: Broker,
    /// How often it sweeps.
    pub every: Duration,
    /// How long an enrollment may be pending before it is taken for lost.
    pub stuck_after: TimeDelta,
}

impl Sweep {
    /// Publishes the jobs of all enrollments that are stuck at `now`, and answers how many there were.
    ///
    /// # Errors
    /// When the database or the broker is away; what was not published is stuck again `stuck_after` later.
    pub async fn sweep(&self, now: DateTime<Utc>) -> Result<usize, SchedulerError> {
        let mut published = 0;
        loop {
            let mut conn = store::get(&self.pool).await?;
            let stuck = store::enrollments::stuck(&mut conn, now - self.stuck_after, now, BATCH).await?;
            drop(conn);
            if stuck.is_empty() {
                return Ok(published);
            }
            for (organization_id, enrollment_id) in stuck {
                self.broker.publish_enrollment(&EnrollmentJob::new(organization_id, enrollment_id)).await?;
                metrics::counter!("rollcall_enrollments_republished_total").increment(1);
                tracing::warn!(enrollment.id = %enrollment_id, "a stuck enrollment was published again");
                published += 1;
            }
        }
    }

    /// Sweeps again and again, until told to stop.
    ///
    /// # Errors
    /// None; the signature is that of a task.
    pub async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        let mut rounds = tokio::time::interval(self.every);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                _ = rounds.tick() => {}
            }
            // Enrollments count as published when they are taken up, so nothing is taken up for a broker that is away.
            if !self.broker.is_ready() {
                continue;
            }
            if let Err(error) = self.sweep(Utc::now()).await {
                tracing::error!(error = &error as &dyn std::error::Error, "a sweep failed");
            }
        }
    }
}
