//! Frames on their way to a worker.

use actix_web::web::{Bytes, Data, Path, Payload, Query};
use actix_web::{HttpRequest, HttpResponse};
use domain::frame::FrameHeader;
use domain::id::{FrameId, SessionId};
use domain::organization::LivenessPolicy;
use domain::session::{Session, SessionState};
use serde::Serialize;
use store::Conn;
use utoipa::ToSchema;

use crate::auth::sender::FrameSender;
use crate::body;
use crate::clock;
use crate::error::ApiError;
use crate::limits::FRAME_BYTES;
use crate::live::hub::Interest;
use crate::live::waiting::{RecognizedFrame, WaitQuery, frame_result};
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
/// With `wait` the answer is what was recognised, when it is known in time. Where the organization requires liveness and
/// a face looks like a picture of a face, it is the problem `spoof_suspected`, which holds what was recognised.
#[utoipa::path(post, path = "/api/v1/sessions/{session_id}/frames", tag = "frames",
    params(("session_id" = SessionId, Path), WaitQuery), security(("token" = []), ("camera_key" = [])),
    request_body(content = Vec<u8>, content_type = "image/jpeg", description = "A JPEG of at most 10 MiB."),
    responses((status = 200, description = "It was looked at in time.", body = RecognizedFrame),
        (status = 202, description = "It will be looked at.", body = FrameAccepted)))]
pub(crate) async fn send_frame(
    sender: FrameSender,
    gateway: Data<Gateway>,
    path: Path<SessionId>,
    query: Query<WaitQuery>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    let wait = query.read()?;
    if sender.camera_id().is_some() {
        // Users were counted before they came here.
        gateway.rates.check_frame(sender.source())?;
    }
    body::require_jpeg(request.headers())?;
    let session = session_for(&mut *gateway.connection().await?, &sender, path.into_inner()).await?;
    let memory = body::admit(&gateway.admission, request.headers(), FRAME_BYTES)?;
    let bytes = body::read_frame(payload).await?;
    let header = header(&sender, &session);
    let frame_id = header.frame_id;
    let accepted = HttpResponse::Accepted().json(FrameAccepted { frame_id });
    let Some(longest) = wait else {
        publish(&gateway, &header, bytes).await?;
        return Ok(accepted);
    };
    let feed = gateway.hub.join(session.organization_id, Interest::Frame(frame_id)).await?;
    publish(&gateway, &header, bytes).await?;
    drop(memory);
    match frame_result(&gateway, feed, session.organization_id, session.id, frame_id, longest).await? {
        None => Ok(accepted),
        Some(result) if result.is_suspected() && requires_liveness(&gateway, &session).await? => {
            Err(ApiError::SpoofSuspected { result: Box::new(result) })
        }
        Some(result) => Ok(HttpResponse::Ok().json(result)),
    }
}

/// Whether a picture of a face is a problem in this session.
pub(crate) async fn requires_liveness(gateway: &Gateway, session: &Session) -> Result<bool, ApiError> {
    let mut conn = gateway.connection().await?;
    let organization = store::organizations::find(&mut conn, session.organization_id).await?;
    Ok(organization.policy.liveness == LivenessPolicy::Required)
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

/// The header of a new frame.
pub(crate) fn header(sender: &FrameSender, session: &Session) -> FrameHeader {
    FrameHeader {
        frame_id: FrameId::new(),
        organization_id: session.organization_id,
        session_id: session.id,
        course_id: session.course_id,
        camera_id: sender.camera_id(),
        received_at: clock::now(),
    }
}

/// Checks the bytes of a frame and hands it to the broker.
pub(crate) async fn publish(gateway: &Gateway, header: &FrameHeader, jpeg: Bytes) -> Result<(), ApiError> {
    body::check_jpeg(&jpeg)?;
    gateway.broker.publish_frame(header, jpeg).await?;
    metrics::counter!("rollcall_frames_accepted_total").increment(1);
    Ok(())
}
