//! The end of an enrollment that no worker can carry out.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use domain::enrollment::{EnrollmentState, PhotoRejection, PhotoState};
use domain::id::{EnrollmentId, OrganizationId};

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
        let state: String = enrollments::table
            .filter(enrollments::organization_id.eq(organization.uuid()))
            .filter(enrollments::id.eq(id.uuid()))
            .select(enrollments::state)
            .for_no_key_update()
            .first(tx)
            .await?;
        if state != text(EnrollmentState::Pending) {
            return Ok(());
        }
        diesel::update(enrollments::table.find(id.uuid()))
            .set((enrollments::state.eq(text(EnrollmentState::Failed)), enrollments::finished_at.eq(now)))
            .execute(tx)
            .await?;
        let photos = enrollment_photos::table.filter(enrollment_photos::enrollment_id.eq(id.uuid()));
        diesel::update(photos.filter(enrollment_photos::state.eq(text(PhotoState::Pending))))
            .set((
                enrollment_photos::state.eq(text(PhotoState::Rejected)),
                enrollment_photos::rejection.eq(text(PhotoRejection::ImageDamaged)),
            ))
            .execute(tx)
            .await?;
        diesel::update(photos).set(enrollment_photos::image.eq(None::<Vec<u8>>)).execute(tx).await?;
        Ok(())
    })
    .await
}
