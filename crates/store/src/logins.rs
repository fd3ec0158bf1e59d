//! Who is logged in: one row for each time that somebody logged in, and the refresh tokens that followed from it.
//!
//! A refresh token is exchanged for the next one, once. Whoever shows one again has stolen it, or it was stolen from
//! them: the login ends for both (RFC 9700, 4.14.2).

use chrono::{DateTime, Utc};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use domain::id::{LoginId, UserId};
use domain::user::{Account, Login};
use uuid::Uuid;

use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::{logins, refresh_tokens, users};
use crate::users::AccountRow;

/// A refresh token as it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewRefreshToken {
    /// SHA-256 of the token; the token itself is never stored.
    pub hash: [u8; 32],
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Until when it is good.
    pub expires_at: DateTime<Utc>,
}

/// What came of showing a refresh token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exchanged {
    /// It was good: the next one takes its place.
    Next(Box<Account>, LoginId),
    /// It had been exchanged before: the login has ended.
    Reused {
        /// Who logged in.
        account: Box<Account>,
        /// The login.
        login_id: LoginId,
        /// Whether it had not ended before.
        ended_now: bool,
    },
    /// It is unknown or too old, its login has ended, or its user may not log in any more.
    Refused,
}

/// Begins a login with its first refresh token.
///
/// # Errors
/// [`StoreError::NotFound`] when there is no such user.
pub async fn begin(conn: &mut Conn, login: &Login, token: &NewRefreshToken) -> Result<(), StoreError> {
    conn.transaction(async |tx| {
        diesel::insert_into(logins::table)
            .values((
                logins::id.eq(login.id.uuid()),
                logins::user_id.eq(login.user_id.uuid()),
                logins::created_at.eq(login.created_at),
            ))
            .execute(tx)
            .await?;
        insert(tx, login.id, token).await
    })
    .await
}

/// The account of a user whose login goes on; `None` when it has ended, or the user is gone or disabled.
///
/// # Errors
/// Only those of the database.
pub async fn account(conn: &mut Conn, user: UserId, login: LoginId) -> Result<Option<Account>, StoreError> {
    let row: Option<AccountRow> = users::table
        .inner_join(logins::table.on(logins::user_id.eq(users::id)))
        .filter(users::id.eq(user.uuid()))
        .filter(users::disabled_at.is_null())
        .filter(logins::id.eq(login.uuid()))
        .filter(logins::ended_at.is_null())
        .select(AccountRow::as_select())
        .first(conn)
        .await
        .optional()?;
    row.map(TryInto::try_into).transpose()
}

/// Exchanges the token with the hash `shown` for `next`.
///
/// # Errors
/// Only those of the database.
pub async fn exchange(
    conn: &mut Conn,
    shown: &[u8; 32],
    next: &NewRefreshToken,
    now: DateTime<Utc>,
) -> Result<Exchanged, StoreError> {
    conn.transaction(async |tx| {
        // Locked: of two who show the same token at once the second finds it used.
        let token: Option<(Uuid, DateTime<Utc>, Option<DateTime<Utc>>)> = refresh_tokens::table
            .find(shown.as_slice())
            .select((refresh_tokens::login_id, refresh_tokens::expires_at, refresh_tokens::used_at))
            .for_update()
            .first(tx)
            .await
            .optional()?;
        let Some((login_id, expires_at, used_at)) = token else { return Ok(Exchanged::Refused) };
        let (user_id, ended_at): (Uuid, Option<DateTime<Utc>>) =
            logins::table.find(login_id).select((logins::user_id, logins::ended_at)).for_update().first(tx).await?;
        let account: AccountRow = users::table.find(user_id).select(AccountRow::as_select()).first(tx).await?;
        let (account, login_id) = (Box::new(Account::try_from(account)?), LoginId::from_uuid(login_id));
        if used_at.is_some() {
            let ended_now = end(tx, login_id, now).await?;
            return Ok(Exchanged::Reused { account, login_id, ended_now });
        }
        if ended_at.is_some() || expires_at <= now || account.disabled_at.is_some() {
            return Ok(Exchanged::Refused);
        }
        diesel::update(refresh_tokens::table.find(shown.as_slice()))
            .set(refresh_tokens::used_at.eq(now))
            .execute(tx)
            .await?;
        insert(tx, login_id, next).await?;
        Ok(Exchanged::Next(account, login_id))
    })
    .await
}

/// Ends a login, and answers whether it had not ended before.
///
/// # Errors
/// Only those of the database.
pub async fn end(conn: &mut Conn, login: LoginId, now: DateTime<Utc>) -> Result<bool, StoreError> {
    let going_on = logins::table.find(login.uuid()).filter(logins::ended_at.is_null());
    Ok(diesel::update(going_on).set(logins::ended_at.eq(now)).execute(conn).await? == 1)
}

/// Ends all logins of a user, and answers how many there were.
///
/// # Errors
/// Only those of the database.
pub async fn end_all(conn: &mut Conn, user: UserId, now: DateTime<Utc>) -> Result<usize, StoreError> {
    let going_on = logins::table.filter(logins::user_id.eq(user.uuid())).filter(logins::ended_at.is_null());
    Ok(diesel::update(going_on).set(logins::ended_at.eq(now)).execute(conn).await?)
}

/// Deletes the refresh tokens that are too old at `now`, and the logins that have none left; answers how many logins.
/// A login keeps its used tokens until then, so that it is noticed when one is shown again.
///
/// # Errors
/// Only those of the database.
pub async fn forget(conn: &mut Conn, now: DateTime<Utc>) -> Result<usize, StoreError> {
    diesel::delete(refresh_tokens::table.filter(refresh_tokens::expires_at.le(now))).execute(conn).await?;
    let its_tokens = refresh_tokens::table.filter(refresh_tokens::login_id.eq(logins::id));
    Ok(diesel::delete(logins::table.filter(not(exists(its_tokens)))).execute(conn).await?)
}

async fn insert(tx: &mut Conn, login: LoginId, token: &NewRefreshToken) -> Result<(), StoreError> {
    diesel::insert_into(refresh_tokens::table)
        .values((
            refresh_tokens::hash.eq(token.hash.as_slice()),
            refresh_tokens::login_id.eq(login.uuid()),
            refresh_tokens::created_at.eq(token.created_at),
            refresh_tokens::expires_at.eq(token.expires_at),
        ))
        .execute(tx)
        .await?;
    Ok(())
}
