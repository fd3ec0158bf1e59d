//! What can go wrong in the scheduler.

use std::error::Error;
use std::io;

use index::IndexError;
use messaging::MessagingError;
use process::telemetry::TelemetryError;
use store::StoreError;
use tokio::task::JoinError;

use crate::calendar::InvalidCalendar;
use crate::settings::InvalidSettings;

/// Why the scheduler cannot start, or a job of its was not done.
#[derive(Debug, thiserror::Error)]
pub enum SchedulerError {
    /// A setting is wrong.
    #[error("the settings are wrong")]
    Settings(#[from] InvalidSettings),
    /// The log filter is wrong, or metrics cannot be recorded.
    #[error("telemetry cannot start")]
    Telemetry(#[from] TelemetryError),
    /// The address of the health port cannot be listened on.
    #[error("the health port cannot be listened on")]
    Listener(#[from] io::Error),
    /// Postgres cannot be used.
    #[error("the database cannot be used")]
    Store(#[from] StoreError),
    /// RabbitMQ cannot be used.
    #[error("the broker cannot be used")]
    Messaging(#[from] MessagingError),
    /// An index cannot be built or written.
    #[error("an index cannot be built")]
    Index(#[from] IndexError),
    /// The thread that built an index panicked.
    #[error("the thread that built an index panicked")]
    Crashed(#[source] JoinError),
    /// Another scheduler may build indexes now, and not this one.
    #[error("the lock of the builders was lost")]
    LockLost,
}

impl SchedulerError {
    /// Whether Postgres, or the lock of the builders, was lost: nothing more can be done on this connection.
    pub(crate) fn is_lost(&self) -> bool {
        matches!(self, Self::Store(StoreError::Unavailable(_)) | Self::LockLost)
    }

    /// Why a build failed, for whoever asked for it: without addresses and paths, which are in the log.
    pub(crate) fn problem(&self) -> String {
        let said = match self {
            Self::Store(StoreError::Corrupt { what, .. }) => format!("a template cannot be read: {what}"),
            Self::Index(error) => error.to_string(),
            other => other.to_string(),
        };
        match io_error(self) {
            Some(error) if !said.contains(&error) => format!("{said}: {error}"),
            _ => said,
        }
    }
}

/// What the operating system said, such as that the disk is full. Its words alone, since those around them name paths.
fn io_error(error: &(dyn Error + 'static)) -> Option<String> {
    let mut causes = std::iter::successors(Some(error), |error| (*error).source());
    let code = causes.find_map(|cause| cause.downcast_ref::<io::Error>()?.raw_os_error())?;
    Some(io::Error::from_raw_os_error(code).to_string())
}

impl From<InvalidCalendar> for SchedulerError {
    fn from(error: InvalidCalendar) -> Self {
        Self::Settings(error.into())
    }
}
