//! Checking the fields of a request, so that all that is wrong is said at once.

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

    /// The IANA name of a time zone.
    pub(crate) fn time_zone(&mut self, pointer: &str, value: &str) -> String {
        if value.parse::<chrono_tz::Tz>().is_err() {
            self.wrong(pointer, "invalid", "must be an IANA time zone, such as Europe/Zurich");
        }
        value.to_owned()
    }

    /// The value, if nothing was wrong.
    pub(crate) fn finish<T>(self, value: T) -> Result<T, ApiError> {
        if self.errors.is_empty() { Ok(value) } else { Err(ApiError::InvalidRequest { errors: self.errors }) }
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
