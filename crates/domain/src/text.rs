//! What texts of people may be: the same rules for a form, a file and a command.

/// Why a text cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextProblem {
    /// There is nothing but space.
    #[error("must not be empty")]
    Empty,
    /// It is longer than it may be.
    #[error("must have at most {longest} characters")]
    TooLong {
        /// In characters.
        longest: usize,
    },
    /// It holds characters that cannot be shown.
    #[error("must not hold control characters")]
    Control,
    /// It is no e-mail address.
    #[error("must be an e-mail address")]
    NotEmail,
}

impl TextProblem {
    /// The stable word for it.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Empty => "required",
            Self::TooLong { .. } => "too_long",
            Self::Control | Self::NotEmail => "invalid",
        }
    }
}

/// The text without surrounding space: 1 to `longest` characters, none of them a control.
///
/// # Errors
/// [`TextProblem`] says what is wrong.
pub fn line(value: &str, longest: usize) -> Result<&str, TextProblem> {
    checked(value, longest, char::is_control)
}

/// The same, but lines may be broken and tabs set.
///
/// # Errors
/// [`TextProblem`] says what is wrong.
pub fn paragraphs(value: &str, longest: usize) -> Result<&str, TextProblem> {
    checked(value, longest, |c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

/// An e-mail address without surrounding space: something on both sides of one `@`, no space, at most 254 bytes
/// (RFC 5321).
///
/// # Errors
/// [`TextProblem::NotEmail`].
pub fn email(value: &str) -> Result<&str, TextProblem> {
    let email = value.trim();
    let has_sides = email.split_once('@').is_some_and(|(local, host)| {
        !local.is_empty() && !host.is_empty() && !host.contains('@') && email.len() <= 254
    });
    let is_sound = has_sides && !email.chars().any(|c| c.is_whitespace() || c.is_control());
    if is_sound { Ok(email) } else { Err(TextProblem::NotEmail) }
}

fn checked(value: &str, longest: usize, is_refused: impl Fn(char) -> bool) -> Result<&str, TextProblem> {
    let text = value.trim();
    if text.is_empty() {
        Err(TextProblem::Empty)
    } else if text.chars().count() > longest {
        Err(TextProblem::TooLong { longest })
    } else if text.chars().any(is_refused) {
        Err(TextProblem::Control)
    } else {
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::{TextProblem, email, line, paragraphs};

    fn check_line(value: &str, expected: Result<&str, TextProblem>) {
        assert_eq!(line(value, 5), expected, "{value:?}");
    }

    fn check_email(value: &str, is_sound: bool) {
        assert_eq!(email(value).is_ok(), is_sound, "{value:?}");
    }

    #[test]
    fn lines_have_a_length_and_no_controls() {
        check_line(" Zoé ", Ok("Zoé"));
        check_line("", Err(TextProblem::Empty));
        check_line(" \t ", Err(TextProblem::Empty));
        check_line("abcdef", Err(TextProblem::TooLong { longest: 5 }));
        check_line("a\0b", Err(TextProblem::Control));
        check_line("a\nb", Err(TextProblem::Control));
        assert_eq!(paragraphs(" a\nb ", 5), Ok("a\nb"));
        assert_eq!(paragraphs("a\0b", 5), Err(TextProblem::Control));
    }

    #[test]
    fn emails_have_one_at() {
        check_email(" ada@example.org ", true);
        check_email("ada", false);
        check_email("@example.org", false);
        check_email("a@b@c", false);
        check_email("a b@example.org", false);
        check_email(&format!("{}@example.org", "a".repeat(250)), false);
    }
}
