//! The organizations' indexes, which say who a face is that is nobody on the roster.
//!
//! Each begins with the newest good snapshot, or with Postgres where there is none, and follows its organization's log of
//! template changes. There is one for each organization and contract that has a session now or soon, or sent a frame; it
//! is given up when nobody has asked for it for long. Frames wake an index when the revision has moved, and wait for it,
//! but not for long. What nobody told is found by `versions`.

mod following;
mod loading;
mod telling;

use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use domain::contract::ContractId;
use domain::id::OrganizationId;
use index::GlobalIndex;
use index::snapshot::SnapshotFolder;
use messaging::Redis;
use store::versions::Versions;
use store::{Pool, Sealer, StoreError};
use tokio::sync::{Notify, Semaphore};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use self::following::{Follower, Gone};
use crate::replica::Replica;

/// How soon a session must begin for its organization's index to be loaded.
const HORIZON: TimeDelta = TimeDelta::hours(1);
/// How often it is looked which sessions begin, and which indexes nobody asks for.
const ROUND: Duration = Duration::from_secs(30);
/// Indexes that are loaded at a time: each takes much memory and a connection while it is read.
const LOADS: usize = 2;

/// What it takes to follow the organizations' logs.
pub(crate) struct Sources {
    pub(crate) pool: Pool,
    pub(crate) sealer: Sealer,
    pub(crate) redis: Redis,
    pub(crate) snapshots: SnapshotFolder,
    /// Those of the encoders that this worker has: nobody else's templates are worth loading.
    pub(crate) contracts: Vec<ContractId>,
}

impl Sources {
    /// The organization's template revision.
    async fn revision(&self, organization: OrganizationId) -> Result<i64, StoreError> {
        let mut conn = store::get(&self.pool).await?;
        store::templates::revision(&mut conn, organization).await
    }
}

/// The indexes of the organizations that are looked for.
pub(crate) struct Globals {
    sources: Arc<Sources>,
    patience: Duration,
    idle: Duration,
    replicas: Mutex<HashMap<Key, Held>>,
    /// An index is asked for that nobody follows yet.
    news: Notify,
    /// Somebody should be told how the indexes stand.
    changed: Arc<Notify>,
    /// What must be loaded before this worker is ready, as soon as that is known.
    wanted: OnceLock<Vec<Key>>,
    worker_id: Uuid,
}

/// An organization, and the contract of the templates.
pub(crate) type Key = (OrganizationId, ContractId);

struct Held {
    replica: Arc<Replica>,
    follower: Option<AbortHandle>,
}

impl Globals {
    /// No indexes yet. `patience` is how long a frame waits for one, `idle` for how long one is kept that nobody asks for.
    pub(crate) fn new(sources: Sources, patience: Duration, idle: Duration) -> Self {
        Self {
            sources: Arc::new(sources),
            patience,
            idle,
            replicas: Mutex::default(),
            news: Notify::new(),
            changed: Arc::new(Notify::new()),
            wanted: OnceLock::new(),
            worker_id: Uuid::now_v7(),
        }
    }

    /// The index of an organization's templates of one contract. Holds what was known when this was called, unless loading
    /// it or taking that in takes too long, or the database is away: then it is as it is.
    pub(crate) async fn current(&self, organization: OrganizationId, contract: &ContractId) -> Arc<GlobalIndex> {
        let replica = self.replica(&(organization, contract.clone()));
        replica.asked();
        // One that takes long to load must not hold up the frames of others, again and again.
        let patience = if replica.is_worth_waiting_for(self.patience) { self.patience } else { Duration::ZERO };
        if !matches!(tokio::time::timeout(patience, self.caught_up(organization, &replica)).await, Ok(Ok(()))) {
            tracing::debug!(organization.id = %organization, "an organization's index is searched before it is current");
        }
        replica.index()
    }

    /// The index, if it is there before `patience` is over, and for the rest as [`Self::current`] has it.
    pub(crate) async fn current_within(
        &self,
        organization: OrganizationId,
        contract: &ContractId,
        patience: Duration,
    ) -> Option<Arc<GlobalIndex>> {
        let replica = self.replica(&(organization, contract.clone()));
        replica.asked();
        // One who finds it out of date has waited, and takes it as it is.
        let _ = tokio::time::timeout(patience, self.caught_up(organization, &replica)).await;
        replica.is_there().then(|| replica.index())
    }

    async fn caught_up(&self, organization: OrganizationId, replica: &Replica) -> Result<(), StoreError> {
        let wanted = self.newest_revision(organization).await?;
        if replica.watermark() < wanted {
            replica.wake();
            replica.reached(wanted).await;
        }
        Ok(())
    }

