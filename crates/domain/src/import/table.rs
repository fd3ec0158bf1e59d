//! Text with separated values (RFC 4180) as spreadsheets write it: any of four separators, a byte order mark, line breaks
//! within quotes.

use std::borrow::Cow;

use csv::ReaderBuilder;
use encoding_rs::{Encoding, UTF_8};

use super::ImportProblem;

/// Most rows of a table, without its heading.
pub const MOST_ROWS: usize = 20_000;
/// Most columns.
pub const MOST_COLUMNS: usize = 200;

/// How a table is written; what is not said is found out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Format<'a> {
    /// What separates its cells; otherwise what its heading holds most of: comma, semicolon, tab or bar.
    pub separator: Option<u8>,
    /// Its encoding by a name of the WHATWG; otherwise what its byte order mark says, or else UTF-8.
    pub encoding: Option<&'a str>,
}

/// A table that was read. Rows without any text are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The first row: headings, without surrounding space.
    pub heading: Vec<String>,
    /// All others.
    pub rows: Vec<Row>,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The line in which it begins, from 1.
    pub line: usize,
    /// Its cells as they were written, as many as there are headings.
    pub cells: Vec<String>,
}

/// Reads a table.
///
/// # Errors
/// A problem of the table as a whole (`encoding`, `unclosed_quote`, `empty`, `too_many_rows`, `too_many_columns`,
/// `duplicate_column`) or of the first row that has more cells than there are headings.
pub fn read(bytes: &[u8], format: Format<'_>) -> Result<Table, ImportProblem> {
    let text = decode(bytes, format.encoding)?;
    let separator = format.separator.unwrap_or_else(|| separator_of(&text));
    if let Some(line) = unclosed_quote(&text, separator) {
        return Err(ImportProblem::row(line, "unclosed_quote", "a quote is opened here and never closed"));
    }
    let mut reader =
        ReaderBuilder::new().delimiter(separator).flexible(true).has_headers(false).from_reader(text.as_bytes());
    let mut lines = Lines { text: text.as_bytes(), at: 0, line: 1 };
    let mut heading: Option<Vec<String>> = None;
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| ImportProblem::whole("unreadable", error.to_string()))?;
        let begin = record.position().map_or(0, csv::Position::byte);
        let line = lines.of_row(usize::try_from(begin).unwrap_or(usize::MAX));
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        match &heading {
            None => heading = Some(headings(line, record.iter())?),
            Some(heading) => rows.push(row(line, record.iter(), heading.len())?),
        }
        if rows.len() > MOST_ROWS {
            let detail = format!("there are more than {MOST_ROWS} rows: send them in several files");
            return Err(ImportProblem::whole("too_many_rows", detail));
        }
    }
    let heading = heading.ok_or_else(|| ImportProblem::whole("empty", "there is no row in it"))?;
    Ok(Table { heading, rows })
}

fn headings<'a>(line: usize, cells: impl Iterator<Item = &'a str>) -> Result<Vec<String>, ImportProblem> {
    let mut heading: Vec<String> = cells.map(|cell| cell.trim().to_owned()).collect();
    while heading.last().is_some_and(String::is_empty) {
        heading.pop();
    }
    if heading.len() > MOST_COLUMNS {
        let detail = format!("there are more than {MOST_COLUMNS} columns");
        return Err(ImportProblem::row(line, "too_many_columns", detail));
    }
    for (position, name) in heading.iter().enumerate() {
        if !name.is_empty() && heading[..position].contains(name) {
            let problem = ImportProblem::row(line, "duplicate_column", "there are two columns with this heading");
            return Err(problem.in_column(name));
        }
    }
    Ok(heading)
}

fn row<'a>(line: usize, cells: impl Iterator<Item = &'a str>, width: usize) -> Result<Row, ImportProblem> {
    let mut cells: Vec<String> = cells.map(str::to_owned).collect();
    if cells.iter().skip(width).any(|cell| !cell.trim().is_empty()) {
        let detail = format!("this row has {} cells, but there are {width} headings", cells.len());
        return Err(ImportProblem::row(line, "too_many_columns", detail));
    }
    cells.resize(width, String::new());
    Ok(Row { line, cells })
}

fn decode<'a>(bytes: &'a [u8], label: Option<&str>) -> Result<Cow<'a, str>, ImportProblem> {
    let said = match label {
        Some(label) => {
            let unknown = || ImportProblem::whole("encoding", format!("`{label}` is no encoding"));
            Some(Encoding::for_label(label.as_bytes()).ok_or_else(unknown)?)
        }
        None => None,
    };
    let (encoding, mark) = Encoding::for_bom(bytes).unwrap_or((said.unwrap_or(UTF_8), 0));
    let (text, is_damaged) = encoding.decode_without_bom_handling(&bytes[mark..]);
    if !is_damaged {
        return Ok(text);
    }
    let sound = text.split('\u{fffd}').next().unwrap_or_default();
    let line = sound.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let detail = format!("this is not {}: save the file as UTF-8, or say its encoding", encoding.name());
    Err(ImportProblem::row(line, "encoding", detail))
}

/// What the first line that holds text has most of, outside quotes.
fn separator_of(text: &str) -> u8 {
    let known = [b',', b';', b'\t', b'|'];
    let mut counts = [0_usize; 4];
    let mut is_quoted = false;
    for byte in text.trim_start().bytes() {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'\n' | b'\r' if !is_quoted => break,
            other if !is_quoted => {
                if let Some(position) = known.iter().position(|separator| *separator == other) {
                    counts[position] += 1;
                }
            }
            _ => {}
        }
    }
    // The first of those that are equally frequent.
    let most = counts.into_iter().max().unwrap_or_default();
    known.into_iter().zip(counts).find(|(_, count)| *count == most).map_or(b',', |(separator, _)| separator)
}

/// The line of a quote that is opened and never closed: whoever reads on takes all that follows for one cell.
fn unclosed_quote(text: &str, separator: u8) -> Option<usize> {
    let (mut line, mut opened) = (1, None);
    let mut is_begin = true;
    let mut bytes = text.bytes().peekable();
    while let Some(byte) = bytes.next() {
        let is_quote = byte == b'"';
        match opened {
            Some(_) if is_quote && bytes.peek() == Some(&b'"') => drop(bytes.next()),
            Some(_) if is_quote => opened = None,
            None if is_quote && is_begin => opened = Some(line),
            _ => {}
        }
        is_begin = byte == separator || byte == b'\n' || byte == b'\r';
        line += usize::from(byte == b'\n' || (byte == b'\r' && bytes.peek() != Some(&b'\n')));
    }
    opened
}

/// Counts the lines before rows that come in their order.
struct Lines<'a> {
    text: &'a [u8],
    at: usize,
    line: usize,
}

impl Lines<'_> {
    /// The line of the row that is the first after `begin`, where the end of the row before may be.
    fn of_row(&mut self, begin: usize) -> usize {
        while let Some(byte) = self.text.get(self.at) {
            let is_break = matches!(byte, b'\n' | b'\r');
            if self.at >= begin && !is_break {
                break;
            }
            let is_half = *byte == b'\r' && self.text.get(self.at + 1) == Some(&b'\n');
            self.line += usize::from(is_break && !is_half);
            self.at += 1;
        }
        self.line
    }
}

#[cfg(test)]
mod tests;
