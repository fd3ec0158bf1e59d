//! When somebody who guesses has to wait.

use chrono::{DateTime, TimeDelta, Utc};

/// How many failures are too many, and for how long there is no answer then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LockoutPolicy {
    /// So many failures are too many; at least 1.
    pub attempts: u16,
    /// Those that are older than this do not count any more.
    pub window: TimeDelta,
    /// For how long there is no answer.
    pub lock: TimeDelta,
}

/// The failures that still count, and until when there is no answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attempts {
    /// When the failures were.
    pub failures: Vec<DateTime<Utc>>,
    /// Until when there is no answer, right or wrong.
    pub locked_until: Option<DateTime<Utc>>,
}

impl Attempts {
    /// Until when there is no answer at `now`, if there is none.
    #[must_use]
    pub fn locked(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.locked_until.filter(|until| now < *until)
    }

    /// Counts a failure at `now`, which is not to be while this is locked; whether it was one too many. The failures that
    /// led to a lock do not count again after it.
    #[must_use]
    pub fn fail(&mut self, policy: &LockoutPolicy, now: DateTime<Utc>) -> bool {
        self.failures.retain(|failure| now - *failure < policy.window);
        self.failures.push(now);
        let is_one_too_many = self.failures.len() >= usize::from(policy.attempts);
        if is_one_too_many {
            self.failures.clear();
            self.locked_until = Some(now + policy.lock);
        }
        is_one_too_many
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};
    use proptest::prelude::*;

    use super::{Attempts, LockoutPolicy};

    const POLICY: LockoutPolicy =
        LockoutPolicy { attempts: 5, window: TimeDelta::minutes(15), lock: TimeDelta::minutes(15) };

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).expect("a time")
    }

    /// The seconds of the failures that are answered as such, and of those that lock.
    fn play(seconds: &[i64]) -> (Vec<i64>, Vec<i64>) {
        let mut attempts = Attempts::default();
        let (mut answered, mut locking) = (Vec::new(), Vec::new());
        for second in seconds {
            if attempts.locked(at(*second)).is_some() {
                continue;
            }
            answered.push(*second);
            if attempts.fail(&POLICY, at(*second)) {
                locking.push(*second);
            }
        }
        (answered, locking)
    }

    #[test]
    fn the_fifth_failure_in_a_quarter_of_an_hour_locks_for_a_quarter_of_an_hour() {
        assert_eq!(play(&[0, 1, 2, 3, 4, 5, 903, 904]), (vec![0, 1, 2, 3, 4, 904], vec![4]));
        // The first does not count any more when the fifth comes.
        assert_eq!(play(&[0, 100, 200, 300, 900]), (vec![0, 100, 200, 300, 900], vec![]));
        assert_eq!(play(&[0, 100, 200, 300, 899]).1, [899]);
    }

    proptest! {
        #[test]
        fn nobody_gets_more_than_five_answers_in_a_quarter_of_an_hour(
            mut seconds in prop::collection::vec(0_i64..7200, 0..400),
        ) {
            seconds.sort_unstable();
            let (answered, _) = play(&seconds);
            for (place, first) in answered.iter().enumerate() {
                let soon = answered[place..].iter().take_while(|second| **second < first + 900).count();
                prop_assert!(soon <= 5, "{soon} answers after {first} in {answered:?}");
            }
        }
    }
}
