//! Checking the fields of a request, so that all that is wrong is said at once.

use domain::text::TextProblem;

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

    /// The value, if nothing was wrong.
    pub(crate) fn finish<T>(self, value: T) -> Result<T, ApiError> {
        if self.errors.is_empty() { Ok(value) } else { Err(ApiError::InvalidRequest { errors: self.errors }) }
    }
}
