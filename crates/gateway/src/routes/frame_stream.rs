//! A WebSocket on which a camera sends frames and hears what was recognised in them.

use actix_web::web::{Bytes, Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use domain::id::{FrameId, SessionId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::sender::FrameSender;
use crate::error::ApiError;
use crate::limits::FRAME_BYTES;
use crate::live::hub::Interest;
use crate::live::socket::Socket;
use crate::problem::Problem;
use crate::request::RequestId;
use crate::routes::frames::{header, publish, session_for};
use crate::state::Gateway;

/// Room for a frame that is a little too large, so that it gets its own answer and does not end the socket.
const LARGEST_MESSAGE: usize = FRAME_BYTES + 1024 * 1024;

/// The answer to each binary message; between them come the session's events, and `{"type":"resync"}`.
#[derive(Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum FrameAnswer {
    /// The frame was taken in.
    FrameAccepted {
        /// Finds its results.
        frame_id: FrameId,
    },
    /// The frame was refused; the socket stays open.
    FrameRefused {
        /// Why.
        problem: Box<Problem>,
    },
}

/// Opens a WebSocket for the frames of an active session.
///
/// Send each JPEG as one binary message; each is answered, in order, by a `FrameAnswer` as text. Between the answers
/// come, as on the live WebSocket, `frame_recognized` for this camera's frames, `session_changed` and `resync`.
/// While an answer is owed, no more is read: a camera sends the newest frame when it is answered.
#[utoipa::path(get, path = "/api/v1/sessions/{session_id}/frames/stream", tag = "frames",
    params(("session_id" = SessionId, Path)), security(("token" = []), ("camera_key" = [])),
    responses((status = 101, description = "The socket is open.")))]
pub(crate) async fn stream_frames(
    sender: FrameSender,
    gateway: Data<Gateway>,
    path: Path<SessionId>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    let session_id = path.into_inner();
    session_for(&mut *gateway.connection().await?, &sender, session_id).await?;
    let interest = Interest::Frames(session_id, sender.camera_id());
    let feed = gateway.hub.join(sender.organization_id(), interest).await?;
    let (response, socket) = Socket::open(&gateway, &request, payload, feed, LARGEST_MESSAGE)?;
    let request_id = RequestId::of(&request);
    let serving = serve(gateway.clone(), socket, sender, session_id, request_id);
    actix_web::rt::spawn(gateway.sockets.track_future(serving));
    Ok(response)
}

async fn serve(
    gateway: Data<Gateway>,
    mut socket: Socket,
    sender: FrameSender,
    session_id: SessionId,
    request_id: RequestId,
) {
    while let Some(jpeg) = socket.next_binary().await {
        let answer = match take_in(&gateway, &sender, session_id, jpeg).await {
            Ok(frame_id) => FrameAnswer::FrameAccepted { frame_id },
            Err(error) => {
                crate::request::log_failure(&error);
                let problem = Problem::new(&error, request_id.as_str(), None);
                FrameAnswer::FrameRefused { problem: Box::new(problem) }
            }
        };
        let text = serde_json::to_string(&answer).expect("an answer is plain JSON");
        if !socket.send(text).await {
            break;
        }
    }
}

async fn take_in(
    gateway: &Gateway,
    sender: &FrameSender,
    session_id: SessionId,
    jpeg: Bytes,
) -> Result<FrameId, ApiError> {
    gateway.rates.check_frame(sender.source())?;
    let _memory = gateway.admission.admit(jpeg.len())?;
    let session = {
        let mut conn = gateway.connection().await?;
        sender.check_still_good(&mut conn).await?;
        session_for(&mut conn, sender, session_id).await?
    };
    let header = header(sender, &session);
    publish(gateway, &header, jpeg).await?;
    Ok(header.frame_id)
}
