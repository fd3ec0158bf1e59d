//! How much memory a process takes.

use std::time::Duration;

use anyhow::Context;
use tokio::time::Instant;

/// MiB of resident memory over a run.
pub(crate) struct Memory {
    /// Median of the second quarter.
    pub(crate) second_quarter: f64,
    /// Median of the last quarter.
    pub(crate) last_quarter: f64,
    pub(crate) most: f64,
}

impl Memory {
    /// From the second to the last quarter, as a share.
    pub(crate) fn growth(&self) -> f64 {
        self.last_quarter / self.second_quarter - 1.0
    }
}

/// Watches a process from `begin` to `end`, a look each half second.
pub(crate) async fn watch(pid: u32, begin: Instant, end: Instant) -> anyhow::Result<Memory> {
    let mut seen = Vec::new();
    let mut ticks = tokio::time::interval_at(begin, Duration::from_millis(500));
    while ticks.tick().await < end {
        seen.push(resident(pid)?);
    }
    let quarter = seen.len() / 4;
    let most = seen.iter().copied().fold(0.0, f64::max);
    Ok(Memory {
        second_quarter: median(seen[quarter..2 * quarter].to_vec())?,
        last_quarter: median(seen[3 * quarter..].to_vec())?,
        most,
    })
}

fn resident(pid: u32) -> anyhow::Result<f64> {
    let path = format!("/proc/{pid}/status");
    let text = std::fs::read_to_string(&path).with_context(|| format!("read {path}"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("a process without memory")?;
    let kibibytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kibibytes / 1024.0)
}

fn median(mut values: Vec<f64>) -> anyhow::Result<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().context("the run was too short: take more --seconds")
}
