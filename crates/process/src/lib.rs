//! What every process does first: settings, logs and metrics, signals, named tasks, and the health port.
//!
//! Knows nothing of faces, databases or queues.

pub mod health;
pub mod settings;
pub mod signals;
pub mod tasks;
pub mod telemetry;
