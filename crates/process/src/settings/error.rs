//! What is wrong with settings, in words for whoever wrote them. Values are never shown: they may be secrets.

use std::io;
use std::path::PathBuf;

use figment::error::{Actual, Kind};

use super::layer::{ENVIRONMENT, variable};

/// Why settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file that was named cannot be read.
    #[error("the settings file {} cannot be read", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A key is unknown, missing or of the wrong kind; the text says which, from where, and what is allowed.
    #[error("{0}")]
    Invalid(String),
}

pub(super) fn describe(error: &figment::Error) -> String {
    let mut path = error.path.clone();
    if let Kind::MissingField(name) = &error.kind {
        path.push(name.to_string());
    }
    let key = path.join(".");
    let origin = match &error.metadata {
        Some(source) if source.name == ENVIRONMENT => format!(" (environment variable {})", variable(&path)),
        Some(source) => format!(" ({})", source.name),
        None => String::new(),
    };
    match &error.kind {
        Kind::MissingField(_) => format!("{key} is missing"),
        Kind::UnknownField(_, known) => format!("{key}{origin} is not a setting; there are {}", known.join(", ")),
        Kind::UnknownVariant(_, allowed) => format!("{key}{origin} must be {}", allowed.join(" or ")),
        Kind::InvalidType(actual, expected) => {
            format!("{key}{origin} must be {expected}, which {} is not", kind_of(actual))
        }
        Kind::InvalidValue(_, expected) => format!("{key}{origin} must be {expected}"),
        Kind::InvalidLength(length, expected) => format!("{key}{origin} must be {expected}, not {length} long"),
        Kind::Message(message) => format!("{key}{origin}: {message}"),
        Kind::DuplicateField(_)
        | Kind::ISizeOutOfRange(_)
        | Kind::USizeOutOfRange(_)
        | Kind::Unsupported(_)
        | Kind::UnsupportedKey(..) => format!("{key}{origin} cannot be used"),
    }
}

fn kind_of(actual: &Actual) -> &'static str {
    match actual {
        Actual::Bool(_) => "a truth value",
        Actual::Unsigned(_) | Actual::Signed(_) => "an integer",
        Actual::Float(_) => "a number with a fraction",
        Actual::Char(_) | Actual::Str(_) => "a string",
        Actual::Seq => "a list",
        Actual::Map => "a table",
        _ => "what is there",
    }
}
