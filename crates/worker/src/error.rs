//! Why the worker cannot start.

use std::io;

use index::IndexError;
use messaging::MessagingError;
use process::telemetry::TelemetryError;
use store::StoreError;
use vision::VisionError;

use crate::model_thread::Gone;
use crate::settings::InvalidSettings;

/// Why the worker cannot start.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// A setting is wrong.
    #[error("the settings are wrong")]
    Settings(#[from] InvalidSettings),
    /// Logs or metrics cannot be set up.
    #[error("logs or metrics cannot be set up")]
    Telemetry(#[from] TelemetryError),
    /// The listener for probes cannot be opened.
    #[error("health.bind cannot be listened on")]
    Listener(#[from] io::Error),
    /// The models cannot be loaded or run.
    #[error("the models cannot be used")]
    Models(#[from] VisionError),
    /// An encoder has no calibration, and no threshold is forced.
    #[error("recognition.forced_threshold is not set, which an encoder without calibration needs")]
    Uncalibrated(#[source] VisionError),
    /// No thread could be started for the models.
    #[error("the model thread cannot be started")]
    Thread(#[source] io::Error),
    /// The thread panicked before the models were warm.
    #[error("the models cannot be warmed up")]
    ModelThread(#[from] Gone),
    /// The folder of the snapshots cannot be used.
    #[error("the snapshots cannot be used")]
    Index(#[from] IndexError),
    /// Postgres cannot be used.
    #[error("the database cannot be used")]
    Store(#[from] StoreError),
    /// RabbitMQ or Redis cannot be used.
    #[error("the broker or Redis cannot be used")]
    Messaging(#[from] MessagingError),
}
