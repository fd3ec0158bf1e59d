//! Global indexes: built one at a time, however many schedulers there are and for whatever cause.
//!
//! An advisory lock lets one scheduler build. It lives on the connection that the build works with, so a build that
//! has lost its lock has lost its connection too and records nothing. What is asked for, what runs and what became of
//! it stands in
//! `index_builds`: whoever gets the lock takes up what another one broke off. When a night's builds were done is read
//! from there and from `index_versions`, so a scheduler that was down makes up for it once when it is back.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::event::{Event, EventBody};
use domain::index::{BuildCause, BuildState};
use messaging::Redis;
use store::index_builds::IndexBuild;
use store::index_versions::IndexVersion;
use store::{Conn, Pool, PooledConn, index_builds, locks};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::builder::{self, Built};
use crate::calendar::Calendar;
use crate::causes;
use crate::error::SchedulerError;
use crate::progress::{Clock, Progress, telling};
use crate::shelf::{Shelf, Subject};

/// Held while indexes are built. An arbitrary number.
pub const LOCK: i64 = 0x6e69_6768_746c_7900;
/// How long a build that failed, and that nobody asked for, is left alone; and one that was broken off again and again.
pub(crate) const PAUSE: TimeDelta = TimeDelta::minutes(10);
/// How long a build may go on after the signal to stop.
const GRACE: Duration = Duration::from_secs(20);
/// Builds of an organization and contract that are remembered.
pub(crate) const HISTORY: i64 = 100;
/// How much longer nobody looks who has grown than the look took.
const EASE: u32 = 20;

/// What it takes to build indexes.
#[derive(Clone)]
pub struct Parts {
    /// Postgres.
    pub pool: Pool,
    /// Redis, which tells of what was built.
    pub redis: Redis,
    /// Where snapshots go.
    pub shelf: Shelf,
    /// When it is night.
    pub calendar: Calendar,
    /// How often it is looked whether there is something to build.
    pub every: Duration,
    /// How often it is looked whether somebody is gone whom a snapshot holds.
    pub removals_every: Duration,
}

/// What became of one look.
#[derive(Debug, Clone, PartialEq)]
pub enum Round {
    /// Another scheduler is at it.
    Elsewhere,
    /// All that there was to do was tried.
    Done {
        /// What came of it, one build after the other.
        built: Vec<(BuildCause, Built)>,
        /// How many failed; each was logged.
        failed: usize,
    },
}

/// Builds what is due, wanted, outgrown or outlived.
pub struct Indexes {
    parts: Parts,
    /// The connection of the lock, between looks without it.
    conn: Option<Conn>,
    /// The last night of which nothing is left to do.
    done_through: Option<DateTime<Utc>>,
    nights_not_before: DateTime<Utc>,
    removals_not_before: DateTime<Utc>,
    growth_not_before: DateTime<Utc>,
    /// When the builds failed that did so last.
    failed_at: HashMap<Subject, DateTime<Utc>>,
}

/// What was done since the look began.
#[derive(Default)]
struct Done {
    built: Vec<(BuildCause, Built)>,
    failed: usize,
    subjects: HashSet<Subject>,
}

/// What is to be built though nobody asked.
struct Due {
    subjects: Vec<(BuildCause, Subject)>,
    /// The night of which everything is among them.
    night: Option<DateTime<Utc>>,
}

