//! The timetable: sessions of series are made ahead, and automatic sessions are started and closed.
//!
//! Each session is moved in a transaction that looks again whether it is time, and each series is planned under a lock: two
//! schedulers at once do no more than one. Whoever watches is told after the commit.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::event::{Event, EventBody};
use domain::id::SeriesId;
use domain::session::{Session, SessionState};
use messaging::Redis;
use store::series::{PlanError, Planned, TimetableSettings};
use store::{Pool, StoreError};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::error::SchedulerError;

const BATCH: i64 = 100;
/// How long ago a series was planned when it is planned again: its horizon has moved on, or its organization's zone has
/// changed.
const STALE: TimeDelta = TimeDelta::hours(1);

/// What the timetable works with.
#[derive(Clone)]
pub struct Timetable {
    /// Postgres.
    pub pool: Pool,
    /// Redis.
    pub redis: Redis,
    /// How far ahead sessions are made.
    pub settings: TimetableSettings,
    /// How often it looks.
    pub every: Duration,
}

/// What a look came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Moved {
    /// Sessions that were started.
    pub started: usize,
    /// Sessions that were closed.
    pub closed: usize,
}

impl Timetable {
    /// Starts and closes the automatic sessions for which it is time at `now`.
    ///
    /// # Errors
    /// When the database is away. A session that cannot be moved is logged, and does not keep the others waiting.
    pub async fn move_sessions(&self, now: DateTime<Utc>) -> Result<Moved, SchedulerError> {
        let mut moved = Moved::default();
        loop {
            let mut conn = store::get(&self.pool).await?;
            let due = store::sessions::due(&mut conn, now, BATCH).await?;
            let before = moved;
            for (organization_id, id) in due {
                match store::sessions::move_on(&mut conn, organization_id, id, now).await {
                    Ok(Some(session)) => {
                        match session.state {
                            SessionState::Closed => moved.closed += 1,
                            SessionState::Active | SessionState::Scheduled => moved.started += 1,
                        }
                        self.tell(&session).await;
                    }
                    // Another scheduler, or somebody, was first.
                    Ok(None) => {}
                    Err(error @ StoreError::Unavailable(_)) => return Err(error.into()),
                    Err(error) => {
                        let error = &error as &dyn std::error::Error;
                        tracing::error!(session.id = %id, error, "a session was not started or closed");
                    }
                }
            }
            if moved == before {
                return Ok(moved);
            }
        }
    }

    /// Makes the sessions of the series that were planned longest ago, and long enough. Stops between two series when told
    /// to.
    ///
    /// # Errors
    /// When the database is away. A series that cannot be planned is logged.
    pub async fn plan_ahead(&self, now: DateTime<Utc>, stop: &CancellationToken) -> Result<Planned, SchedulerError> {
        let mut sum = Planned::default();
        loop {
            let mut conn = store::get(&self.pool).await?;
            let stale = store::series::planned_before(&mut conn, now - STALE, BATCH).await?;
            if stale.is_empty() {
                return Ok(sum);
            }
            for (organization, id) in stale {
                if stop.is_cancelled() {
                    return Ok(sum);
                }
                match store::series::plan_ahead(&mut conn, organization, id, self.settings, now).await {
                    Ok(Planned { made, changed, cancelled }) => {
                        sum.made += made;
                        sum.changed += changed;
                        sum.cancelled += cancelled;
                        metrics::counter!("rollcall_sessions_planned_total").increment(made as u64);
                    }
                    // Given up meanwhile.
                    Err(PlanError::Store(StoreError::NotFound)) => {}
                    Err(PlanError::Store(error @ StoreError::Unavailable(_))) => return Err(error.into()),
                    Err(error) => {
                        log_unplanned(id, &error);
                        store::series::looked_at(&mut conn, organization, id, now).await?;
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
            let now = Utc::now();
            if let Err(error) = self.move_sessions(now).await {
                tracing::error!(error = &error as &dyn std::error::Error, "sessions were not started and closed");
                continue;
            }
            if let Err(error) = self.plan_ahead(now, &stop).await {
                tracing::error!(error = &error as &dyn std::error::Error, "sessions were not made ahead");
            }
        }
    }

    /// When Redis is away, whoever watches is told to look again once it is back.
    async fn tell(&self, session: &Session) {
        let state = domain::wire::name(&session.state);
        metrics::counter!("rollcall_sessions_moved_total", "to" => state.clone()).increment(1);
        tracing::info!(session.id = %session.id, state, "a session went on by itself");
        let body = EventBody::SessionChanged { session_id: session.id, state: session.state };
        let event = Event { organization_id: session.organization_id, body };
        if let Err(error) = self.redis.announce(&event).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "an event was not announced");
        }
    }
}

fn log_unplanned(id: SeriesId, error: &PlanError) {
    tracing::error!(series.id = %id, error = error as &dyn std::error::Error, "a series was not planned");
}
