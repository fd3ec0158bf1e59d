//! One file, its columns by their names.

use std::collections::HashMap;

use crate::import::ImportProblem;
use crate::import::table::{Row, Table};

/// A file that was read.
pub(super) struct Sheet {
    name: &'static str,
    table: Table,
    /// By name in lower case.
    columns: HashMap<String, usize>,
}

/// A row of it.
#[derive(Clone, Copy)]
pub(super) struct Record<'a> {
    sheet: &'a Sheet,
    row: &'a Row,
}

impl Sheet {
    /// A table that has at least these columns.
    pub(super) fn new(name: &'static str, table: Table, needed: &[&str]) -> Result<Self, ImportProblem> {
        let columns: HashMap<String, usize> =
            table.heading.iter().enumerate().map(|(position, name)| (name.to_ascii_lowercase(), position)).collect();
        for column in needed {
            if !columns.contains_key(&column.to_ascii_lowercase()) {
                let problem = ImportProblem::whole("missing_column", "there is no such column");
                return Err(problem.in_column(column));
            }
        }
        Ok(Self { name, table, columns })
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    pub(super) fn records(&self) -> impl Iterator<Item = Record<'_>> {
        self.records_of().into_iter()
    }

    /// The same, for an iterator over files.
    pub(super) fn records_of(&self) -> Vec<Record<'_>> {
        self.table.rows.iter().map(|row| Record { sheet: self, row }).collect()
    }
}

impl<'a> Record<'a> {
    /// What is in a column, without surrounding space; empty where there is no such column.
    pub(super) fn get(&self, column: &str) -> &'a str {
        let position = self.sheet.columns.get(&column.to_ascii_lowercase());
        position.and_then(|position| self.row.cells.get(*position)).map_or("", |cell| cell.trim())
    }

    pub(super) fn line(&self) -> usize {
        self.row.line
    }

    pub(super) fn file(&self) -> &'static str {
        self.sheet.name
    }

    /// Whether the row says that what it is about is gone; `inactive` is the word of version 1.0.
    pub(super) fn is_deleted(&self) -> bool {
        ["tobedeleted", "inactive"].iter().any(|status| self.get("status").eq_ignore_ascii_case(status))
    }

    pub(super) fn is_of_student(&self) -> bool {
        self.get("role").eq_ignore_ascii_case("student")
    }
}
