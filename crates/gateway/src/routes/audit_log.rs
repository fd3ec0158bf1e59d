//! What was changed by whom, and whether the log of it is whole.

use actix_web::web::{Data, Json, Query};
use chrono::{DateTime, Utc};
use domain::audit::{AuditAction, AuditActor, AuditEntry, BrokenChain};
use domain::wire::Page;
use serde::{Deserialize, Serialize};
use store::audit::{AuditFilter, Verification};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::auth::access::Allowed;
use crate::auth::permission::SeeAuditLog;
use crate::error::ApiError;
use crate::page::{Order, PageQuery, Position};
use crate::state::Gateway;

/// An entry of the log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditRecord {
    /// Its place in the organization's log, from 1, without gaps.
    sequence: i64,
    at: DateTime<Utc>,
    actor: AuditActor,
    /// What was done, such as `person_created`.
    action: String,
    /// The row that was changed, where it was one.
    subject_id: Option<Uuid>,
    /// What else is worth knowing: ids and numbers, never names.
    #[schema(value_type = Object)]
    details: serde_json::Value,
    request_id: Option<String>,
    /// SHA-256 over this entry and the hash of the one before, in hex.
    hash: String,
}

impl TryFrom<AuditEntry> for AuditRecord {
    type Error = ApiError;

    fn try_from(entry: AuditEntry) -> Result<Self, ApiError> {
        Ok(Self {
            sequence: entry.sequence,
            at: entry.at,
            actor: entry.actor,
            action: entry.action,
            subject_id: entry.subject_id,
            details: serde_json::from_str(&entry.details).map_err(ApiError::internal)?,
            request_id: entry.request_id,
            hash: hex::encode(entry.hash),
        })
    }
}

/// Which entries are wanted: those that have all of what is named.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditQuery {
    /// Only those about this row: a person, a course, a session.
    subject_id: Option<Uuid>,
    /// Only those of this kind.
    action: Option<AuditAction>,
    /// Only those by this user or camera.
    actor_id: Option<Uuid>,
    /// Not before this time.
    from: Option<DateTime<Utc>>,
    /// Before this time.
    to: Option<DateTime<Utc>>,
    /// `oldest` (the default) or `newest` first.
    #[param(inline)]
    order: Option<Order>,
    /// How many rows at most, 1 to 200; 50 where it is not said.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// The place of an entry.
struct Sequence(i64);

impl Position for Sequence {
    fn to_bytes(&self) -> Vec<u8> {
        self.0.to_be_bytes().to_vec()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self(i64::from_be_bytes(bytes.try_into().ok()?)))
    }
}

/// Lists what was changed in the organization, by whom and when.
#[utoipa::path(get, path = "/api/v1/audit-log", tag = "audit log", params(AuditQuery),
    responses((status = 200, description = "A page of entries.", body = Page<AuditRecord>)))]
pub(crate) async fn list_audit_log(
    access: Allowed<SeeAuditLog>,
    gateway: Data<Gateway>,
    query: Query<AuditQuery>,
) -> Result<Json<Page<AuditRecord>>, ApiError> {
    let AuditQuery { subject_id, action, actor_id, from, to, order, limit, cursor } = query.into_inner();
    let wanted = PageQuery { limit, cursor }.read::<Sequence>()?;
    let newest_first = order.unwrap_or_default().is_newest_first();
    let filter = AuditFilter { subject_id, action, actor_id, from, to, newest_first };
    let after = wanted.after.as_ref().map(|sequence| sequence.0);
    let mut conn = gateway.connection().await?;
    let organization = Some(access.organization_id);
    let found = store::audit::search(&mut conn, organization, &filter, after, wanted.fetch()).await?;
    let rows: Vec<AuditRecord> = found.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?;
    Ok(Json(wanted.page(rows, |row| Sequence(row.sequence))))
}

/// Whether the log is what was written.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditVerification {
    /// Whether every entry follows the one before.
    is_whole: bool,
    /// How many entries there are.
    entries: u64,
    /// The number of the last one; 0 where there is none.
    last_sequence: i64,
    /// Its hash, in hex. Whoever keeps number and hash elsewhere can tell later whether the end of the log was cut off.
    last_hash: String,
    /// How many things are wrong.
    broken: u64,
    /// The first hundred of them.
    problems: Vec<AuditProblem>,
}

/// One thing that is wrong with the log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditProblem {
    /// `gap`, `changed` or `cut_off`.
    kind: String,
    /// The entry: the first one that is missing, or the one that was changed.
    sequence: i64,
    /// In words.
    detail: String,
}

impl From<BrokenChain> for AuditProblem {
    fn from(problem: BrokenChain) -> Self {
        let (kind, sequence) = match problem {
            BrokenChain::Gap { expected, .. } => ("gap", expected),
            BrokenChain::Changed { sequence } => ("changed", sequence),
            BrokenChain::CutOff { last, .. } => ("cut_off", last + 1),
        };
        Self { kind: kind.to_owned(), sequence, detail: problem.to_string() }
    }
}

impl From<Verification> for AuditVerification {
    fn from(found: Verification) -> Self {
        Self {
            is_whole: found.is_whole(),
            entries: found.entries,
            last_sequence: found.last.0,
            last_hash: hex::encode(found.last.1),
            broken: found.broken,
            problems: found.problems.into_iter().map(Into::into).collect(),
        }
    }
}

/// Reads the whole log of the organization and checks that nothing in it was changed, left out or put in between, and that
/// it holds every entry that a receipt of an erasure vouches for.
#[utoipa::path(get, path = "/api/v1/audit-log/verification", tag = "audit log",
    responses((status = 200, description = "What came of it.", body = AuditVerification)))]
pub(crate) async fn verify_audit_log(
    access: Allowed<SeeAuditLog>,
    gateway: Data<Gateway>,
) -> Result<Json<AuditVerification>, ApiError> {
    let mut conn = gateway.connection().await?;
    let known = store::receipts::vouched(&mut conn, access.organization_id).await?;
    Ok(Json(store::audit::verify(&mut conn, Some(access.organization_id), &known).await?.into()))
}
