//! Listings in pages: `?limit=&cursor=` in, `{items, next}` out.
//!
//! A cursor is the position of the last row that was given out, spelled so that nobody is tempted to build one.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use domain::wire::Page;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::error::ApiError;
use crate::validation::is_sound_time;

const DEFAULT_LIMIT: i64 = 50;
const MOST: i64 = 200;

/// Which page of a listing is wanted.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// How many rows at most, 1 to 200; 50 where it is not said.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// `next` of the page before.
    pub cursor: Option<String>,
}

/// Which end of a listing comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Order {
    /// The oldest row.
    #[default]
    Oldest,
    /// The newest row.
    Newest,
}

impl Order {
    /// Whether the newest row comes first.
    pub(crate) fn is_newest_first(self) -> bool {
        self == Self::Newest
    }
}

/// The place of a row in its listing.
pub(crate) trait Position: Sized {
    /// Its spelling.
    fn to_bytes(&self) -> Vec<u8>;
    /// The place with this spelling; `None` when there is none.
    fn from_bytes(bytes: &[u8]) -> Option<Self>;
}

impl Position for Uuid {
    fn to_bytes(&self) -> Vec<u8> {
        self.as_bytes().to_vec()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Self::from_slice(bytes).ok()
    }
}

/// A time, which is not alone in its listing, and the row.
impl Position for (DateTime<Utc>, Uuid) {
    fn to_bytes(&self) -> Vec<u8> {
        [&self.0.timestamp_micros().to_be_bytes()[..], self.1.as_bytes()].concat()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (micros, id) = bytes.split_first_chunk::<8>()?;
        let time = DateTime::from_timestamp_micros(i64::from_be_bytes(*micros)).filter(|time| is_sound_time(*time))?;
        Some((time, Uuid::from_slice(id).ok()?))
    }
}

/// A page that was asked for, read and checked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<C> {
    /// Only rows after this one.
    pub after: Option<C>,
    limit: i64,
}

impl PageQuery {
    /// Reads the cursor and checks the limit.
    pub(crate) fn read<C: Position>(&self) -> Result<Wanted<C>, ApiError> {
        let limit = self.limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MOST).contains(&limit) {
            return Err(ApiError::InvalidQuery { reason: format!("`limit` must be in 1..={MOST}") });
        }
        let after = self.cursor.as_deref().map(decode).transpose()?;
        Ok(Wanted { after, limit })
    }
}

impl<C: Position> Wanted<C> {
    /// How many rows are wanted at most.
    pub(crate) fn limit(&self) -> i64 {
        self.limit
    }

    /// How many rows to ask the store for: one more, to know whether another page follows.
    pub(crate) fn fetch(&self) -> i64 {
        self.limit + 1
    }

    /// The page made of the rows that [`Self::fetch`] brought.
    pub(crate) fn page<T>(&self, mut rows: Vec<T>, position: impl Fn(&T) -> C) -> Page<T> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| has_more).map(|last| encode(&position(last)));
        Page { items: rows, next }
    }
}

fn encode(position: &impl Position) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(position.to_bytes())
}

fn decode<C: Position>(cursor: &str) -> Result<C, ApiError> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok();
    bytes.and_then(|bytes| C::from_bytes(&bytes)).ok_or(ApiError::InvalidCursor)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{PageQuery, decode, encode};

    fn wanted(limit: i64) -> super::Wanted<Uuid> {
        PageQuery { limit: Some(limit), cursor: None }.read().expect("a sound query")
    }

    #[test]
    fn the_row_too_many_says_that_there_is_another_page() {
        let rows: Vec<Uuid> = (0..3).map(|_| Uuid::now_v7()).collect();
        let page = wanted(2).page(rows.clone(), |id| *id);
        assert_eq!(page.items, rows[..2]);
        assert_eq!(decode::<Uuid>(&page.next.expect("another page")).expect("a cursor"), rows[1]);
        assert_eq!(wanted(3).page(rows, |id| *id).next, None);
        assert_eq!(wanted(3).page(Vec::new(), |id: &Uuid| *id).next, None);
    }

    #[test]
    fn refuses_other_limits_and_cursors() {
        for limit in [0, -1, 201] {
            assert!(PageQuery { limit: Some(limit), cursor: None }.read::<Uuid>().is_err(), "{limit}");
        }
        for cursor in ["", "x", "not base64!", &encode(&Uuid::now_v7())[1..]] {
            let query = PageQuery { limit: None, cursor: Some(cursor.to_owned()) };
            assert!(query.read::<Uuid>().is_err(), "{cursor}");
        }
    }
}
