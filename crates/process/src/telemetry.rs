//! Logs to standard error, metrics for Prometheus.

use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use serde::Deserialize;
use tracing_subscriber::EnvFilter;

/// Bounds of histograms of seconds: from a cached search to a request that has given up.
const SECONDS: [f64; 14] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// Bounds of histograms of seconds of what takes long: the building of an index.
const LONG_SECONDS: [f64; 12] = [0.1, 0.5, 1.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0];
/// Bounds of histograms of counts.
const COUNTS: [f64; 8] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0];

/// How a process logs.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogSettings {
    /// What is logged: `tracing` directives such as `info,worker=debug`.
    pub filter: String,
    /// How it is written.
    pub format: LogFormat,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// One JSON object a line, for machines.
    Json,
    /// For people.
    Pretty,
}

/// Why logs or metrics cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// `log.filter` cannot be read.
    #[error("log.filter is not a list of tracing directives")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// Another recorder is installed.
    #[error("metrics cannot be recorded: {0}")]
    Metrics(String),
}

/// What the names of those begin with.
const BUILDS: &str = "rollcall_index_build_";
/// How often samples that nobody has scraped are gathered into their histograms.
const UPKEEP: Duration = Duration::from_secs(5);

/// The one recorder of this process: `metrics` allows no second, and tests call [`init`] more than once.
static RECORDER: Mutex<Option<PrometheusHandle>> = Mutex::new(None);

/// Begins to log and to record metrics; a second call leaves the first one's set-up in place.
///
/// # Errors
/// [`TelemetryError`] when the filter cannot be read, or something else records metrics already.
pub fn init(settings: &LogSettings) -> Result<PrometheusHandle, TelemetryError> {
    let filter = EnvFilter::try_new(&settings.filter)?;
    let is_terminal = std::io::stderr().is_terminal();
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(is_terminal);
    // An error here says that a subscriber is in place, which is what was wanted.
    let _ = match settings.format {
        LogFormat::Json => lines.json().try_init(),
        LogFormat::Pretty => lines.try_init(),
    };
    let mut recorder = RECORDER.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(handle) = &*recorder {
        return Ok(handle.clone());
    }
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)
        .and_then(|builder| builder.set_buckets_for_metric(Matcher::Prefix(BUILDS.to_owned()), &LONG_SECONDS))
        .and_then(|builder| builder.set_buckets(&COUNTS))
        .and_then(PrometheusBuilder::install_recorder)
        .map_err(|error| TelemetryError::Metrics(error.to_string()))?;
    keep_small(handle.clone())?;
    Ok(recorder.insert(handle).clone())
}

/// Without upkeep the samples of a process that nobody scrapes would pile up.
fn keep_small(handle: PrometheusHandle) -> Result<(), TelemetryError> {
    let upkeep = move || {
        loop {
            std::thread::park_timeout(UPKEEP);
            handle.run_upkeep();
        }
    };
    let started = std::thread::Builder::new().name("metrics".to_owned()).spawn(upkeep);
    started.map(drop).map_err(|error| TelemetryError::Metrics(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::{LogFormat, LogSettings, init};

    fn settings(filter: &str) -> LogSettings {
        LogSettings { filter: filter.to_owned(), format: LogFormat::Json }
    }

    #[test]
    fn may_begin_twice_and_counts_in_buckets() {
        assert!(init(&settings("info,==")).is_err());
        let first = init(&settings("off")).expect("the first");
        let second = init(&settings("info")).expect("the second");
        metrics::histogram!("rollcall_test_seconds").record(0.003);
        metrics::histogram!("rollcall_test_faces").record(3.0);
        metrics::histogram!("rollcall_index_build_seconds").record(20.0);
        let text = first.render();
        assert_eq!(text, second.render());
        for line in [
            "rollcall_test_seconds_bucket{le=\"0.0025\"} 0",
            "rollcall_test_seconds_bucket{le=\"0.005\"} 1",
            "rollcall_test_faces_bucket{le=\"4\"} 1",
            "rollcall_index_build_seconds_bucket{le=\"15\"} 0",
            "rollcall_index_build_seconds_bucket{le=\"30\"} 1",
        ] {
            assert!(text.contains(line), "{text}");
        }
    }
}
