//! Comma-separated values (RFC 4180): UTF-8, lines that end with CR LF, times with the offset of their zone (RFC 3339).

use ::csv::{Error, Terminator, WriterBuilder};

use crate::exports::guard::guarded;
use crate::exports::table::{Cell, Column, Table};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The table as a CSV file.
pub(super) fn write(table: &Table, bom: bool) -> Result<Vec<u8>, Error> {
    let start = if bom { BYTE_ORDER_MARK.to_vec() } else { Vec::new() };
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(start);
    writer.write_record(table.columns.iter().map(Column::name).map(|name| guarded(name).into_owned()))?;
    for row in &table.rows {
        writer.write_record(row.iter().map(|cell| spelled(cell, table)))?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

fn spelled(cell: &Cell, table: &Table) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => guarded(text).into_owned(),
        Cell::Number(number) => number.to_string(),
        Cell::Share(share) => format!("{share:.4}"),
        Cell::Time(time) => time.with_timezone(&table.zone).to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use chrono_tz::Tz;
    use insta::assert_snapshot;

    use super::write;
    use crate::exports::table::{Cell, Column, Table};

    #[test]
    fn cells_are_quoted_and_guarded() {
        let time = |text: &str| Cell::Time(text.parse::<DateTime<Utc>>().expect("a time"));
        let table = Table {
            zone: Tz::Europe__Zurich,
            columns: vec![Column::plain("name"), Column::times("seen"), Column::plain("=1")],
            rows: vec![
                // Half past two comes twice on this day.
                vec![Cell::text("Zoé, \"Z\""), time("2026-10-25T00:30:00Z"), Cell::Number(3.0)],
                vec![Cell::text("two\nlines"), time("2026-10-25T01:30:00Z"), Cell::Share(2.0 / 3.0)],
                vec![Cell::text("=cmd|' /C calc'!A0"), Cell::Empty, Cell::from(-0.71_f32)],
            ],
        };
        let bytes = write(&table, false).expect("a file");
        let text = String::from_utf8(bytes.clone()).expect("UTF-8");
        assert_snapshot!(text.replace("\r\n", "⏎\n"), @r#"
        name,seen,'=1⏎
        "Zoé, ""Z""",2026-10-25T02:30:00+02:00,3⏎
        "two
        lines",2026-10-25T02:30:00+01:00,0.6667⏎
        '=cmd|' /C calc'!A0,,-0.71⏎
        "#);
        let marked = write(&table, true).expect("a file");
        assert_eq!(marked, [b"\xef\xbb\xbf", bytes.as_slice()].concat());
    }
}