impl Indexes {
    /// Nothing was looked at yet.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self {
            parts,
            conn: None,
            done_through: None,
            nights_not_before: DateTime::<Utc>::MIN_UTC,
            removals_not_before: DateTime::<Utc>::MIN_UTC,
            growth_not_before: DateTime::<Utc>::MIN_UTC,
            failed_at: HashMap::new(),
        }
    }

    /// Builds what there is to build at `now`, unless another scheduler does. Stops between two builds when told to.
    ///
    /// # Errors
    /// When the database is away. What fails for one organization and contract does not keep the others waiting.
    pub async fn look(&mut self, now: DateTime<Utc>, stop: &CancellationToken) -> Result<Round, SchedulerError> {
        let clock = Clock::at(now);
        // Out of the pool for good: the lock ends with the connection, however the look ends.
        let mut conn = match self.conn.take() {
            Some(conn) => conn,
            None => PooledConn::take(store::get(&self.parts.pool).await?),
        };
        if !locks::try_lock(&mut conn, LOCK).await? {
            self.conn = Some(conn);
            return Ok(Round::Elsewhere);
        }
        let Done { built, failed, .. } = self.build_all(&mut conn, clock, stop).await?;
        locks::unlock(&mut conn, LOCK).await?;
        self.conn = Some(conn);
        Ok(Round::Done { built, failed })
    }

    /// Looks again and again, until told to stop.
    ///
    /// # Errors
    /// None; the signature is that of a task.
    pub async fn run(mut self, stop: CancellationToken) -> anyhow::Result<()> {
        let mut looks = tokio::time::interval(self.parts.every);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut is_away = false;
        loop {
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                _ = looks.tick() => {}
            }
            let out_of_time = async {
                stop.cancelled().await;
                tokio::time::sleep(GRACE).await;
            };
            let round = tokio::select! {
                round = self.look(Utc::now(), &stop) => round,
                () = out_of_time => {
                    tracing::warn!("a build was broken off to stop in time; whoever builds next begins it again");
                    return Ok(());
                }
            };
            if let Err(error) = &round
                && !is_away
            {
                tracing::error!(error = error as &dyn std::error::Error, "indexes cannot be built");
            }
            is_away = round.is_err();
        }
    }

    async fn build_all(
        &mut self,
        conn: &mut Conn,
        clock: Clock,
        stop: &CancellationToken,
    ) -> Result<Done, SchedulerError> {
        let mut done = Done::default();
        for IndexBuild { id, organization_id, cause, stage, .. } in index_builds::interrupted(conn, clock.now()).await?
        {
            count(cause, BuildState::Interrupted);
            tracing::warn!(index_build.id = %id, organization.id = %organization_id, ?stage, "a build was broken off");
            self.parts.shelf.tidy(conn, organization_id).await?;
        }
        self.build_wanted(conn, &mut done, clock, stop).await?;
        let Due { subjects, night } = self.due(conn, clock).await?;
        let mut is_left = false;
        for (cause, subject) in subjects {
            if stop.is_cancelled() {
                return Ok(done);
            }
            // It was built in this look already, for another cause.
            if done.subjects.contains(&subject) && cause != BuildCause::Removal {
                continue;
            }
            if !causes::may_begin(conn, &subject, clock.now()).await? {
                is_left = true;
                continue;
            }
            // These need no build, and no record of one, where the newest snapshot is good.
            let needs_none = matches!(cause, BuildCause::Removal | BuildCause::Growth)
                && builder::current(conn, &self.parts.shelf, &subject).await?.is_some();
            if needs_none {
                self.parts.shelf.discard(conn, &subject, builder::kept(&self.parts.shelf, cause)).await?;
                continue;
            }
            self.build_one(conn, cause, subject, &mut done, clock).await?;
            self.build_wanted(conn, &mut done, clock, stop).await?;
        }
        if let Some(night) = night {
            if done.failed == 0 && !is_left {
                self.done_through = Some(night);
            } else {
                self.nights_not_before = clock.now() + PAUSE;
            }
        }
        Ok(done)
    }

    /// What nobody asked for, and is to be built nevertheless.
    async fn due(&mut self, conn: &mut Conn, clock: Clock) -> Result<Due, SchedulerError> {
        let now = clock.now();
        let mut due = Vec::new();
        if now >= self.removals_not_before {
            self.removals_not_before = now + self.parts.removals_every;
            let outlived = causes::removals(conn, &self.parts.shelf).await?;
            due.extend(outlived.into_iter().map(|subject| (BuildCause::Removal, subject)));
        }
        if now >= self.growth_not_before {
            let grown = causes::growth(conn, &self.parts.shelf).await?;
            self.growth_not_before = clock.now() + (clock.now() - now) * EASE as i32;
            due.extend(
                grown.into_iter().filter(|s| self.is_rested(s, now)).map(|subject| (BuildCause::Growth, subject)),
            );
        }
        let last_due = self.parts.calendar.last_due(now);
        let night = last_due.filter(|night| Some(*night) != self.done_through && now >= self.nights_not_before);
        if night.is_some() {
            let nightly = causes::nightly(conn, &self.parts.calendar, now).await?;
            due.extend(nightly.into_iter().map(|subject| (BuildCause::Nightly, subject)));
        }
        Ok(Due { subjects: due, night })
    }

    fn is_rested(&self, subject: &Subject, now: DateTime<Utc>) -> bool {
        self.failed_at.get(subject).is_none_or(|failed_at| now >= *failed_at + PAUSE)
    }

    /// Builds what was asked for, the oldest wish first, until there is no wish left.
    async fn build_wanted(
        &mut self,
        conn: &mut Conn,
        done: &mut Done,
        clock: Clock,
        stop: &CancellationToken,
    ) -> Result<(), SchedulerError> {
        loop {
            let Some((cause, subject)) = causes::wanted(conn, clock.now()).await? else { return Ok(()) };
            if stop.is_cancelled() {
                return Ok(());
            }
            self.build_one(conn, cause, subject, done, clock).await?;
        }
    }

    /// Builds one index, and keeps on record what comes of it.
    async fn build_one(
        &mut self,
        conn: &mut Conn,
        cause: BuildCause,
        subject: Subject,
        done: &mut Done,
        clock: Clock,
    ) -> Result<(), SchedulerError> {
        let Parts { pool, shelf, redis, .. } = &self.parts;
        let Subject { organization_id, contract } = &subject;
        let IndexBuild { id, cause, .. } =
            index_builds::begin(conn, *organization_id, contract, cause, clock.now()).await?;
        let (mut progress, steps) = Progress::new();
        let began = std::time::Instant::now();
        let work = builder::build(conn, shelf, &subject, id, clock, &mut progress);
        let result = telling(pool, id, clock, steps, Box::pin(work)).await;
        metrics::histogram!("rollcall_index_build_seconds").record(began.elapsed());
        match result {
            Ok(built) => {
                count(cause, built.state());
                if cause == BuildCause::Removal {
                    metrics::counter!("rollcall_snapshots_replaced_total").increment(1);
                }
                if let Built::New(version) = &built {
                    tell(redis, version).await;
                }
                let keep = if built == Built::Emptied { 0 } else { builder::kept(shelf, cause) };
                shelf.discard(conn, &subject, keep).await?;
                done.built.push((cause, built));
                self.failed_at.remove(&subject);
            }
            // Whoever gets the lock next takes it up.
            Err(error) if error.is_lost() => return Err(error),
            Err(error) => {
                count(cause, BuildState::Failed);
                metrics::counter!("rollcall_index_build_failures_total", "cause" => domain::wire::name(&cause))
                    .increment(1);
                let problem = error.problem();
                log_failure(&subject, &error);
                if let Some((stage, done, total)) = progress.stage() {
                    index_builds::progress(conn, id, stage, done, total, clock.now()).await?;
                }
                index_builds::end(conn, id, BuildState::Failed, None, Some(&problem), clock.now()).await?;
                shelf.tidy(conn, *organization_id).await?;
                done.failed += 1;
                self.failed_at.insert(subject.clone(), clock.now());
            }
        }
        index_builds::prune(conn, *organization_id, contract, HISTORY).await?;
        done.subjects.insert(subject);
        Ok(())
    }
}

