//! Who logs in.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::id::{OrganizationId, UserId};
use domain::user::{Account, Role, User};
use uuid::Uuid;

use crate::column::{containing, text, word};
use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::users;

pub mod changes;

/// Makes a user. Its e-mail address is stored in lower case.
///
/// # Errors
/// [`StoreError::Conflict`] when the address is taken or another user is the person; [`StoreError::NotFound`] when there
/// is no such organization, or no such person in it.
pub async fn insert(conn: &mut Conn, new: &User, password_hash: &str) -> Result<(), StoreError> {
    diesel::insert_into(users::table)
        .values((
            users::id.eq(new.id.uuid()),
            users::organization_id.eq(new.organization_id.map(|id| id.uuid())),
            users::email.eq(new.email.to_lowercase()),
            users::password_hash.eq(password_hash),
            users::role.eq(text(new.role)),
            users::person_id.eq(new.person_id.map(|id| id.uuid())),
            users::created_at.eq(new.created_at),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// The user who logs in with `email`, in whatever case, and the hash of their password. Whoever is disabled does not log
/// in.
///
/// # Errors
/// Only those of the database.
pub async fn find_login(conn: &mut Conn, email: &str) -> Result<Option<(User, String)>, StoreError> {
    let row: Option<(Row, String)> = users::table
        .filter(users::email.eq(email.to_lowercase()))
        .filter(users::disabled_at.is_null())
        .select((Row::as_select(), users::password_hash))
        .first(conn)
        .await
        .optional()?;
    row.map(|(user, password_hash)| Ok((user.try_into()?, password_hash))).transpose()
}

/// The user with this id.
///
/// # Errors
/// [`StoreError::NotFound`] when there is none.
pub async fn find(conn: &mut Conn, id: UserId) -> Result<User, StoreError> {
    let row: Row = users::table.find(id.uuid()).select(Row::as_select()).first(conn).await?;
    row.try_into()
}

/// The account of a user of the organization.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has no such user.
pub async fn find_account(conn: &mut Conn, organization: OrganizationId, id: UserId) -> Result<Account, StoreError> {
    let row: AccountRow = users::table
        .filter(users::organization_id.eq(organization.uuid()))
        .filter(users::id.eq(id.uuid()))
        .select(AccountRow::as_select())
        .first(conn)
        .await?;
    row.try_into()
}

/// Which users are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserFilter {
    /// Only those with this role.
    pub role: Option<Role>,
    /// Only those whose address holds this text, in whatever case.
    pub email_part: Option<String>,
}

/// The organization's users after `after`, at most `limit`.
///
/// # Errors
/// Only those of the database.
pub async fn list(
    conn: &mut Conn,
    organization: OrganizationId,
    filter: &UserFilter,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Account>, StoreError> {
    let mut query = users::table
        .filter(users::organization_id.eq(organization.uuid()))
        .filter(users::id.gt(after.unwrap_or(Uuid::nil())))
        .order(users::id)
        .limit(limit)
        .select(AccountRow::as_select())
        .into_boxed();
    if let Some(role) = filter.role {
        query = query.filter(users::role.eq(text(role)));
    }
    if let Some(part) = &filter.email_part {
        query = query.filter(users::email.like(containing(&part.to_lowercase())));
    }
    let rows: Vec<AccountRow> = query.load(conn).await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = users, check_for_backend(diesel::pg::Pg))]
pub(crate) struct Row {
    id: Uuid,
    organization_id: Option<Uuid>,
    email: String,
    role: String,
    created_at: DateTime<Utc>,
    person_id: Option<Uuid>,
}

impl TryFrom<Row> for User {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.into(),
            organization_id: row.organization_id.map(Into::into),
            email: row.email,
            role: word(&row.role)?,
            person_id: row.person_id.map(Into::into),
            created_at: row.created_at,
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = users, check_for_backend(diesel::pg::Pg))]
pub(crate) struct AccountRow {
    #[diesel(embed)]
    user: Row,
    disabled_at: Option<DateTime<Utc>>,
    must_change_password: bool,
}

impl TryFrom<AccountRow> for Account {
    type Error = StoreError;

    fn try_from(row: AccountRow) -> Result<Self, StoreError> {
        let AccountRow { user, disabled_at, must_change_password } = row;
        Ok(Self { user: user.try_into()?, disabled_at, must_change_password })
    }
}
