//! Members who want to be erased.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::erasure::{ErasureRequest, ErasureRequestState};
use domain::id::{ErasureRequestId, OrganizationId, PersonId, UserId};
use uuid::Uuid;

use crate::column::{text, word};
use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::erasure_requests;

/// Makes a pending request of a person.
///
/// # Errors
/// [`StoreError::Conflict`] when the person has a pending one, [`StoreError::NotFound`] when the organization has no such
/// person.
pub async fn insert(
    conn: &mut Conn,
    organization: OrganizationId,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<ErasureRequest, StoreError> {
    let row: Row = diesel::insert_into(erasure_requests::table)
        .values((
            erasure_requests::id.eq(ErasureRequestId::new().uuid()),
            erasure_requests::organization_id.eq(organization.uuid()),
            erasure_requests::person_id.eq(person.uuid()),
            erasure_requests::state.eq(text(ErasureRequestState::Pending)),
            erasure_requests::requested_at.eq(now),
        ))
        .returning(Row::as_returning())
        .get_result(conn)
        .await?;
    row.try_into()
}

/// The newest request of a person.
///
/// # Errors
/// [`StoreError::NotFound`] when the person has none.
pub async fn newest_of(
    conn: &mut Conn,
    organization: OrganizationId,
    person: PersonId,
) -> Result<ErasureRequest, StoreError> {
    let row: Row = erasure_requests::table
        .filter(erasure_requests::organization_id.eq(organization.uuid()))
        .filter(erasure_requests::person_id.eq(person.uuid()))
        .order(erasure_requests::id.desc())
        .select(Row::as_select())
        .first(conn)
        .await?;
    row.try_into()
}

/// The organization's requests after `after`, of one state or of all, at most `limit`.
///
/// # Errors
/// Only those of the database.
pub async fn list(
    conn: &mut Conn,
    organization: OrganizationId,
    state: Option<ErasureRequestState>,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<ErasureRequest>, StoreError> {
    let mut query = erasure_requests::table
        .filter(erasure_requests::organization_id.eq(organization.uuid()))
        .filter(erasure_requests::id.gt(after.unwrap_or(Uuid::nil())))
        .order(erasure_requests::id)
        .limit(limit)
        .select(Row::as_select())
        .into_boxed();
    if let Some(state) = state {
        query = query.filter(erasure_requests::state.eq(text(state)));
    }
    let rows: Vec<Row> = query.load(conn).await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Declines a pending request, and answers with it as it stands then.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has no such request, [`StoreError::Conflict`] when it was declined before.
pub async fn decline(
    tx: &mut Conn,
    organization: OrganizationId,
    id: ErasureRequestId,
    reason: &str,
    by: UserId,
    now: DateTime<Utc>,
) -> Result<ErasureRequest, StoreError> {
    let ours = erasure_requests::table
        .filter(erasure_requests::organization_id.eq(organization.uuid()))
        .filter(erasure_requests::id.eq(id.uuid()));
    let declined: Option<Row> =
        diesel::update(ours.filter(erasure_requests::state.eq(text(ErasureRequestState::Pending))))
            .set((
                erasure_requests::state.eq(text(ErasureRequestState::Declined)),
                erasure_requests::reason.eq(reason),
                erasure_requests::decided_at.eq(now),
                erasure_requests::decided_by.eq(by.uuid()),
            ))
            .returning(Row::as_returning())
            .get_result(tx)
            .await
            .optional()?;
    if let Some(row) = declined {
        return row.try_into();
    }
    ours.select(erasure_requests::id).first::<Uuid>(tx).await?;
    Err(StoreError::Conflict { what: "state" })
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = erasure_requests, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: Uuid,
    organization_id: Uuid,
    person_id: Uuid,
    state: String,
    requested_at: DateTime<Utc>,
    reason: Option<String>,
    decided_at: Option<DateTime<Utc>>,
    decided_by: Option<Uuid>,
}

impl TryFrom<Row> for ErasureRequest {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.into(),
            organization_id: row.organization_id.into(),
            person_id: row.person_id.into(),
            state: word(&row.state)?,
            requested_at: row.requested_at,
            reason: row.reason,
            decided_at: row.decided_at,
            decided_by: row.decided_by.map(Into::into),
        })
    }
}
