//! The faces by which people were found on a roster, kept for a while: what "not this person" is about.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Binary, SmallInt, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncConnection, RunQueryDsl};
use domain::embedding::Embedding;
use domain::evidence::EvidencePolicy;
use domain::frame::FrameHeader;
use domain::sighting::{FrameResult, Sighting};
use uuid::Uuid;

use super::{Recorded, record};
use crate::error::StoreError;
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

/// Records the sightings of one frame as [`record`] does, and in the same transaction keeps the faces by which people were
/// found on the roster ([`Outcome::names_on_roster`](domain::sighting::Outcome::names_on_roster)): no strangers', and none
/// that was not recorded because its person rests.
///
/// # Errors
/// Those of [`record`].
pub async fn record_with_faces(
    conn: &mut Conn,
    header: &FrameHeader,
    result: &FrameResult,
    evidence: &EvidencePolicy,
    keeping: FaceKeeping<'_>,
) -> Result<Recorded, StoreError> {
    if !result.sightings.iter().any(is_kept) {
        return record(conn, header, result, evidence).await;
    }
    conn.transaction(async |tx| {
        let recorded = record(tx, header, result, evidence).await?;
        if !recorded.already_recorded {
            keep(tx, header, &recorded.sightings, keeping).await?;
        }
        Ok(recorded)
    })
    .await
}

fn is_kept(sighting: &Sighting) -> bool {
    sighting.person_id.is_some() && sighting.outcome.names_on_roster()
}

async fn keep(
    tx: &mut Conn,
    header: &FrameHeader,
    recorded: &[Sighting],
    keeping: FaceKeeping<'_>,
) -> Result<(), StoreError> {
    let wanted: Vec<i16> = recorded.iter().filter(|s| is_kept(s)).map(|s| s.face_index).collect();
    let plain = keeping.faces.iter().filter(|(index, _)| wanted.contains(index));
    let plain: Vec<(i16, (Uuid, Vec<u8>))> =
        plain.map(|(index, face)| (*index, (Uuid::now_v7(), to_bytes(face)))).collect();
    let (indexes, plain): (Vec<i16>, Vec<(Uuid, Vec<u8>)>) = plain.into_iter().unzip();
    if indexes.is_empty() {
        return Ok(());
    }
    let (ids, sealed): (Vec<Uuid>, Vec<Vec<u8>>) = keeping.sealer.seal_all(plain).await.into_iter().unzip();
    diesel::sql_query(KEEP)
        .bind::<SqlUuid, _>(header.session_id.uuid())
        .bind::<SqlUuid, _>(header.frame_id.uuid())
        .bind::<Timestamptz, _>(keeping.until)
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Array<SmallInt>, _>(indexes)
        .bind::<Array<Binary>, _>(sealed)
        .execute(tx)
        .await?;
    Ok(())
}

/// Only of what stands in the database: whoever rests was not recorded.
const KEEP: &str = "
    INSERT INTO sighting_faces (id, organization_id, session_id, frame_id, face_index, person_id, embedding, expires_at)
    SELECT face.id, s.organization_id, s.session_id, s.frame_id, s.face_index, s.person_id, face.embedding, $3
    FROM unnest($4, $5, $6) AS face (id, face_index, embedding)
    JOIN sightings s ON s.session_id = $1 AND s.frame_id = $2 AND s.face_index = face.face_index
    WHERE s.person_id IS NOT NULL";

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
