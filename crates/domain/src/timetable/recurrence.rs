//! On which days a rule of RFC 5545 falls.
//!
//! A series meets at one time of the day, so a rule names days and nothing smaller. It is asked for days alone, without a
//! zone: what the clocks show on them is [`crate::day`]'s.

use std::ops::Range;

use chrono::{DateTime, Datelike, Months, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use chrono_tz::Tz;
use rrule::{Frequency, NWeekday, RRule, RRuleSet, Unvalidated};

use crate::day;

/// For how many years from its first day a series is looked at.
pub const LONGEST_YEARS: u32 = 20;

const LONGEST_TEXT: usize = 300;
const MOST_DAYS: u32 = 5000;
const LARGEST_INTERVAL: u16 = 366;

/// The days of a series.
#[derive(Debug, Clone)]
pub struct Recurrence {
    text: String,
    rule: RRule<Unvalidated>,
    until: Option<Until>,
}

/// The last time that a rule may name, inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Until {
    Day(NaiveDate),
    Shown(NaiveDateTime),
    Moment(DateTime<Utc>),
}

/// Why a rule cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRule {
    /// It is no rule at all.
    #[error("must be a recurrence rule of RFC 5545 with at most 300 characters, such as FREQ=WEEKLY;BYDAY=MO,WE")]
    NoRule,
    /// A part of it cannot be read, or goes with no other.
    #[error("cannot be read: {0}")]
    Unreadable(String),
    /// It names hours, minutes or seconds.
    #[error("must name days: FREQ is DAILY, WEEKLY, MONTHLY or YEARLY, without BYHOUR, BYMINUTE and BYSECOND")]
    TimesOfDay,
    /// An interval that makes no sense.
    #[error("INTERVAL must be in 1..=366")]
    Interval,
    /// A count that makes no sense.
    #[error("COUNT must be in 1..=5000, and not together with UNTIL")]
    Count,
    /// Something like the second Monday of a week.
    #[error("numbered days, such as 2MO, go only with FREQ=MONTHLY, and with FREQ=YEARLY without BYWEEKNO")]
    NumberedDays,
}

impl Recurrence {
    /// Reads a rule, with or without `RRULE:` before it, in whatever case.
    ///
    /// # Errors
    /// [`InvalidRule`] says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, InvalidRule> {
        let text = text.trim().to_ascii_uppercase();
        let text = text.strip_prefix("RRULE:").unwrap_or(&text);
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "=;,+-".contains(c);
        if text.is_empty() || text.len() > LONGEST_TEXT || !text.chars().all(is_plain) {
            return Err(InvalidRule::NoRule);
        }
        let (ends, parts): (Vec<&str>, Vec<&str>) = text.split(';').partition(|part| part.starts_with("UNTIL="));
        let until = match ends.as_slice() {
            [] => None,
            [end] => Some(Until::parse(end.trim_start_matches("UNTIL="))?),
            _ => return Err(InvalidRule::Unreadable("UNTIL is there twice".to_owned())),
        };
        let rule: RRule<Unvalidated> = parts.join(";").parse().map_err(unreadable)?;
        check(&rule, until.is_some())?;
        Ok(Self { text: text.to_owned(), rule, until })
    }

    /// The rule, in capitals and without `RRULE:`.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The days of the rule that are in `wanted`, in order, where `first` is the first day that it may name and `time`, as
    /// the clocks of `zone` show it, is when a series of them begins. None is more than [`LONGEST_YEARS`] after `first`.
    ///
    /// # Errors
    /// [`InvalidRule::Unreadable`] when its parts do not go together.
    pub fn days(
        &self,
        first: NaiveDate,
        time: NaiveTime,
        zone: Tz,
        wanted: Range<NaiveDate>,
    ) -> Result<Vec<NaiveDate>, InvalidRule> {
        let last = first.checked_add_months(Months::new(12 * LONGEST_YEARS)).unwrap_or(NaiveDate::MAX);
        let end = wanted.end.min(last);
        let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc().with_timezone(&rrule::Tz::UTC);
        let from = later(first);
        let rule = self.rule.clone().validate(midnight(from)).map_err(unreadable)?;
        let days = RRuleSet::new(midnight(from)).rrule(rule).limit();
        let is_over =
            |day: &NaiveDate| *day >= end || self.until.is_some_and(|until| until.is_before(*day, time, zone));
        let days = days.into_iter().map(|found| earlier(found.date_naive()));
        Ok(days.take_while(|day| !is_over(day)).filter(|day| *day >= wanted.start).collect())
    }

    /// The first day of the rule from `first` on; `None` when it has none in [`LONGEST_YEARS`].
    ///
    /// # Errors
    /// As [`Self::days`].
    pub fn first(&self, first: NaiveDate, time: NaiveTime, zone: Tz) -> Result<Option<NaiveDate>, InvalidRule> {
        Ok(self.days(first, time, zone, first..NaiveDate::MAX)?.first().copied())
    }
}

