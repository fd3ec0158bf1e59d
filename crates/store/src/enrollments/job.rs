//! What a worker takes up, and what is taken up again.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use domain::enrollment::{Enrollment, EnrollmentState, PhotoState};
use domain::id::{EnrollmentId, OrganizationId, PhotoId};
use uuid::Uuid;

use crate::column::text;
use crate::error::StoreError;
use crate::keys::{self, OfPerson, Sealed};
use crate::pool::Conn;
use crate::schema::{enrollment_photos, enrollments, person_keys};
use crate::sealer::Sealer;

/// An enrollment and the pictures that still wait in it.
#[derive(Clone)]
pub struct EnrollmentJob {
    /// The enrollment.
    pub enrollment: Enrollment,
    /// The encoded picture of each photo that waits, in their order; empty once the enrollment is finished.
    pub images: Vec<(PhotoId, Vec<u8>)>,
}

/// An enrollment with its pictures; `None` when it has been deleted, for instance with its person.
///
/// # Errors
/// [`StoreError::Corrupt`] when a picture does not open.
pub async fn load_job(
    conn: &mut Conn,
    sealer: &Sealer,
    organization: OrganizationId,
    id: EnrollmentId,
) -> Result<Option<EnrollmentJob>, StoreError> {
    let enrollment = match super::find(conn, organization, id).await {
        Ok(enrollment) => enrollment,
        Err(StoreError::NotFound) => return Ok(None),
        Err(error) => return Err(error),
    };
    // With the key, so that a deletion that comes in between takes both or neither.
    let rows: Vec<(Uuid, Option<Sealed>, Option<Sealed>)> = enrollment_photos::table
        .inner_join(enrollments::table.on(enrollments::id.eq(enrollment_photos::enrollment_id)))
        .left_join(person_keys::table.on(person_keys::person_id.eq(enrollments::person_id)))
        .filter(enrollment_photos::enrollment_id.eq(enrollment.id.uuid()))
        .filter(enrollment_photos::state.eq(text(PhotoState::Pending)))
        .order(enrollment_photos::position)
        .select((enrollment_photos::id, enrollment_photos::image, person_keys::key.nullable()))
        .load(conn)
        .await?;
    let person = enrollment.person_id.uuid();
    let sealed: Vec<OfPerson> = rows
        .into_iter()
        .filter_map(|(id, image, key)| image.map(|sealed| OfPerson { person, key, id, sealed }))
        .collect();
    let photos: Vec<PhotoId> = sealed.iter().map(|photo| photo.id.into()).collect();
    let images = photos.into_iter().zip(keys::open_all(sealer, sealed).await?).collect();
    Ok(Some(EnrollmentJob { enrollment, images }))
}

/// The enrollments of all organizations whose job was last published before `older_than` and that are still pending,
/// oldest first, at most `limit`: they are to be published again. Counts as published at `now`, so two sweeps at once
/// share them out.
///
/// # Errors
/// Only those of the database.
pub async fn stuck(
    conn: &mut Conn,
    older_than: DateTime<Utc>,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<(OrganizationId, EnrollmentId)>, StoreError> {
    conn.transaction(async |tx| {
        let rows: Vec<(Uuid, Uuid)> = enrollments::table
            .filter(enrollments::state.eq(text(EnrollmentState::Pending)))
            .filter(enrollments::queued_at.lt(older_than))
            .order((enrollments::queued_at, enrollments::id))
            .limit(limit)
            .select((enrollments::organization_id, enrollments::id))
            .for_no_key_update()
            .skip_locked()
            .load(tx)
            .await?;
        let ids: Vec<Uuid> = rows.iter().map(|(_, id)| *id).collect();
        diesel::update(enrollments::table.filter(enrollments::id.eq_any(ids)))
            .set(enrollments::queued_at.eq(now))
            .execute(tx)
            .await?;
        Ok(rows.into_iter().map(|(organization, id)| (organization.into(), id.into())).collect())
    })
    .await
}
