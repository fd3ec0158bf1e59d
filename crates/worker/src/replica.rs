//! One organization's index while it is searched and changed at once.

use std::sync::{Arc, PoisonError, RwLock};

use domain::assignment::Candidate;
use domain::contract::ContractId;
use domain::embedding::Embedding;
use index::{GlobalIndex, IndexError, TemplateChange};
use tokio::sync::watch;

use crate::blocking::blocking;

/// Searched by many, changed by one. A search waits for a change at most as long as a page of changes takes.
pub(crate) struct Replica {
    index: Arc<RwLock<GlobalIndex>>,
    watermark: watch::Sender<i64>,
}

/// Whom faces are like, and how many people were searched.
pub(crate) struct Found {
    pub(crate) candidates: Vec<Vec<Candidate>>,
    pub(crate) gallery: usize,
}

impl Replica {
    /// An index without templates.
    pub(crate) fn new(contract: ContractId) -> Self {
        Self { index: Arc::new(RwLock::new(GlobalIndex::new(contract))), watermark: watch::Sender::new(0) }
    }

    /// Searches; not on an async thread, for it computes.
    pub(crate) fn search(&self, queries: &[&Embedding], k: usize) -> Result<Found, IndexError> {
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        Ok(Found { candidates: index.search(queries, k)?, gallery: index.people() })
    }

    /// The revision up to which it holds every change.
    pub(crate) fn watermark(&self) -> i64 {
        *self.watermark.borrow()
    }

    /// Waits until it holds every change up to `revision`.
    pub(crate) async fn reached(&self, revision: i64) {
        // The sender is ours: it is not closed.
        let _ = self.watermark.subscribe().wait_for(|watermark| *watermark >= revision).await;
    }

    /// Starts again from `index`.
    pub(crate) fn replace(&self, index: GlobalIndex) {
        let watermark = index.watermark();
        let old = std::mem::replace(&mut *self.index.write().unwrap_or_else(PoisonError::into_inner), index);
        drop(old);
        self.watermark.send_replace(watermark);
    }

    /// Takes in changes.
    pub(crate) async fn apply(&self, changes: Vec<TemplateChange>) -> Result<(), IndexError> {
        let index = Arc::clone(&self.index);
        let applied = blocking(move || {
            let mut index = index.write().unwrap_or_else(PoisonError::into_inner);
            index.apply(&changes).map(|()| index.watermark())
        });
        self.watermark.send_replace(applied.await?);
        Ok(())
    }

    /// Says that it holds every change up to `revision`.
    pub(crate) fn advance_to(&self, revision: i64) {
        self.index.write().unwrap_or_else(PoisonError::into_inner).advance_to(revision);
        self.watermark.send_if_modified(|watermark| {
            let is_news = *watermark < revision;
            *watermark = revision.max(*watermark);
            is_news
        });
    }
}
