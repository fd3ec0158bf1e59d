//! The worker: consumes jobs, runs the models, records what was recognised.
//!
//! A frame goes through `prepare` (in from the broker, through the `inbox` into a `batch`, decoded), the `model_thread`,
//! and `finish` (searched in `rosters` and `globals`, decided in `recognise`, recorded and announced in `record`). An
//! enrollment goes through `enroll`, with the same model thread. `outcome` says how each of them may end.
//!
//! A worker holds nothing that another process needs: it may be killed at any time, and as many may run as are wanted.

mod batch;
mod blocking;
#[cfg(test)]
mod campus;
mod certainty;
mod class_photos;
mod decode;
mod enroll;
mod error;
mod finish;
mod globals;
mod inbox;
mod jobs;
mod judge;
mod keeping;
mod looks;
mod measure;
mod model_thread;
mod outcome;
mod prepare;
mod recognise;
mod record;
mod replays;
mod replica;
mod rosters;
mod settings;
mod startup;
mod versions;

pub use error::WorkerError;
pub use settings::{
    BatchSettings, EnrollmentSettings, GlobalSettings, InvalidSettings, RecognitionSettings, RosterSettings, Settings,
};
pub use startup::Application;
