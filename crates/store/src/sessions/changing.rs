//! Changing what was planned.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use domain::id::{OrganizationId, SessionId};
use domain::session::{Session, SessionState};
use uuid::Uuid;

use super::{SessionRow, locked};
use crate::column::json;
use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::{series_skips, sessions};

/// The session with this id, locked against other changes and against frames being recorded until the transaction ends.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has none.
pub async fn lock(tx: &mut Conn, organization: OrganizationId, id: SessionId) -> Result<Session, StoreError> {
    let row: SessionRow = sessions::table
        .filter(sessions::organization_id.eq(organization.uuid()))
        .filter(sessions::id.eq(id.uuid()))
        .select(SessionRow::as_select())
        .for_no_key_update()
        .first(tx)
        .await?;
    row.try_into()
}

/// Gives a session that was [`lock`]ed the times, the policy and the automatism of `changed`. A series that it is of leaves
/// it as it is from now on.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has no such session.
pub async fn replace(tx: &mut Conn, changed: &Session) -> Result<(), StoreError> {
    let updated = diesel::update(sessions::table.find(changed.id.uuid()))
        .filter(sessions::organization_id.eq(changed.organization_id.uuid()))
        .set((
            sessions::starts_at.eq(changed.starts_at),
            sessions::ends_at.eq(changed.ends_at),
            sessions::policy.eq(json(&changed.policy)),
            sessions::automatic.eq(changed.automatic),
            sessions::edited.eq(true),
        ))
        .execute(tx)
        .await?;
    if updated == 0 { Err(StoreError::NotFound) } else { Ok(()) }
}

/// Gives up a session that is still only planned, and answers with what it was. Its series, if it is of one, does not meet
/// on its day.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has no such session, [`StoreError::Conflict`] about its `state` when it
/// was started or closed.
pub async fn cancel(conn: &mut Conn, organization: OrganizationId, id: SessionId) -> Result<Session, StoreError> {
    conn.transaction(async |tx| {
        let session = locked(tx, organization, id, SessionState::Active).await?;
        let row: (Option<Uuid>, Option<NaiveDate>) = diesel::delete(sessions::table.find(id.uuid()))
            .filter(sessions::organization_id.eq(organization.uuid()))
            .returning((sessions::series_id, sessions::series_day))
            .get_result(tx)
            .await?;
        if let (Some(series), Some(day)) = row {
            diesel::insert_into(series_skips::table)
                .values((
                    series_skips::organization_id.eq(organization.uuid()),
                    series_skips::series_id.eq(series),
                    series_skips::day.eq(day),
                ))
                .on_conflict_do_nothing()
                .execute(tx)
                .await?;
        }
        Ok(session)
    })
    .await
}
