//! What columns hold: words of closed sets, and times.

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

/// A time as Postgres keeps it: without what is less than a microsecond. What is answered is then what is read back.
pub(crate) fn moment(time: DateTime<Utc>) -> DateTime<Utc> {
    time.trunc_subsecs(6)
}
