//! The beginning of an enrollment: photos, sealed, in one transaction.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use domain::enrollment::{Enrollment, EnrollmentPhoto, EnrollmentState, PhotoRejection, PhotoState};
use domain::id::{EnrollmentId, OrganizationId, PersonId, PhotoId};
use domain::picture::inspect;
use uuid::Uuid;

use crate::column::{moment, text};
use crate::error::StoreError;
use crate::keys;
use crate::pool::Conn;
use crate::schema::{enrollment_photos, enrollments};
use crate::sealer::Sealer;

/// An enrollment to be made.
#[derive(Clone)]
pub struct NewEnrollment {
    /// Its id.
    pub id: EnrollmentId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// Whose face it is.
    pub person_id: PersonId,
    /// The photos, in their order.
    pub photos: Vec<NewPhoto>,
}

/// One photo of an enrollment to be made.
#[derive(Clone)]
pub struct NewPhoto {
    /// File name as it was sent.
    pub file_name: String,
    /// The encoded picture, or why it is none.
    pub image: Result<Vec<u8>, PhotoRejection>,
}

impl NewPhoto {
    /// One of many files that came together: its name is cut to 200 characters, and what is no picture is none.
    #[must_use]
    pub fn unpacked(file_name: &str, bytes: Result<Vec<u8>, PhotoRejection>) -> Self {
        let image = bytes.and_then(|bytes| match inspect(&bytes) {
            Ok(_header) => Ok(bytes),
            Err(problem) => Err(problem.into()),
        });
        Self { file_name: file_name.chars().take(200).collect(), image }
    }
}

/// Makes a pending enrollment, its photos sealed with the person's key, and answers with it. A photo without a picture is rejected from the
/// start.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has no such person.
pub async fn insert(
    conn: &mut Conn,
    sealer: &Sealer,
    new: NewEnrollment,
    now: DateTime<Utc>,
) -> Result<Enrollment, StoreError> {
    let mut photos = Vec::with_capacity(new.photos.len());
    let mut images = Vec::with_capacity(new.photos.len());
    for photo in new.photos {
        let id = PhotoId::new();
        let (state, rejection) = match photo.image {
            Ok(image) => {
                images.push((id.uuid(), image));
                (PhotoState::Pending, None)
            }
            Err(rejection) => (PhotoState::Rejected, Some(rejection)),
        };
        photos.push(EnrollmentPhoto { id, file_name: photo.file_name, state, rejection, quality: None });
    }
    let enrollment = Enrollment {
        id: new.id,
        organization_id: new.organization_id,
        person_id: new.person_id,
        state: EnrollmentState::Pending,
        photos,
        duplicate: None,
        distinct_confirmed: false,
        created_at: moment(now),
        finished_at: None,
    };
    conn.transaction(async |tx| {
        let theirs = keys::of_person(tx, sealer, enrollment.organization_id, enrollment.person_id).await?;
        let sealed: HashMap<Uuid, Vec<u8>> = theirs.seal_all(images).await.into_iter().collect();
        insert_row(tx, &enrollment).await?;
        // One statement per photo: together they may be larger than Postgres takes at once.
        for (position, photo) in enrollment.photos.iter().enumerate() {
            let position = i32::try_from(position).expect("a position in memory");
            insert_photo(tx, enrollment.id, position, photo, sealed.get(&photo.id.uuid())).await?;
        }
        Ok::<_, StoreError>(())
    })
    .await?;
    Ok(enrollment)
}

async fn insert_row(tx: &mut Conn, enrollment: &Enrollment) -> Result<(), StoreError> {
    diesel::insert_into(enrollments::table)
        .values((
            enrollments::id.eq(enrollment.id.uuid()),
            enrollments::organization_id.eq(enrollment.organization_id.uuid()),
            enrollments::person_id.eq(enrollment.person_id.uuid()),
            enrollments::state.eq(text(enrollment.state)),
            enrollments::created_at.eq(enrollment.created_at),
            enrollments::queued_at.eq(enrollment.created_at),
        ))
        .execute(tx)
        .await?;
    Ok(())
}

async fn insert_photo(
    tx: &mut Conn,
    enrollment: EnrollmentId,
    position: i32,
    photo: &EnrollmentPhoto,
    sealed: Option<&Vec<u8>>,
) -> Result<(), StoreError> {
    diesel::insert_into(enrollment_photos::table)
        .values((
            enrollment_photos::id.eq(photo.id.uuid()),
            enrollment_photos::enrollment_id.eq(enrollment.uuid()),
            enrollment_photos::position.eq(position),
            enrollment_photos::file_name.eq(&photo.file_name),
            enrollment_photos::image.eq(sealed),
            enrollment_photos::state.eq(text(photo.state)),
            enrollment_photos::rejection.eq(photo.rejection.map(text::<PhotoRejection>)),
        ))
        .execute(tx)
        .await?;
    Ok(())
}
