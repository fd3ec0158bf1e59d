//! A table, before it is known what kind of file it becomes.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

/// Rows below a head.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Table {
    /// The zone in which times are written.
    pub zone: Tz,
    /// What is in each column.
    pub columns: Vec<Column>,
    /// As many cells in each row as there are columns.
    pub rows: Vec<Vec<Cell>>,
}

/// What is in a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Column {
    /// Anything but times.
    Plain(String),
    /// Times.
    Times(String),
}

/// What is in a cell.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    /// Nothing.
    Empty,
    /// Words that people chose.
    Text(String),
    /// A number.
    Number(f64),
    /// A share, 0..=1.
    Share(f64),
    /// A time.
    Time(DateTime<Utc>),
}

impl Column {
    /// A column of anything but times.
    pub(crate) fn plain(name: impl Into<String>) -> Self {
        Self::Plain(name.into())
    }

    /// A column of times.
    pub(crate) fn times(name: impl Into<String>) -> Self {
        Self::Times(name.into())
    }

    /// What it is called.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Plain(name) | Self::Times(name) => name,
        }
    }
}

impl Cell {
    /// Words.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A number of things.
    pub(crate) fn count(number: i64) -> Self {
        // Exact: nothing here is counted to 2^53.
        Self::Number(number as f64)
    }
}

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Empty, Into::into)
    }
}

impl From<DateTime<Utc>> for Cell {
    fn from(time: DateTime<Utc>) -> Self {
        Self::Time(time)
    }
}

/// The shortest decimal that is the same 32-bit number: what is 0.71 there is 0.71 here.
impl From<f32> for Cell {
    fn from(number: f32) -> Self {
        Self::Number(number.to_string().parse().unwrap_or(f64::from(number)))
    }
}
