//! Checking the fields of a request, so that all that is wrong is said at once.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use domain::policy::{CoursePolicy, InvalidOverrides, PolicyProblem};

use crate::error::{ApiError, FieldError};

/// Collects what is wrong.
#[derive(Debug, Default)]
pub(crate) struct Validation {
    errors: Vec<FieldError>,
}

impl Validation {
    /// Notes that the field at `pointer` is wrong.
    pub(crate) fn wrong(&mut self, pointer: &str, code: &str, detail: impl Into<String>) {
        let error = FieldError { pointer: pointer.to_owned(), code: code.to_owned(), detail: detail.into() };
        self.errors.push(error);
    }

    /// The text of a field without surrounding space; it must have 1 to `longest` characters, none of them a control.
    pub(crate) fn text(&mut self, pointer: &str, value: &str, longest: usize) -> String {
        let text = value.trim();
        if text.is_empty() {
            self.wrong(pointer, "required", "must not be empty");
        } else if text.chars().count() > longest {
            self.wrong(pointer, "too_long", format!("must have at most {longest} characters"));
        } else if text.chars().any(char::is_control) {
            self.wrong(pointer, "invalid", "must not hold control characters");
        }
        text.to_owned()
    }

    /// An e-mail address: something on both sides of one `@`, no space, at most 254 characters (RFC 5321).
    pub(crate) fn email(&mut self, pointer: &str, value: &str) -> String {
        let email = value.trim();
        let sound = email.split_once('@').is_some_and(|(local, host)| {
            !local.is_empty() && !host.is_empty() && !host.contains('@') && email.len() <= 254
        });
        if !sound || email.chars().any(|c| c.is_whitespace() || c.is_control()) {
            self.wrong(pointer, "invalid", "must be an e-mail address");
        }
        email.to_owned()
    }

    /// A text that may be empty.
    pub(crate) fn optional_text(&mut self, pointer: &str, value: &str, longest: usize) -> String {
        if value.trim().is_empty() { String::new() } else { self.text(pointer, value, longest) }
    }

    /// The name of a zone of the IANA database.
    pub(crate) fn time_zone(&mut self, pointer: &str, value: &str) -> String {
        if value.parse::<chrono_tz::Tz>().is_err() {
            self.wrong(pointer, "invalid", "must be an IANA time zone, such as Europe/Zurich");
        }
        value.to_owned()
    }

    /// A course's policy, the fields of which lie below `pointer`.
    pub(crate) fn policy(&mut self, pointer: &str, policy: &CoursePolicy) -> CoursePolicy {
        if let Err(PolicyProblem { field, problem }) = policy.check() {
            self.wrong(&format!("{pointer}/{field}"), "out_of_range", problem);
        }
        *policy
    }

    /// A time that can be of anything that we keep.
    pub(crate) fn time(&mut self, pointer: &str, time: DateTime<Utc>) {
        if !is_sound_time(time) {
            self.wrong(pointer, "out_of_range", "must be in the years 1900 to 2200");
        }
    }

    /// A day that can be of anything that we keep.
    pub(crate) fn day(&mut self, pointer: &str, day: NaiveDate) {
        if !is_sound_day(day) {
            self.wrong(pointer, "out_of_range", "must be in the years 1900 to 2200");
        }
    }

    /// The value, if nothing was wrong.
    pub(crate) fn finish<T>(self, value: T) -> Result<T, ApiError> {
        if self.errors.is_empty() { Ok(value) } else { Err(ApiError::InvalidRequest { errors: self.errors }) }
    }
}

/// Whether a time can be of anything that we keep; Postgres does not know all the times that can be written.
pub(crate) fn is_sound_time(time: DateTime<Utc>) -> bool {
    is_sound_day(time.date_naive())
}

/// Whether a day can be of anything that we keep.
pub(crate) fn is_sound_day(day: NaiveDate) -> bool {
    (1900..=2200).contains(&day.year())
}

/// What is wrong with values that should replace those of a policy.
pub(crate) fn invalid_policy(error: InvalidOverrides) -> ApiError {
    match error {
        InvalidOverrides::Unreadable(error) => ApiError::invalid("/policy", "invalid", error.to_string()),
        InvalidOverrides::Problem(PolicyProblem { field, problem }) => {
            ApiError::invalid(&format!("/policy/{field}"), "out_of_range", problem)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Validation;

    fn check_text(value: &str, code: Option<&str>) {
        let mut validation = Validation::default();
        validation.text("/name", value, 5);
        assert_eq!(validation.errors.first().map(|e| e.code.as_str()), code, "{value:?}");
    }

    fn check_email(value: &str, sound: bool) {
        let mut validation = Validation::default();
        validation.email("/email", value);
        assert_eq!(validation.errors.is_empty(), sound, "{value:?}");
    }

    #[test]
    fn texts_have_a_length_and_no_controls() {
        check_text(" Zoé ", None);
        check_text("", Some("required"));
        check_text(" \t ", Some("required"));
        check_text("abcdef", Some("too_long"));
        check_text("a\0b", Some("invalid"));
    }

    #[test]
    fn emails_have_one_at() {
        check_email("ada@example.org", true);
        check_email("ada", false);
        check_email("@example.org", false);
        check_email("a@b@c", false);
        check_email("a b@example.org", false);
    }
}
