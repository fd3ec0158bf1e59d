//! The faces by which people were found on a roster, kept for a while: what "not this person" is about.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::embedding::Embedding;
use domain::evidence::EvidencePolicy;
use domain::frame::FrameHeader;
use domain::id::PersonId;
use domain::sighting::{FrameResult, Sighting};
use uuid::Uuid;

use super::{Recorded, record_all};
use crate::error::StoreError;
use crate::keys;
use crate::pool::Conn;
use crate::schema::sighting_faces;
use crate::sealer::Sealer;
use crate::templates::to_bytes;

/// The faces of a frame, by their position in it.
#[derive(Debug, Clone, Copy)]
pub struct FaceKeeping<'a> {
    /// What they are sealed with.
    pub sealer: &'a Sealer,
    /// Position and embedding of each.
    pub faces: &'a [(i16, Embedding)],
    /// How long those are kept that may be rejected later.
    pub until: DateTime<Utc>,
}

/// Records the sightings of one frame as [`record`](super::record) does, and in the same transaction keeps the faces by which people were
/// found on the roster ([`Outcome::names_on_roster`](domain::sighting::Outcome::names_on_roster)): no strangers', and none
/// that was not recorded because its person rests.
///
/// # Errors
/// Those of [`record`](super::record).
pub async fn record_with_faces(
    conn: &mut Conn,
    header: &FrameHeader,
    result: &FrameResult,
    evidence: &EvidencePolicy,
    keeping: FaceKeeping<'_>,
) -> Result<Recorded, StoreError> {
    record_all(conn, header, result, evidence, Some(keeping)).await
}

/// Keeps the faces of these sightings, which this transaction has recorded.
pub(super) async fn keep(
    tx: &mut Conn,
    header: &FrameHeader,
    recorded: &[&Sighting],
    keeping: FaceKeeping<'_>,
) -> Result<(), StoreError> {
    let on_roster = recorded.iter().filter(|sighting| sighting.outcome.names_on_roster());
    let found = on_roster.filter_map(|sighting| {
        let (_, face) = keeping.faces.iter().find(|(index, _)| *index == sighting.face_index)?;
        Some((sighting.face_index, sighting.person_id?, face))
    });
    let found: Vec<(i16, PersonId, &Embedding)> = found.collect();
    if found.is_empty() {
        return Ok(());
    }
    let people: Vec<PersonId> = found.iter().map(|(_, person, _)| *person).collect();
    let sealers = keys::of_people(tx, keeping.sealer, header.organization_id, &people).await?;
    let rows: Vec<_> = found
        .into_iter()
        .map(|(face_index, person, face)| {
            let id = Uuid::now_v7();
            let sealed = sealers[&person].seal(id, &to_bytes(face));
            (
                sighting_faces::id.eq(id),
                sighting_faces::organization_id.eq(header.organization_id.uuid()),
                sighting_faces::session_id.eq(header.session_id.uuid()),
                sighting_faces::frame_id.eq(header.frame_id.uuid()),
                sighting_faces::face_index.eq(face_index),
                sighting_faces::person_id.eq(person.uuid()),
                sighting_faces::embedding.eq(sealed),
                sighting_faces::expires_at.eq(keeping.until),
            )
        })
        .collect();
    diesel::insert_into(sighting_faces::table).values(rows).execute(tx).await?;
    Ok(())
}

/// Forgets kept faces whose time is over, at most `limit`, and answers how many. Those that were rejected are kept by their
/// rejections.
///
/// # Errors
/// Only those of the database.
pub async fn forget_expired(conn: &mut Conn, now: DateTime<Utc>, limit: i64) -> Result<usize, StoreError> {
    let expired: Vec<Uuid> = sighting_faces::table
        .filter(sighting_faces::expires_at.le(now))
        .order(sighting_faces::expires_at)
        .limit(limit)
        .select(sighting_faces::id)
        .load(conn)
        .await?;
    Ok(diesel::delete(sighting_faces::table.filter(sighting_faces::id.eq_any(expired))).execute(conn).await?)
}
