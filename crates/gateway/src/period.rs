//! The days that a report is about: `?from=2026-09-01&to=2026-12-24`, both among them, as the site's clocks have them.

use std::ops::RangeInclusive;

use chrono::{Datelike, NaiveDate};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::error::ApiError;

/// The years of which reports are made.
const YEARS: RangeInclusive<i32> = 1970..=9999;

/// Which days a report is about.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PeriodQuery {
    /// The first day; where it is not said, from the beginning.
    pub from: Option<NaiveDate>,
    /// The last day, inclusive; where it is not said, until now.
    pub to: Option<NaiveDate>,
}

impl PeriodQuery {
    /// The days.
    pub(crate) fn read(&self) -> Result<RangeInclusive<NaiveDate>, ApiError> {
        days(self.from, self.to)
    }
}

/// From one day to another, both among them; an end that is not said is open.
pub(crate) fn days(from: Option<NaiveDate>, to: Option<NaiveDate>) -> Result<RangeInclusive<NaiveDate>, ApiError> {
    if [from, to].into_iter().flatten().any(|day| !YEARS.contains(&day.year())) {
        return Err(ApiError::InvalidQuery { reason: "a day must be in the years 1970 to 9999".to_owned() });
    }
    let first = from.unwrap_or(NaiveDate::from_ymd_opt(*YEARS.start(), 1, 1).expect("a day"));
    let last = to.unwrap_or(NaiveDate::from_ymd_opt(*YEARS.end(), 12, 31).expect("a day"));
    if first > last {
        return Err(ApiError::InvalidQuery { reason: "`from` must not be after `to`".to_owned() });
    }
    Ok(first..=last)
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::days;

    fn check(from: Option<&str>, to: Option<&str>, expected: Option<(&str, &str)>) {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        let read = days(from.map(day), to.map(day)).ok();
        assert_eq!(read, expected.map(|(first, last)| day(first)..=day(last)), "{from:?} to {to:?}");
    }

    #[test]
    fn a_period_has_two_ends_in_order() {
        check(Some("2026-09-01"), Some("2026-12-24"), Some(("2026-09-01", "2026-12-24")));
        check(Some("2026-09-01"), Some("2026-09-01"), Some(("2026-09-01", "2026-09-01")));
        check(None, None, Some(("1970-01-01", "9999-12-31")));
        check(Some("2026-09-02"), Some("2026-09-01"), None);
        check(Some("-0044-03-15"), None, None);
        check(None, Some("+10000-01-01"), None);
    }
}
