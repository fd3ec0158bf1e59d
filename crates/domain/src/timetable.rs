//! When courses meet: series of sessions, told by a rule and by the clocks of a site, and the days on which nobody meets.

use std::collections::BTreeMap;
use std::ops::Range;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::day;
use crate::id::{CourseId, HolidayId, OrganizationId, SeriesId};
use crate::policy::{CoursePolicy, InvalidOverrides, PolicyOverrides};

mod planning;
mod recurrence;

pub use planning::{Existing, Plan, plan};
pub use recurrence::{InvalidRule, LONGEST_YEARS, Recurrence};

/// Longest that a session is planned for, in minutes: a day.
pub const LONGEST_MINUTES: u16 = 1440;

/// When a course meets again and again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Series {
    /// Its id.
    pub id: SeriesId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// The course that meets.
    pub course_id: CourseId,
    /// On which days: an RFC 5545 recurrence rule, such as `FREQ=WEEKLY;BYDAY=MO,WE`.
    pub rule: String,
    /// The first day that the rule may name; others are counted from it.
    pub starts_on: NaiveDate,
    /// When a session begins, as the clocks at the course's site show it.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "08:15:00"))]
    pub start_time: NaiveTime,
    /// How long a session is, 1..=1440 minutes.
    pub duration_minutes: u16,
    /// Whether the scheduler starts and closes its sessions.
    pub automatic: bool,
    /// Where its sessions' policy is another than the course's.
    #[cfg_attr(feature = "openapi", schema(value_type = CoursePolicy))]
    pub policy: PolicyOverrides,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// Days on which no series of an organization meets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Holiday {
    /// Its id.
    pub id: HolidayId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// The first day.
    pub first_day: NaiveDate,
    /// The last day, inclusive.
    pub last_day: NaiveDate,
    /// Name as people say it.
    pub name: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl Holiday {
    /// Whether it is on a day.
    #[must_use]
    pub fn holds(&self, day: NaiveDate) -> bool {
        (self.first_day..=self.last_day).contains(&day)
    }
}

/// A session as a series wants it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Meeting {
    /// When it is meant to begin.
    pub starts_at: DateTime<Utc>,
    /// When it is meant to end.
    pub ends_at: DateTime<Utc>,
    /// What it asks of those who attend.
    pub policy: CoursePolicy,
    /// Whether the scheduler starts and closes it.
    pub automatic: bool,
}