/// A rule that names no day at all is followed to the year 10000 before it is given up. The calendar is the same every 400
/// years (146,097 days are whole weeks), so it is asked about a year that is near that end.
fn later(day: NaiveDate) -> NaiveDate {
    day.with_year(day.year() + SHIFT).unwrap_or(day)
}

fn earlier(day: NaiveDate) -> NaiveDate {
    day.with_year(day.year() - SHIFT).unwrap_or(day)
}

/// Years, a multiple of 400.
const SHIFT: i32 = 7600;

fn unreadable(error: impl std::fmt::Display) -> InvalidRule {
    InvalidRule::Unreadable(error.to_string())
}

fn check(rule: &RRule<Unvalidated>, has_until: bool) -> Result<(), InvalidRule> {
    let frequency = rule.get_freq();
    let names_days = matches!(frequency, Frequency::Daily | Frequency::Weekly | Frequency::Monthly | Frequency::Yearly);
    let names_times =
        !(rule.get_by_hour().is_empty() && rule.get_by_minute().is_empty() && rule.get_by_second().is_empty());
    if !names_days || names_times {
        return Err(InvalidRule::TimesOfDay);
    }
    if !(1..=LARGEST_INTERVAL).contains(&rule.get_interval()) {
        return Err(InvalidRule::Interval);
    }
    if rule.get_count().is_some_and(|count| has_until || !(1..=MOST_DAYS).contains(&count)) {
        return Err(InvalidRule::Count);
    }
    let is_numbered = rule.get_by_weekday().iter().any(|day| matches!(day, NWeekday::Nth(..)));
    let takes_numbers = match frequency {
        Frequency::Monthly => true,
        Frequency::Yearly => rule.get_by_week_no().is_empty(),
        _ => false,
    };
    if is_numbered && !takes_numbers {
        return Err(InvalidRule::NumberedDays);
    }
    Ok(())
}

impl Until {
    fn parse(text: &str) -> Result<Self, InvalidRule> {
        let day = || Some(Self::Day(NaiveDate::parse_from_str(text, "%Y%m%d").ok().filter(|_| text.len() == 8)?));
        let shown = |text| NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%S").ok().filter(|_| text.len() == 15);
        let found = match text.strip_suffix('Z') {
            Some(moment) => shown(moment).map(|time| Self::Moment(time.and_utc())),
            None => shown(text).map(Self::Shown).or_else(day),
        };
        let advice = "UNTIL is a day (20261224), a time (20261224T180000) or a moment (20261224T170000Z)";
        found.ok_or_else(|| InvalidRule::Unreadable(advice.to_owned()))
    }

    /// Whether it is before `time` of `day`.
    fn is_before(self, day: NaiveDate, time: NaiveTime, zone: Tz) -> bool {
        match self {
            Self::Day(last) => last < day,
            Self::Shown(last) => last < day.and_time(time),
            Self::Moment(last) => last < day::instant(day, time, zone),
        }
    }
}

#[cfg(test)]
mod tests {

    use chrono::{NaiveDate, NaiveTime, TimeDelta};
    use chrono_tz::Tz;
    use proptest::prelude::*;

    use super::{InvalidRule, Recurrence};

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    /// The days of the rule in the 400 days from `first` on.
    fn days(rule: &str, first: NaiveDate) -> Result<Vec<NaiveDate>, InvalidRule> {
        let wanted = first..first + TimeDelta::days(400);
        Recurrence::parse(rule)?.days(first, NaiveTime::MIN, Tz::UTC, wanted)
    }

    fn check(rule: &str, first: &str, expected: &[&str]) {
        let found = days(rule, day(first)).expect("a rule");
        assert_eq!(found, expected.iter().map(|text| day(text)).collect::<Vec<_>>(), "{rule} from {first}");
    }

    fn check_refused(rule: &str, words: &str) {
        let refused = days(rule, day("2026-09-01")).expect_err(rule).to_string();
        assert!(refused.contains(words), "{rule}: {refused}");
    }

