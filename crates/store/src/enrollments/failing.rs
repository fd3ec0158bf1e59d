//! The end of an enrollment that no worker can carry out.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use domain::enrollment::{EnrollmentState, PhotoRejection, PhotoState};
use domain::id::{EnrollmentId, OrganizationId};

use super::finish::lock_state;
use crate::column::text;
use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::{enrollment_photos, enrollments};

/// Ends a pending enrollment as failed: the photos that wait are rejected as damaged, and all its pictures go. One that is
/// not pending stays as it is.
///
/// For enrollments whose job failed too often: else nobody would hear of them again.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has no such enrollment.
pub async fn fail(
    conn: &mut Conn,
    organization: OrganizationId,
    id: EnrollmentId,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    conn.transaction(async |tx| {
        let (state, _) = lock_state(tx, organization, id).await?;
        if state != EnrollmentState::Pending {
            return Ok(());
        }
        give_up(tx, id, PhotoState::Pending, PhotoRejection::ImageDamaged, now).await
    })
    .await
}

/// Ends an enrollment whose row is locked as failed: its photos in the state `rejected` are rejected for `reason`, and all
/// its pictures go.
pub(crate) async fn give_up(
    tx: &mut Conn,
    id: EnrollmentId,
    rejected: PhotoState,
    reason: PhotoRejection,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    diesel::update(enrollments::table.find(id.uuid()))
        .set((enrollments::state.eq(text(EnrollmentState::Failed)), enrollments::finished_at.eq(now)))
        .execute(tx)
        .await?;
    let photos = enrollment_photos::table.filter(enrollment_photos::enrollment_id.eq(id.uuid()));
    diesel::update(photos.filter(enrollment_photos::state.eq(text(rejected))))
        .set((enrollment_photos::state.eq(text(PhotoState::Rejected)), enrollment_photos::rejection.eq(text(reason))))
        .execute(tx)
        .await?;
    diesel::update(photos).set(enrollment_photos::image.eq(None::<Vec<u8>>)).execute(tx).await?;
    Ok(())
}
