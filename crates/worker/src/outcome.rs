//! How jobs end. Every one ends in exactly one of four ways, and each way settles its message.

#![deny(clippy::wildcard_enum_match_arm, reason = "a new way to fail must be thought about here")]

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use index::IndexError;
use messaging::{Delivery, MessagingError};
use store::{Pool, StoreError};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use vision::{DecodeError, VisionError};

use crate::inbox::Stale;
use crate::measure;
use crate::model_thread::Gone;

/// Before a job is handed back that may do better later, at least.
const SHORTEST_PAUSE: Duration = Duration::from_millis(500);
/// How long frames are held while the database is away. Their time to live goes on meanwhile.
pub(crate) const PAUSE_LIMIT: Duration = Duration::from_secs(5);
/// How often the models may fail over a job; the broker lays it aside after one time more.
const MOST_RETRIES: u32 = 3;
/// From one look at the database to the next.
const LOOK: Duration = Duration::from_millis(250);

/// How a job ended.
#[derive(Debug, Clone)]
pub(crate) enum JobOutcome {
    /// It is done.
    Done,
    /// It was done before, or what it was about is no more.
    AlreadyDone,
    /// What it needs is away: somebody is to try again.
    Later(Reason),
    /// It cannot be done, now or later.
    Never(Reason),
}

