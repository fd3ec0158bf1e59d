//! The nightly job: a new index for every organization and contract whose night has come.
//!
//! What was built when is read from `index_versions`, so a scheduler that was down builds once when it is back. An
//! advisory lock lets one scheduler in; it lives on the connection that the job works with, so a job that has lost its
//! lock has lost its connection too and records nothing.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use domain::organization::Organization;
use store::{Conn, Pool, PooledConn, StoreError, locks};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::builder::{self, Built, Shelf, Subject};
use crate::calendar::Calendar;
use crate::error::SchedulerError;

/// Held while indexes are built. An arbitrary number.
pub(crate) const LOCK: i64 = 0x6e69_6768_746c_7900;
/// How often the clock is looked at.
const LOOK: Duration = Duration::from_secs(15);
/// How long a job that failed is left alone.
const PAUSE: TimeDelta = TimeDelta::minutes(10);
/// How long a build may go on after the signal to stop.
const GRACE: Duration = Duration::from_secs(20);
const ORGANIZATIONS: i64 = 100;

/// What the nightly job works with.
#[derive(Clone)]
pub struct Nightly {
    /// Postgres.
    pub pool: Pool,
    /// Where snapshots go.
    pub shelf: Shelf,
    /// When it is night.
    pub calendar: Calendar,
}

/// What became of one round.
#[derive(Debug, Clone, PartialEq)]
pub enum Round {
    /// Another scheduler is at it.
    Elsewhere,
    /// All that was due was tried.
    Done {
        /// What came of it, for each organization and contract that was due.
        built: Vec<Built>,
        /// How many failed; each was logged.
        failed: usize,
    },
}

impl Nightly {
    /// Builds what is due at `now`, unless another scheduler does. Stops between two builds when told to.
    ///
    /// # Errors
    /// When the database is away. What fails for one organization and contract does not keep the others waiting.
    pub async fn build_due(&self, now: DateTime<Utc>, stop: &CancellationToken) -> Result<Round, SchedulerError> {
        // Out of the pool for good: the lock ends with the connection, however the job ends.
        let mut conn = PooledConn::take(store::get(&self.pool).await?);
        if !locks::try_lock(&mut conn, LOCK).await? {
            return Ok(Round::Elsewhere);
        }
        let round = self.build_all(&mut conn, now, stop).await?;
        locks::unlock(&mut conn, LOCK).await?;
        Ok(round)
    }

    /// Builds whenever it is due, until told to stop.
    ///
    /// # Errors
    /// None; the signature is that of a task.
    pub async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        let mut looks = tokio::time::interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut done_through: Option<DateTime<Utc>> = None;
        let mut not_before = DateTime::<Utc>::MIN_UTC;
        loop {
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                _ = looks.tick() => {}
            }
            let now = Utc::now();
            let due = self.calendar.last_due(now);
            if due == done_through || now < not_before {
                continue;
            }
            let out_of_time = async {
                stop.cancelled().await;
                tokio::time::sleep(GRACE).await;
            };
            let round = tokio::select! {
                round = self.build_due(now, &stop) => round,
                () = out_of_time => {
                    tracing::warn!("a build was broken off to stop in time; it begins anew at the next start");
                    return Ok(());
                }
            };
            match round {
                Ok(Round::Done { failed: 0, .. }) => done_through = due,
                Ok(Round::Done { .. }) => not_before = now + PAUSE,
                Ok(Round::Elsewhere) => {}
                Err(error) => {
                    tracing::error!(error = &error as &dyn std::error::Error, "the nightly build failed");
                    not_before = now + PAUSE;
                }
            }
        }
    }

    async fn build_all(
        &self,
        conn: &mut Conn,
        now: DateTime<Utc>,
        stop: &CancellationToken,
    ) -> Result<Round, SchedulerError> {
        let (mut built, mut failed) = (Vec::new(), 0);
        for (subject, done) in subjects(conn).await? {
            if stop.is_cancelled() {
                break;
            }
            if !self.calendar.is_due(done, now) {
                continue;
            }
            match self.build_one(conn, &subject, now).await {
                Ok(result) => built.push(result),
                Err(SchedulerError::Store(error @ StoreError::Unavailable(_))) => return Err(error.into()),
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    let Subject { organization_id, contract } = &subject;
                    tracing::error!(error, organization.id = %organization_id, %contract, "an index was not built");
                    failed += 1;
                }
            }
        }
        Ok(Round::Done { built, failed })
    }

    async fn build_one(&self, conn: &mut Conn, subject: &Subject, now: DateTime<Utc>) -> Result<Built, SchedulerError> {
        let started = Instant::now();
        let result = builder::build(conn, &self.shelf, subject, now).await;
        let outcome = match &result {
            Ok(Built::New(_)) => "new",
            Ok(Built::Unchanged) => "unchanged",
            Ok(Built::Emptied) => "emptied",
            Err(_) => "failed",
        };
        metrics::counter!("rollcall_index_builds_total", "outcome" => outcome).increment(1);
        metrics::histogram!("rollcall_index_build_seconds").record(started.elapsed());
        if let Ok(Built::New(version)) = &result {
            let (organization, templates, build_ms) = (subject.organization_id, version.templates, version.build_ms);
            tracing::info!(organization.id = %organization, templates, build_ms, "a global index was built");
        }
        result
    }
}

/// What there is to build, and when it was last built. What was never built counts as built when its organization was
/// made, so that it waits for its first night.
async fn subjects(conn: &mut Conn) -> Result<Vec<(Subject, DateTime<Utc>)>, SchedulerError> {
    let mut subjects = Vec::new();
    let mut after = None;
    loop {
        let page = store::organizations::list(conn, after, ORGANIZATIONS).await?;
        let Some(last) = page.last() else { return Ok(subjects) };
        after = Some(last.id.uuid());
        for organization in &page {
            subjects.extend(subjects_of(conn, organization).await?);
        }
    }
}

async fn subjects_of(
    conn: &mut Conn,
    organization: &Organization,
) -> Result<Vec<(Subject, DateTime<Utc>)>, SchedulerError> {
    let mut contracts = store::templates::contracts(conn, organization.id).await?;
    contracts.extend(store::index_versions::contracts(conn, organization.id).await?);
    contracts.sort();
    contracts.dedup();
    let mut subjects = Vec::new();
    for contract in contracts {
        let newest = store::index_versions::newest(conn, organization.id, &contract).await?;
        let done = newest.map_or(organization.created_at, |version| version.created_at);
        subjects.push((Subject { organization_id: organization.id, contract }, done));
    }
    Ok(subjects)
}
