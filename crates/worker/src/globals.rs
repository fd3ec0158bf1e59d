//! The organizations' indexes, which say who a face is that is nobody on the roster.
//!
//! Each follows its organization's log of template changes: it starts from the newest snapshot, if there is a good one,
//! and takes in what came after. One task does all the following ([`Globals::follow`]); frames wake it when the revision
//! has moved, and wait for it, but not for long. What nobody told is found by `versions`.

use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::contract::ContractId;
use domain::enrollment::Gallery;
use domain::id::OrganizationId;
use index::snapshot::{self, SnapshotFolder, Wanted};
use index::{GlobalIndex, IndexError, TemplateChange};
use messaging::Redis;
use store::templates::Change;
use store::{Pool, Sealer, StoreError};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::measure;
use crate::replica::Replica;

/// Changes that are read and applied together.
const PAGE: i64 = 1000;
/// Wake-ups that may wait; one that finds no room is made good by the next look of `versions`.
const WAKE_UPS: usize = 64;

/// What it takes to follow the organizations' logs.
pub(crate) struct Sources {
    pub(crate) pool: Pool,
    pub(crate) sealer: Sealer,
    pub(crate) redis: Redis,
    pub(crate) gallery: Gallery,
    pub(crate) snapshots: SnapshotFolder,
}

/// The indexes of the organizations that sent frames.
pub(crate) struct Globals {
    sources: Sources,
    patience: Duration,
    replicas: Mutex<HashMap<Key, Arc<Replica>>>,
    wake: mpsc::Sender<Key>,
}

/// An organization, and the contract of the templates.
pub(crate) type Key = (OrganizationId, ContractId);

/// Which organizations have news.
pub(crate) struct WakeUps(mpsc::Receiver<Key>);

