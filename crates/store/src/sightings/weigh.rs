//! Whether those who are likely to be somebody have been seen often enough.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt};
use diesel_async::RunQueryDsl;
use domain::evidence::{EvidencePolicy, Look};
use domain::frame::FrameHeader;
use domain::id::{PersonId, SessionId};
use domain::policy::CoursePolicy;
use domain::session::Session;
use domain::sighting::{Outcome, Sighting};
use uuid::Uuid;

use crate::column::text;
use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::{attendance_events, sightings};

/// Lets those who record likely sightings of the same people in the same session follow each other, until the transaction
/// ends: of two frames that are enough together, the second sees the first.
pub(super) async fn take_turns(tx: &mut Conn, session: &Session, settled: &[Sighting]) -> Result<(), StoreError> {
    let mut keys: Vec<i64> = likely(settled).map(|person| key(session.id, person)).collect();
    if keys.is_empty() {
        return Ok(());
    }
    // Everybody takes them in the same order.
    keys.sort_unstable();
    keys.dedup();
    diesel::sql_query("SELECT pg_advisory_xact_lock(key) FROM unnest($1) AS key")
        .bind::<Array<BigInt>, _>(keys)
        .execute(tx)
        .await?;
    Ok(())
}

/// The lock of a person in a session. That others have the same key by chance costs them a moment.
fn key(session: SessionId, person: PersonId) -> i64 {
    let (session, person) = (session.uuid().as_u64_pair(), person.uuid().as_u64_pair());
    (session.0.rotate_left(17) ^ session.1 ^ person.0.rotate_left(31) ^ person.1.rotate_left(7)).cast_signed()
}

fn likely(settled: &[Sighting]) -> impl Iterator<Item = PersonId> {
    settled.iter().filter(|s| s.outcome == Outcome::Likely).filter_map(|s| s.person_id)
}

/// Turns the likely ones who are marked already, or of whom enough was seen within the window, into present ones.
pub(super) async fn weigh(
    tx: &mut Conn,
    header: &FrameHeader,
    settled: &mut [Sighting],
    known: &HashMap<PersonId, DateTime<Utc>>,
    evidence: &EvidencePolicy,
) -> Result<(), StoreError> {
    let likely: Vec<Uuid> = likely(settled).map(PersonId::uuid).collect();
    if likely.is_empty() {
        return Ok(());
    }
    // Somebody has said that they were not of this person.
    let rejected = attendance_events::table
        .filter(attendance_events::session_id.eq(sightings::session_id))
        .filter(attendance_events::frame_id.eq(sightings::frame_id.nullable()))
        .filter(attendance_events::face_index.eq(sightings::face_index.nullable()));
    let before: Vec<(Option<Uuid>, DateTime<Utc>, Option<f64>)> = sightings::table
        .filter(sightings::organization_id.eq(header.organization_id.uuid()))
        .filter(sightings::session_id.eq(header.session_id.uuid()))
        .filter(sightings::person_id.eq_any(likely))
        .filter(sightings::received_at.ge(header.received_at - evidence.window))
        .filter(sightings::received_at.le(header.received_at + evidence.window))
        .filter(sightings::frame_id.ne(header.frame_id.uuid()))
        .filter(sightings::outcome.eq(text(Outcome::Likely)))
        .filter(not(exists(rejected)))
        .select((sightings::person_id, sightings::received_at, sightings::false_match_rate))
        .load(tx)
        .await?;
    for sighting in settled.iter_mut().filter(|s| s.outcome == Outcome::Likely) {
        let (Some(person), Some(false_match_rate)) = (sighting.person_id, sighting.false_match_rate) else { continue };
        let mut looks = vec![Look { at: header.received_at, false_match_rate }];
        let of_person = before.iter().filter(|(id, ..)| *id == Some(person.uuid()));
        looks.extend(of_person.filter_map(|(_, at, rate)| Some(Look { at: *at, false_match_rate: (*rate)? })));
        if known.contains_key(&person) || evidence.is_enough(&looks) {
            sighting.outcome = Outcome::Present;
        }
    }
    Ok(())
}

/// Whether a sighting is of somebody who has come, and says nothing new: they were seen too lately, or only the first
/// arrival is kept.
pub(super) fn rests(
    sighting: &Sighting,
    known: &HashMap<PersonId, DateTime<Utc>>,
    header: &FrameHeader,
    policy: &CoursePolicy,
    evidence: &EvidencePolicy,
) -> bool {
    let is_present = matches!(sighting.outcome, Outcome::Present | Outcome::Already);
    let (Some(seen_at), Some(cool_down)) = (sighting.person_id.and_then(|id| known.get(&id)), evidence.cool_down)
    else {
        return false;
    };
    let cool_down = policy.cool_down().unwrap_or(cool_down);
    is_present && (policy.once_per_session || (header.received_at - *seen_at).abs() < cool_down)
}
