//! Tables that people take away, as files that spreadsheets open.
//!
//! What people are called is theirs to choose, so no text may become a formula in the program that opens the file.

mod csv;
mod guard;
pub(crate) mod table;
mod xlsx;

use std::error::Error;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::exports::table::Table;

/// What kind of file is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    /// Comma-separated values (RFC 4180), UTF-8.
    #[default]
    Csv,
    /// A workbook of Excel.
    Xlsx,
}

/// How a file is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Written {
    /// What kind it is.
    pub format: Format,
    /// Whether a CSV file begins with a byte-order mark, which tells Excel that it is UTF-8.
    pub bom: bool,
}

/// The table as a file with this name (without its ending), to be saved and not to be cached.
pub(crate) async fn file(table: Table, written: Written, name: &str) -> Result<HttpResponse, ApiError> {
    let (media_type, ending) = match written.format {
        Format::Csv => ("text/csv; charset=utf-8", "csv"),
        Format::Xlsx => ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    };
    // Large tables take longer than a thread of the server may be kept from others.
    let bytes = actix_web::web::block(move || write(&table, written)).await.map_err(ApiError::internal)?;
    Ok(HttpResponse::Ok()
        .content_type(media_type)
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{}.{ending}\"", plain(name))))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(bytes.map_err(ApiError::internal)?))
}

fn write(table: &Table, written: Written) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
    match written.format {
        Format::Csv => Ok(csv::write(table, written.bom)?),
        Format::Xlsx => Ok(xlsx::write(table)?),
    }
}

/// A name that needs no quoting in a header or in any file system.
fn plain(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn a_file_name_is_plain() {
        assert_eq!(plain("attendance-BIO-3A-2026-11-21"), "attendance-BIO-3A-2026-11-21");
        assert_eq!(plain("a/b\\c\"d\r\né"), "a_b_c_d___");
    }
}
