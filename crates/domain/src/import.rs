//! Whole rosters out of files of other systems: what is in them, and what is wrong with them, line by line.
//!
//! Pure: bytes in, rows and problems out. Whatever the bytes are, reading them ends and does not panic.

use serde::{Deserialize, Serialize};

pub mod archive;
pub mod oneroster;
pub mod people;
pub mod photos;
pub mod table;

/// Most problems that are told of one file; there may be more.
pub const MOST_PROBLEMS: usize = 500;

/// One thing that is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImportProblem {
    /// The file, where there are several.
    pub file: Option<String>,
    /// The line, from 1: where the row begins; 0 where it is about the file as a whole.
    pub line: usize,
    /// The column's heading, where it is about one.
    pub column: Option<String>,
    /// What kind of thing, such as `required`, `too_long`, `duplicate`.
    pub code: String,
    /// What is wrong, in words.
    pub detail: String,
}

impl ImportProblem {
    /// A problem of a file as a whole.
    #[must_use]
    pub fn whole(code: &str, detail: impl Into<String>) -> Self {
        Self { file: None, line: 0, column: None, code: code.to_owned(), detail: detail.into() }
    }

    /// A problem of one row.
    #[must_use]
    pub fn row(line: usize, code: &str, detail: impl Into<String>) -> Self {
        Self { line, ..Self::whole(code, detail) }
    }

    /// The same, about this column.
    #[must_use]
    pub fn in_column(self, column: &str) -> Self {
        Self { column: Some(column.to_owned()), ..self }
    }

    /// The same, in this file.
    #[must_use]
    pub fn in_file(self, file: &str) -> Self {
        Self { file: Some(file.to_owned()), ..self }
    }
}
