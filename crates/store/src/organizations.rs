//! Tenants.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use domain::contract::ContractId;
use domain::id::{CourseId, OrganizationId};
use domain::organization::{Organization, OrganizationSettings, RecognitionPolicy};
use uuid::Uuid;

use crate::column::{from_json, json, text, word};
use crate::error::StoreError;
use crate::pool::Conn;
use crate::rosters;
use crate::schema::organizations;

/// Makes an organization.
///
/// # Errors
/// [`StoreError::Conflict`] when its name is taken.
pub async fn insert(conn: &mut Conn, new: &Organization) -> Result<(), StoreError> {
    diesel::insert_into(organizations::table)
        .values((
            organizations::id.eq(new.id.uuid()),
            organizations::name.eq(&new.name),
            organizations::time_zone.eq(&new.time_zone),
            organizations::created_at.eq(new.created_at),
            organizations::false_match_rate.eq(new.policy.false_match_rate),
            organizations::forced_threshold.eq(new.policy.forced_threshold),
            organizations::liveness.eq(text(new.policy.liveness)),
            organizations::retain_photos.eq(new.policy.retain_photos),
            organizations::contract.eq(new.contract.as_ref().map(ContractId::as_str)),
            organizations::settings.eq(json(&new.settings)),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// The organization with this id.
///
/// # Errors
/// [`StoreError::NotFound`] when there is none.
pub async fn find(conn: &mut Conn, id: OrganizationId) -> Result<Organization, StoreError> {
    let row: Row = organizations::table.find(id.uuid()).select(Row::as_select()).first(conn).await?;
    row.try_into()
}

/// Sets how the organization wants its people recognised. The versions of all its rosters go up, so that workers, which
/// keep the policy beside a roster, ask for it; the answer has them, for the version keys.
///
/// # Errors
/// [`StoreError::NotFound`] when there is no such organization.
pub async fn set_policy(
    conn: &mut Conn,
    id: OrganizationId,
    policy: &RecognitionPolicy,
) -> Result<Vec<(CourseId, i64)>, StoreError> {
    conn.transaction(async |tx| {
        let changed = diesel::update(organizations::table.find(id.uuid()))
            .set((
                organizations::false_match_rate.eq(policy.false_match_rate),
                organizations::forced_threshold.eq(policy.forced_threshold),
                organizations::liveness.eq(text(policy.liveness)),
                organizations::retain_photos.eq(policy.retain_photos),
            ))
            .execute(tx)
            .await?;
        if changed == 0 { Err(StoreError::NotFound) } else { rosters::bump_all(tx, id).await }
    })
    .await
}

/// Gives an organization another name or time zone, and answers with what it was and what it is.
///
/// # Errors
/// [`StoreError::NotFound`] when there is no such organization, [`StoreError::Conflict`] when the name is taken.
pub async fn rename(
    conn: &mut Conn,
    id: OrganizationId,
    name: Option<&str>,
    time_zone: Option<&str>,
) -> Result<(Organization, Organization), StoreError> {
    conn.transaction(async |tx| {
        let row: Row = organizations::table.find(id.uuid()).select(Row::as_select()).for_update().first(tx).await?;
        let before: Organization = row.try_into()?;
        let mut after = before.clone();
        if let Some(name) = name {
            name.clone_into(&mut after.name);
        }
        if let Some(time_zone) = time_zone {
            time_zone.clone_into(&mut after.time_zone);
        }
        diesel::update(organizations::table.find(id.uuid()))
            .set((organizations::name.eq(&after.name), organizations::time_zone.eq(&after.time_zone)))
            .execute(tx)
            .await?;
        Ok((before, after))
    })
    .await
}

/// Sets what an organization has settled beside recognition.
///
/// # Errors
/// [`StoreError::NotFound`] when there is no such organization.
pub async fn set_settings(
    conn: &mut Conn,
    id: OrganizationId,
    settings: &OrganizationSettings,
) -> Result<(), StoreError> {
    let changed = diesel::update(organizations::table.find(id.uuid()))
        .set(organizations::settings.eq(json(settings)))
        .execute(conn)
        .await?;
    if changed == 0 { Err(StoreError::NotFound) } else { Ok(()) }
}

/// Has the organization's people recognised with another contract from now on. The versions of all its rosters go up, as
/// with [`set_policy`].
///
/// # Errors
/// [`StoreError::NotFound`] when there is no such organization.
pub async fn set_contract(
    conn: &mut Conn,
    id: OrganizationId,
    contract: &ContractId,
) -> Result<Vec<(CourseId, i64)>, StoreError> {
    conn.transaction(async |tx| {
        let changed = diesel::update(organizations::table.find(id.uuid()))
            .set(organizations::contract.eq(contract.as_str()))
            .execute(tx)
            .await?;
        if changed == 0 { Err(StoreError::NotFound) } else { rosters::bump_all(tx, id).await }
    })
    .await
}

/// The contract of an organization whose first templates are being made: this one, unless it has one. The organization's
/// row is locked until the transaction ends.
pub(crate) async fn settle_contract(
    tx: &mut Conn,
    id: OrganizationId,
    contract: &ContractId,
) -> Result<(), StoreError> {
    diesel::update(organizations::table.find(id.uuid()).filter(organizations::contract.is_null()))
        .set(organizations::contract.eq(contract.as_str()))
        .execute(tx)
        .await?;
    Ok(())
}

/// The organizations after `after`, at most `limit`.
///
/// # Errors
/// Only those of the database.
pub async fn list(conn: &mut Conn, after: Option<Uuid>, limit: i64) -> Result<Vec<Organization>, StoreError> {
    let rows: Vec<Row> = organizations::table
        .filter(organizations::id.gt(after.unwrap_or(Uuid::nil())))
        .order(organizations::id)
        .limit(limit)
        .select(Row::as_select())
        .load(conn)
        .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = organizations, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: Uuid,
    name: String,
    time_zone: String,
    created_at: DateTime<Utc>,
    false_match_rate: Option<f64>,
    forced_threshold: Option<f32>,
    liveness: String,
    retain_photos: bool,
    contract: Option<String>,
    settings: serde_json::Value,
}

impl TryFrom<Row> for Organization {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.into(),
            name: row.name,
            time_zone: row.time_zone,
            contract: row.contract.map(ContractId::new),
            policy: RecognitionPolicy {
                false_match_rate: row.false_match_rate,
                forced_threshold: row.forced_threshold,
                liveness: word(&row.liveness)?,
                retain_photos: row.retain_photos,
            },
            settings: from_json(row.settings)?,
            created_at: row.created_at,
        })
    }
}