fn log_failure(subject: &Subject, error: &SchedulerError) {
    let Subject { organization_id, contract } = subject;
    let error = error as &dyn std::error::Error;
    tracing::error!(error, organization.id = %organization_id, %contract, "an index was not built");
}

fn count(cause: BuildCause, outcome: BuildState) {
    let (cause, outcome) = (domain::wire::name(&cause), domain::wire::name(&outcome));
    metrics::counter!("rollcall_index_builds_total", "outcome" => outcome, "cause" => cause).increment(1);
}

/// When Redis is away, workers find the snapshot at their next look.
async fn tell(redis: &Redis, version: &IndexVersion) {
    let IndexVersion { id, organization_id, contract, watermark, templates, bytes, build_ms, .. } = version;
    metrics::gauge!("rollcall_index_snapshot_bytes").set(*bytes as f64);
    let organization = organization_id;
    tracing::info!(organization.id = %organization, %contract, templates, bytes, build_ms, "a global index was built");
    let body = EventBody::IndexBuilt {
        contract: contract.clone(),
        version_id: *id,
        watermark: *watermark,
        templates: *templates,
    };
    if let Err(error) = redis.announce(&Event { organization_id: *organization_id, body }).await {
        tracing::warn!(error = &error as &dyn std::error::Error, "an event was not announced");
    }
}
