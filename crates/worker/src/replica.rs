//! One organization's index as this worker holds it: what is searched now, and how new that is.
//!
//! What is searched never changes: the next state is made beside it and takes its place. Searching never waits for that,
//! and never sees half a change.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

use domain::contract::ContractId;
use domain::index::ReplicaState;
use index::GlobalIndex;
use tokio::sync::{Notify, watch};
use uuid::Uuid;

/// The watermark of an index that is not there yet: below that of an organization without a template.
const NOT_THERE: i64 = -1;

/// Searched by many, changed by one.
pub(crate) struct Replica {
    index: RwLock<Arc<GlobalIndex>>,
    watermark: watch::Sender<i64>,
    news: Notify,
    facts: Mutex<Facts>,
}

/// What there is to tell of a replica besides its index.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    /// The snapshot that it began with; `None` when it began with Postgres, or has not begun.
    pub(crate) version: Option<Uuid>,
    /// The watermark of what it began with.
    pub(crate) began_at: i64,
    /// The newest snapshot that was tried or passed over, and when it is worth another look.
    pub(crate) settled: Option<(Uuid, Option<Instant>)>,
    /// The newest revision that anybody heard of.
    pub(crate) revision: i64,
    /// When it last held all there was.
    pub(crate) current_at: Instant,
    /// Since when it could not follow; `None` while it can.
    pub(crate) failing_since: Option<Instant>,
    /// When it was last asked for.
    pub(crate) asked_at: Instant,
    /// When it was first asked for.
    pub(crate) wanted_since: Instant,
}

/// A replica at one moment.
#[derive(Debug, Clone)]
pub(crate) struct Standing {
    pub(crate) index: Arc<GlobalIndex>,
    pub(crate) facts: Facts,
    pub(crate) state: ReplicaState,
}

impl Standing {
    /// How many revisions it is behind; 0 as long as there is nothing to be behind with.
    pub(crate) fn lag(&self) -> i64 {
        match self.state {
            ReplicaState::Following => (self.facts.revision - self.index.watermark()).max(0),
            ReplicaState::Loading => self.facts.revision.max(0),
        }
    }
}

impl Replica {
    /// One that holds nothing yet.
    pub(crate) fn new(contract: ContractId) -> Self {
        let now = Instant::now();
        let facts = Facts {
            version: None,
            began_at: NOT_THERE,
            settled: None,
            revision: NOT_THERE,
            current_at: now,
            failing_since: None,
            asked_at: now,
            wanted_since: now,
        };
        Self {
            index: RwLock::new(Arc::new(GlobalIndex::new(contract))),
            watermark: watch::Sender::new(NOT_THERE),
            news: Notify::new(),
            facts: Mutex::new(facts),
        }
    }

    /// What is to be searched now; empty before the first was loaded.
    pub(crate) fn index(&self) -> Arc<GlobalIndex> {
        Arc::clone(&self.index.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The revision up to which it holds every change; negative before the first index was loaded.
    pub(crate) fn watermark(&self) -> i64 {
        *self.watermark.borrow()
    }

    /// Whether there is an index.
    pub(crate) fn is_there(&self) -> bool {
        self.watermark() > NOT_THERE
    }

    /// Waits until it holds every change up to `revision`.
    pub(crate) async fn reached(&self, revision: i64) {
        // The sender is ours: it is not closed.
        let _ = self.watermark.subscribe().wait_for(|watermark| *watermark >= revision).await;
    }

    /// Puts `index` in the place of what is searched, and gives that back: freeing a large one takes its time.
    pub(crate) fn publish(&self, index: Arc<GlobalIndex>) -> Arc<GlobalIndex> {
        let watermark = index.watermark();
        let old = std::mem::replace(&mut *self.index.write().unwrap_or_else(PoisonError::into_inner), index);
        self.watermark.send_replace(watermark);
        old
    }

    /// Begins anew with nothing: what it holds is of a database that is no more.
    pub(crate) fn clear(&self, contract: ContractId) {
        self.publish(Arc::new(GlobalIndex::new(contract)));
        self.watermark.send_replace(NOT_THERE);
        let mut facts = self.facts();
        (facts.version, facts.began_at, facts.settled) = (None, NOT_THERE, None);
    }

    /// Says that there may be something to take in.
    pub(crate) fn wake(&self) {
        self.news.notify_one();
    }

    /// Waits until there may be something to take in.
    pub(crate) async fn woken(&self) {
        self.news.notified().await;
    }

    /// What there is to tell of it, to be changed.
    pub(crate) fn facts(&self) -> MutexGuard<'_, Facts> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// It was asked for.
    pub(crate) fn asked(&self) {
        self.facts().asked_at = Instant::now();
    }

    /// Whether it may soon be what is wanted: not when it has been loading, or has failed to follow, for longer than `patience`.
    pub(crate) fn is_worth_waiting_for(&self, patience: Duration) -> bool {
        let facts = self.facts();
        let troubled_since = facts.failing_since.or((!self.is_there()).then_some(facts.wanted_since));
        troubled_since.is_none_or(|since| since.elapsed() <= patience)
    }

    /// For how long nobody has asked for it.
    pub(crate) fn idle(&self) -> Duration {
        self.facts().asked_at.elapsed()
    }

    /// Notes that the organization was at `revision` a moment ago, and wakes the replica if it, or the newest snapshot, is
    /// another than it has.
    pub(crate) fn compare(&self, revision: i64, newest: Option<Uuid>) {
        let (watermark, now) = (self.watermark(), Instant::now());
        let is_news = {
            let mut facts = self.facts();
            facts.revision = facts.revision.max(revision);
            if watermark == revision {
                facts.current_at = now;
                facts.failing_since = None;
            }
            watermark != revision || newest.is_some_and(|newest| facts.wants(newest, now))
        };
        if is_news {
            self.wake();
        }
    }

    /// The replica at this moment.
    pub(crate) fn standing(&self) -> Standing {
        let state = if self.is_there() { ReplicaState::Following } else { ReplicaState::Loading };
        Standing { index: self.index(), facts: self.facts().clone(), state }
    }
}

impl Facts {
    /// Whether a snapshot is another than it began with, and was not dealt with yet.
    pub(crate) fn wants(&self, newest: Uuid, now: Instant) -> bool {
        let is_settled = self
            .settled
            .is_some_and(|(settled, again_at)| settled == newest && again_at.is_none_or(|again_at| now < again_at));
        self.version != Some(newest) && !is_settled
    }
}
