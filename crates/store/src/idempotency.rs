//! Answers that were given before, for requests that are sent again under the same `Idempotency-Key`.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::id::UserId;

use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::idempotency_keys;

/// What is known of a key.
#[derive(Debug, Clone, PartialEq)]
pub enum Begun {
    /// Nothing: the caller goes to work, and then calls [`finish`], in the same transaction.
    New,
    /// The same request was answered so.
    Answered {
        /// HTTP status.
        status: i16,
        /// The body, where there was one.
        body: Option<serde_json::Value>,
    },
    /// The key was used for another request.
    Different,
}

/// Takes `key` of a user for the request with this SHA-256 of method, path and body, unless it is taken. To be called in
/// the transaction that carries the request out: whoever asks for the same key meanwhile waits for its end, and finds the
/// answer then, or the key free where it was undone.
///
/// # Errors
/// [`StoreError::NotFound`] when there is no such user; [`StoreError::Unavailable`] when the transaction that has the key
/// takes too long.
pub async fn begin(
    tx: &mut Conn,
    user: UserId,
    key: &str,
    request_hash: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<Begun, StoreError> {
    loop {
        let inserted = diesel::insert_into(idempotency_keys::table)
            .values((
                idempotency_keys::user_id.eq(user.uuid()),
                idempotency_keys::key.eq(key),
                idempotency_keys::request_hash.eq(request_hash.as_slice()),
                idempotency_keys::created_at.eq(now),
            ))
            .on_conflict_do_nothing()
            .execute(tx)
            .await?;
        if inserted == 1 {
            return Ok(Begun::New);
        }
        let row: Option<(Vec<u8>, Option<i16>, Option<serde_json::Value>)> = idempotency_keys::table
            .find((user.uuid(), key))
            .select((idempotency_keys::request_hash, idempotency_keys::status, idempotency_keys::body))
            .first(tx)
            .await
            .optional()?;
        match row {
            Some((known_hash, ..)) if known_hash != request_hash => return Ok(Begun::Different),
            Some((_, Some(status), body)) => return Ok(Begun::Answered { status, body }),
            Some((_, None, _)) => return Err(StoreError::corrupt("an idempotency key without an answer")),
            // Forgotten between the two statements: it is free.
            None => {}
        }
    }
}

/// Keeps the answer to the request that took `key`, in the same transaction.
///
/// # Errors
/// [`StoreError::NotFound`] when the key was not taken or has an answer.
pub async fn finish(
    tx: &mut Conn,
    user: UserId,
    key: &str,
    status: i16,
    body: Option<&serde_json::Value>,
) -> Result<(), StoreError> {
    let updated = diesel::update(idempotency_keys::table.find((user.uuid(), key)))
        .filter(idempotency_keys::status.is_null())
        .set((idempotency_keys::status.eq(status), idempotency_keys::body.eq(body)))
        .execute(tx)
        .await?;
    if updated == 0 { Err(StoreError::NotFound) } else { Ok(()) }
}

/// Forgets the keys that were taken before `time`, and answers with how many.
///
/// # Errors
/// Only those of the database.
pub async fn forget_before(conn: &mut Conn, time: DateTime<Utc>) -> Result<usize, StoreError> {
    Ok(diesel::delete(idempotency_keys::table.filter(idempotency_keys::created_at.lt(time))).execute(conn).await?)
}
