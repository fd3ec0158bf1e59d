//! What is due when: pure, time is an argument.
//!
//! What was missed while nobody was running is due once, however often it was missed.

use std::str::FromStr;

use chrono::{DateTime, NaiveDateTime, SubsecRound, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use cron::Schedule;

/// The times at which something is due, in the zone of a site.
#[derive(Debug, Clone)]
pub struct Calendar {
    schedule: Schedule,
    zone: Tz,
}

/// Why words make no calendar.
#[derive(Debug, thiserror::Error)]
pub enum InvalidCalendar {
    /// The times cannot be read.
    #[error(
        "`{expression}` is no cron expression of six or seven fields, such as \"0 0 3 * * *\" for 3:00:00 each day"
    )]
    Expression {
        /// What was given.
        expression: String,
        /// What is wrong with it.
        #[source]
        source: Box<cron::error::Error>,
    },
    /// The zone is unknown.
    #[error("`{zone}` is no time zone of the IANA database, such as \"Europe/Berlin\"")]
    Zone {
        /// What was given.
        zone: String,
    },
}

impl Calendar {
    /// The times of `expression` (seconds, minutes, hours, day of month, month, day of week, and years if wanted), as
    /// clocks in `zone` show them. A time that a change of the clocks leaves out is not due on that day; one that they show
    /// twice is due once, the first time.
    ///
    /// # Errors
    /// [`InvalidCalendar`] says which of them is wrong.
    pub fn new(expression: &str, zone: &str) -> Result<Self, InvalidCalendar> {
        let schedule = Schedule::from_str(expression).map_err(|source| InvalidCalendar::Expression {
            expression: expression.to_owned(),
            source: Box::new(source),
        })?;
        let zone = zone.parse().map_err(|_unknown| InvalidCalendar::Zone { zone: zone.to_owned() })?;
        Ok(Self { schedule, zone })
    }

    /// The last time that was due at `now`, inclusive; `None` when there was none yet.
    #[must_use]
    pub fn last_due(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        // After the clocks went back, later times than the present one have been shown already.
        let went_back = self.ahead_of_utc(now - TimeDelta::days(1)) - self.ahead_of_utc(now);
        let just_after = self.shown_at(now).trunc_subsecs(0) + TimeDelta::seconds(1) + went_back.max(TimeDelta::zero());
        let times = self.schedule.after(&just_after.and_utc()).rev();
        times.filter_map(|time| self.first_shown(time)).find(|due| *due <= now)
    }

    /// The next time after `now`; `None` when there is none.
    #[must_use]
    pub fn next_due(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let times = self.schedule.after(&self.shown_at(now).and_utc());
        times.filter_map(|time| self.first_shown(time)).find(|due| *due > now)
    }

    /// What the clocks show at a time.
    fn shown_at(&self, time: DateTime<Utc>) -> NaiveDateTime {
        time.with_timezone(&self.zone).naive_local()
    }

    fn ahead_of_utc(&self, time: DateTime<Utc>) -> TimeDelta {
        self.shown_at(time) - time.naive_utc()
    }

    /// When the clocks first show a time; `None` when they leave it out. The schedule speaks of what clocks show as if it
    /// were UTC: asked in a zone it repeats and skips times where the clocks change.
    fn first_shown(&self, shown: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let first = self.zone.from_local_datetime(&shown.naive_utc()).earliest()?;
        Some(first.with_timezone(&Utc))
    }

