//! Checking the fields of a request, so that all that is wrong is said at once.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use domain::policy::{CoursePolicy, InvalidOverrides, PolicyProblem};
use domain::text::TextProblem;
use domain::user::PasswordProblem;
use secrecy::{ExposeSecret, SecretString};

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
        self.take(pointer, domain::text::line(value, longest))
    }

    /// The same, but lines may be broken.
    pub(crate) fn paragraphs(&mut self, pointer: &str, value: &str, longest: usize) -> String {
        self.take(pointer, domain::text::paragraphs(value, longest))
    }

    /// An e-mail address.
    pub(crate) fn email(&mut self, pointer: &str, value: &str) -> String {
        self.take(pointer, domain::text::email(value))
    }

    /// The text, or nothing where it is wrong.
    fn take(&mut self, pointer: &str, checked: Result<&str, TextProblem>) -> String {
        checked.map_or_else(
            |problem| {
                self.wrong(pointer, problem.code(), problem.to_string());
                String::new()
            },
            str::to_owned,
        )
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

    /// A password: see [`domain::user::check_password`].
    pub(crate) fn password(&mut self, pointer: &str, value: &SecretString) {
        if let Err(problem) = domain::user::check_password(value.expose_secret()) {
            let code = match problem {
                PasswordProblem::TooShort => "too_short",
                PasswordProblem::TooLong => "too_long",
            };
            self.wrong(pointer, code, problem.to_string());
        }
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
