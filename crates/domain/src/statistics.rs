//! How often people came: counts of attendance, and the rates made of them.
//!
//! Counted are closed sessions in which somebody was expected, which is to say those in which they have attendance: at
//! close everybody on the roster has. Who joined a course late or left it early is so held to the sessions of their time.
//! Whoever was excused counts as neither there nor away. A session belongs to the day on which it was to begin, by the
//! clocks of its course.

use std::iter::Sum;
use std::ops::{Add, RangeInclusive};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::attendance::AttendanceState;
use crate::day;

/// How many times people stood how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tally {
    /// There, in time and to the end.
    pub present: i64,
    /// There, but late.
    pub late: i64,
    /// There, but left before the end.
    pub left_early: i64,
    /// Away.
    pub absent: i64,
    /// Away with a reason.
    pub excused: i64,
}

impl Tally {
    /// So many people who stood like this.
    #[must_use]
    pub fn of(state: AttendanceState, times: i64) -> Self {
        let mut tally = Self::default();
        match state {
            AttendanceState::Present => tally.present = times,
            AttendanceState::Late => tally.late = times,
            AttendanceState::LeftEarly => tally.left_early = times,
            AttendanceState::Absent => tally.absent = times,
            AttendanceState::Excused => tally.excused = times,
        }
        tally
    }

    /// How many times somebody was there, late ones and those who left early among them.
    #[must_use]
    pub fn attended(&self) -> i64 {
        self.present + self.late + self.left_early
    }

    /// How many times somebody should have been there: all but the excused.
    #[must_use]
    pub fn expected(&self) -> i64 {
        self.attended() + self.absent
    }

    /// Which share of the times at which they should have been there people were, 0..=1; `None` where there was none.
    #[must_use]
    pub fn rate(&self) -> Option<f64> {
        // Exact: no organization counts 2^53 attendances.
        (self.expected() > 0).then(|| self.attended() as f64 / self.expected() as f64)
    }
}

impl Add for Tally {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            present: self.present + other.present,
            late: self.late + other.late,
            left_early: self.left_early + other.left_early,
            absent: self.absent + other.absent,
            excused: self.excused + other.excused,
        }
    }
}

impl Sum for Tally {
    fn sum<I: Iterator<Item = Self>>(tallies: I) -> Self {
        tallies.fold(Self::default(), Add::add)
    }
}

/// Who comes too seldom.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AtRisk {
    /// The rate that is enough, 0..=1.
    pub below: f64,
    /// How many sessions somebody must have been expected in before that says something, at least 1.
    pub least_expected: i64,
}

impl AtRisk {
    /// Whether somebody with this attendance comes too seldom. Nobody does who was never expected.
    #[must_use]
    pub fn applies_to(&self, tally: &Tally) -> bool {
        tally.expected() >= self.least_expected && tally.rate().is_some_and(|rate| rate < self.below)
    }
}

/// A time within which no place on earth has any other day than those that are asked for, and then some: what a database
/// is asked for before [`is_within`] decides.
#[must_use]
pub fn widest(days: &RangeInclusive<NaiveDate>) -> RangeInclusive<DateTime<Utc>> {
    // Clocks are at most 14 hours ahead of UTC and 12 behind.
    let margin = TimeDelta::hours(26);
    let (first, last) = (day::bounds(*days.start(), Tz::UTC).start, day::bounds(*days.end(), Tz::UTC).end);
    first.checked_sub_signed(margin).unwrap_or(first)..=last.checked_add_signed(margin).unwrap_or(last)
}

