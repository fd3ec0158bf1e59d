//! What was recognised: immutable events, from which attendance follows.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use domain::attendance::{AttendanceChange, Window};
use domain::evidence::EvidencePolicy;
use domain::frame::FrameHeader;
use domain::id::PersonId;
use domain::session::SessionState;
use domain::sighting::{FrameResult, Outcome, Sighting};
use uuid::Uuid;

use crate::attendance;
use crate::column::text;
use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::sightings;

mod faces;
mod listing;
mod standing;
mod weigh;

pub use faces::{FaceKeeping, forget_expired, record_with_faces};
pub use listing::{RecordedSighting, SightingCursor, list, of_frame};

/// What a frame's recording came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// The frame's sightings as they stand in the database, by face.
    pub sightings: Vec<Sighting>,
    /// How people's standing changed by them, in the order of the numbers.
    pub changes: Vec<AttendanceChange>,
    /// Whether they stood there before this call: the frame was delivered again, and nothing was written.
    pub already_recorded: bool,
}

/// Records the sightings of one frame and marks the people among them, in one transaction.
///
/// `result` carries a person found on the roster as [`Outcome::Present`], or as [`Outcome::Likely`] when this one sighting
/// is not enough. Who was marked before comes back as [`Outcome::Already`]; whoever is likely and was seen often enough
/// before, by `evidence`, comes back as [`Outcome::Present`]. Somebody who was marked and recorded within the cool-down is
/// in the answer as [`Outcome::Already`], but not recorded again; the course's cool-down goes before that of `evidence`,
/// and where only the first arrival is kept it never ends. Who comes at a time at which the session counts no arrival is
/// [`Outcome::OutsideHours`].
///
/// Postgres has the last word on what the worker's copy of the roster said: who is no longer on it comes back as
/// [`Outcome::NotOnRoster`], or as [`Outcome::Unknown`] where they were but likely. Who was deleted meanwhile, is not active
/// any more, or has given up their templates of the frame's contract is [`Outcome::Unknown`].
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has no such session, [`StoreError::NotActive`] when it does not
/// accept frames; then nothing is recorded.
pub async fn record(
    conn: &mut Conn,
    header: &FrameHeader,
    result: &FrameResult,
    evidence: &EvidencePolicy,
) -> Result<Recorded, StoreError> {
    record_all(conn, header, result, evidence, None).await
}

async fn record_all(
    conn: &mut Conn,
    header: &FrameHeader,
    result: &FrameResult,
    evidence: &EvidencePolicy,
    keeping: Option<FaceKeeping<'_>>,
) -> Result<Recorded, StoreError> {
    let attempt = conn.transaction(async |tx| {
        let session = attendance::lock_session(tx, header.organization_id, header.session_id).await?;
        if session.state != SessionState::Active {
            return Err(Stop::NotActive);
        }
        let standing = standing::standing(tx, &session, &result.contract, &result.sightings).await?;
        let mut settled: Vec<Sighting> = result.sightings.iter().map(|s| standing::settle(s, &standing)).collect();
        weigh::take_turns(tx, &session, &settled).await?;
        let known = attendance::known(tx, &session, &settled).await?;
        weigh::weigh(tx, header, &mut settled, &known, evidence).await?;
        let window = Window::of(&session);
        for sighting in settled.iter_mut().filter(|s| s.outcome == Outcome::Present) {
            let is_known = sighting.person_id.is_some_and(|person| known.contains_key(&person));
            if !(if is_known { window.is_open_by(header.received_at) } else { window.holds(header.received_at) }) {
                sighting.outcome = Outcome::OutsideHours;
            }
        }
        let rests = |sighting: &Sighting| weigh::rests(sighting, &known, header, &session.policy, evidence);
        // Who rests is not inserted, so that nothing clashes: it may be this very frame that they were seen in.
        if settled.iter().any(&rests) {
            let rows = of_frame(tx, header.organization_id, header.session_id, header.frame_id).await?;
            if !rows.is_empty() {
                return Err(Stop::Recorded);
            }
        }
        let mut seen: BTreeMap<PersonId, Option<f32>> = BTreeMap::new();
        for sighting in settled.iter().filter(|s| s.outcome == Outcome::Present && !rests(s)) {
            let Some(person) = sighting.person_id else { continue };
            let best = seen.get(&person).copied().flatten();
            seen.insert(person, best.into_iter().chain(sighting.similarity).reduce(f32::max));
        }
        let mut marked = Vec::new();
        if !seen.is_empty() {
            let seen: Vec<(PersonId, Option<f32>)> = seen.into_iter().collect();
            marked = attendance::mark_seen(tx, &session, header.received_at, &seen).await?;
            let mut first: HashSet<PersonId> = marked.iter().filter(|m| m.is_first).map(|m| m.person_id).collect();
            for sighting in settled.iter_mut().filter(|s| s.outcome == Outcome::Present) {
                if !sighting.person_id.is_some_and(|person| first.remove(&person)) {
                    sighting.outcome = Outcome::Already;
                }
            }
        }
        for sighting in settled.iter_mut().filter(|s| rests(s)) {
            sighting.outcome = Outcome::Already;
        }
        let fresh: Vec<&Sighting> = settled.iter().filter(|s| !rests(s)).collect();
        // A worker that has recorded this frame, before us or while we waited for it, leaves us nothing to insert.
        if insert(tx, header, result, &fresh).await? != fresh.len() || settled.is_empty() {
            return Err(Stop::Recorded);
        }
        if let Some(keeping) = keeping {
            faces::keep(tx, header, &fresh, keeping).await?;
        }
        let changes = attendance::follow_up(tx, &session, &marked, result.decided_at).await?;
        Ok((settled, changes))
    });
    match attempt.await {
        Ok((sightings, changes)) => Ok(Recorded { sightings, changes, already_recorded: false }),
        Err(Stop::Failed(error)) => Err(error),
        Err(stop) => {
            let rows = of_frame(conn, header.organization_id, header.session_id, header.frame_id).await?;
            let sightings: Vec<Sighting> = rows.into_iter().map(|row| row.sighting).collect();
            let already_recorded = !sightings.is_empty();
            match stop {
                Stop::NotActive if !already_recorded => Err(StoreError::NotActive),
                _ => Ok(Recorded { sightings, changes: Vec::new(), already_recorded }),
            }
        }
    }
}

