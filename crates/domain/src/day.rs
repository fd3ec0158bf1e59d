//! Days as a site knows them: midnight is where its clocks say so, and a day may have 23 or 25 hours.

use std::ops::Range;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// The day that a time falls on in a zone.
#[must_use]
pub fn of(time: DateTime<Utc>, zone: Tz) -> NaiveDate {
    time.with_timezone(&zone).date_naive()
}

/// From the first moment of a day to the first of the next one.
#[must_use]
pub fn bounds(day: NaiveDate, zone: Tz) -> Range<DateTime<Utc>> {
    let next = day.succ_opt().unwrap_or(day);
    begin(day, zone)..begin(next, zone)
}

/// The first moment of a day. Where the clocks leave midnight out, that is when they go on; where they show it twice, the
/// earlier one.
fn begin(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    instant(day, NaiveTime::MIN, zone)
}

/// When the clocks of a zone show this time: the earlier moment where they show it twice, and where they leave it out, the
/// moment at which they go on.
#[must_use]
pub fn instant(day: NaiveDate, time: NaiveTime, zone: Tz) -> DateTime<Utc> {
    let wanted = day.and_time(time);
    if let Some(found) = zone.from_local_datetime(&wanted).earliest() {
        return found.with_timezone(&Utc);
    }
    // Clocks leave out three hours at the very most, but for the rare zone that changed its side of the date line.
    let mut after = wanted + TimeDelta::hours(26);
    let mut before = wanted;
    while after - before > TimeDelta::seconds(1) {
        let middle = before + (after - before) / 2;
        match zone.from_local_datetime(&middle).earliest() {
            Some(_) => after = middle,
            None => before = middle,
        }
    }
    let going_on = zone.from_local_datetime(&after).earliest().map(|found| found.with_timezone(&Utc));
    let exact = going_on.unwrap_or_else(|| Utc.from_utc_datetime(&wanted));
    // The bisection ends within a second after the first time that is shown; changes are at whole seconds.
    DateTime::from_timestamp(exact.timestamp(), 0).unwrap_or(exact)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
    use chrono_tz::Tz;
    use proptest::prelude::*;

    use super::{bounds, of};

    fn check(zone: Tz, day: &str, from: &str, to: &str) {
        let found = bounds(day.parse().expect("a day"), zone);
        let time = |text: &str| text.parse::<DateTime<Utc>>().expect("a time");
        assert_eq!(found, time(from)..time(to), "{day} in {zone}");
    }

    #[test]
    fn a_day_is_the_sites_day() {
        check(Tz::Asia__Kolkata, "2026-11-21", "2026-11-20T18:30:00Z", "2026-11-21T18:30:00Z");
        // Both changes of the clocks: 23 and 25 hours.
        check(Tz::Europe__Zurich, "2026-03-29", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z");
        check(Tz::Europe__Zurich, "2026-10-25", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z");
        // Clocks that leave midnight out, and that show it twice.
        check(Tz::Asia__Beirut, "2022-03-27", "2022-03-26T22:00:00Z", "2022-03-27T21:00:00Z");
        check(Tz::America__Havana, "2026-11-01", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z");
    }

    proptest! {
        #[test]
        fn days_follow_each_other_and_hold_their_times(
            seconds in 0i64..2_000_000_000,
            zone in prop::sample::select(vec![
                Tz::UTC, Tz::Europe__Zurich, Tz::Asia__Beirut, Tz::America__Havana, Tz::America__St_Johns,
                Tz::Australia__Lord_Howe, Tz::Africa__Cairo, Tz::Pacific__Chatham,
            ]),
        ) {
            let now = DateTime::from_timestamp(seconds, 0).expect("a time");
            let day: NaiveDate = of(now, zone);
            let whole = bounds(day, zone);
            prop_assert!(whole.contains(&now), "{now} is not in {whole:?}");
            prop_assert_eq!(of(whole.start, zone), day);
            prop_assert_eq!(of(whole.end - TimeDelta::seconds(1), zone), day);
            prop_assert_eq!(bounds(day.succ_opt().expect("a day"), zone).start, whole.end);
        }
    }
}
