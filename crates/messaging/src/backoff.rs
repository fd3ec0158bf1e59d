//! How long to wait before something that failed is tried again.

use std::time::Duration;

use rand::Rng;

const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(2);

/// Pauses that double from a tenth of a second to two.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// Whether nothing has failed since the last success; what fails first is worth a warning, the rest only repeats it.
    pub(crate) fn is_fresh(&self) -> bool {
        self.failures == 0
    }

    /// Begins again with the shortest pause.
    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }

    /// The pause after one more failure. Half of it is left to chance, so that the processes of an installation do not
    /// all come back at once.
    pub(crate) fn next_pause(&mut self) -> Duration {
        let doublings = self.failures.min(16);
        self.failures += 1;
        (FIRST * (1 << doublings)).min(LONGEST).mul_f64(rand::rng().random_range(0.5..1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::{Backoff, FIRST, LONGEST};

    #[test]
    fn pauses_double_up_to_a_limit_and_begin_again() {
        let mut backoff = Backoff::default();
        assert!(backoff.is_fresh());
        for doublings in 0..40 {
            let whole = (FIRST * (1 << doublings.min(10))).min(LONGEST);
            let pause = backoff.next_pause();
            assert!(!backoff.is_fresh() && pause >= whole / 2 && pause <= whole, "{pause:?} after {doublings}");
        }
        backoff.reset();
        assert!(backoff.is_fresh() && backoff.next_pause() <= FIRST);
    }
}
