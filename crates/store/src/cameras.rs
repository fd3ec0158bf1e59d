//! Devices with their own scoped keys.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::id::{CameraId, OrganizationId};
use domain::session::Camera;
use uuid::Uuid;

use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::cameras;

/// How often at most it is written down that a camera was seen.
const NOTED_EVERY: TimeDelta = TimeDelta::minutes(1);

/// Makes a camera. `key_hash` is the SHA-256 of its key; the key itself is never stored.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization, or the course or session in it, is not there.
pub async fn insert(conn: &mut Conn, new: &Camera, key_hash: &[u8; 32]) -> Result<(), StoreError> {
    diesel::insert_into(cameras::table)
        .values((
            cameras::id.eq(new.id.uuid()),
            cameras::organization_id.eq(new.organization_id.uuid()),
            cameras::name.eq(&new.name),
            cameras::key_hash.eq(key_hash.as_slice()),
            cameras::course_id.eq(new.course_id.map(|id| id.uuid())),
            cameras::session_id.eq(new.session_id.map(|id| id.uuid())),
            cameras::created_at.eq(new.created_at),
            cameras::revoked_at.eq(new.revoked_at),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// The camera whose key has this SHA-256, unless it was revoked.
///
/// # Errors
/// Only those of the database.
pub async fn find_by_key_hash(conn: &mut Conn, key_hash: &[u8; 32]) -> Result<Option<Camera>, StoreError> {
    let row: Option<Row> = cameras::table
        .filter(cameras::key_hash.eq(key_hash.as_slice()))
        .filter(cameras::revoked_at.is_null())
        .select(Row::as_select())
        .first(conn)
        .await
        .optional()?;
    Ok(row.map(Into::into))
}

/// Notes that a camera's key was used at `now`, unless it was noted less than a minute before.
///
/// # Errors
/// Only those of the database.
pub async fn note_seen(conn: &mut Conn, camera: &Camera, now: DateTime<Utc>) -> Result<(), StoreError> {
    let noted_before = now - NOTED_EVERY;
    if camera.last_seen_at.is_some_and(|at| at > noted_before) {
        return Ok(());
    }
    // Asked once more, since many frames at once come here with what was known before.
    let is_due = cameras::last_seen_at.is_null().or(cameras::last_seen_at.assume_not_null().le(noted_before));
    diesel::update(cameras::table.find(camera.id.uuid()).filter(is_due))
        .set(cameras::last_seen_at.eq(now))
        .execute(conn)
        .await?;
    Ok(())
}

/// The organization's cameras after `after`, revoked ones too, at most `limit`.
///
/// # Errors
/// Only those of the database.
pub async fn list(
    conn: &mut Conn,
    organization: OrganizationId,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Camera>, StoreError> {
    let rows: Vec<Row> = cameras::table
        .filter(cameras::organization_id.eq(organization.uuid()))
        .filter(cameras::id.gt(after.unwrap_or(Uuid::nil())))
        .order(cameras::id)
        .limit(limit)
        .select(Row::as_select())
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Ends a camera's key, and answers whether it had not ended before. A second call changes nothing: the first time stays.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has no such camera.
pub async fn revoke(
    conn: &mut Conn,
    organization: OrganizationId,
    id: CameraId,
    now: DateTime<Utc>,
) -> Result<(Camera, bool), StoreError> {
    let camera =
        cameras::table.filter(cameras::organization_id.eq(organization.uuid())).filter(cameras::id.eq(id.uuid()));
    let ended = diesel::update(camera.filter(cameras::revoked_at.is_null())).set(cameras::revoked_at.eq(now));
    let is_new = ended.execute(conn).await? == 1;
    let row: Row = camera.select(Row::as_select()).first(conn).await?;
    Ok((row.into(), is_new))
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = cameras, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: Uuid,
    organization_id: Uuid,
    name: String,
    course_id: Option<Uuid>,
    created_at: DateTime<Utc>,
    revoked_at: Option<DateTime<Utc>>,
    session_id: Option<Uuid>,
    last_seen_at: Option<DateTime<Utc>>,
}

impl From<Row> for Camera {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.into(),
            organization_id: row.organization_id.into(),
            name: row.name,
            course_id: row.course_id.map(Into::into),
            session_id: row.session_id.map(Into::into),
            created_at: row.created_at,
            revoked_at: row.revoked_at,
            last_seen_at: row.last_seen_at,
        }
    }
}
