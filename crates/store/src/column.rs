//! Columns that hold words of closed sets.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::StoreError;

/// The word of a closed set that a column holds.
pub(crate) fn word<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    domain::wire::parse(text)
        .map_err(|error| StoreError::Corrupt { what: "a word outside its set", source: Some(Box::new(error)) })
}

/// How a column holds a word.
pub(crate) fn text<T: Serialize>(word: T) -> String {
    domain::wire::name(&word)
}
