//! Figures as people read them.

use crate::bench::figure::Figure;

/// With what HTML gives a meaning replaced.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A share as a percentage and its interval: `99.53 (99.20–99.80) %`. Marked with an asterisk where it rests on few.
pub(crate) fn percent(figure: &Figure) -> String {
    let part = |value: f64| number(value * 100.0, 2);
    let mark = if figure.rests_on_few { " *" } else { "" };
    format!("{} ({}–{}) %{mark}", part(figure.value), part(figure.low), part(figure.high))
}

/// A figure without unit and its interval.
pub(crate) fn ratio(figure: &Figure) -> String {
    let mark = if figure.rests_on_few { " *" } else { "" };
    format!("{} ({}–{}){mark}", number(figure.value, 2), number(figure.low, 2), number(figure.high, 2))
}

/// With so many digits after the point, and the proper minus sign.
pub(crate) fn number(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    match text.strip_prefix('-') {
        Some(rest) if rest.chars().all(|sign| matches!(sign, '0' | '.')) => rest.to_owned(),
        Some(rest) => format!("−{rest}"),
        None => text,
    }
}

/// The lowest and highest of some values; 0 to 1 of none.
pub(crate) fn span(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) = values
        .filter(|value| value.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    if low <= high { (low, high) } else { (0.0, 1.0) }
}

#[cfg(test)]
mod tests {
    use super::{number, percent, ratio, span};
    use crate::bench::figure::Figure;

    #[test]
    fn figures_have_their_intervals_and_marks() {
        let figure = Figure { value: 0.995, low: 0.99, high: 1.0, rests_on_few: false };
        assert_eq!(percent(&figure), "99.50 (99.00–100.00) %");
        assert_eq!(ratio(&figure.marked(true)), "0.99 (0.99–1.00) *");
    }

    #[test]
    fn numbers_are_signed_properly() {
        assert_eq!(number(-1.25, 1), "−1.2");
        assert_eq!(number(-0.001, 2), "0.00");
        assert_eq!(number(3.0, 0), "3");
        assert_eq!(span([3.0, f64::NAN, -1.0].into_iter()), (-1.0, 3.0));
        assert_eq!(span([].into_iter()), (0.0, 1.0));
    }
}
