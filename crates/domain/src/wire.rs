//! The spelling of closed sets of words: one snake_case name per variant, in JSON, SQL and logs alike.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The wire name of a unit variant of a `snake_case` serde enum, such as `"present"`.
///
/// # Panics
/// If `word` does not serialise to a JSON string; the closed sets of this crate all do.
pub fn name<T: Serialize>(word: &T) -> String {
    match serde_json::to_value(word) {
        Ok(serde_json::Value::String(text)) => text,
        other => unreachable!("a word of a closed set serialises to a string, not {other:?}"),
    }
}

/// The variant with this wire name.
///
/// # Errors
/// [`UnknownWord`] when the set has no such word.
pub fn parse<T: DeserializeOwned>(text: &str) -> Result<T, UnknownWord> {
    T::deserialize(serde::de::value::StrDeserializer::<serde_json::Error>::new(text))
        .map_err(|source| UnknownWord { text: text.to_owned(), source })
}

/// A word outside its closed set.
#[derive(Debug, thiserror::Error)]
#[error("`{text}` is not one of the known words")]
pub struct UnknownWord {
    text: String,
    source: serde_json::Error,
}

/// A page of a listing, in a stable order.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    /// The rows, at most as many as were asked for.
    pub items: Vec<T>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<String>,
}
