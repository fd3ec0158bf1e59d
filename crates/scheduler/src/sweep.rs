//! The sweep: jobs that were lost are published again, captures that nobody finishes are ended, and faces beside
//! sightings, and what only the log-in and repeated requests needed, are forgotten when their time is over.
//!
//! A gateway that dies between commit and publish, or a broker that loses its disk, leaves an enrollment or a class photo
//! pending with nobody at work on it. Publishing one again that is not lost is harmless: its second job finds it finished.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use messaging::{Broker, ClassPhotoJob, EnrollmentJob};
use store::{Pool, Sealer, StoreError};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::error::SchedulerError;

const BATCH: i64 = 100;
/// Faces that are forgotten together.
const FACES: i64 = 5000;
/// How long the answer to a request with an `Idempotency-Key`, and an address that somebody failed to log in with, is
/// remembered. No lock of the gateway is longer.
const REMEMBERED: TimeDelta = TimeDelta::hours(24);

/// What the sweep works with.
#[derive(Clone)]
pub struct Sweep {
    /// Postgres.
    pub pool: Pool,
    /// Opens and seals templates.
    pub sealer: Sealer,
    /// RabbitMQ.
    pub broker: Broker,
    /// How often it sweeps.
    pub every: Duration,
    /// How long an enrollment or a class photo may be pending before it is taken for lost.
    pub stuck_after: TimeDelta,
}

/// What a sweep found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Enrollments that were published again.
    pub enrollments: usize,
    /// Class photos that were published again.
    pub class_photos: usize,
    /// Guided captures that were ended.
    pub captures: usize,
    /// Faces beside sightings that were forgotten, because their time was over.
    pub faces: usize,
    /// Logins that are over, addresses that somebody failed to log in with, and answers kept for requests sent again:
    /// those that were forgotten.
    pub forgotten: usize,
}

impl Sweep {
    /// Publishes the jobs that are stuck at `now` and ends the captures whose time is over.
    ///
    /// # Errors
    /// When the database or the broker is away; what was not published is stuck again `stuck_after` later.
    pub async fn sweep(&self, now: DateTime<Utc>) -> Result<Swept, SchedulerError> {
        // What needs no broker first.
        let captures = self.end_captures(now).await?;
        let faces = self.forget_faces(now).await?;
        let forgotten = self.forget(now).await?;
        let enrollments = self.republish_enrollments(now).await?;
        let class_photos = self.republish_class_photos(now).await?;
        Ok(Swept { enrollments, class_photos, captures, faces, forgotten })
    }

    async fn end_captures(&self, now: DateTime<Utc>) -> Result<usize, SchedulerError> {
        let mut ended = 0;
        loop {
            let mut conn = store::get(&self.pool).await?;
            let expired = store::guided::expire(&mut conn, now, BATCH).await?;
            if expired.is_empty() {
                return Ok(ended);
            }
            metrics::counter!("rollcall_captures_expired_total").increment(expired.len() as u64);
            ended += expired.len();
        }
    }

    async fn forget_faces(&self, now: DateTime<Utc>) -> Result<usize, SchedulerError> {
        let mut forgotten = 0;
        loop {
            let mut conn = store::get(&self.pool).await?;
            let gone = store::sightings::forget_expired(&mut conn, now, FACES).await?;
            if gone == 0 {
                return Ok(forgotten);
            }
            metrics::counter!("rollcall_faces_forgotten_total").increment(gone as u64);
            forgotten += gone;
        }
    }

    async fn forget(&self, now: DateTime<Utc>) -> Result<usize, SchedulerError> {
        let mut conn = store::get(&self.pool).await?;
        let logins = store::logins::forget(&mut conn, now).await?;
        let addresses = store::lockouts::forget_before(&mut conn, now - REMEMBERED, now).await?;
        let answers = store::idempotency::forget_before(&mut conn, now - REMEMBERED).await?;
        store::check_ins::forget_failures(&mut conn, now).await?;
        Ok(logins + addresses + answers)
    }

    async fn republish_enrollments(&self, now: DateTime<Utc>) -> Result<usize, SchedulerError> {
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

    async fn republish_class_photos(&self, now: DateTime<Utc>) -> Result<usize, SchedulerError> {
        let mut published = 0;
        loop {
            let mut conn = store::get(&self.pool).await?;
            let stuck = store::class_photos::stuck(&mut conn, now - self.stuck_after, now, BATCH).await?;
            drop(conn);
            if stuck.is_empty() {
                return Ok(published);
            }
            for (organization_id, class_photo_id) in stuck {
                self.broker.publish_class_photo(&ClassPhotoJob::new(organization_id, class_photo_id)).await?;
                metrics::counter!("rollcall_class_photos_republished_total").increment(1);
                tracing::warn!(class_photo.id = %class_photo_id, "a stuck class photo was published again");
                published += 1;
            }
        }
    }

    /// Makes the pooled templates of people who were enrolled before there were any, and answers how many. Whoever is
    /// enrolled now gets theirs with the enrollment, so once is enough. The signal to stop is heard between two people.
    ///
    /// # Errors
    /// When the database is away. Samples that do not open are logged and left.
    pub async fn pool_samples(&self, now: DateTime<Utc>, stop: &CancellationToken) -> Result<usize, SchedulerError> {
        let (mut made, mut last) = (0, None);
        loop {
            let mut conn = store::get(&self.pool).await?;
            let unpooled = store::templates::unpooled(&mut conn, last.as_ref(), BATCH).await?;
            let Some(end) = unpooled.last() else { return Ok(made) };
            for of in &unpooled {
                if stop.is_cancelled() {
                    return Ok(made);
                }
                match store::templates::pool_samples(&mut conn, &self.sealer, of, now).await {
                    Ok(()) => made += 1,
                    // Deleted meanwhile.
                    Err(StoreError::NotFound) => {}
                    Err(error @ StoreError::Corrupt { .. }) => {
                        let error = &error as &dyn std::error::Error;
                        tracing::error!(person.id = %of.person_id, error, "the samples of a person cannot be pooled");
                    }
                    Err(error) => return Err(error.into()),
                }
            }
            last = Some(end.clone());
        }
    }

    /// Sweeps again and again, until told to stop.
    ///
    /// # Errors
    /// None; the signature is that of a task.
    pub async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        let mut rounds = tokio::time::interval(self.every);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut is_pooled = false;
        loop {
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                _ = rounds.tick() => {}
            }
            if !is_pooled {
                match self.pool_samples(Utc::now(), &stop).await {
                    Ok(people) => {
                        is_pooled = true;
                        tracing::info!(people, "everybody who is enrolled has a pooled template");
                    }
                    Err(error) => log_failure(&error),
                }
            }
            // Jobs count as published when they are taken up, so nothing is taken up for a broker that is away.
            if !self.broker.is_ready() {
                continue;
            }
            if let Err(error) = self.sweep(Utc::now()).await {
                log_failure(&error);
            }
        }
    }
}

fn log_failure(error: &SchedulerError) {
    tracing::error!(error = error as &dyn std::error::Error, "a sweep failed");
}
