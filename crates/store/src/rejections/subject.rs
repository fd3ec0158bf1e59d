//! The sighting that a rejection is about.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::attendance::AttendanceState;
use domain::id::{FrameId, OrganizationId, PersonId, SessionId};
use domain::session::Session;
use domain::sighting::Outcome;
use uuid::Uuid;

use crate::column::{text, word};
use crate::error::StoreError;
use crate::keys;
use crate::pool::Conn;
use crate::schema::{attendance, sighting_faces, sightings};
use crate::sealer::Sealer;

/// Which face.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RejectedSighting {
    /// The session.
    pub session_id: SessionId,
    /// The frame.
    pub frame_id: FrameId,
    /// Position of the face in it.
    pub face_index: i16,
}

/// What was recorded of it.
pub(super) struct Subject {
    pub(super) person_id: PersonId,
    pub(super) contract: String,
    pub(super) received_at: DateTime<Utc>,
}

/// The sighting, which must say that somebody was found on the roster.
pub(super) async fn find(
    tx: &mut Conn,
    organization: OrganizationId,
    sighting: &RejectedSighting,
) -> Result<Subject, StoreError> {
    let (person, outcome, contract, received_at): (Option<Uuid>, String, String, DateTime<Utc>) = sightings::table
        .filter(sightings::organization_id.eq(organization.uuid()))
        .filter(sightings::session_id.eq(sighting.session_id.uuid()))
        .filter(sightings::frame_id.eq(sighting.frame_id.uuid()))
        .filter(sightings::face_index.eq(sighting.face_index))
        .select((sightings::person_id, sightings::outcome, sightings::contract, sightings::received_at))
        .first(tx)
        .await?;
    let person = person.filter(|_| word::<Outcome>(&outcome).is_ok_and(Outcome::names_on_roster));
    let person_id = person.ok_or(StoreError::Conflict { what: "outcome" })?.into();
    Ok(Subject { person_id, contract, received_at })
}

/// Its face, opened, where it is still kept.
pub(super) async fn face(
    tx: &mut Conn,
    sealer: &Sealer,
    organization: OrganizationId,
    person: PersonId,
    sighting: &RejectedSighting,
) -> Result<Option<Vec<u8>>, StoreError> {
    let kept: Option<(Uuid, Vec<u8>)> = sighting_faces::table
        .filter(sighting_faces::session_id.eq(sighting.session_id.uuid()))
        .filter(sighting_faces::frame_id.eq(sighting.frame_id.uuid()))
        .filter(sighting_faces::face_index.eq(sighting.face_index))
        .select((sighting_faces::id, sighting_faces::embedding))
        .first(tx)
        .await
        .optional()?;
    let Some((id, sealed)) = kept else { return Ok(None) };
    Ok(Some(keys::of_person(tx, sealer, organization, person).await?.open(id, &sealed)?))
}

/// Whether somebody has come to a session, as far as is recorded.
pub(super) async fn came(tx: &mut Conn, session: &Session, person: PersonId) -> Result<bool, StoreError> {
    let here = [AttendanceState::Present, AttendanceState::Late, AttendanceState::LeftEarly].map(text);
    let rows: i64 = attendance::table
        .filter(attendance::session_id.eq(session.id.uuid()))
        .filter(attendance::person_id.eq(person.uuid()))
        .filter(attendance::state.eq_any(here))
        .count()
        .get_result(tx)
        .await?;
    Ok(rows > 0)
}
