//! Frames on their way to a worker.

use actix_web::web::{Bytes, Data, Json, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use domain::frame::FrameHeader;
use domain::id::{FrameId, SessionId};
use domain::picture::{PictureFormat, inspect};
use domain::session::{Session, SessionState};
use serde::Serialize;
use store::Conn;
use utoipa::ToSchema;

use crate::auth::sender::FrameSender;
use crate::body;
use crate::clock;
use crate::error::ApiError;
use crate::limits::FRAME_BYTES;
use crate::state::Gateway;

/// A frame that was taken in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FrameAccepted {
    /// Finds its results among the sightings and the live events.
    frame_id: FrameId,
}

/// Sends one frame to an active session.
///
/// With a camera's key in `Authorization: Bearer` or `x-api-key`, or with the token of a user who may. Frames are
/// perishable: one that waits too long, or that a newer one of the same camera overtakes, is dropped and counted.
#[utoipa::path(post, path = "/api/v1/sessions/{session_id}/frames", tag = "frames",
    params(("session_id" = SessionId, Path)), security(("token" = []), ("camera_key" = [])),
    request_body(content = Vec<u8>, content_type = "image/jpeg", description = "A JPEG of at most 10 MiB."),
    responses((status = 202, description = "It will be looked at.", body = FrameAccepted)))]
pub(crate) async fn send_frame(
    sender: FrameSender,
    gateway: Data<Gateway>,
    path: Path<SessionId>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    if body::media_type(request.headers()).as_deref() != Some("image/jpeg") {
        return Err(ApiError::UnsupportedMediaType { expected: "image/jpeg" });
    }
    let session = session_for(&mut *gateway.connection().await?, &sender, path.into_inner()).await?;
    let _memory = body::admit(&gateway.admission, request.headers(), FRAME_BYTES)?;
    let bytes = body::read_frame(payload).await?;
    let frame_id = publish(&gateway, &sender, &session, bytes).await?;
    Ok(HttpResponse::Accepted().json(Json(FrameAccepted { frame_id })))
}

/// The session, when it takes frames from `sender`.
pub(crate) async fn session_for(conn: &mut Conn, sender: &FrameSender, id: SessionId) -> Result<Session, ApiError> {
    let session = store::sessions::find(conn, sender.organization_id(), id).await?;
    if !sender.may_send_to(&session) {
        return Err(ApiError::Forbidden);
    }
    match session.state {
        SessionState::Active => Ok(session),
        SessionState::Scheduled | SessionState::Closed => Err(ApiError::SessionNotActive),
    }
}

/// Checks the bytes of a frame and hands it to the broker.
pub(crate) async fn publish(
    gateway: &Gateway,
    sender: &FrameSender,
    session: &Session,
    jpeg: Bytes,
) -> Result<FrameId, ApiError> {
    if inspect(&jpeg).map_err(ApiError::Picture)?.format != PictureFormat::Jpeg {
        return Err(ApiError::UnsupportedMediaType { expected: "image/jpeg" });
    }
    let header = FrameHeader {
        frame_id: FrameId::new(),
        organization_id: session.organization_id,
        session_id: session.id,
        course_id: session.course_id,
        camera_id: sender.camera_id(),
        received_at: clock::now(),
    };
    gateway.broker.publish_frame(&header, jpeg).await?;
    metrics::counter!("rollcall_frames_accepted_total").increment(1);
    Ok(header.frame_id)
}
