//! What can go wrong in the scheduler.

use std::io;

use index::IndexError;
use messaging::MessagingError;
use process::telemetry::TelemetryError;
use store::StoreError;

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
}

impl From<InvalidCalendar> for SchedulerError {
    fn from(error: InvalidCalendar) -> Self {
        Self::Settings(error.into())
    }
}