/// Why the transaction ends without a trace.
enum Stop {
    NotActive,
    Recorded,
    Failed(StoreError),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

impl From<diesel::result::Error> for Stop {
    fn from(error: diesel::result::Error) -> Self {
        Self::Failed(error.into())
    }
}

async fn insert(
    tx: &mut Conn,
    header: &FrameHeader,
    result: &FrameResult,
    fresh: &[&Sighting],
) -> Result<usize, StoreError> {
    if fresh.is_empty() {
        return Ok(0);
    }
    let rows: Vec<NewSighting<'_>> = fresh
        .iter()
        .map(|sighting| NewSighting {
            session_id: header.session_id.uuid(),
            frame_id: header.frame_id.uuid(),
            face_index: sighting.face_index,
            organization_id: header.organization_id.uuid(),
            camera_id: header.camera_id.map(|id| id.uuid()),
            person_id: sighting.person_id.map(|id| id.uuid()),
            outcome: text(sighting.outcome),
            similarity: sighting.similarity,
            threshold: sighting.threshold,
            detection_score: sighting.detection_score,
            x_min: sighting.face_box.x_min,
            y_min: sighting.face_box.y_min,
            x_max: sighting.face_box.x_max,
            y_max: sighting.face_box.y_max,
            contract: result.contract.as_str(),
            received_at: header.received_at,
            decided_at: result.decided_at,
            false_match_rate: sighting.false_match_rate,
            liveness: sighting.liveness,
            quality: sighting.quality.map(i16::from),
        })
        .collect();
    Ok(diesel::insert_into(sightings::table).values(rows).on_conflict_do_nothing().execute(tx).await?)
}

#[derive(Insertable)]
#[diesel(table_name = sightings)]
struct NewSighting<'a> {
    session_id: Uuid,
    frame_id: Uuid,
    face_index: i16,
    organization_id: Uuid,
    camera_id: Option<Uuid>,
    person_id: Option<Uuid>,
    outcome: String,
    similarity: Option<f32>,
    threshold: Option<f32>,
    detection_score: f32,
    x_min: f32,
    y_min: f32,
    x_max: f32,
    y_max: f32,
    contract: &'a str,
    received_at: DateTime<Utc>,
    decided_at: DateTime<Utc>,
    false_match_rate: Option<f64>,
    liveness: Option<f32>,
    quality: Option<i16>,
}