#[derive(Debug, thiserror::Error)]
enum FollowError {
    #[error("the templates cannot be read")]
    Store(#[from] StoreError),
    #[error("the changes cannot be applied")]
    Index(#[from] IndexError),
}

impl Globals {
    /// No indexes yet. `patience` is how long a frame waits for one.
    pub(crate) fn new(sources: Sources, patience: Duration) -> (Self, WakeUps) {
        let (wake, woken) = mpsc::channel(WAKE_UPS);
        (Self { sources, patience, replicas: Mutex::default(), wake }, WakeUps(woken))
    }

    /// The index of an organization's templates of one contract. Holds what was known when this was called, unless taking it in takes too long or
    /// the database is away: then it is as old as it is.
    pub(crate) async fn current(&self, organization: OrganizationId, contract: &ContractId) -> Arc<Replica> {
        let key = (organization, contract.clone());
        let replica = self.replica(&key);
        let caught_up = async {
            let wanted = self.newest_revision(organization).await?;
            if replica.watermark() < wanted {
                // That there is no room says that the task is awake.
                let _ = self.wake.try_send(key);
                replica.reached(wanted).await;
            }
            Ok::<_, StoreError>(())
        };
        if !matches!(tokio::time::timeout(self.patience, caught_up).await, Ok(Ok(()))) {
            tracing::debug!(organization.id = %organization, "an organization's index is searched before it is current");
        }
        replica
    }

    async fn newest_revision(&self, organization: OrganizationId) -> Result<i64, StoreError> {
        let told = self.sources.redis.template_revision(organization).await;
        if let Ok(Some(revision)) = told {
            return Ok(revision);
        }
        let revision = self.revision_on_record(organization).await?;
        if told.is_ok() {
            // Saves the next frame the question; that it fails costs no more than that.
            let _ = self.sources.redis.raise_template_revision(organization, revision).await;
        }
        Ok(revision)
    }

    async fn revision_on_record(&self, organization: OrganizationId) -> Result<i64, StoreError> {
        let mut conn = store::get(&self.sources.pool).await?;
        store::templates::revision(&mut conn, organization).await
    }

    /// Keeps all indexes current until `shutdown`.
    pub(crate) async fn follow(&self, mut woken: WakeUps, shutdown: CancellationToken) {
        let following = async {
            while let Some(key) = woken.0.recv().await {
                self.catch_up_and_tell(&key).await;
            }
        };
        shutdown.run_until_cancelled(following).await;
    }

    async fn catch_up_and_tell(&self, key: &Key) {
        match self.catch_up(key).await {
            Ok(()) => {}
            Err(FollowError::Store(StoreError::NotFound)) => self.forget(key),
            Err(error) => {
                measure::replica_failed();
                let error = &error as &dyn Error;
                tracing::warn!(organization.id = %key.0, error, "an organization's index is left as it is");
            }
        }
    }

    /// Takes in what the organization's log has beyond the watermark.
    async fn catch_up(&self, key: &Key) -> Result<(), FollowError> {
        let revision = self.revision_on_record(key.0).await?;
        let replica = self.replica(key);
        if replica.watermark() > revision {
            // The database was restored to an earlier day: what we hold may not be in it.
            replica.replace(GlobalIndex::new(key.1.clone()));
        }
        if replica.watermark() == 0 && revision > 0 {
            replica.replace(self.start(key, revision).await?);
        }
        while replica.watermark() < revision {
            let changes = self.changes_after(key, replica.watermark()).await?;
            if changes.is_empty() {
                break;
            }
            measure::template_changes(changes.len());
            replica.apply(changes).await?;
        }
        // The numbers that are left belong to other contracts.
        replica.advance_to(revision);
        Ok(())
    }

    async fn changes_after(&self, key: &Key, after: i64) -> Result<Vec<TemplateChange>, StoreError> {
        let (Sources { pool, sealer, gallery, .. }, (organization, contract)) = (&self.sources, key);
        let mut conn = store::get(pool).await?;
        let changes =
            store::templates::changes_since(&mut conn, sealer, *organization, contract, *gallery, after, PAGE).await?;
        Ok(changes.into_iter().map(change).collect())
    }

    /// What the newest snapshot holds, or nothing where there is none that can be used.
    async fn start(&self, key: &Key, revision: i64) -> Result<GlobalIndex, StoreError> {
        let (Sources { pool, sealer, snapshots, .. }, (organization, contract)) = (&self.sources, key);
        let organization = *organization;
        let mut conn = store::get(pool).await?;
        let newest = store::index_versions::newest(&mut conn, organization, contract).await?;
        drop(conn);
        let Some(version) = newest.filter(|version| version.watermark <= revision) else {
            return Ok(GlobalIndex::new(contract.clone()));
        };
        let (sealer, id) = (sealer.clone(), version.id);
        let wanted = Wanted {
            organization_id: organization,
            contract: version.contract,
            path: version.path,
            sha256: version.sha256,
        };
        match snapshot::read(snapshots, wanted, move |sealed| sealer.open(id, sealed).ok()).await {
            Ok(index) => Ok(index),
            Err(error) => {
                measure::snapshot_refused();
                let error = &error as &dyn Error;
                tracing::error!(organization.id = %organization, error, "a snapshot is refused; replaying from the beginning");
                Ok(GlobalIndex::new(contract.clone()))
            }
        }
    }

    fn replica(&self, key: &Key) -> Arc<Replica> {
        let mut replicas = self.replicas.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(Replica::new(key.1.clone()));
        Arc::clone(replicas.entry(key.clone()).or_insert_with(new))
    }

    /// The indexes that are followed, each with its watermark.
    pub(crate) fn followed(&self) -> Vec<(Key, i64)> {
        let replicas = self.replicas.lock().unwrap_or_else(PoisonError::into_inner);
        replicas.iter().map(|(key, replica)| (key.clone(), replica.watermark())).collect()
    }

    /// Wakes those that [`Self::followed`] named and that are not at these revisions, or whose organization is gone.
    pub(crate) fn wake_unless(&self, followed: &[(Key, i64)], revisions: &HashMap<OrganizationId, i64>) {
        let outdated = followed.iter().filter(|((id, _), watermark)| revisions.get(id) != Some(watermark));
        for (key, _) in outdated {
            // One that finds no room is found again by the next look.
            let _ = self.wake.try_send(key.clone());
        }
    }

    fn forget(&self, key: &Key) {
        self.replicas.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

fn change(change: Change) -> TemplateChange {
    TemplateChange {
        revision: change.revision,
        template_id: change.template_id,
        person_id: change.person_id,
        embedding: change.embedding,
    }
}

#[cfg(test)]
mod tests;
