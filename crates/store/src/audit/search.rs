//! Looking things up in the log.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::audit::{AuditAction, AuditEntry};
use domain::id::OrganizationId;
use uuid::Uuid;

use super::{Row, scope};
use crate::column::text;
use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::audit_entries;

/// Which entries are wanted: those that have all of what is named.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// About this row.
    pub subject_id: Option<Uuid>,
    /// Of this kind.
    pub action: Option<AuditAction>,
    /// By this user or camera.
    pub actor_id: Option<Uuid>,
    /// Not before.
    pub from: Option<DateTime<Utc>>,
    /// Before.
    pub to: Option<DateTime<Utc>>,
    /// The newest first, and `after` counts downwards.
    pub newest_first: bool,
}

/// The entries of a log that `filter` wants, beyond the one numbered `after`, at most `limit`.
///
/// # Errors
/// [`StoreError::Corrupt`] when an entry cannot be read.
pub async fn search(
    conn: &mut Conn,
    organization: Option<OrganizationId>,
    filter: &AuditFilter,
    after: Option<i64>,
    limit: i64,
) -> Result<Vec<AuditEntry>, StoreError> {
    let mut query = audit_entries::table
        .filter(audit_entries::scope.eq(scope(organization)))
        .limit(limit)
        .select(Row::as_select())
        .into_boxed();
    if let Some(subject) = filter.subject_id {
        query = query.filter(audit_entries::subject_id.eq(subject));
    }
    if let Some(action) = filter.action {
        query = query.filter(audit_entries::action.eq(text(action)));
    }
    if let Some(actor) = filter.actor_id {
        query = query.filter(audit_entries::actor_id.eq(actor));
    }
    if let Some(from) = filter.from {
        query = query.filter(audit_entries::at.ge(from));
    }
    if let Some(to) = filter.to {
        query = query.filter(audit_entries::at.lt(to));
    }
    query = match (filter.newest_first, after) {
        (true, Some(after)) => query.filter(audit_entries::sequence.lt(after)),
        (false, Some(after)) => query.filter(audit_entries::sequence.gt(after)),
        (_, None) => query,
    };
    query = if filter.newest_first {
        query.order(audit_entries::sequence.desc())
    } else {
        query.order(audit_entries::sequence)
    };
    let rows: Vec<Row> = query.load(conn).await?;
    rows.into_iter().map(TryInto::try_into).collect()
}