/// Whether a time is on one of these days, by the clocks of `zone`.
#[must_use]
pub fn is_within(time: DateTime<Utc>, days: &RangeInclusive<NaiveDate>, zone: Tz) -> bool {
    days.contains(&day::of(time, zone))
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, NaiveDate, Utc};
    use chrono_tz::Tz;
    use proptest::prelude::*;

    use super::{AtRisk, Tally, is_within, widest};
    use crate::attendance::AttendanceState::{self, Absent, Excused, Late, LeftEarly, Present};

    fn tally(states: &[AttendanceState]) -> Tally {
        states.iter().map(|state| Tally::of(*state, 1)).sum()
    }

    fn check(states: &[AttendanceState], attended: i64, expected: i64, rate: Option<f64>) {
        let found = tally(states);
        assert_eq!((found.attended(), found.expected(), found.rate()), (attended, expected, rate), "{states:?}");
    }

    #[test]
    fn a_rate_is_of_the_sessions_in_which_somebody_was_expected() {
        check(&[], 0, 0, None);
        check(&[Present], 1, 1, Some(1.0));
        check(&[Absent], 0, 1, Some(0.0));
        check(&[Present, Late, LeftEarly, Absent], 3, 4, Some(0.75));
        // Excused is neither.
        check(&[Excused], 0, 0, None);
        check(&[Present, Excused, Absent, Excused], 1, 2, Some(0.5));
    }

    fn check_risk(states: &[AttendanceState], below: f64, least_expected: i64, expected: bool) {
        assert_eq!(AtRisk { below, least_expected }.applies_to(&tally(states)), expected, "{states:?} below {below}");
    }

    #[test]
    fn what_is_enough_is_enough() {
        check_risk(&[Present, Present, Present, Absent], 0.75, 1, false);
        check_risk(&[Present, Present, Absent], 0.75, 1, true);
        check_risk(&[Absent], 0.75, 1, true);
        check_risk(&[Absent], 0.75, 2, false);
        check_risk(&[Excused, Excused], 1.0, 1, false);
        check_risk(&[], 1.0, 1, false);
        check_risk(&[Absent], 0.0, 1, false);
    }

    fn check_day(zone: Tz, time: &str, from: &str, to: &str, expected: bool) {
        let days = from.parse().expect("a day")..=to.parse().expect("a day");
        assert_eq!(is_within(time.parse().expect("a time"), &days, zone), expected, "{time} in {zone}");
    }

    #[test]
    fn days_are_the_sites() {
        // An evening class in New York is over after midnight in London.
        check_day(Tz::America__New_York, "2026-11-22T01:30:00Z", "2026-11-21", "2026-11-21", true);
        check_day(Tz::UTC, "2026-11-22T01:30:00Z", "2026-11-21", "2026-11-21", false);
        check_day(Tz::Asia__Kolkata, "2026-11-20T18:29:59Z", "2026-11-21", "2026-11-21", false);
        check_day(Tz::Asia__Kolkata, "2026-11-20T18:30:00Z", "2026-11-21", "2026-11-21", true);
        // The days on which the clocks change: 23 and 25 hours.
        check_day(Tz::Europe__Zurich, "2026-03-29T21:59:59Z", "2026-03-29", "2026-03-29", true);
        check_day(Tz::Europe__Zurich, "2026-03-29T22:00:00Z", "2026-03-29", "2026-03-29", false);
        check_day(Tz::Europe__Zurich, "2026-10-25T22:59:59Z", "2026-10-25", "2026-10-25", true);
        check_day(Tz::Europe__Zurich, "2026-10-25T23:00:00Z", "2026-10-25", "2026-10-25", false);
        // Both ends are among them.
        check_day(Tz::UTC, "2026-11-23T12:00:00Z", "2026-11-21", "2026-11-23", true);
    }

    fn states() -> impl Strategy<Value = Vec<AttendanceState>> {
        prop::collection::vec(prop::sample::select(vec![Present, Late, LeftEarly, Absent, Excused]), 0..40)
    }

    proptest! {
        #[test]
        fn tallies_add_up(some in states(), others in states()) {
            let whole = tally(&[some.clone(), others.clone()].concat());
            prop_assert_eq!(tally(&some) + tally(&others), whole);
            prop_assert_eq!(whole.expected() + whole.excused, (some.len() + others.len()) as i64);
            prop_assert!(whole.rate().is_none_or(|rate| (0.0..=1.0).contains(&rate)));
            // The rate of the whole is between those of its parts.
            if let (Some(one), Some(other), Some(rate)) = (tally(&some).rate(), tally(&others).rate(), whole.rate()) {
                prop_assert!((one.min(other) - 1e-12..=one.max(other) + 1e-12).contains(&rate));
            }
        }

        #[test]
        fn the_widest_time_holds_every_place(
            seconds in 0i64..4_000_000_000,
            zone in prop::sample::select(vec![
                Tz::UTC, Tz::Pacific__Kiritimati, Tz::Pacific__Niue, Tz::Pacific__Chatham, Tz::Asia__Kolkata, Tz::Etc__GMTPlus12,
            ]),
            length in 0u64..5,
        ) {
            let time = DateTime::<Utc>::from_timestamp(seconds, 0).expect("a time");
            let from: NaiveDate = crate::day::of(time, zone);
            let days = from..=from + chrono::Days::new(length);
            prop_assert!(is_within(time, &days, zone));
            prop_assert!(widest(&days).contains(&time));
        }
    }
}
