//! A face is forgotten, while its person stays.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::enrollment::{EnrollmentState, PhotoRejection, PhotoState};
use domain::guided::{CaptureFailure, CaptureState};
use domain::id::{OrganizationId, PersonId};
use uuid::Uuid;

use crate::column::{text, word};
use crate::enrollments::give_up;
use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::{enrollment_photos, enrollments, guided_captures, guided_poses, templates as faces};
use crate::{keys, rejections, templates};

/// What of a person's face was erased.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Erased {
    /// Templates, of all contracts.
    pub templates: usize,
    /// Photos of enrollments.
    pub photos: usize,
    /// Enrollments that were not finished and are given up.
    pub enrollments: usize,
    /// Guided captures that were not finished and are given up.
    pub captures: usize,
}

/// Erases all that there is of a person's face. The caller holds their row locked for update.
pub(super) async fn forget_face(
    tx: &mut Conn,
    organization: OrganizationId,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<Erased, StoreError> {
    let enrollments = give_enrollments_up(tx, organization, person, now).await?;
    let photos = erase_photos(tx, organization, person).await?;
    let captures = give_captures_up(tx, organization, person, now).await?;
    templates::log_removal(tx, organization, person).await?;
    let templates = diesel::delete(
        faces::table.filter(faces::organization_id.eq(organization.uuid())).filter(faces::person_id.eq(person.uuid())),
    )
    .execute(tx)
    .await?;
    rejections::erase_faces_of(tx, organization, person).await?;
    // Whatever was copied of all this does not open any more; should they consent again, they get another key.
    keys::forget(tx, organization, person).await?;
    Ok(Erased { templates, photos: photos + enrollments.1, enrollments: enrollments.0, captures })
}

/// Gives up the enrollments that wait for a worker or for an admin, and answers how many, with how many photos.
async fn give_enrollments_up(
    tx: &mut Conn,
    organization: OrganizationId,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<(usize, usize), StoreError> {
    let open = [EnrollmentState::Pending, EnrollmentState::DuplicateSuspected].map(text);
    let waiting: Vec<(Uuid, String)> = enrollments::table
        .filter(enrollments::organization_id.eq(organization.uuid()))
        .filter(enrollments::person_id.eq(person.uuid()))
        .filter(enrollments::state.eq_any(open))
        .order(enrollments::id)
        .select((enrollments::id, enrollments::state))
        .for_no_key_update()
        .load(tx)
        .await?;
    let ids: Vec<Uuid> = waiting.iter().map(|(id, _)| *id).collect();
    let photos: i64 = enrollment_photos::table
        .filter(enrollment_photos::enrollment_id.eq_any(&ids))
        .filter(enrollment_photos::image.is_not_null())
        .count()
        .get_result(tx)
        .await?;
    for (id, state) in &waiting {
        let usable = match word(state)? {
            EnrollmentState::DuplicateSuspected => PhotoState::Accepted,
            EnrollmentState::Pending | EnrollmentState::Completed | EnrollmentState::Failed => PhotoState::Pending,
        };
        give_up(tx, (*id).into(), usable, PhotoRejection::NoConsent, now).await?;
    }
    Ok((waiting.len(), usize::try_from(photos).unwrap_or_default()))
}

/// Erases the photos that the organization retained.
async fn erase_photos(tx: &mut Conn, organization: OrganizationId, person: PersonId) -> Result<usize, StoreError> {
    let of_person = enrollments::table
        .filter(enrollments::organization_id.eq(organization.uuid()))
        .filter(enrollments::person_id.eq(person.uuid()))
        .select(enrollments::id);
    let retained = enrollment_photos::table
        .filter(enrollment_photos::enrollment_id.eq_any(of_person))
        .filter(enrollment_photos::image.is_not_null());
    Ok(diesel::update(retained).set(enrollment_photos::image.eq(None::<Vec<u8>>)).execute(tx).await?)
}

async fn give_captures_up(
    tx: &mut Conn,
    organization: OrganizationId,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<usize, StoreError> {
    let open: Vec<Uuid> = guided_captures::table
        .filter(guided_captures::organization_id.eq(organization.uuid()))
        .filter(guided_captures::person_id.eq(person.uuid()))
        .filter(guided_captures::state.eq(text(CaptureState::Open)))
        .order(guided_captures::id)
        .select(guided_captures::id)
        .for_no_key_update()
        .load(tx)
        .await?;
    diesel::delete(guided_poses::table.filter(guided_poses::capture_id.eq_any(&open))).execute(tx).await?;
    diesel::update(guided_captures::table.filter(guided_captures::id.eq_any(&open)))
        .set((
            guided_captures::state.eq(text(CaptureState::Failed)),
            guided_captures::failure.eq(text(CaptureFailure::NoConsent)),
            guided_captures::advice.eq(None::<String>),
            guided_captures::finished_at.eq(now),
        ))
        .execute(tx)
        .await?;
    Ok(open.len())
}