    async fn newest_revision(&self, organization: OrganizationId) -> Result<i64, StoreError> {
        let told = self.sources.redis.template_revision(organization).await;
        if let Ok(Some(revision)) = told {
            return Ok(revision);
        }
        let revision = self.sources.revision(organization).await?;
        if told.is_ok() {
            // Saves the next frame the question; that it fails costs no more than that.
            let _ = self.sources.redis.raise_template_revision(organization, revision).await;
        }
        Ok(revision)
    }

    /// Keeps all indexes current until `shutdown`.
    pub(crate) async fn follow(&self, shutdown: CancellationToken) {
        let mut rounds = tokio::time::interval(ROUND);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let loads = Arc::new(Semaphore::new(LOADS));
        let mut followers: JoinSet<Key> = JoinSet::new();
        let following = async {
            loop {
                tokio::select! {
                    _ = rounds.tick() => self.go_round().await,
                    () = self.news.notified() => {}
                    Some(ended) = followers.join_next() => match ended {
                        Ok(key) => self.forget(&key).await,
                        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
                        Err(_given_up) => {}
                    },
                }
                self.begin_to_follow(&mut followers, &loads);
            }
        };
        shutdown.run_until_cancelled(following).await;
        followers.shutdown().await;
    }

    fn begin_to_follow(&self, followers: &mut JoinSet<Key>, loads: &Arc<Semaphore>) {
        for (key, held) in self.replicas().iter_mut().filter(|(_, held)| held.follower.is_none()) {
            let (sources, replica, loads) = (Arc::clone(&self.sources), Arc::clone(&held.replica), Arc::clone(loads));
            let follower = Follower::new(sources, key.clone(), replica, loads, Arc::clone(&self.changed));
            let key = key.clone();
            held.follower = Some(followers.spawn(async move {
                let Gone = follower.follow().await;
                key
            }));
        }
    }

    /// Sees to the indexes that sessions want, and gives up those that nobody asks for.
    async fn go_round(&self) {
        match self.in_session().await {
            Ok(keys) => {
                keys.iter().for_each(|key| self.replica(key).asked());
                // Only what the first round wants holds up a worker.
                let _ = self.wanted.set(keys);
            }
            Err(error) => {
                let error = &error as &dyn Error;
                tracing::debug!(error, "it cannot be asked which indexes will be needed; asking again");
            }
        }
        let idle: Vec<Key> = self.all().into_iter().filter(|(_, r)| r.idle() > self.idle).map(|(key, _)| key).collect();
        for key in idle {
            self.forget(&key).await;
        }
    }

    async fn in_session(&self) -> Result<Vec<Key>, StoreError> {
        let mut conn = store::get(&self.sources.pool).await?;
        let mut found = store::versions::in_session(&mut conn, Utc::now(), HORIZON).await?;
        found.retain(|(_, contract)| self.sources.contracts.contains(contract));
        Ok(found)
    }

    /// The organizations that are followed.
    pub(crate) fn followed(&self) -> Vec<OrganizationId> {
        let mut organizations: Vec<OrganizationId> = self.replicas().keys().map(|(id, _)| *id).collect();
        organizations.sort_unstable();
        organizations.dedup();
        organizations
    }

    /// Wakes those indexes that are not what Postgres said a moment ago, of the organizations that [`Self::followed`] named.
    pub(crate) fn compare(&self, asked: &[OrganizationId], truth: &Versions) {
        for (key, replica) in self.all().into_iter().filter(|(key, _)| asked.contains(&key.0)) {
            match truth.templates.get(&key.0) {
                Some(revision) => replica.compare(*revision, truth.snapshots.get(&key).copied()),
                // Its organization is gone: it finds out.
                None => replica.wake(),
            }
        }
    }

    fn replica(&self, key: &Key) -> Arc<Replica> {
        let mut replicas = self.replicas();
        if let Some(held) = replicas.get(key) {
            return Arc::clone(&held.replica);
        }
        let replica = Arc::new(Replica::new(key.1.clone()));
        replicas.insert(key.clone(), Held { replica: Arc::clone(&replica), follower: None });
        self.news.notify_one();
        replica
    }

    fn replicas(&self) -> MutexGuard<'_, HashMap<Key, Held>> {
        self.replicas.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn all(&self) -> Vec<(Key, Arc<Replica>)> {
        self.replicas().iter().map(|(key, held)| (key.clone(), Arc::clone(&held.replica))).collect()
    }

    async fn forget(&self, key: &Key) {
        let held = self.replicas().remove(key);
        if let Some(follower) = held.and_then(|held| held.follower) {
            follower.abort();
        }
        self.untell(key).await;
    }
}

#[cfg(test)]
pub(crate) mod tests;
