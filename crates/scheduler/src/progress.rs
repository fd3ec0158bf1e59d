//! How far a build has come, told to whoever watches.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use chrono::{DateTime, SubsecRound, Utc};
use domain::index::BuildStage;
use store::{Pool, StoreError};
use tokio::sync::watch;
use uuid::Uuid;

/// Time from one word about a build to the next.
const SPACING: Duration = Duration::from_millis(500);

/// The time, counted on from when a look began.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    began: DateTime<Utc>,
    since: Instant,
}

impl Clock {
    /// A clock that shows `now`.
    #[must_use]
    pub fn at(now: DateTime<Utc>) -> Self {
        Self { began: now, since: Instant::now() }
    }

    /// What it shows, in whole microseconds, as Postgres keeps times.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        (self.began + self.since.elapsed()).trunc_subsecs(6)
    }
}

/// Where a build is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    stage: BuildStage,
    done: usize,
    total: usize,
}

/// Keeps the stages of a build, and how long each took.
#[derive(Debug)]
pub(crate) struct Progress {
    steps: watch::Sender<Option<Step>>,
    current: Option<(BuildStage, Instant)>,
    times: BTreeMap<BuildStage, i64>,
}

impl Progress {
    /// That of a build which is about to begin, and where to hear of it.
    pub(crate) fn new() -> (Self, watch::Receiver<Option<Step>>) {
        let (steps, told) = watch::channel(None);
        (Self { steps, current: None, times: BTreeMap::new() }, told)
    }

    /// A stage begins, with `total` templates to go through; 0 when it cannot be said how many.
    pub(crate) fn enter(&mut self, stage: BuildStage, total: usize) {
        self.leave();
        self.current = Some((stage, Instant::now()));
        self.steps.send_replace(Some(Step { stage, done: 0, total }));
    }

    /// So many of the templates of the stage are done.
    pub(crate) fn reach(&self, done: usize) {
        self.steps.send_if_modified(|step| match step {
            Some(step) => std::mem::replace(&mut step.done, done) != done,
            None => false,
        });
    }

    /// The stage that it is in, and how many of how many templates of it are done.
    pub(crate) fn stage(&self) -> Option<(BuildStage, i64, i64)> {
        self.steps.borrow().map(|Step { stage, done, total }| (stage, whole(done), whole(total)))
    }

    /// The present stage ends. Answers with how long each took, in milliseconds.
    pub(crate) fn leave(&mut self) -> &BTreeMap<BuildStage, i64> {
        if let Some((stage, began)) = self.current.take() {
            let took = began.elapsed();
            metrics::histogram!("rollcall_index_build_stage_seconds", "stage" => domain::wire::name(&stage))
                .record(took);
            *self.times.entry(stage).or_default() += i64::try_from(took.as_millis()).unwrap_or(i64::MAX);
        }
        &self.times
    }
}

/// Does the work of the build `id`, and meanwhile tells how far it has come: on connections of the pool, and no more
/// often than twice a second. What cannot be told is left out, since nobody depends on it.
pub(crate) async fn telling<T>(
    pool: &Pool,
    id: Uuid,
    clock: Clock,
    steps: watch::Receiver<Option<Step>>,
    work: impl Future<Output = T>,
) -> T {
    tokio::select! {
        done = work => done,
        never = tell(pool, id, clock, steps) => match never {},
    }
}

async fn tell(
    pool: &Pool,
    id: Uuid,
    clock: Clock,
    mut steps: watch::Receiver<Option<Step>>,
) -> std::convert::Infallible {
    while steps.changed().await.is_ok() {
        let Some(Step { stage, done, total }) = *steps.borrow_and_update() else { continue };
        let telling = async {
            let mut conn = store::get(pool).await?;
            store::index_builds::progress(&mut conn, id, stage, whole(done), whole(total), clock.now()).await
        };
        match telling.await {
            Ok(()) => {}
            // It does not run any more, as far as others know.
            Err(StoreError::NotFound) => break,
            Err(error) => {
                tracing::debug!(error = &error as &dyn std::error::Error, "nobody was told how far a build has come");
            }
        }
        tokio::time::sleep(SPACING).await;
    }
    std::future::pending().await
}

fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
