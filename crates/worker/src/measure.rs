//! What the worker counts. No ids: a label has few values.

use std::time::Duration;

use domain::sighting::{self, Sighting};

/// A frame came to its end.
pub(crate) fn frame(outcome: &'static str) {
    metrics::counter!("rollcall_frames_total", "outcome" => outcome).increment(1);
}

/// A frame was not looked at to the end.
pub(crate) fn frame_dropped(reason: &'static str) {
    metrics::counter!("rollcall_frames_dropped_total", "reason" => reason).increment(1);
}

/// Faces were recognised, or not.
pub(crate) fn recognitions(sightings: &[Sighting]) {
    for found in sightings {
        let outcome = match found.outcome {
            sighting::Outcome::Present => "present",
            sighting::Outcome::Already => "already",
            sighting::Outcome::Likely => "likely",
            sighting::Outcome::OutsideHours => "outside_hours",
            sighting::Outcome::NotOnRoster => "not_on_roster",
            sighting::Outcome::Unknown => "unknown",
            sighting::Outcome::SpoofSuspected => "spoof_suspected",
            sighting::Outcome::TooPoor => "too_poor",
        };
        metrics::counter!("rollcall_recognitions_total", "outcome" => outcome).increment(1);
    }
}

/// A stage took its time.
pub(crate) fn stage(stage: &'static str, took: Duration) {
    metrics::histogram!("rollcall_stage_seconds", "stage" => stage).record(took);
}

/// A batch went to the models.
pub(crate) fn batch(frames: usize) {
    metrics::histogram!("rollcall_batch_frames").record(frames as f64);
}

/// A durable job, such as an enrollment, came to its end.
pub(crate) fn job(kind: &'static str, outcome: &'static str) {
    metrics::counter!("rollcall_jobs_total", "kind" => kind, "outcome" => outcome).increment(1);
}

/// An event was not announced: whoever listens looks later.
pub(crate) fn unannounced() {
    metrics::counter!("rollcall_events_unannounced_total").increment(1);
}

/// A roster was taken from memory, or loaded.
pub(crate) fn roster(source: &'static str) {
    metrics::counter!("rollcall_rosters_total", "source" => source).increment(1);
}

/// Rosters were found to be out of date though nobody had told.
pub(crate) fn rosters_outdated(count: usize) {
    metrics::counter!("rollcall_rosters_outdated_total").increment(count as u64);
}

/// A version key in Redis was not what the database says.
pub(crate) fn version_corrected(was: &'static str) {
    metrics::counter!("rollcall_version_keys_corrected_total", "was" => was).increment(1);
}

/// An organization's index took something in.
pub(crate) fn template_changes(count: usize) {
    metrics::counter!("rollcall_index_changes_applied_total").increment(count as u64);
}

/// A snapshot was not what it should be, or could not be read.
pub(crate) fn snapshot_refused() {
    metrics::counter!("rollcall_index_snapshots_refused_total").increment(1);
}

/// An index was read, without what came after.
pub(crate) fn index_loaded(source: &'static str, took: Duration) {
    metrics::histogram!("rollcall_index_load_seconds", "source" => source).record(took);
}

/// What came after an index was loaded was taken in, before anybody searched it.
pub(crate) fn index_replayed(took: Duration) {
    metrics::histogram!("rollcall_index_replay_seconds").record(took);
}

/// An index that is searched has taken in what changed.
pub(crate) fn index_caught_up(took: Duration) {
    metrics::histogram!("rollcall_index_catch_up_seconds").record(took);
}

/// An index took the place of another.
pub(crate) fn index_swapped(took: Duration) {
    metrics::histogram!("rollcall_index_swap_seconds").record(took);
}

/// What a worker holds of one index.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Holding {
    pub(crate) templates: usize,
    pub(crate) bytes: usize,
    /// Revisions that it is behind.
    pub(crate) lag: i64,
    /// How long ago it last held all there was.
    pub(crate) current_before: Duration,
}

/// What this worker holds of all indexes together, and how new the oldest is.
pub(crate) fn indexes(held: &[Holding]) {
    let age = held.iter().map(|one| one.current_before).max().unwrap_or_default();
    let lag = held.iter().map(|one| one.lag).max().unwrap_or_default();
    metrics::gauge!("rollcall_index_replicas").set(held.len() as f64);
    metrics::gauge!("rollcall_index_replica_templates").set(held.iter().map(|one| one.templates).sum::<usize>() as f64);
    metrics::gauge!("rollcall_index_replica_bytes").set(held.iter().map(|one| one.bytes).sum::<usize>() as f64);
    metrics::gauge!("rollcall_index_replica_lag_revisions").set(lag as f64);
    metrics::gauge!("rollcall_index_replica_watermark_age_seconds").set(age.as_secs_f64());
}

/// An organization's index could not follow.
pub(crate) fn replica_failed() {
    metrics::counter!("rollcall_index_replica_failures_total").increment(1);
}

/// Milliseconds, as the wire format has them.
pub(crate) fn ms(took: Duration) -> f32 {
    took.as_secs_f32() * 1000.0
}

/// The duration of so many milliseconds.
pub(crate) fn of_ms(ms: f32) -> Duration {
    Duration::try_from_secs_f32(ms / 1000.0).unwrap_or_default()
}