/// Why a series has no sessions.
#[derive(Debug, thiserror::Error)]
pub enum InvalidSeries {
    /// Its rule cannot be.
    #[error(transparent)]
    Rule(#[from] InvalidRule),
    /// Its policy and the course's do not go together.
    #[error(transparent)]
    Policy(#[from] InvalidOverrides),
}

impl Series {
    /// Its meetings on the days of `days`, each by its day. They begin when the clocks of `zone` show its time: the first
    /// time where they show it twice, and when they go on where they leave it out; a meeting's length is what passes, not
    /// what clocks show.
    ///
    /// # Errors
    /// [`InvalidSeries`] when its rule or its policy cannot be.
    pub fn meetings(
        &self,
        course: &CoursePolicy,
        zone: Tz,
        days: Range<NaiveDate>,
    ) -> Result<BTreeMap<NaiveDate, Meeting>, InvalidSeries> {
        let (policy, automatic) = (self.policy.apply(course)?, self.automatic);
        let rule = Recurrence::parse(&self.rule)?;
        let meeting = |day| {
            let starts_at = day::instant(day, self.start_time, zone);
            let ends_at = starts_at + TimeDelta::minutes(self.duration_minutes.into());
            (day, Meeting { starts_at, ends_at, policy, automatic })
        };
        let found = rule.days(self.starts_on, self.start_time, zone, days)?;
        Ok(found.into_iter().map(meeting).collect())
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
    use chrono_tz::Tz;
    use proptest::prelude::*;

    use super::Series;
    use crate::day;
    use crate::id::Id;
    use crate::policy::{CoursePolicy, PolicyOverrides};

    fn series(rule: &str, starts_on: &str, start_time: &str, duration_minutes: u16) -> Series {
        Series {
            id: Id::new(),
            organization_id: Id::new(),
            course_id: Id::new(),
            rule: rule.to_owned(),
            starts_on: starts_on.parse().expect("a day"),
            start_time: start_time.parse().expect("a time"),
            duration_minutes,
            automatic: true,
            policy: PolicyOverrides::default(),
            created_at: DateTime::UNIX_EPOCH,
        }
    }

    /// From when to when the series meets in the three days from `day` on.
    fn check(zone: Tz, of: &Series, day: &str, expected: &[(&str, &str)]) {
        let from: NaiveDate = day.parse().expect("a day");
        let found = of.meetings(&CoursePolicy::default(), zone, from..from + TimeDelta::days(3)).expect("meetings");
        let found: Vec<_> = found.values().map(|meeting| (meeting.starts_at, meeting.ends_at)).collect();
        let time = |text: &str| text.parse::<DateTime<Utc>>().expect("a time");
        let expected: Vec<_> = expected.iter().map(|(from, to)| (time(from), time(to))).collect();
        assert_eq!(found, expected, "{} at {} in {zone}", of.rule, of.start_time);
    }

    #[test]
    fn the_clocks_of_the_site_say_when() {
        let morning = series("FREQ=DAILY", "2026-01-01", "08:15:00", 90);
        let zurich = Tz::Europe__Zurich;
        // The clocks go on in the night of 29 March, and back in that of 25 October.
        check(
            zurich,
            &morning,
            "2026-03-28",
            &[
                ("2026-03-28T07:15:00Z", "2026-03-28T08:45:00Z"),
                ("2026-03-29T06:15:00Z", "2026-03-29T07:45:00Z"),
                ("2026-03-30T06:15:00Z", "2026-03-30T07:45:00Z"),
            ],
        );
        check(
            zurich,
            &morning,
            "2026-10-24",
            &[
                ("2026-10-24T06:15:00Z", "2026-10-24T07:45:00Z"),
                ("2026-10-25T07:15:00Z", "2026-10-25T08:45:00Z"),
                ("2026-10-26T07:15:00Z", "2026-10-26T08:45:00Z"),
            ],
        );
    }

    #[test]
    fn times_that_clocks_leave_out_or_show_twice() {
        let night = series("FREQ=DAILY", "2026-01-01", "02:30:00", 60);
        let zurich = Tz::Europe__Zurich;
        check(
            zurich,
            &night,
            "2026-03-28",
            &[
                ("2026-03-28T01:30:00Z", "2026-03-28T02:30:00Z"),
                ("2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z"),
                ("2026-03-30T00:30:00Z", "2026-03-30T01:30:00Z"),
            ],
        );
        check(
            zurich,
            &night,
            "2026-10-24",
            &[
                ("2026-10-24T00:30:00Z", "2026-10-24T01:30:00Z"),
                ("2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"),
                ("2026-10-26T01:30:00Z", "2026-10-26T02:30:00Z"),
            ],
        );
    }

    #[test]
    fn midnight_belongs_to_the_day_that_it_begins() {
        let midnight = series("FREQ=WEEKLY;BYDAY=SA", "2026-09-01", "00:00:00", 60);
        check(Tz::Asia__Kolkata, &midnight, "2026-09-04", &[("2026-09-04T18:30:00Z", "2026-09-04T19:30:00Z")]);
        let late = series("FREQ=WEEKLY;BYDAY=FR", "2026-09-01", "23:30:00", 120);
        check(Tz::America__Los_Angeles, &late, "2026-09-04", &[("2026-09-05T06:30:00Z", "2026-09-05T08:30:00Z")]);
        // Beirut's clocks leave midnight out, Havana's show it twice.
        let daily = series("FREQ=DAILY;COUNT=1", "2022-03-27", "00:00:00", 60);
        check(Tz::Asia__Beirut, &daily, "2022-03-27", &[("2022-03-26T22:00:00Z", "2022-03-26T23:00:00Z")]);
        let daily = series("FREQ=DAILY;COUNT=1", "2026-11-01", "00:30:00", 60);
        check(Tz::America__Havana, &daily, "2026-11-01", &[("2026-11-01T04:30:00Z", "2026-11-01T05:30:00Z")]);
    }

    #[test]
    fn an_end_is_a_day_a_time_or_a_moment() {
        let evening = |rule: &str| series(rule, "2026-06-01", "22:00:00", 60);
        let auckland = Tz::Pacific__Auckland;
        let (first, second) =
            (("2026-06-01T10:00:00Z", "2026-06-01T11:00:00Z"), ("2026-06-02T10:00:00Z", "2026-06-02T11:00:00Z"));
        check(auckland, &evening("FREQ=DAILY;UNTIL=20260602"), "2026-06-01", &[first, second]);
        check(auckland, &evening("FREQ=DAILY;UNTIL=20260602T215959"), "2026-06-01", &[first]);
        check(auckland, &evening("FREQ=DAILY;UNTIL=20260602T220000"), "2026-06-01", &[first, second]);
        check(auckland, &evening("FREQ=DAILY;UNTIL=20260602T095959Z"), "2026-06-01", &[first]);
        check(auckland, &evening("FREQ=DAILY;UNTIL=20260602T100000Z"), "2026-06-01", &[first, second]);
    }

    proptest! {
        #[test]
        fn clocks_show_the_time_of_the_series_unless_they_leave_it_out(
            day in 0i64..18_000, minute in 0u32..1440,
            zone in prop::sample::select(vec![
                Tz::UTC, Tz::Europe__Zurich, Tz::Asia__Beirut, Tz::America__Havana, Tz::America__St_Johns,
                Tz::Australia__Lord_Howe, Tz::Africa__Cairo, Tz::Pacific__Chatham,
            ]),
        ) {
            let first = NaiveDate::from_ymd_opt(1990, 1, 1).expect("a day") + TimeDelta::days(day);
            let time = format!("{:02}:{:02}:00", minute / 60, minute % 60);
            let of = series("FREQ=DAILY;INTERVAL=2", &first.to_string(), &time, 60);
            let days = first..first + TimeDelta::days(12);
            let found = of.meetings(&CoursePolicy::default(), zone, days).expect("meetings");
            prop_assert_eq!(found.len(), 6);
            for (wanted, meeting) in found {
                prop_assert_eq!(day::of(meeting.starts_at, zone), wanted);
                let shown = meeting.starts_at.with_timezone(&zone).naive_local();
                let is_gap = meeting.starts_at == day::instant(wanted, shown.time(), zone) && shown.time() > of.start_time;
                prop_assert!(shown.time() == of.start_time || is_gap, "{shown} for {time}");
            }
        }
    }
}
