//! A workbook of Excel with one sheet.
//!
//! Texts are cells of type text, which no program takes for formulas. Times are dates of the table's zone, which the head
//! names, since a spreadsheet knows no zones.

use chrono::{Datelike, NaiveDateTime, Timelike};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, XlsxError};

use crate::exports::table::{Cell, Column, Table};

const SHEET: &str = "Attendance";

/// The table as a workbook.
pub(super) fn write(table: &Table) -> Result<Vec<u8>, XlsxError> {
    let (bold, percent) = (Format::new().set_bold(), Format::new().set_num_format("0.0%"));
    let time = Format::new().set_num_format("yyyy-mm-dd hh:mm:ss");
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name(SHEET)?;
    sheet.set_freeze_panes(1, 0)?;
    for (column, head) in (0..).zip(&table.columns) {
        sheet.write_string_with_format(0, column, titled(head, table), &bold)?;
        if let Column::Times(_) = head {
            sheet.set_column_width(column, 20)?;
        }
    }
    for (row, cells) in (1..).zip(&table.rows) {
        for (column, cell) in (0..).zip(cells) {
            match cell {
                Cell::Empty => {}
                Cell::Text(text) => {
                    sheet.write_string(row, column, text)?;
                }
                Cell::Number(number) => {
                    sheet.write_number(row, column, *number)?;
                }
                Cell::Share(share) => {
                    sheet.write_number_with_format(row, column, *share, &percent)?;
                }
                Cell::Time(at) => {
                    let local = at.with_timezone(&table.zone).naive_local();
                    sheet.write_datetime_with_format(row, column, date(local)?, &time)?;
                }
            }
        }
    }
    workbook.save_to_buffer()
}

/// A date as Excel counts them, to the second.
fn date(time: NaiveDateTime) -> Result<ExcelDateTime, XlsxError> {
    // A year before 1900 or after 9999 is refused.
    let year = u16::try_from(time.year()).unwrap_or_default();
    let (month, day, hour) = (time.month() as u8, time.day() as u8, time.hour() as u16);
    ExcelDateTime::from_ymd(year, month, day)?.and_hms(hour, time.minute() as u8, time.second())
}

fn titled(column: &Column, table: &Table) -> String {
    match column {
        Column::Plain(name) => name.clone(),
        Column::Times(name) => format!("{name} ({})", table.zone),
    }
}
