//! How long to wait before trying again: longer each time, and never in step with other cameras.

use std::time::Duration;

/// Before the second try, at most.
const FIRST: Duration = Duration::from_millis(500);
/// Before any later try, at most.
const LONGEST: Duration = Duration::from_secs(30);

/// Counts failures in a row.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// It worked: the next wait is short again.
    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }

    /// It failed: how long to wait now.
    pub(crate) fn next(&mut self) -> Duration {
        let wait = delay(self.failures, rand::random());
        self.failures = self.failures.saturating_add(1);
        wait
    }
}

/// The wait after `failures` earlier ones; `jitter` in 0..1 spreads it over the upper half of its range, so that a
/// hall full of cameras does not come back in one instant.
fn delay(failures: u32, jitter: f64) -> Duration {
    let doublings = failures.min(16);
    let most = FIRST.saturating_mul(1 << doublings).min(LONGEST);
    most.mul_f64(0.5 + 0.5 * jitter.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Backoff, delay};

    fn check(failures: u32, jitter: f64, milliseconds: u64) {
        assert_eq!(delay(failures, jitter), Duration::from_millis(milliseconds), "{failures} failures, {jitter}");
    }

    #[test]
    fn doubles_up_to_a_bound() {
        check(0, 0.0, 250);
        check(0, 1.0, 500);
        check(1, 1.0, 1_000);
        check(5, 1.0, 16_000);
        check(6, 1.0, 30_000);
        check(6, 0.0, 15_000);
        check(u32::MAX, 1.0, 30_000);
    }

    #[test]
    fn is_short_again_after_success() {
        let mut backoff = Backoff::default();
        for _ in 0..10 {
            backoff.next();
        }
        assert!(backoff.next() >= Duration::from_secs(15));
        backoff.reset();
        assert!(backoff.next() <= Duration::from_millis(500));
    }
}
