//! The scheduler's jobs on real servers, in a database, namespace and folder of the test's own.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod bucket;
mod crowd;
mod fixtures;
mod interrupted;
mod killed;
mod lost;
mod nightly;
mod process;
mod removals;
mod retention;
mod running;
mod sweep;
mod timetable;
mod wanted;
