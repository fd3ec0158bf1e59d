//! The scheduler: decides when.
//!
//! Its jobs are each safe to run twice and on two schedulers at once: [`indexes`] builds global indexes, at night,
//! when somebody asks, when one was outgrown and when one holds somebody who is gone; [`retention`] deletes what is
//! older than its organization keeps it, [`sweep`] publishes lost jobs again and ends captures that nobody finishes,
//! [`timetable`] makes sessions ahead, starts and closes them. When a night is due is a pure question of
//! [`calendar`]. It knows no models and no pixels.

pub mod builder;
pub mod calendar;
mod causes;
mod error;
mod gathering;
pub mod indexes;
pub mod progress;
pub mod retention;
mod settings;
pub mod shelf;
mod startup;
pub mod sweep;
pub mod timetable;

pub use error::SchedulerError;
pub use settings::{DEFAULTS, InvalidSettings, ScheduleSettings, Settings};
pub use startup::Application;
