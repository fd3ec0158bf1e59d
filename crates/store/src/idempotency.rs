//! Answers that were given before, for requests that are sent again under the same `Idempotency-Key`.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use domain::id::UserId;

use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::idempotency_keys;

/// What is known of a key.
#[derive(Debug, Clone, PartialEq)]
pub enum Begun {
    /// Nothing: the caller goes to work, and then calls [`finish`] or [`abandon`].
    New,
    /// The same request is being worked on.
    Running,
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

/// Takes `key` of a user for the request with this SHA-256 of method, path and body, unless it is taken.
///
/// A key that was taken before `stale_before` and has no answer yet belonged to a process that died: it is taken over.
///
/// # Errors
/// [`StoreError::NotFound`] when there is no such user.
pub async fn begin(
    conn: &mut Conn,
    user: UserId,
    key: &str,
    request_hash: &[u8; 32],
    now: DateTime<Utc>,
    stale_before: DateTime<Utc>,
) -> Result<Begun, StoreError> {
    conn.transaction(async |tx| {
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
        let begun = look(tx, user, key, request_hash).await?;
        if begun != Some(Begun::Running) {
            // Deleted between the two statements: as good as being worked on, the client asks again.
            return Ok(begun.unwrap_or(Begun::Running));
        }
        let taken_over = diesel::update(idempotency_keys::table.find((user.uuid(), key)))
            .filter(idempotency_keys::status.is_null())
            .filter(idempotency_keys::created_at.lt(stale_before))
            .set(idempotency_keys::created_at.eq(now))
            .execute(tx)
            .await?;
        Ok(if taken_over == 1 { Begun::New } else { Begun::Running })
    })
    .await
}

/// What is known of a key; `None` when nothing is.
///
/// # Errors
/// Only those of the database.
pub async fn look(
    conn: &mut Conn,
    user: UserId,
    key: &str,
    request_hash: &[u8; 32],
) -> Result<Option<Begun>, StoreError> {
    let row: Option<(Vec<u8>, Option<i16>, Option<serde_json::Value>)> = idempotency_keys::table
        .find((user.uuid(), key))
        .select((idempotency_keys::request_hash, idempotency_keys::status, idempotency_keys::body))
        .first(conn)
        .await
        .optional()?;
    Ok(row.map(|(known_hash, status, body)| match status {
        _ if known_hash != request_hash => Begun::Different,
        Some(status) => Begun::Answered { status, body },
        None => Begun::Running,
    }))
}

/// Keeps the answer to the request that took `key`.
///
/// # Errors
/// [`StoreError::NotFound`] when the key was not taken or has an answer.
pub async fn finish(
    conn: &mut Conn,
    user: UserId,
    key: &str,
    status: i16,
    body: Option<&serde_json::Value>,
) -> Result<(), StoreError> {
    let updated = diesel::update(idempotency_keys::table.find((user.uuid(), key)))
        .filter(idempotency_keys::status.is_null())
        .set((idempotency_keys::status.eq(status), idempotency_keys::body.eq(body)))
        .execute(conn)
        .await?;
    if updated == 0 { Err(StoreError::NotFound) } else { Ok(()) }
}

/// Gives `key` back without an answer, so that the request may be tried again under it.
///
/// # Errors
/// Only those of the database.
pub async fn abandon(conn: &mut Conn, user: UserId, key: &str) -> Result<(), StoreError> {
    diesel::delete(idempotency_keys::table.find((user.uuid(), key)))
        .filter(idempotency_keys::status.is_null())
        .execute(conn)
        .await?;
    Ok(())
}

/// Forgets the keys that were taken before `time`, and answers with how many.
///
/// # Errors
/// Only those of the database.
pub async fn forget_before(conn: &mut Conn, time: DateTime<Utc>) -> Result<usize, StoreError> {
    Ok(diesel::delete(idempotency_keys::table.filter(idempotency_keys::created_at.lt(time))).execute(conn).await?)
}
