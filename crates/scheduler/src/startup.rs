//! Building the scheduler, running it, and stopping it.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use index::snapshot::SnapshotFolder;
use messaging::{Broker, Namespace, Redis};
use process::health::{self, Health};
use process::tasks::Tasks;
use store::{Pool, Sealer};
use tokio_util::sync::CancellationToken;

use crate::error::SchedulerError;
use crate::indexes::{Indexes, Parts};
use crate::retention::Retention;
use crate::settings::Settings;
use crate::shelf::Shelf;
use crate::sweep::Sweep;
use crate::timetable::Timetable;

/// A scheduler that is ready to run.
pub struct Application {
    listener: TcpListener,
    port: u16,
    health: Health,
    indexes: Indexes,
    retention: Retention,
    sweep: Sweep,
    timetable: Timetable,
}

impl Application {
    /// Checks the settings, binds the health port and connects.
    ///
    /// # Errors
    /// [`SchedulerError`] says what is missing. Servers that are away are no error: the scheduler waits for them.
    pub async fn build(settings: &Settings) -> Result<Self, SchedulerError> {
        settings.check()?;
        let metrics = process::telemetry::init(&settings.log)?;
        let listener = TcpListener::bind(&settings.health.bind)?;
        let port = listener.local_addr()?.port();
        let namespace = Namespace::new(&settings.deployment.namespace);
        let pool = store::connect(&settings.database)?;
        let broker = Broker::connect(&settings.broker, &namespace, settings.frames.clone()).await?;
        let shelf = Shelf {
            sealer: Sealer::of(&settings.database)?,
            folder: SnapshotFolder::open(&settings.index)?,
            keep: settings.index.keep,
            exhaustive: settings.index.exhaustive_templates,
        };
        let sealer = shelf.sealer.clone();
        let redis = Redis::connect(&settings.redis, &namespace)?;
        let indexes = Indexes::new(Parts {
            pool: pool.clone(),
            redis: redis.clone(),
            shelf,
            calendar: settings.calendar()?,
            every: Duration::from_secs(settings.schedule.index_look_seconds.into()),
            removals_every: Duration::from_secs(settings.schedule.sweep_seconds.into()),
        });
        let every = Duration::from_secs(settings.schedule.retention_seconds.into());
        let retention = Retention { pool: pool.clone(), every };
        let sweep = Sweep {
            pool: pool.clone(),
            sealer,
            broker: broker.clone(),
            every: Duration::from_secs(settings.schedule.sweep_seconds.into()),
            stuck_after: TimeDelta::seconds(settings.schedule.stuck_seconds.into()),
        };
        let timetable = Timetable {
            pool: pool.clone(),
            redis,
            settings: settings.timetable,
            every: Duration::from_secs(settings.schedule.timetable_seconds.into()),
        };
        let health = Health::new(Some(metrics))
            .check("database", move || check_database(pool.clone()))
            .check("broker", move || check_broker(broker.clone()));
        Ok(Self { listener, port, health, indexes, retention, sweep, timetable })
    }

    /// The port that probes are answered on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Runs until `stop`, or until a part fails.
    ///
    /// # Errors
    /// Which part failed.
    pub async fn run_until_stopped(self, stop: CancellationToken) -> anyhow::Result<()> {
        let mut tasks = Tasks::new(stop.clone());
        let (listener, health, probes) = (self.listener, Arc::new(self.health), stop.clone());
        tasks.spawn("health", async move { Ok(health::serve(listener, health, probes).await?) });
        tasks.spawn("indexes", self.indexes.run(stop.clone()));
        tasks.spawn("retention", self.retention.run(stop.clone()));
        tasks.spawn("sweep", self.sweep.run(stop.clone()));
        tasks.spawn("timetable", self.timetable.run(stop));
        tasks.run_until_stopped().await
    }
}

async fn check_database(pool: Pool) -> Result<(), String> {
    let mut conn = store::get(&pool).await.map_err(|_away| "not reachable".to_owned())?;
    match store::is_migrated(&mut conn).await {
        Ok(true) => Ok(()),
        Ok(false) => Err("not migrated: run `rollcall migrate`".to_owned()),
        Err(_away) => Err("not reachable".to_owned()),
    }
}

#[expect(clippy::unused_async, reason = "a check is asynchronous")]
async fn check_broker(broker: Broker) -> Result<(), String> {
    if broker.is_ready() { Ok(()) } else { Err("not connected".to_owned()) }
}
