//! The audit log: append-only, one chain of hashes for each organization and one for what belongs to none.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;
use domain::audit::{AuditActor, AuditEntry, FIRST, NewAuditEntry};
use domain::id::OrganizationId;
use uuid::Uuid;

use crate::column::{moment, text};
use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::audit_entries;

mod search;
mod verification;

pub use search::{AuditFilter, search};
pub use verification::{Verification, verify};

/// Writes an entry at the end of its organization's log. To be the last thing in the transaction of the change that it
/// tells of: the log stays locked until the transaction ends, so that entries commit in the order of their numbers.
///
/// # Errors
/// Only those of the database.
pub async fn append(tx: &mut Conn, new: &NewAuditEntry) -> Result<AuditEntry, StoreError> {
    let scope = scope(new.organization_id);
    // A space of locks of its own, since it is the form with two numbers.
    diesel::sql_query("SELECT pg_advisory_xact_lock(1635083369, hashtext($1))")
        .bind::<Text, _>(scope.to_string())
        .execute(tx)
        .await?;
    let last: Option<(i64, Vec<u8>)> = audit_entries::table
        .filter(audit_entries::scope.eq(scope))
        .order(audit_entries::sequence.desc())
        .select((audit_entries::sequence, audit_entries::hash))
        .first(tx)
        .await
        .optional()?;
    let (number, previous) = match last {
        Some((number, hash)) => (number, read_hash(&hash)?),
        None => (0, FIRST),
    };
    let mut entry = AuditEntry {
        organization_id: new.organization_id,
        sequence: number + 1,
        at: moment(new.at),
        actor: new.actor,
        action: text(new.action),
        subject_id: new.subject_id,
        details: new.details.to_string(),
        request_id: new.request_id.clone(),
        hash: FIRST,
    };
    entry.hash = entry.expected_hash(&previous);
    let (kind, id) = actor_columns(entry.actor);
    diesel::insert_into(audit_entries::table)
        .values((
            audit_entries::scope.eq(scope),
            audit_entries::sequence.eq(entry.sequence),
            audit_entries::at.eq(entry.at),
            audit_entries::actor_kind.eq(kind),
            audit_entries::actor_id.eq(id),
            audit_entries::action.eq(&entry.action),
            audit_entries::subject_id.eq(entry.subject_id),
            audit_entries::details.eq(&entry.details),
            audit_entries::request_id.eq(&entry.request_id),
            audit_entries::hash.eq(entry.hash.as_slice()),
        ))
        .execute(tx)
        .await?;
    Ok(entry)
}

/// The entries of a log after the one numbered `after` (0: from the beginning), at most `limit`; those about `subject`
/// only, where one is named.
///
/// # Errors
/// [`StoreError::Corrupt`] when an entry cannot be read.
pub async fn list(
    conn: &mut Conn,
    organization: Option<OrganizationId>,
    subject: Option<Uuid>,
    after: i64,
    limit: i64,
) -> Result<Vec<AuditEntry>, StoreError> {
    let filter = AuditFilter { subject_id: subject, ..AuditFilter::default() };
    search(conn, organization, &filter, Some(after), limit).await
}

/// The organizations that have a log, and `None` where there is one of what belongs to none.
///
/// # Errors
/// Only those of the database.
pub async fn logs(conn: &mut Conn) -> Result<Vec<Option<OrganizationId>>, StoreError> {
    let scopes: Vec<Uuid> =
        audit_entries::table.select(audit_entries::scope).distinct().order(audit_entries::scope).load(conn).await?;
    Ok(scopes.into_iter().map(organization).collect())
}

fn scope(organization: Option<OrganizationId>) -> Uuid {
    organization.map_or(Uuid::nil(), OrganizationId::uuid)
}

fn organization(scope: Uuid) -> Option<OrganizationId> {
    (!scope.is_nil()).then(|| scope.into())
}

fn read_hash(bytes: &[u8]) -> Result<[u8; 32], StoreError> {
    bytes.try_into().ok().ok_or_else(|| StoreError::corrupt("a hash that is none"))
}

/// How columns hold an actor.
pub(crate) fn actor_columns(actor: AuditActor) -> (&'static str, Option<Uuid>) {
    match actor {
        AuditActor::User(id) => ("user", Some(id.uuid())),
        AuditActor::Camera(id) => ("camera", Some(id.uuid())),
        AuditActor::Command => ("command", None),
        AuditActor::Scheduler => ("scheduler", None),
        AuditActor::Worker => ("worker", None),
        AuditActor::Anonymous => ("anonymous", None),
    }
}

/// The actor that columns hold.
pub(crate) fn actor(kind: &str, id: Option<Uuid>) -> Result<AuditActor, StoreError> {
    match (kind, id) {
        ("user", Some(id)) => Ok(AuditActor::User(id.into())),
        ("camera", Some(id)) => Ok(AuditActor::Camera(id.into())),
        ("command", None) => Ok(AuditActor::Command),
        ("scheduler", None) => Ok(AuditActor::Scheduler),
        ("worker", None) => Ok(AuditActor::Worker),
        ("anonymous", None) => Ok(AuditActor::Anonymous),
        _ => Err(StoreError::corrupt("an actor that is none")),
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_entries, check_for_backend(diesel::pg::Pg))]
struct Row {
    scope: Uuid,
    sequence: i64,
    at: DateTime<Utc>,
    actor_kind: String,
    actor_id: Option<Uuid>,
    action: String,
    subject_id: Option<Uuid>,
    details: String,
    request_id: Option<String>,
    hash: Vec<u8>,
}

impl TryFrom<Row> for AuditEntry {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            organization_id: organization(row.scope),
            sequence: row.sequence,
            at: row.at,
            actor: actor(&row.actor_kind, row.actor_id)?,
            action: row.action,
            subject_id: row.subject_id,
            details: row.details,
            request_id: row.request_id,
            hash: read_hash(&row.hash)?,
        })
    }
}
