//! Failures to log in, by the SHA-256 of the address that was tried, whether anybody has it or not.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use domain::lockout::{Attempts, LockoutPolicy};

use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::login_attempts;

/// What came of a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failed {
    /// It was counted.
    Counted,
    /// It was one too many: from now on there is no answer until then.
    Locks(DateTime<Utc>),
    /// There is no answer until then, because of earlier ones: nobody is told that it was one.
    Locked(DateTime<Utc>),
}

type Stored = (Vec<DateTime<Utc>>, Option<DateTime<Utc>>);

/// Until when there is no answer for an address at `now`, if there is none.
///
/// # Errors
/// Only those of the database.
pub async fn locked(
    conn: &mut Conn,
    address: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let until: Option<Option<DateTime<Utc>>> = login_attempts::table
        .find(address.as_slice())
        .select(login_attempts::locked_until)
        .first(conn)
        .await
        .optional()?;
    Ok(until.flatten().filter(|until| now < *until))
}

/// Counts a failure.
///
/// # Errors
/// Only those of the database.
pub async fn fail(
    conn: &mut Conn,
    address: &[u8; 32],
    policy: &LockoutPolicy,
    now: DateTime<Utc>,
) -> Result<Failed, StoreError> {
    conn.transaction(async |tx| {
        // The row is locked, so that of many failures at once each is counted.
        let (failures, locked_until): Stored = diesel::insert_into(login_attempts::table)
            .values((
                login_attempts::address_hash.eq(address.as_slice()),
                login_attempts::failures.eq(Vec::<DateTime<Utc>>::new()),
                login_attempts::updated_at.eq(now),
            ))
            .on_conflict(login_attempts::address_hash)
            .do_update()
            .set(login_attempts::updated_at.eq(now))
            .returning((login_attempts::failures, login_attempts::locked_until))
            .get_result(tx)
            .await?;
        let mut attempts = Attempts { failures, locked_until };
        if let Some(until) = attempts.locked(now) {
            return Ok(Failed::Locked(until));
        }
        let locks = attempts.fail(policy, now);
        diesel::update(login_attempts::table.find(address.as_slice()))
            .set((
                login_attempts::failures.eq(&attempts.failures),
                login_attempts::locked_until.eq(attempts.locked_until),
            ))
            .execute(tx)
            .await?;
        Ok(attempts.locked_until.filter(|_| locks).map_or(Failed::Counted, Failed::Locks))
    })
    .await
}

/// Forgets the failures of an address, since its password is known; unless there is no answer at `now`, right or wrong:
/// then until when. (So a password that was found among many tries at once does not help.)
///
/// # Errors
/// Only those of the database.
pub async fn succeed(
    conn: &mut Conn,
    address: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    conn.transaction(async |tx| {
        let until: Option<Option<DateTime<Utc>>> = login_attempts::table
            .find(address.as_slice())
            .select(login_attempts::locked_until)
            .for_update()
            .first(tx)
            .await
            .optional()?;
        let until = until.flatten().filter(|until| now < *until);
        if until.is_none() {
            forgive(tx, address).await?;
        }
        Ok(until)
    })
    .await
}

/// Forgets the failures of an address, and answers again.
///
/// # Errors
/// Only those of the database.
pub async fn forgive(conn: &mut Conn, address: &[u8; 32]) -> Result<(), StoreError> {
    diesel::delete(login_attempts::table.find(address.as_slice())).execute(conn).await?;
    Ok(())
}

/// Forgets the addresses that were last tried before `time` and are answered again at `now`; answers how many.
///
/// # Errors
/// Only those of the database.
pub async fn forget_before(conn: &mut Conn, time: DateTime<Utc>, now: DateTime<Utc>) -> Result<usize, StoreError> {
    let is_answered = login_attempts::locked_until.is_null().or(login_attempts::locked_until.le(now));
    let old = login_attempts::table.filter(login_attempts::updated_at.lt(time)).filter(is_answered.assume_not_null());
    Ok(diesel::delete(old).execute(conn).await?)
}