/// Why a job was not done.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum Reason {
    #[error("the frame is past its deadline")]
    PastDeadline,
    #[error("a newer frame of the same camera waits")]
    Superseded,
    #[error("the picture cannot be decoded")]
    Undecodable(#[source] Arc<DecodeError>),
    #[error("the session does not accept frames")]
    NotActive,
    #[error("the session or course is not there any more")]
    NotFound,
    #[error("the organization is on the contract {wanted}; this worker has {}", .loaded.join(", "))]
    ContractMismatch {
        /// What its templates are of.
        wanted: String,
        /// What this worker can make.
        loaded: Vec<String>,
    },
    #[error("the worker stops")]
    Stopping,
    #[error("the model thread is gone")]
    ModelsGone,
    #[error("the models failed")]
    Models(#[source] Arc<VisionError>),
    #[error("the database does not answer")]
    DatabaseAway(#[source] Arc<StoreError>),
    #[error("the database refused")]
    Database(#[source] Arc<StoreError>),
    #[error("the organization's index is not loaded yet")]
    IndexAway,
    #[error("the index failed")]
    Index(#[source] Arc<IndexError>),
}

impl Reason {
    /// Its name among the metrics.
    fn label(&self) -> &'static str {
        match self {
            Self::PastDeadline => "past_deadline",
            Self::Superseded => "superseded",
            Self::Undecodable(_) => "undecodable",
            Self::NotActive => "session_not_active",
            Self::NotFound => "not_found",
            Self::ContractMismatch { .. } => "contract_mismatch",
            Self::Stopping => "stopping",
            Self::ModelsGone => "models_gone",
            Self::Models(_) => "models_failed",
            Self::DatabaseAway(_) => "database_away",
            Self::Database(_) => "database_refused",
            Self::IndexAway => "index_away",
            Self::Index(_) => "index_failed",
        }
    }

    /// Whether it is the ordinary course of things, which is counted and not logged.
    fn is_ordinary(&self) -> bool {
        match self {
            Self::PastDeadline
            | Self::Superseded
            | Self::Undecodable(_)
            | Self::NotActive
            | Self::NotFound
            | Self::Stopping => true,
            Self::ContractMismatch { .. }
            | Self::ModelsGone
            | Self::Models(_)
            | Self::DatabaseAway(_)
            | Self::Database(_)
            | Self::IndexAway
            | Self::Index(_) => false,
        }
    }
}

impl From<Stale> for JobOutcome {
    fn from(stale: Stale) -> Self {
        match stale {
            Stale::PastDeadline => Self::Never(Reason::PastDeadline),
            Stale::Superseded => Self::Never(Reason::Superseded),
        }
    }
}

impl From<Gone> for JobOutcome {
    fn from(Gone: Gone) -> Self {
        Self::Later(Reason::ModelsGone)
    }
}

impl From<IndexError> for JobOutcome {
    fn from(error: IndexError) -> Self {
        Self::Never(Reason::Index(Arc::new(error)))
    }
}

impl From<StoreError> for JobOutcome {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::Never(Reason::NotFound),
            StoreError::NotActive => Self::Never(Reason::NotActive),
            StoreError::Unavailable(_) => Self::Later(Reason::DatabaseAway(Arc::new(error))),
            StoreError::Conflict { .. }
            | StoreError::Corrupt { .. }
            | StoreError::Settings(_)
            | StoreError::Migration(_)
            | StoreError::Database(_) => Self::Never(Reason::Database(Arc::new(error))),
        }
    }
}

/// Settles a frame. Of one that cannot be looked at nothing is kept.
pub(crate) async fn settle_frame(receipt: Delivery<()>, outcome: JobOutcome) {
    match outcome {
        JobOutcome::Done => {
            measure::frame("recorded");
            note(receipt.ack().await);
        }
        JobOutcome::AlreadyDone => {
            measure::frame("already_recorded");
            note(receipt.ack().await);
        }
        JobOutcome::Later(reason) => {
            measure::frame("later");
            tell("a frame is handed back", &reason);
            note(receipt.retry().await);
        }
        JobOutcome::Never(reason) => {
            measure::frame("dropped");
            measure::frame_dropped(reason.label());
            tell("a frame is dropped", &reason);
            note(receipt.ack().await);
        }
    }
}

/// Settles a durable job of this kind, such as an enrollment. One that cannot be done is laid aside for somebody to look at.
pub(crate) async fn settle_durable(kind: &'static str, receipt: Delivery<()>, outcome: JobOutcome) {
    match outcome {
        JobOutcome::Done => {
            measure::job(kind, "done");
            note(receipt.ack().await);
        }
        JobOutcome::AlreadyDone => {
            measure::job(kind, "already_done");
            note(receipt.ack().await);
        }
        JobOutcome::Later(reason) => {
            measure::job(kind, "later");
            tell("a job is handed back", &reason);
            note(receipt.retry().await);
        }
        JobOutcome::Never(reason) => {
            measure::job(kind, "dead");
            tell("a job is laid aside", &reason);
            note(receipt.dead_letter().await);
        }
    }
}

/// What models failed over again and again is given up: it is the picture's fault, or the model's.
pub(crate) fn give_up(outcome: JobOutcome, earlier_deliveries: u32) -> JobOutcome {
    match outcome {
        JobOutcome::Later(reason @ Reason::Models(_)) if earlier_deliveries >= MOST_RETRIES => {
            JobOutcome::Never(reason)
        }
        JobOutcome::Done | JobOutcome::AlreadyDone | JobOutcome::Later(_) | JobOutcome::Never(_) => outcome,
    }
}

/// Waits before something is handed back: until the database answers, but not long, for others may do better, and not
/// at all when the worker stops.
pub(crate) async fn pause(pool: &Pool, limit: Duration, shutdown: &CancellationToken) {
    let answered = async {
        let begin = Instant::now();
        sleep(SHORTEST_PAUSE).await;
        while store::get(pool).await.is_err() && begin.elapsed() < limit {
            sleep(LOOK).await;
        }
    };
    shutdown.run_until_cancelled(answered).await;
}

fn tell(what: &'static str, reason: &Reason) {
    let cause = reason.source();
    if reason.is_ordinary() {
        tracing::debug!(reason = reason.label(), problem = %reason, cause, "{what}");
    } else {
        tracing::warn!(reason = reason.label(), problem = %reason, cause, "{what}");
    }
}

/// A message that could not be settled comes again, which every job survives.
fn note(settled: Result<(), MessagingError>) {
    if let Err(error) = settled {
        tracing::debug!(error = &error as &dyn Error, "a message could not be settled and will come again");
    }
}

#[cfg(test)]
mod tests {
    use store::StoreError;

    use super::{JobOutcome, Reason};

    fn check(error: StoreError, comes_again: bool, reason: &str) {
        let (again, found) = match JobOutcome::from(error) {
            JobOutcome::Later(found) => (true, found),
            JobOutcome::Never(found) => (false, found),
            JobOutcome::Done | JobOutcome::AlreadyDone => panic!("an error does not end well"),
        };
        assert_eq!((again, found.label()), (comes_again, reason));
    }

    #[test]
    fn only_what_passes_is_tried_again() {
        check(StoreError::Unavailable("away".into()), true, "database_away");
        check(StoreError::NotActive, false, "session_not_active");
        check(StoreError::NotFound, false, "not_found");
        check(StoreError::Conflict { what: "id" }, false, "database_refused");
        check(StoreError::Corrupt { what: "a seal", source: None }, false, "database_refused");
    }

    #[test]
    fn what_is_ordinary_makes_no_noise() {
        assert!(Reason::Superseded.is_ordinary());
        assert!(!Reason::DatabaseAway(StoreError::NotFound.into()).is_ordinary());
    }
}