    #[test]
    fn rules_name_days() {
        check("FREQ=DAILY;COUNT=3", "2026-02-27", &["2026-02-27", "2026-02-28", "2026-03-01"]);
        check("rrule:freq=weekly;byday=mo,we;count=3", "2026-09-01", &["2026-09-02", "2026-09-07", "2026-09-09"]);
        check("FREQ=WEEKLY;INTERVAL=2;UNTIL=20261001", "2026-09-03", &["2026-09-03", "2026-09-17", "2026-10-01"]);
        check("FREQ=MONTHLY;BYDAY=-1FR;COUNT=2", "2026-09-01", &["2026-09-25", "2026-10-30"]);
        check("FREQ=MONTHLY;COUNT=3", "2027-01-31", &["2027-01-31", "2027-03-31", "2027-05-31"]);
        check("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1;COUNT=2", "2026-08-01", &["2026-08-03", "2026-09-01"]);
        check("FREQ=YEARLY;COUNT=2", "2028-02-29", &["2028-02-29"]);
        check("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "2026-09-01", &[]);
        check("FREQ=DAILY;UNTIL=20260831", "2026-09-01", &[]);
    }

    #[test]
    fn what_is_no_rule_is_refused() {
        check_refused("", "RFC 5545");
        check_refused("FREQ=WEEKLY\nDTSTART:20260901", "RFC 5545");
        check_refused(&format!("FREQ=DAILY;BYMONTHDAY={}1", "1,".repeat(300)), "RFC 5545");
        check_refused("BYDAY=MO", "FREQ");
        check_refused("FREQ=HOURLY", "must name days");
        check_refused("FREQ=SECONDLY;COUNT=5000", "must name days");
        check_refused("FREQ=DAILY;BYHOUR=8", "must name days");
        check_refused("FREQ=DAILY;INTERVAL=0", "INTERVAL");
        check_refused("FREQ=DAILY;INTERVAL=367", "INTERVAL");
        check_refused("FREQ=DAILY;INTERVAL=-1", "cannot be read");
        check_refused("FREQ=DAILY;COUNT=0", "COUNT");
        check_refused("FREQ=DAILY;COUNT=5001", "COUNT");
        check_refused("FREQ=DAILY;COUNT=5;UNTIL=20270101", "COUNT");
        check_refused("FREQ=DAILY;COUNT=5;COUNT=6", "cannot be read");
        check_refused("FREQ=DAILY;UNTIL=20270101;UNTIL=20270102", "twice");
        check_refused("FREQ=DAILY;UNTIL=20270230", "UNTIL is a day");
        check_refused("FREQ=WEEKLY;BYDAY=2MO", "numbered");
        check_refused("FREQ=MONTHLY;BYDAY=9MO", "cannot be read");
        check_refused("FREQ=WEEKLY;BYEASTER=1", "cannot be read");
    }

    /// Something that looks like a rule.
    fn rule() -> impl Strategy<Value = String> {
        let part = prop_oneof![
            "(FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY|HOURLY|SECONDLY))",
            "INTERVAL=[0-9]{1,6}",
            "COUNT=[0-9]{1,11}",
            "UNTIL=(19|20|99)[0-9]{6}(T[0-2][0-9][0-5][0-9][0-5][0-9]Z?)?",
            "BYDAY=[+-]?[0-9]{0,3}(MO|TU|WE|TH|FR|SA|SU)(,-?[0-9]?(MO|FR|SU))?",
            "BYMONTHDAY=-?[0-9]{1,3}(,-?[0-9]{1,2})?",
            "BYMONTH=[0-9]{1,2}(,[0-9]{1,2})?",
            "BYYEARDAY=-?[0-9]{1,3}",
            "BYWEEKNO=-?[0-9]{1,2}(,[0-9]{1,2})?",
            "BYSETPOS=-?[0-9]{1,3}",
            "WKST=(MO|SU|XX)",
            "BY(HOUR|MINUTE|SECOND)=[0-9]{1,2}(,[0-9]{1,2}){0,3}",
        ];
        ("FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)", prop::collection::vec(part, 0..5))
            .prop_map(|(freq, parts)| [&[freq][..], &parts].concat().join(";"))
    }

    fn is_bounded(rule: &str, first: i64) -> Result<(), TestCaseError> {
        let first = day("1970-01-01") + TimeDelta::days(first);
        let found = Recurrence::parse(rule).and_then(|read| read.first(first, NaiveTime::MIN, Tz::Asia__Beirut));
        let Ok(found) = found else { return Ok(()) };
        let all = days(rule, first).expect("a rule that was good");
        prop_assert!(all.is_sorted() && all.iter().all(|day| *day >= first), "{all:?}");
        prop_assert!(all.first().is_none_or(|day| Some(*day) == found));
        Ok(())
    }

    proptest! {
        #[test]
        fn no_text_is_too_much(text in ".{0,60}|[A-Z0-9=;,+-]{0,80}", first in 0i64..80_000) {
            is_bounded(&text, first)?;
        }

        #[test]
        fn no_rule_is_too_much(rule in rule(), first in 0i64..80_000) {
            is_bounded(&rule, first)?;
        }

        #[test]
        fn windows_are_parts_of_the_whole(rule in rule(), cut in 0i64..400) {
            let first = day("2026-09-01");
            let Ok(whole) = days(&rule, first) else { return Ok(()) };
            let read = Recurrence::parse(&rule).expect("a rule that was good");
            let cut = first + TimeDelta::days(cut);
            let part = |wanted| read.days(first, NaiveTime::MIN, Tz::UTC, wanted).expect("days");
            prop_assert_eq!([part(first..cut), part(cut..first + TimeDelta::days(400))].concat(), whole);
        }
    }
}