    /// Whether what was last done at `done` is due again.
    #[must_use]
    pub fn is_due(&self, done: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        self.last_due(now).is_some_and(|due| due > done)
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use proptest::prelude::*;

    use super::Calendar;

    fn time(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    fn check(expression: &str, zone: &str, now: &str, last: &str, next: &str) {
        let calendar = Calendar::new(expression, zone).expect("a calendar");
        assert_eq!(calendar.last_due(time(now)), Some(time(last)), "last before {now}");
        assert_eq!(calendar.next_due(time(now)), Some(time(next)), "next after {now}");
    }

    const NIGHTLY: &str = "0 0 3 * * *";

    #[test]
    fn a_night_is_the_sites_night() {
        check(NIGHTLY, "UTC", "2026-11-21T02:59:59.9Z", "2026-11-20T03:00:00Z", "2026-11-21T03:00:00Z");
        check(NIGHTLY, "UTC", "2026-11-21T03:00:00Z", "2026-11-21T03:00:00Z", "2026-11-22T03:00:00Z");
        check(NIGHTLY, "UTC", "2026-11-21T03:00:00.5Z", "2026-11-21T03:00:00Z", "2026-11-22T03:00:00Z");
        check(NIGHTLY, "Asia/Kolkata", "2026-11-21T12:00:00Z", "2026-11-20T21:30:00Z", "2026-11-21T21:30:00Z");
    }

    #[test]
    fn clocks_change_twice_a_year() {
        let berlin = "Europe/Berlin";
        check(NIGHTLY, berlin, "2026-03-29T12:00:00Z", "2026-03-29T01:00:00Z", "2026-03-30T01:00:00Z");
        check(NIGHTLY, berlin, "2026-10-25T12:00:00Z", "2026-10-25T02:00:00Z", "2026-10-26T02:00:00Z");
        // 2:30 is left out in the night of 29 March.
        check("0 30 2 * * *", berlin, "2026-03-29T12:00:00Z", "2026-03-28T01:30:00Z", "2026-03-30T00:30:00Z");
        // It is shown twice in the night of 25 October, and due the first time.
        check("0 30 2 * * *", berlin, "2026-10-25T00:59:00Z", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z");
        check("0 30 2 * * *", berlin, "2026-10-25T01:30:00Z", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z");
        let thirds = "0 */20 * * * *";
        check(thirds, berlin, "2026-10-25T01:10:00Z", "2026-10-25T00:40:00Z", "2026-10-25T02:00:00Z");
        let st_johns = "America/St_Johns";
        check(thirds, st_johns, "2029-11-04T03:30:00Z", "2029-11-04T03:30:00Z", "2029-11-04T03:50:00Z");
        check(thirds, st_johns, "2029-11-04T04:40:00Z", "2029-11-04T04:10:00Z", "2029-11-04T05:30:00Z");
    }

    #[test]
    fn what_was_missed_is_due_once() {
        let calendar = Calendar::new(NIGHTLY, "UTC").expect("a calendar");
        let (done, now) = (time("2026-11-10T03:00:07Z"), time("2026-11-21T09:00:00Z"));
        assert!(calendar.is_due(done, now));
        assert!(!calendar.is_due(now, now));
        assert!(!calendar.is_due(now, time("2026-11-22T02:59:59Z")));
        assert!(calendar.is_due(now, time("2026-11-22T03:00:00Z")));
    }

    #[test]
    fn errors_name_what_is_wrong() {
        let error = Calendar::new("nightly", "UTC").expect_err("no expression").to_string();
        assert!(error.contains("`nightly`") && error.contains("cron"), "{error}");
        let error = Calendar::new(NIGHTLY, "Berlin").expect_err("no zone").to_string();
        assert!(error.contains("`Berlin`") && error.contains("IANA"), "{error}");
    }

    proptest! {
        #[test]
        fn the_last_is_the_one_before_the_next(
            seconds in 0i64..2_000_000_000,
            expression in prop::sample::select(vec![NIGHTLY, "0 */20 * * * *", "30 15 4 * * Mon", "0 0 0 1 * *"]),
            zone in prop::sample::select(vec!["UTC", "Asia/Kolkata", "America/St_Johns"]),
        ) {
            let now = DateTime::from_timestamp(seconds + 1_000_000_000, 0).expect("a time");
            let calendar = Calendar::new(expression, zone).expect("a calendar");
            let (last, next) = (calendar.last_due(now).expect("a last"), calendar.next_due(now).expect("a next"));
            prop_assert!(last <= now && now < next);
            prop_assert_eq!(calendar.next_due(last), Some(next));
        }
    }
}
