use proptest::prelude::*;

use super::{Format, read};

/// The rows of a text, each with its line, the heading first.
fn rows(bytes: &[u8]) -> Vec<(usize, Vec<String>)> {
    let table = read(bytes, Format::default()).expect("a table");
    let heading = (0, table.heading);
    [heading].into_iter().chain(table.rows.into_iter().map(|row| (row.line, row.cells))).collect()
}

fn check(bytes: &[u8], expected: &[(usize, &[&str])]) {
    let expected: Vec<(usize, Vec<String>)> =
        expected.iter().map(|(line, cells)| (*line, cells.iter().map(|cell| (*cell).to_owned()).collect())).collect();
    assert_eq!(rows(bytes), expected, "{}", String::from_utf8_lossy(bytes));
}

fn check_problem(bytes: &[u8], line: usize, code: &str) {
    let problem = read(bytes, Format::default()).expect_err("a problem");
    assert_eq!((problem.line, problem.code.as_str()), (line, code), "{}", String::from_utf8_lossy(bytes));
}

#[test]
fn spreadsheets_of_all_kinds_are_read() {
    let both: &[(usize, &[&str])] = &[(0, &["id", "name"]), (2, &["1", "Ada"])];
    check(b"id,name\n1,Ada\n", both);
    check(b"id;name\r\n1;Ada\r\n", both);
    check(b"id\tname\r1\tAda", both);
    check(b"id|name\n1|Ada", both);
    check(b"\xef\xbb\xbfid,name\n1,Ada", both);
    check(b" id , name ,,\n1,Ada,,\n", both);
    let utf16: Vec<u8> = "\u{feff}id\tname\n1\tAda".encode_utf16().flat_map(u16::to_le_bytes).collect();
    check(&utf16, both);
    let utf16: Vec<u8> = "\u{feff}id\tname\n1\tAda".encode_utf16().flat_map(u16::to_be_bytes).collect();
    check(&utf16, both);
    // One column needs no separator.
    check(b"id\n1\n", &[(0, &["id"]), (2, &["1"])]);
    // A separator within quotes is none.
    check(b"\"a;b;c\",name\n1,Ada\n", &[(0, &["a;b;c", "name"]), (2, &["1", "Ada"])]);
}

#[test]
fn lines_are_counted_as_an_editor_counts_them() {
    check(
        b"\n\nid,name\r\n\r\n1,\"Ada\nLovelace \"\"Countess\"\"\"\r\n,\r\n2,Bob\n3\n",
        &[(0, &["id", "name"]), (5, &["1", "Ada\nLovelace \"Countess\""]), (8, &["2", "Bob"]), (9, &["3", ""])],
    );
}

#[test]
fn what_cannot_be_read_says_where() {
    check_problem(b"", 0, "empty");
    check_problem(b"\n ; ;\n", 0, "empty");
    check_problem(b"id,name\n1,\"Ada\n2,Bob\n", 2, "unclosed_quote");
    check_problem(b"id,name\n1,Ada\n2,M\xfcller\n", 3, "encoding");
    check_problem(b"id,name\n1,Ada,x\n", 2, "too_many_columns");
    check_problem(b"id,name,id\n", 1, "duplicate_column");
    check_problem(format!("id\n{}", "1\n".repeat(20_001)).as_bytes(), 0, "too_many_rows");
    let wide: Vec<String> = (0..201).map(|n| n.to_string()).collect();
    check_problem(wide.join(",").as_bytes(), 1, "too_many_columns");
}

#[test]
fn an_encoding_can_be_said() {
    let of = |label| Format { encoding: Some(label), separator: None };
    let table = read(b"name\nM\xfcller", of("windows-1252")).expect("a table");
    assert_eq!(table.rows[0].cells, ["Müller"]);
    assert_eq!(read(b"name", of("klingon")).expect_err("a problem").code, "encoding");
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes, Format::default());
    }

    #[test]
    fn no_text_like_a_table_makes_it_panic(text in "[a-c,;\"\n\r\t |é]{0,60}") {
        if let Ok(table) = read(text.as_bytes(), Format::default()) {
            for row in &table.rows {
                prop_assert_eq!(row.cells.len(), table.heading.len());
                prop_assert!(row.line >= 1 && row.line <= text.lines().count() + text.matches('\r').count() + 1);
            }
        }
    }

    #[test]
    fn what_is_written_is_read(
        rows in prop::collection::vec(prop::collection::vec("[ -~é\n]{0,8}", 3), 0..8), crlf in any::<bool>(),
    ) {
        let terminator = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
        let mut writer = csv::WriterBuilder::new().terminator(terminator).from_writer(Vec::new());
        writer.write_record(["one", "two", "three"]).expect("a heading");
        for row in &rows {
            writer.write_record(row).expect("a row");
        }
        let table = read(&writer.into_inner().expect("bytes"), Format::default()).expect("a table");
        let read: Vec<Vec<String>> = table.rows.into_iter().map(|row| row.cells).collect();
        let written: Vec<Vec<String>> =
            rows.into_iter().filter(|row| row.iter().any(|cell| !cell.trim().is_empty())).collect();
        prop_assert_eq!(read, written);
    }
}
