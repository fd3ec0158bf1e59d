//! Columns of text.

/// How a column stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// Rows under their headings, two spaces between columns and `indent` before each line, without trailing spaces.
pub(crate) fn table<const N: usize>(headings: [(&str, Side); N], rows: &[[String; N]], indent: usize) -> String {
    let mut widths = headings.map(|(heading, _)| heading.chars().count());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let titles = headings.map(|(heading, _)| heading.to_owned());
    let mut text = String::new();
    for row in std::iter::once(&titles).chain(rows) {
        let cells = row.iter().zip(widths).zip(headings).map(|((cell, width), (_, side))| match side {
            Side::Left => format!("{cell:<width$}"),
            Side::Right => format!("{cell:>width$}"),
        });
        let line = cells.collect::<Vec<_>>().join("  ");
        text.push_str(&format!("{:indent$}{}\n", "", line.trim_end()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Side, table};

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let headings = [("NAME", Side::Left), ("BYTES", Side::Right), ("", Side::Left)];
        let row = |cells: [&str; 3]| cells.map(str::to_owned);
        let rows = [row(["ä", "1", "x"]), row(["longer", "123456", ""])];
        let expected = "  NAME     BYTES\n  ä            1  x\n  longer  123456\n";
        assert_eq!(table(headings, &rows, 2), expected);
        assert_eq!(table(headings, &[], 0), "NAME  BYTES\n");
    }
}
