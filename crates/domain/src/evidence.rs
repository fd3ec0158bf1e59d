//! When sightings of one person are enough to mark them.
//!
//! One sighting is enough when a stranger would look so alike no more often than is wanted. Less alike sightings add up:
//! if a share `r` of strangers is taken for this person in one frame, and a stranger who was so once is again in the next
//! frame with probability `p`, then `r p^(n-1)` of them are in `n` frames. Frames of one camera are much alike, so `p` is
//! large and each further frame says little.

use chrono::{DateTime, TimeDelta, Utc};

/// How much must be seen of a person.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EvidencePolicy {
    /// How often a stranger may be marked, per person in front of the camera, 0..1.
    pub wanted_false_match_rate: f64,
    /// Sightings count together when they lie within this.
    pub window: TimeDelta,
    /// Of sightings closer together than this, one counts: they show the same thing.
    pub spacing: TimeDelta,
    /// Probability that a stranger who was taken for somebody is taken for them in the next frame, too; 0..1.
    pub persistence: f64,
    /// For how long after a sighting of somebody who is marked another is not recorded, where the course does not say.
    /// `None`: all are recorded, whatever the course says.
    pub cool_down: Option<TimeDelta>,
}

/// One sighting of the person in question.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Look {
    /// When the frame was taken in.
    pub at: DateTime<Utc>,
    /// How often a stranger looks as much like somebody of the gallery, 0..=1.
    pub false_match_rate: f64,
}

impl EvidencePolicy {
    /// Whether `looks` (in any order, the newest counts from when the window is reckoned back) are enough.
    #[must_use]
    pub fn is_enough(&self, looks: &[Look]) -> bool {
        let Some(newest) = looks.iter().map(|look| look.at).max() else { return false };
        let mut recent: Vec<Look> = looks.iter().filter(|look| newest - look.at <= self.window).copied().collect();
        recent.sort_by(|a, b| a.false_match_rate.total_cmp(&b.false_match_rate));
        // The best first; each counts unless one that counts is too close to it.
        let mut counted: Vec<Look> = Vec::new();
        for look in recent {
            if counted.iter().any(|other| (other.at - look.at).abs() < self.spacing) {
                continue;
            }
            let repeated = i32::try_from(counted.len()).unwrap_or(i32::MAX);
            counted.push(look);
            if look.false_match_rate * self.persistence.powi(repeated) <= self.wanted_false_match_rate {
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use chrono::{TimeDelta, TimeZone, Utc};
    use proptest::prelude::*;

    use super::{EvidencePolicy, Look};

    fn policy() -> EvidencePolicy {
        EvidencePolicy {
            wanted_false_match_rate: 1e-3,
            window: TimeDelta::seconds(10),
            spacing: TimeDelta::milliseconds(300),
            persistence: 0.5,
            cool_down: Some(TimeDelta::zero()),
        }
    }

    fn looks(all: &[(i64, f64)]) -> Vec<Look> {
        let start = Utc.with_ymd_and_hms(2026, 11, 21, 8, 0, 0).single().expect("a time");
        let look = |(ms, rate): &(i64, f64)| Look { at: start + TimeDelta::milliseconds(*ms), false_match_rate: *rate };
        all.iter().map(look).collect()
    }

    fn check(all: &[(i64, f64)], expected: bool) {
        assert_eq!(policy().is_enough(&looks(all)), expected, "{all:?}");
    }

    #[test]
    fn one_good_look_or_several_that_agree() {
        check(&[], false);
        check(&[(0, 1e-3)], true);
        check(&[(0, 2e-3)], false);
        check(&[(0, 2e-3), (1000, 2e-3)], true);
        check(&[(0, 8e-3), (1000, 8e-3), (2000, 8e-3)], false);
        check(&[(0, 8e-3), (1000, 8e-3), (2000, 8e-3), (3000, 8e-3)], true);
    }

    #[test]
    fn frames_a_moment_apart_or_long_ago_do_not_count() {
        check(&[(0, 2e-3), (100, 2e-3), (299, 2e-3)], false);
        check(&[(0, 2e-3), (300, 2e-3)], true);
        check(&[(0, 2e-3), (10_001, 2e-3)], false);
        check(&[(0, 1e-4), (10_001, 5e-3)], false);
    }

    proptest! {
        #[test]
        fn what_is_enough_for_a_strict_policy_is_for_a_lax_one_and_order_does_not_matter(
            all in prop::collection::vec((0i64..9000, 1e-6..0.1f64), 1..12), by in 0usize..12,
        ) {
            let strict = EvidencePolicy { wanted_false_match_rate: 1e-4, ..policy() };
            let found = strict.is_enough(&looks(&all));
            prop_assert!(!found || policy().is_enough(&looks(&all)));
            let mut turned = all.clone();
            turned.rotate_left(by % all.len());
            prop_assert_eq!(strict.is_enough(&looks(&turned)), found);
        }

        #[test]
        fn poor_looks_alone_never_suffice(all in prop::collection::vec((0i64..9000, 0.5..1.0f64), 1..8)) {
            prop_assert!(!policy().is_enough(&looks(&all)));
        }
    }
}
