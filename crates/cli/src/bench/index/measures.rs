//! Times, memory and shares, as the reports have them.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::bench::rounded;

/// Fewest and most repetitions of what is timed.
const LEAST: usize = 20;
const MOST: usize = 2000;

/// What repetitions took, in milliseconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Times {
    pub(super) p50_ms: f64,
    pub(super) p99_ms: f64,
    pub(super) worst_ms: f64,
    pub(super) rounds: usize,
}

impl Times {
    pub(super) fn of(mut all: Vec<Duration>) -> Self {
        all.sort_unstable();
        let at = |share| milliseconds(quantile(&all, share).unwrap_or_default());
        Self { p50_ms: at(0.5), p99_ms: at(0.99), worst_ms: at(1.0), rounds: all.len() }
    }

    /// What [`repeat`] measures.
    pub(super) fn measure<E>(seconds: f64, work: impl FnMut(usize) -> Result<(), E>) -> Result<Self, E> {
        Ok(Self::of(repeat(seconds, work)?))
    }
}

/// Repeats `work`, which is told the number of its turn, for about `seconds`; the first few times do not count.
pub(super) fn repeat<E>(seconds: f64, mut work: impl FnMut(usize) -> Result<(), E>) -> Result<Vec<Duration>, E> {
    for turn in 0..3 {
        work(turn)?;
    }
    let (begin, mut all) = (Instant::now(), Vec::new());
    while all.len() < LEAST || (all.len() < MOST && begin.elapsed().as_secs_f64() < seconds) {
        let started = Instant::now();
        work(all.len())?;
        all.push(started.elapsed());
    }
    Ok(all)
}

/// The least of `sorted` that at least the share `share` of them do not exceed (nearest rank).
pub(super) fn quantile<T: Copy>(sorted: &[T], share: f64) -> Option<T> {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.clamp(1, sorted.len().max(1)) - 1).copied()
}

fn milliseconds(time: Duration) -> f64 {
    rounded(time.as_secs_f64() * 1000.0)
}

/// What `work` gives, and the seconds that it took.
pub(super) fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let begin = Instant::now();
    let done = work();
    (done, rounded(begin.elapsed().as_secs_f64()))
}

/// Memory of this process, in bytes: now, and the most that it ever had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Memory {
    pub(super) resident: u64,
    pub(super) peak: u64,
}

impl Memory {
    pub(super) fn now() -> std::io::Result<Self> {
        Ok(Self::of(&std::fs::read_to_string("/proc/self/status")?))
    }

    /// Of what Linux says in `/proc/self/status` (proc_pid_status(5)); 0 for what is not there.
    fn of(status: &str) -> Self {
        let fields: BTreeMap<&str, &str> = status.lines().filter_map(|line| line.split_once(':')).collect();
        let kib = |name| fields.get(name).and_then(|text| text.trim().strip_suffix(" kB")?.trim().parse().ok());
        let bytes = |name| kib(name).unwrap_or(0u64) * 1024;
        Self { resident: bytes("VmRSS"), peak: bytes("VmHWM") }
    }
}

/// Bytes as MiB.
pub(super) fn mib(bytes: u64) -> f64 {
    rounded((bytes as f64 / f64::from(1 << 20) * 10.0).round() / 10.0)
}

/// How many of so many, and their share.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Share {
    pub(super) of: usize,
    pub(super) count: usize,
    pub(super) share: f64,
}

impl Share {
    pub(super) fn of(all: impl IntoIterator<Item = bool>) -> Self {
        let (mut of, mut count) = (0, 0);
        for is_so in all {
            of += 1;
            count += usize::from(is_so);
        }
        Self { of, count, share: rounded(count as f64 / of.max(1) as f64) }
    }
}

/// What the machine is and does, beside this.
#[derive(Debug, Serialize)]
pub(super) struct Machine {
    processor: String,
    processors: usize,
    /// Of the last minute.
    load_average: f64,
}

impl Machine {
    pub(super) fn now() -> Self {
        let read = |path| std::fs::read_to_string(path).unwrap_or_default();
        let name = read("/proc/cpuinfo").lines().find_map(|line| Some(line.strip_prefix("model name")?.to_owned()));
        let load = read("/proc/loadavg").split_whitespace().next().and_then(|text| text.parse().ok());
        Self {
            processor: name.unwrap_or_default().trim_start_matches(['\t', ' ', ':']).to_owned(),
            processors: std::thread::available_parallelism().map_or(1, usize::from),
            load_average: load.unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Memory, Share, Times, mib, quantile};

    fn check(values: &[u32], share: f64, expected: Option<u32>) {
        assert_eq!(quantile(values, share), expected, "{values:?} {share}");
    }

    #[test]
    fn a_quantile_is_one_of_the_values() {
        check(&[], 0.5, None);
        check(&[7], 0.0, Some(7));
        check(&[7], 1.0, Some(7));
        check(&[1, 2, 3, 4], 0.5, Some(2));
        check(&[1, 2, 3, 4, 5], 0.5, Some(3));
        check(&[1, 2, 3, 4], 0.99, Some(4));
        let hundred: Vec<u32> = (1..=100).collect();
        check(&hundred, 0.99, Some(99));
    }

    #[test]
    fn times_are_sorted_first() {
        let times = Times::of([4, 1, 3, 2].map(Duration::from_millis).into());
        assert_eq!(times, Times { p50_ms: 2.0, p99_ms: 4.0, worst_ms: 4.0, rounds: 4 });
    }

    #[test]
    fn what_is_measured_is_repeated_and_may_fail() {
        let mut turns = 0;
        let times = Times::measure(0.0, |_| {
            turns += 1;
            Ok::<(), ()>(())
        });
        assert_eq!((times.map(|times| times.rounds), turns), (Ok(20), 23));
        assert_eq!(Times::measure(0.0, |turn| if turn == 5 { Err("so") } else { Ok(()) }), Err("so"));
    }

    #[test]
    fn memory_is_read_off_the_status() {
        let status = "Name:\trollcall\nVmPeak:\t  9000 kB\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\n";
        assert_eq!(Memory::of(status), Memory { resident: 1 << 20, peak: 2 << 20 });
        assert_eq!(Memory::of("VmRSS: some"), Memory { resident: 0, peak: 0 });
        let now = Memory::now().expect("Linux says");
        assert!(now.resident > 1 << 20 && now.peak >= now.resident / 2, "{now:?}");
        assert_eq!(mib(3 << 19), 1.5);
    }

    #[test]
    fn a_share_counts() {
        assert_eq!(Share::of([true, false, true, true]), Share { of: 4, count: 3, share: 0.75 });
        assert_eq!(Share::of([]), Share { of: 0, count: 0, share: 0.0 });
    }
}
