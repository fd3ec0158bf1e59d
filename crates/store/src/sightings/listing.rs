//! Reading sightings back.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::contract::ContractId;
use domain::geometry::FaceBox;
use domain::id::{CameraId, FrameId, OrganizationId, SessionId};
use domain::sighting::Sighting;
use uuid::Uuid;

use crate::column::word;
use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::sightings;

/// A sighting with where it came from.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedSighting {
    /// The frame.
    pub frame_id: FrameId,
    /// The camera; `None` when a user sent the frame.
    pub camera_id: Option<CameraId>,
    /// The contract of the encoder.
    pub contract: ContractId,
    /// When the gateway took the frame in.
    pub received_at: DateTime<Utc>,
    /// When the worker decided.
    pub decided_at: DateTime<Utc>,
    /// The face.
    pub sighting: Sighting,
}

/// A place in a session's sightings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SightingCursor {
    /// When the worker decided.
    pub decided_at: DateTime<Utc>,
    /// The frame.
    pub frame_id: FrameId,
    /// Position of the face in its frame.
    pub face_index: i16,
}

impl RecordedSighting {
    /// Where a listing goes on after this sighting.
    #[must_use]
    pub fn cursor(&self) -> SightingCursor {
        SightingCursor { decided_at: self.decided_at, frame_id: self.frame_id, face_index: self.sighting.face_index }
    }
}

/// A session's sightings after `after`, at most `limit`, in the order in which they were decided; empty for a session
/// that the organization has not.
///
/// Workers commit side by side: a sighting may appear a moment after one that was decided later. Who follows a session
/// by this listing alone asks again from a few seconds back.
///
/// # Errors
/// Only those of the database.
pub async fn list(
    conn: &mut Conn,
    organization: OrganizationId,
    session: SessionId,
    after: Option<SightingCursor>,
    limit: i64,
) -> Result<Vec<RecordedSighting>, StoreError> {
    let mut query = sightings::table
        .filter(sightings::organization_id.eq(organization.uuid()))
        .filter(sightings::session_id.eq(session.uuid()))
        .order((sightings::decided_at, sightings::frame_id, sightings::face_index))
        .limit(limit)
        .select(Row::as_select())
        .into_boxed();
    if let Some(after) = after {
        let later_face = sightings::frame_id.eq(after.frame_id.uuid()).and(sightings::face_index.gt(after.face_index));
        let later_frame = sightings::frame_id.gt(after.frame_id.uuid()).or(later_face);
        // The first condition is what the index is entered with.
        query = query.filter(sightings::decided_at.ge(after.decided_at)).filter(
            sightings::decided_at.gt(after.decided_at).or(sightings::decided_at.eq(after.decided_at).and(later_frame)),
        );
    }
    let rows: Vec<Row> = query.load(conn).await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The sightings of one frame, by face; empty for a frame that the session has not, and for one without faces.
///
/// # Errors
/// Only those of the database.
pub async fn of_frame(
    conn: &mut Conn,
    organization: OrganizationId,
    session: SessionId,
    frame: FrameId,
) -> Result<Vec<RecordedSighting>, StoreError> {
    let rows: Vec<Row> = sightings::table
        .filter(sightings::organization_id.eq(organization.uuid()))
        .filter(sightings::session_id.eq(session.uuid()))
        .filter(sightings::frame_id.eq(frame.uuid()))
        .order(sightings::face_index)
        .select(Row::as_select())
        .load(conn)
        .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = sightings, check_for_backend(diesel::pg::Pg))]
struct Row {
    frame_id: Uuid,
    face_index: i16,
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
    contract: String,
    received_at: DateTime<Utc>,
    decided_at: DateTime<Utc>,
    false_match_rate: Option<f64>,
    liveness: Option<f32>,
    quality: Option<i16>,
}

impl TryFrom<Row> for RecordedSighting {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            frame_id: row.frame_id.into(),
            camera_id: row.camera_id.map(Into::into),
            contract: ContractId::new(row.contract),
            received_at: row.received_at,
            decided_at: row.decided_at,
            sighting: Sighting {
                face_index: row.face_index,
                person_id: row.person_id.map(Into::into),
                outcome: word(&row.outcome)?,
                similarity: row.similarity,
                threshold: row.threshold,
                false_match_rate: row.false_match_rate,
                liveness: row.liveness,
                quality: row.quality.and_then(|quality| u8::try_from(quality).ok()),
                detection_score: row.detection_score,
                face_box: FaceBox { x_min: row.x_min, y_min: row.y_min, x_max: row.x_max, y_max: row.y_max },
            },
        })
    }
}
