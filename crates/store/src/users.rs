//! Who logs in.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::id::UserId;
use domain::user::User;
use uuid::Uuid;

use crate::column::{text, word};
use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::users;

/// Makes a user. Its e-mail address is stored in lower case.
///
/// # Errors
/// [`StoreError::Conflict`] when the address is taken, [`StoreError::NotFound`] when there is no such organization.
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

/// The user who logs in with `email`, in whatever case, and the hash of their password.
///
/// # Errors
/// Only those of the database.
pub async fn find_login(conn: &mut Conn, email: &str) -> Result<Option<(User, String)>, StoreError> {
    let row: Option<(Row, String)> = users::table
        .filter(users::email.eq(email.to_lowercase()))
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

#[derive(Queryable, Selectable)]
#[diesel(table_name = users, check_for_backend(diesel::pg::Pg))]
struct Row {
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
