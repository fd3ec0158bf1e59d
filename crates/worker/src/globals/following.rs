//! One index following its organization's log, as long as anybody wants it.
//!
//! There is one task for each: it alone changes its replica. Another one beside it loads, so that what is searched goes on
//! following meanwhile.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use index::GlobalIndex;
use store::StoreError;
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::loading::{FollowError, Loaded, Purpose, load, next};
use super::{Key, Sources};
use crate::blocking::blocking;
use crate::measure;
use crate::replica::Replica;

/// How long a snapshot that was refused is left alone at first, and at most; a load that failed likewise.
const PAUSES: [Duration; 2] = [Duration::from_secs(5), Duration::from_secs(300)];

/// What it takes to follow one log.
pub(super) struct Follower {
    sources: Arc<Sources>,
    key: Key,
    replica: Arc<Replica>,
    /// Those who load wait for each other: an index takes much memory while it is read.
    loads: Arc<Semaphore>,
    changed: Arc<Notify>,
    loading: JoinSet<Result<Loaded, FollowError>>,
    /// After the next failure to load.
    pause: Duration,
    load_not_before: Option<Instant>,
}

/// The organization is not there any more.
pub(super) struct Gone;

impl Follower {
    /// Nothing is loaded yet. `changed` is notified when there is something to tell of the replica.
    pub(super) fn new(
        sources: Arc<Sources>,
        key: Key,
        replica: Arc<Replica>,
        loads: Arc<Semaphore>,
        changed: Arc<Notify>,
    ) -> Self {
        let loading = JoinSet::new();
        Self { sources, key, replica, loads, changed, loading, pause: PAUSES[0], load_not_before: None }
    }

    /// Follows until the organization is gone.
    pub(super) async fn follow(mut self) -> Gone {
        loop {
            match self.step().await {
                Ok(()) => {}
                Err(FollowError::Store(StoreError::NotFound)) => return Gone,
                Err(error) => self.failed(&error),
            }
            let loaded = tokio::select! {
                Some(loaded) = self.loading.join_next() => loaded,
                () = self.replica.woken() => continue,
            };
            let loaded = loaded.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
            match self.take(loaded).await {
                Ok(()) => self.replica.wake(),
                Err(FollowError::Store(StoreError::NotFound)) => return Gone,
                Err(error) => {
                    // A database that is away is there again when somebody wakes us.
                    if !matches!(error, FollowError::Store(StoreError::Unavailable(_))) {
                        self.wait_longer();
                    }
                    self.failed(&error);
                }
            }
        }
    }

    /// Takes in what there is, and begins to load where that is due.
    async fn step(&mut self) -> Result<(), FollowError> {
        if self.replica.is_there() {
            self.catch_up().await?;
        }
        if !self.loading.is_empty() || self.load_not_before.is_some_and(|until| Instant::now() < until) {
            return Ok(());
        }
        let purpose = if !self.replica.is_there() {
            Purpose::First
        } else if self.newer().await? {
            Purpose::Newer { than: self.replica.facts().began_at }
        } else {
            return Ok(());
        };
        self.changed.notify_one();
        tracing::info!(organization.id = %self.key.0, ?purpose, "an index is being loaded");
        let (sources, key, loads) = (Arc::clone(&self.sources), self.key.clone(), Arc::clone(&self.loads));
        self.loading.spawn(async move {
            let _turn = loads.acquire().await;
            load(&sources, &key, purpose).await
        });
        Ok(())
    }

    /// Takes in what the organization's log has beyond the watermark.
    async fn catch_up(&self) -> Result<(), FollowError> {
        let (replica, began) = (&self.replica, Instant::now());
        let revision = self.sources.revision(self.key.0).await?;
        if replica.watermark() > revision {
            // The database was restored to an earlier day: what we hold may not be in it.
            replica.clear(self.key.1.clone());
            replica.facts().revision = revision;
            return Ok(());
        }
        if replica.watermark() < revision {
            let mut index = (*replica.index()).clone();
            while index.watermark() < revision {
                index = next(&self.sources, &self.key, index, revision).await?;
            }
            self.publish(index).await;
            measure::index_caught_up(began.elapsed());
        }
        let mut facts = replica.facts();
        facts.revision = facts.revision.max(revision);
        facts.current_at = Instant::now();
        facts.failing_since = None;
        Ok(())
    }

    /// Whether there is a newer snapshot than the replica began with that is worth a try.
    async fn newer(&self) -> Result<bool, FollowError> {
        let mut conn = store::get(&self.sources.pool).await?;
        let newest = store::index_versions::newest(&mut conn, self.key.0, &self.key.1).await?;
        Ok(newest.is_some_and(|newest| self.replica.facts().wants(newest.id, Instant::now())))
    }

    /// Puts what was loaded in the place of what is searched.
    async fn take(&mut self, loaded: Result<Loaded, FollowError>) -> Result<(), FollowError> {
        let Loaded { index, version, began_at, newest, refused } = loaded?;
        let again_at = if refused { Some(self.wait_longer()) } else { None };
        if let Some(index) = index {
            let mut index = index;
            // What is searched has gone on meanwhile.
            while index.watermark() < self.replica.watermark() {
                index = next(&self.sources, &self.key, index, self.replica.watermark()).await?;
            }
            if !refused {
                (self.pause, self.load_not_before) = (PAUSES[0], None);
            }
            {
                let mut facts = self.replica.facts();
                (facts.version, facts.began_at) = (version, began_at);
                facts.settled = newest.map(|newest| (newest, again_at));
            }
            self.publish(index).await;
            self.tell_of_the_swap(version);
        } else {
            self.replica.facts().settled = newest.map(|newest| (newest, again_at));
        }
        self.changed.notify_one();
        Ok(())
    }

    fn tell_of_the_swap(&self, version: Option<Uuid>) {
        let index = self.replica.index();
        let (templates, people, watermark) = (index.len(), index.people(), index.watermark());
        let snapshot = version.map(tracing::field::display);
        tracing::info!(
            organization.id = %self.key.0, templates, people, watermark, snapshot.id = snapshot, "an index is searched from now on"
        );
    }

    /// Nobody waits for this, nor for the freeing of what was searched before.
    async fn publish(&self, index: GlobalIndex) {
        let began = Instant::now();
        let old = self.replica.publish(Arc::new(index));
        measure::index_swapped(began.elapsed());
        blocking(move || drop(old)).await;
    }

    /// Leaves loading alone for a while, and answers until when.
    fn wait_longer(&mut self) -> Instant {
        let until = Instant::now() + self.pause;
        self.pause = PAUSES[1].min(self.pause * 2);
        self.load_not_before = Some(until);
        until
    }

    fn failed(&self, error: &FollowError) {
        measure::replica_failed();
        let is_news = self.replica.facts().failing_since.is_none();
        self.replica.facts().failing_since.get_or_insert_with(Instant::now);
        // Those that follow are of the same kind, mostly.
        if is_news {
            let error = error as &dyn Error;
            tracing::warn!(organization.id = %self.key.0, error, "an organization's index is left as it is; trying on");
        }
    }
}
