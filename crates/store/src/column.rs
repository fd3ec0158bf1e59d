//! What columns hold: words of closed sets, JSON, and times.

use chrono::{DateTime, SubsecRound, Utc};
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

/// A pattern of LIKE for texts that contain this one.
pub(crate) fn containing(text: &str) -> String {
    format!("%{}%", text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"))
}

/// How a column holds a value of ours as JSON.
pub(crate) fn json<T: Serialize>(value: &T) -> serde_json::Value {
    serde_json::to_value(value).expect("our values are JSON")
}

/// The value of ours that a JSON column holds.
pub(crate) fn from_json<T: DeserializeOwned>(value: serde_json::Value) -> Result<T, StoreError> {
    serde_json::from_value(value).map_err(|error| StoreError::Corrupt {
        what: "JSON that is not what it should be",
        source: Some(Box::new(error)),
    })
}

/// A time as Postgres keeps it: without what is less than a microsecond. What is answered is then what is read back.
pub(crate) fn moment(time: DateTime<Utc>) -> DateTime<Utc> {
    time.trunc_subsecs(6)
}
