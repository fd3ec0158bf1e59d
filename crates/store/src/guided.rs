//! Enrollment before a camera: the poses that were taken wait here, sealed, until all of them make an enrollment.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use domain::guided::{Advice, CaptureFailure, CaptureState, Facing, GuidedCapture, TakenPose};
use domain::id::{GuidedCaptureId, OrganizationId};
use uuid::Uuid;

use crate::column::{text, word};
use crate::error::StoreError;
use crate::keys;
use crate::pool::Conn;
use crate::schema::{guided_captures, guided_poses};
use crate::sealer::Sealer;

mod poses;
mod stepping;

pub use stepping::step;

/// Begins a capture. None of its poses is taken yet, whatever `taken` says.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has no such person.
pub async fn insert(conn: &mut Conn, new: &GuidedCapture) -> Result<(), StoreError> {
    diesel::insert_into(guided_captures::table)
        .values((
            guided_captures::id.eq(new.id.uuid()),
            guided_captures::organization_id.eq(new.organization_id.uuid()),
            guided_captures::person_id.eq(new.person_id.uuid()),
            guided_captures::state.eq(text(new.state)),
            guided_captures::poses.eq(new.poses.iter().map(text).collect::<Vec<String>>()),
            guided_captures::looks.eq(new.looks),
            guided_captures::strikes.eq(new.strikes),
            guided_captures::advice.eq(new.advice.map(text::<Advice>)),
            guided_captures::failure.eq(new.failure.map(text::<CaptureFailure>)),
            guided_captures::enrollment_id.eq(new.enrollment_id.map(|id| id.uuid())),
            guided_captures::created_at.eq(new.created_at),
            guided_captures::expires_at.eq(new.expires_at),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// The capture with this id.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has none.
pub async fn find(
    conn: &mut Conn,
    organization: OrganizationId,
    id: GuidedCaptureId,
) -> Result<GuidedCapture, StoreError> {
    let taken = guided_poses::table.filter(guided_poses::capture_id.eq(id.uuid())).count().single_value();
    let (row, taken): (Row, Option<i64>) = guided_captures::table
        .filter(guided_captures::organization_id.eq(organization.uuid()))
        .filter(guided_captures::id.eq(id.uuid()))
        .select((Row::as_select(), taken))
        .first(conn)
        .await?;
    row.capture(taken.and_then(|count| usize::try_from(count).ok()).unwrap_or(0))
}

/// The capture with this id and its poses that were taken, in their order, as they were at one moment; `None` when it has
/// been deleted, for instance with its person. One that is finished has no poses any more.
///
/// # Errors
/// [`StoreError::Corrupt`] when a pose does not open.
pub async fn load(
    conn: &mut Conn,
    sealer: &Sealer,
    organization: OrganizationId,
    id: GuidedCaptureId,
) -> Result<Option<(GuidedCapture, Vec<TakenPose>)>, StoreError> {
    let mut snapshot = conn.build_transaction().repeatable_read().read_only();
    let read = snapshot.run(async |tx| match find(tx, organization, id).await {
        Ok(capture) => {
            let theirs = keys::existing(tx, sealer, organization, &[capture.person_id]).await?;
            let theirs = theirs.get(&capture.person_id).unwrap_or(sealer).clone();
            Ok(Some((capture, theirs, poses::rows(tx, id).await?)))
        }
        Err(StoreError::NotFound) => Ok(None),
        Err(error) => Err(error),
    });
    let Some((capture, theirs, rows)) = read.await? else { return Ok(None) };
    Ok(Some((capture, poses::open(&theirs, id, rows).await?)))
}

/// Fails the open captures of all organizations whose time is over at `now`, at most `limit`, and answers with them. Their
/// poses are deleted.
///
/// # Errors
/// Only those of the database.
pub async fn expire(conn: &mut Conn, now: DateTime<Utc>, limit: i64) -> Result<Vec<GuidedCaptureId>, StoreError> {
    conn.transaction(async |tx| {
        let ids: Vec<Uuid> = guided_captures::table
            .filter(guided_captures::state.eq(text(CaptureState::Open)))
            .filter(guided_captures::expires_at.lt(now))
            .order((guided_captures::expires_at, guided_captures::id))
            .limit(limit)
            .select(guided_captures::id)
            .for_no_key_update()
            .skip_locked()
            .load(tx)
            .await?;
        diesel::delete(guided_poses::table.filter(guided_poses::capture_id.eq_any(&ids))).execute(tx).await?;
        diesel::update(guided_captures::table.filter(guided_captures::id.eq_any(&ids)))
            .set((
                guided_captures::state.eq(text(CaptureState::Failed)),
                guided_captures::failure.eq(text(CaptureFailure::Expired)),
                guided_captures::advice.eq(None::<String>),
                guided_captures::finished_at.eq(now),
            ))
            .execute(tx)
            .await?;
        Ok(ids.into_iter().map(Into::into).collect())
    })
    .await
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = guided_captures, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: Uuid,
    organization_id: Uuid,
    person_id: Uuid,
    state: String,
    poses: Vec<String>,
    looks: i32,
    strikes: i32,
    advice: Option<String>,
    failure: Option<String>,
    enrollment_id: Option<Uuid>,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

impl Row {
    /// The capture of which so many poses are stored. One that is completed has taken them all, and keeps none.
    fn capture(self, stored: usize) -> Result<GuidedCapture, StoreError> {
        let state = word(&self.state)?;
        let poses: Vec<Facing> = self.poses.iter().map(|pose| word(pose)).collect::<Result<_, _>>()?;
        let taken = if state == CaptureState::Completed { poses.len() } else { stored };
        Ok(GuidedCapture {
            id: self.id.into(),
            organization_id: self.organization_id.into(),
            person_id: self.person_id.into(),
            state,
            poses,
            taken,
            looks: self.looks,
            strikes: self.strikes,
            advice: self.advice.as_deref().map(word).transpose()?,
            failure: self.failure.as_deref().map(word).transpose()?,
            enrollment_id: self.enrollment_id.map(Into::into),
            created_at: self.created_at,
            expires_at: self.expires_at,
        })
    }
}
