//! Changing who may log in, and as what.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use domain::id::{OrganizationId, PersonId, UserId};
use domain::user::{Account, Role};
use uuid::Uuid;

use super::AccountRow;
use crate::column::text;
use crate::error::StoreError;
use crate::logins;
use crate::pool::Conn;
use crate::schema::{people, users};

/// What is to be changed of a user; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserChange {
    /// The address that it logs in with.
    pub email: Option<String>,
    /// What it may do.
    pub role: Option<Role>,
    /// The person that it is; `Some(None)`: nobody whose attendance is taken.
    pub person_id: Option<Option<PersonId>>,
    /// Whether it may not log in. All its logins end when it may not any more.
    pub disabled: Option<bool>,
}

/// Changes a user and answers with what it was and what it is. The rows of the person, the user and the organization's
/// admins are locked until the transaction ends.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has no such user or person; [`StoreError::Conflict`] when the address is
/// taken, another user is the person, or nobody would be left to administer the organization (`last_admin`).
pub async fn change(
    conn: &mut Conn,
    organization: OrganizationId,
    id: UserId,
    change: &UserChange,
    now: DateTime<Utc>,
) -> Result<(Account, Account), StoreError> {
    conn.transaction(async |tx| {
        if let Some(Some(person)) = change.person_id {
            lock_person(tx, organization, person).await?;
        }
        let (before, other_admins) = lock(tx, organization, id).await?;
        let mut after = before.clone();
        if let Some(email) = &change.email {
            after.user.email = email.to_lowercase();
        }
        after.user.role = change.role.unwrap_or(after.user.role);
        after.user.person_id = change.person_id.unwrap_or(after.user.person_id);
        after.disabled_at = match change.disabled {
            None => before.disabled_at,
            Some(false) => None,
            Some(true) => before.disabled_at.or(Some(now)),
        };
        if administers(&before) && !administers(&after) && other_admins == 0 {
            return Err(StoreError::Conflict { what: "last_admin" });
        }
        diesel::update(users::table.find(id.uuid()))
            .set((
                users::email.eq(&after.user.email),
                users::role.eq(text(after.user.role)),
                users::person_id.eq(after.user.person_id.map(|id| id.uuid())),
                users::disabled_at.eq(after.disabled_at),
            ))
            .execute(tx)
            .await?;
        if before.disabled_at.is_none() && after.disabled_at.is_some() {
            logins::end_all(tx, id, now).await?;
        }
        Ok((before, after))
    })
    .await
}

/// Deletes a user, with its logins. What it did stays in the audit log, under its id.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has no such user, [`StoreError::Conflict`] when it is the organization's
/// last admin (`last_admin`).
pub async fn delete(conn: &mut Conn, organization: OrganizationId, id: UserId) -> Result<(), StoreError> {
    conn.transaction(async |tx| {
        let (account, other_admins) = lock(tx, organization, id).await?;
        if administers(&account) && other_admins == 0 {
            return Err(StoreError::Conflict { what: "last_admin" });
        }
        diesel::delete(users::table.find(id.uuid())).execute(tx).await?;
        Ok(())
    })
    .await
}

/// Gives a user another password, by its hash, and ends all its logins. `must_change`: nothing is open to the user until
/// it has chosen one itself.
///
/// # Errors
/// [`StoreError::NotFound`] when there is no such user.
pub async fn set_password(
    conn: &mut Conn,
    id: UserId,
    password_hash: &str,
    must_change: bool,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    conn.transaction(async |tx| {
        let changed = diesel::update(users::table.find(id.uuid()))
            .set((users::password_hash.eq(password_hash), users::must_change_password.eq(must_change)))
            .execute(tx)
            .await?;
        if changed == 0 {
            return Err(StoreError::NotFound);
        }
        logins::end_all(tx, id, now).await?;
        Ok(())
    })
    .await
}

fn administers(account: &Account) -> bool {
    account.user.role == Role::Admin && account.disabled_at.is_none()
}

async fn lock_person(tx: &mut Conn, organization: OrganizationId, id: PersonId) -> Result<(), StoreError> {
    let _found: Uuid = people::table
        .filter(people::organization_id.eq(organization.uuid()))
        .filter(people::id.eq(id.uuid()))
        .select(people::id)
        .for_key_share()
        .first(tx)
        .await?;
    Ok(())
}

/// The account, and how many others administer the organization. All these rows are locked, so that of two changes at
/// once the second sees the first.
async fn lock(tx: &mut Conn, organization: OrganizationId, id: UserId) -> Result<(Account, usize), StoreError> {
    let is_admin = users::role.eq(text(Role::Admin)).and(users::disabled_at.is_null());
    let rows: Vec<AccountRow> = users::table
        .filter(users::organization_id.eq(organization.uuid()))
        .filter(users::id.eq(id.uuid()).or(is_admin))
        .order(users::id)
        .select(AccountRow::as_select())
        .for_update()
        .load(tx)
        .await?;
    let accounts = rows.into_iter().map(TryInto::try_into).collect::<Result<Vec<Account>, _>>()?;
    let (mut wanted, others): (Vec<_>, Vec<_>) = accounts.into_iter().partition(|account| account.user.id == id);
    Ok((wanted.pop().ok_or(StoreError::NotFound)?, others.len()))
}
