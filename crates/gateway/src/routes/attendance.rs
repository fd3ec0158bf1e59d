//! What became of a session: who is there, and what was seen.

use actix_web::web::{Data, Json, Path, Query};
use chrono::{DateTime, Utc};
use domain::attendance::AttendanceState;
use domain::contract::ContractId;
use domain::id::{CameraId, FrameId, PersonId, SessionId};
use domain::sighting::Sighting;
use domain::wire::Page;
use serde::Serialize;
use store::sightings::{RecordedSighting, SightingCursor};
use utoipa::ToSchema;

use crate::auth::access::Allowed;
use crate::auth::permission::SeeAttendance;
use crate::error::ApiError;
use crate::page::{PageQuery, Position};
use crate::state::Gateway;

/// One person's attendance of a session.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Attendance {
    person_id: PersonId,
    /// Roll number, PRN or staff number.
    external_id: String,
    /// Name as people say it.
    name: String,
    /// `null` while the session runs and nobody has seen the person.
    pub(crate) state: Option<AttendanceState>,
    /// First sighting or check-in that counts.
    first_seen_at: Option<DateTime<Utc>>,
    /// Last sighting, check-in or check-out.
    last_seen_at: Option<DateTime<Utc>>,
    /// How many sightings there were.
    sightings: i32,
    /// Highest similarity of them: raw cosine, -1 to 1, not a probability.
    best_similarity: Option<f32>,
    /// Whole seconds that they were there: from the first sign to the last, or between coming and going.
    stay_seconds: i32,
    /// When they left, where that is known and they did not come back.
    checked_out_at: Option<DateTime<Utc>>,
    /// Whether somebody has decided the state by hand.
    is_corrected: bool,
}

impl From<domain::attendance::Attendance> for Attendance {
    fn from(row: domain::attendance::Attendance) -> Self {
        Self {
            person_id: row.person_id,
            external_id: row.external_id,
            name: row.name,
            state: row.state,
            first_seen_at: row.first_seen_at,
            last_seen_at: row.last_seen_at,
            sightings: row.sightings,
            best_similarity: row.best_similarity,
            stay_seconds: row.stay_seconds,
            checked_out_at: row.checked_out_at,
            is_corrected: row.is_corrected,
        }
    }
}

/// One face of one frame, and where the frame came from.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionSighting {
    frame_id: FrameId,
    /// The camera; `null` when a user sent the frame.
    camera_id: Option<CameraId>,
    /// Which model made the comparison.
    contract: ContractId,
    /// When the gateway took the frame in.
    received_at: DateTime<Utc>,
    /// When the worker decided.
    decided_at: DateTime<Utc>,
    #[serde(flatten)]
    sighting: Sighting,
}

impl From<RecordedSighting> for SessionSighting {
    fn from(row: RecordedSighting) -> Self {
        Self {
            frame_id: row.frame_id,
            camera_id: row.camera_id,
            contract: row.contract,
            received_at: row.received_at,
            decided_at: row.decided_at,
            sighting: row.sighting,
        }
    }
}

/// Microseconds since 1970 (what Postgres keeps), the frame and the face.
impl Position for SightingCursor {
    fn to_bytes(&self) -> Vec<u8> {
        let micros = self.decided_at.timestamp_micros().to_be_bytes();
        [&micros[..], self.frame_id.uuid().as_bytes(), &self.face_index.to_be_bytes()].concat()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (micros, rest) = bytes.split_first_chunk::<8>()?;
        let (frame, face) = rest.split_first_chunk::<16>()?;
        Some(Self {
            decided_at: DateTime::from_timestamp_micros(i64::from_be_bytes(*micros))?,
            frame_id: FrameId::from_uuid(uuid::Uuid::from_bytes(*frame)),
            face_index: i16::from_be_bytes(face.try_into().ok()?),
        })
    }
}

/// Lists the attendance of a session: everybody on the roster, and whoever else was marked.
///
/// Always whole, on one page. Teachers see that of the courses that they teach.
#[utoipa::path(get, path = "/api/v1/sessions/{session_id}/attendance", tag = "attendance",
    params(("session_id" = SessionId, Path), PageQuery),
    responses((status = 200, description = "One row per person.", body = Page<Attendance>)))]
pub(crate) async fn list_attendance(
    access: Allowed<SeeAttendance>,
    gateway: Data<Gateway>,
    path: Path<SessionId>,
    _whole: Query<PageQuery>,
) -> Result<Json<Page<Attendance>>, ApiError> {
    let mut conn = gateway.connection().await?;
    let session = access.require_session(&mut conn, path.into_inner()).await?;
    let rows = store::attendance::list(&mut conn, access.organization_id, session.id).await?;
    Ok(Json(Page { items: rows.into_iter().map(Into::into).collect(), next: None }))
}

/// Lists the sightings of a session in the order in which they were decided.
///
/// Workers record side by side: a sighting may appear a moment after one that was decided later. Who follows a
/// session by this listing alone asks again from a few seconds back. Teachers see those of the courses that they teach.
#[utoipa::path(get, path = "/api/v1/sessions/{session_id}/sightings", tag = "attendance",
    params(("session_id" = SessionId, Path), PageQuery),
    responses((status = 200, description = "A page of them.", body = Page<SessionSighting>)))]
pub(crate) async fn list_sightings(
    access: Allowed<SeeAttendance>,
    gateway: Data<Gateway>,
    path: Path<SessionId>,
    query: Query<PageQuery>,
) -> Result<Json<Page<SessionSighting>>, ApiError> {
    let (organization_id, session_id, wanted) = (access.organization_id, path.into_inner(), query.read()?);
    let mut conn = gateway.connection().await?;
    access.require_session(&mut conn, session_id).await?;
    let rows = store::sightings::list(&mut conn, organization_id, session_id, wanted.after, wanted.fetch()).await?;
    let page = wanted.page(rows, RecordedSighting::cursor);
    Ok(Json(Page { items: page.items.into_iter().map(Into::into).collect(), next: page.next }))
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use domain::id::FrameId;
    use store::sightings::SightingCursor;

    use crate::page::Position;

    #[test]
    fn a_cursor_survives_its_spelling() {
        let decided_at = DateTime::from_timestamp_micros(Utc::now().timestamp_micros()).expect("a time");
        let cursor = SightingCursor { decided_at, frame_id: FrameId::new(), face_index: 3 };
        assert_eq!(SightingCursor::from_bytes(&cursor.to_bytes()), Some(cursor));
        assert_eq!(SightingCursor::from_bytes(&cursor.to_bytes()[1..]), None);
        assert_eq!(SightingCursor::from_bytes(b""), None);
    }
}
