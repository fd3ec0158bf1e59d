//! Sessions that begin and end by themselves.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncConnection, RunQueryDsl};
use domain::audit::{AuditAction, AuditActor, NewAuditEntry};
use domain::id::{OrganizationId, SessionId};
use domain::session::{Session, SessionState};
use uuid::Uuid;

use super::{close, lock, start};
use crate::audit;
use crate::error::StoreError;
use crate::pool::Conn;

/// As `domain::session::Session::due` says it.
const DUE: &str = "
    SELECT organization_id, id FROM sessions
    WHERE automatic AND state <> 'closed'
        AND CASE state
            WHEN 'active' THEN ends_at <= $1
            ELSE ends_at > $1
                AND starts_at - make_interval(mins => coalesce((policy ->> 'opens_minutes_before')::integer, 0)) <= $1
        END
    ORDER BY starts_at, id
    LIMIT $2";

/// Automatic sessions that are to be started or closed at `now`, of all organizations, at most `limit`.
///
/// # Errors
/// Only those of the database.
pub async fn due(
    conn: &mut Conn,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<(OrganizationId, SessionId)>, StoreError> {
    #[derive(QueryableByName)]
    struct Due {
        #[diesel(sql_type = SqlUuid)]
        organization_id: Uuid,
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
    }
    let rows: Vec<Due> = diesel::sql_query(DUE).bind::<Timestamptz, _>(now).bind::<BigInt, _>(limit).load(conn).await?;
    Ok(rows.into_iter().map(|row| (row.organization_id.into(), row.id.into())).collect())
}

/// Starts or closes an automatic session for which it is time at `now`, tells the audit log, and answers with what the
/// session is then; `None` where there is nothing to be done (any more).
///
/// # Errors
/// Only those of the database.
pub async fn move_on(
    conn: &mut Conn,
    organization: OrganizationId,
    id: SessionId,
    now: DateTime<Utc>,
) -> Result<Option<Session>, StoreError> {
    conn.transaction(async |tx| {
        let session = match lock(tx, organization, id).await {
            Ok(session) => session,
            // Cancelled meanwhile.
            Err(StoreError::NotFound) => return Ok(None),
            Err(error) => return Err(error),
        };
        let (moved, action) = match session.due(now) {
            Some(SessionState::Active) => (start(tx, organization, id, now).await?, AuditAction::SessionStarted),
            Some(SessionState::Closed) => (close(tx, organization, id, now).await?, AuditAction::SessionClosed),
            Some(SessionState::Scheduled) | None => return Ok(None),
        };
        let entry = NewAuditEntry {
            organization_id: Some(organization),
            at: now,
            actor: AuditActor::Scheduler,
            action,
            subject_id: Some(id.uuid()),
            details: serde_json::json!({}),
            request_id: None,
        };
        audit::append(tx, &entry).await?;
        Ok(Some(moved))
    })
    .await
}
