//! Whether two people who look the same are one.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use domain::enrollment::{EnrollmentState, PhotoRejection, PhotoState};
use domain::id::{EnrollmentId, OrganizationId, PersonId};
use uuid::Uuid;

use super::failing::give_up;
use super::finish::lock_state;
use crate::column::text;
use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::{enrollment_photos, enrollments};

/// Takes note that the person of an enrollment and the one who looks the same are two people: the enrollment is pending
/// again, its photos as they were sent. The caller publishes its job.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has no such enrollment, [`StoreError::Conflict`] when it is not
/// suspected of being a duplicate.
pub async fn confirm_distinct(
    conn: &mut Conn,
    organization: OrganizationId,
    id: EnrollmentId,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    conn.transaction(async |tx| {
        leave_suspicion(tx, organization, id).await?;
        diesel::update(enrollments::table.find(id.uuid()))
            .set((
                enrollments::state.eq(text(EnrollmentState::Pending)),
                enrollments::distinct_confirmed.eq(true),
                enrollments::queued_at.eq(now),
                enrollments::finished_at.eq(None::<DateTime<Utc>>),
            ))
            .execute(tx)
            .await?;
        diesel::update(
            enrollment_photos::table
                .filter(enrollment_photos::enrollment_id.eq(id.uuid()))
                .filter(enrollment_photos::image.is_not_null()),
        )
        .set((
            enrollment_photos::state.eq(text(PhotoState::Pending)),
            enrollment_photos::rejection.eq(None::<String>),
            enrollment_photos::quality.eq(None::<i16>),
        ))
        .execute(tx)
        .await?;
        Ok(())
    })
    .await
}

/// Those of whom an admin has said that they and this person are different people, though they look the same.
///
/// # Errors
/// Only those of the database.
pub async fn distinct_from(
    conn: &mut Conn,
    organization: OrganizationId,
    person: PersonId,
) -> Result<HashSet<PersonId>, StoreError> {
    let id = person.uuid();
    let pairs: Vec<(Uuid, Option<Uuid>)> = enrollments::table
        .filter(enrollments::organization_id.eq(organization.uuid()))
        .filter(enrollments::distinct_confirmed)
        .filter(enrollments::person_id.eq(id).or(enrollments::duplicate_of.eq(id)))
        .select((enrollments::person_id, enrollments::duplicate_of))
        .load(conn)
        .await?;
    let others = pairs.into_iter().flat_map(|(one, other)| [Some(one), other]).flatten();
    Ok(others.filter(|other| *other != id).map(PersonId::from_uuid).collect())
}

/// Gives an enrollment up whose person is somebody else: it failed, and its pictures are gone.
///
/// # Errors
/// As [`confirm_distinct`].
pub async fn dismiss(
    conn: &mut Conn,
    organization: OrganizationId,
    id: EnrollmentId,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    conn.transaction(async |tx| {
        leave_suspicion(tx, organization, id).await?;
        give_up(tx, id, PhotoState::Accepted, PhotoRejection::NotSamePerson, now).await
    })
    .await
}

/// Locks an enrollment that is suspected of being a duplicate.
async fn leave_suspicion(tx: &mut Conn, organization: OrganizationId, id: EnrollmentId) -> Result<(), StoreError> {
    match lock_state(tx, organization, id).await? {
        (EnrollmentState::DuplicateSuspected, _) => Ok(()),
        _ => Err(StoreError::Conflict { what: "state" }),
    }
}
