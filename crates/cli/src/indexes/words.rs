//! Builds, sizes and times as people say them.

use chrono::{DateTime, TimeDelta, Utc};
use domain::index::BuildState;
use domain::wire::name;
use store::index_builds::IndexBuild;

/// What a build does, or how it ended.
pub(crate) fn build(build: &IndexBuild) -> String {
    match build.state {
        BuildState::Waiting => "waits for a scheduler".to_owned(),
        BuildState::Running => progress(build),
        BuildState::New => match build.version_id {
            Some(version) => format!("there is a new snapshot, {version}{}", took(build)),
            None => format!("there is a new snapshot{}", took(build)),
        },
        BuildState::Unchanged => "the newest snapshot held everything already".to_owned(),
        BuildState::Emptied => "there were no templates left: the snapshots are gone".to_owned(),
        BuildState::Failed => {
            let problem = build.problem.as_deref().unwrap_or("the scheduler's log says why");
            format!(
                "failed{}: {problem}",
                build.stage.map(|stage| format!(" while {}", name(&stage))).unwrap_or_default()
            )
        }
        BuildState::Interrupted => "was interrupted, and is begun again".to_owned(),
    }
}

fn progress(build: &IndexBuild) -> String {
    let Some(stage) = build.stage else { return "begins".to_owned() };
    let (done, total) = (build.templates_done, build.templates_total);
    match percent(build) {
        Some(percent) => format!("{}: {done} of {total} templates ({percent} %)", name(&stage)),
        None => name(&stage),
    }
}

/// How far the stage has come, 0 to 100; `None` where it cannot be said.
pub(crate) fn percent(build: &IndexBuild) -> Option<i64> {
    (build.templates_total > 0).then(|| build.templates_done.saturating_mul(100) / build.templates_total)
}

fn took(build: &IndexBuild) -> String {
    match (build.started_at, build.ended_at) {
        (Some(started), Some(ended)) => format!(", after {}", duration((ended - started).num_milliseconds())),
        _ => String::new(),
    }
}

/// A time of day, in UTC.
pub(crate) fn time(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S").to_string()
}

/// Milliseconds in the unit that suits them.
pub(crate) fn duration(milliseconds: i64) -> String {
    match milliseconds {
        ..1_000 => format!("{milliseconds} ms"),
        1_000..60_000 => format!("{:.1} s", milliseconds as f64 / 1e3),
        _ => {
            let time = TimeDelta::milliseconds(milliseconds);
            format!("{} min {} s", time.num_minutes(), time.num_seconds() % 60)
        }
    }
}

/// Bytes in the unit that suits them, in powers of 1,000.
pub(crate) fn bytes(bytes: i64) -> String {
    match bytes {
        ..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::{bytes, duration};

    fn check(milliseconds: i64, expected: &str) {
        assert_eq!(duration(milliseconds), expected, "{milliseconds}");
    }

    #[test]
    fn times_have_units() {
        check(0, "0 ms");
        check(999, "999 ms");
        check(1_000, "1.0 s");
        check(59_900, "59.9 s");
        check(61_500, "1 min 1 s");
        check(7_200_000, "120 min 0 s");
    }

    #[test]
    fn sizes_have_units() {
        for (size, expected) in [(0, "0 B"), (1_500, "1.5 kB"), (2_000_000, "2.0 MB"), (4_200_000_000, "4.2 GB")] {
            assert_eq!(bytes(size), expected);
        }
    }
}
