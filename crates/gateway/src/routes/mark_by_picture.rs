//! `/attendance/mark`: one picture in, names out, at once. For those who come from systems that have it.
//!
//! It is a frame of an active session whose sender waits, no more: the same checks, queue, workers and records.

use std::time::Duration;

use actix_web::web::{Bytes, Data, Payload, Query};
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use domain::attendance::AttendanceState;
use domain::id::{CourseId, FrameId, OrganizationId, PersonId, SessionId};
use domain::picture::MAX_BYTES;
use domain::session::Session;
use domain::sighting::{Outcome, Sighting};
use serde::{Deserialize, Serialize};
use store::Conn;
use utoipa::{IntoParams, ToSchema};

use crate::auth::sender::FrameSender;
use crate::body;
use crate::error::ApiError;
use crate::live::hub::Interest;
use crate::live::waiting::{RecognizedFrame, WaitQuery, frame_result};
use crate::routes::frames::{header, publish, requires_liveness, session_for};
use crate::routes::photos::{self, File, Form};
use crate::state::Gateway;

/// A little more than one picture, for the form around it.
const FORM: Form = Form { field: "file", photos: 1, bytes: MAX_BYTES + 64 * 1024 };
const EXPECTED: &str = "image/jpeg or multipart/form-data";
/// How long is waited where it is not said.
const USUAL_WAIT: Duration = Duration::from_secs(10);
/// One session too many shows that there are several.
const ENOUGH_SESSIONS: i64 = 1000;

/// One picture.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the multipart body in the OpenAPI document")]
pub(crate) struct OneFile {
    /// A JPEG of at most 10 MiB.
    file: File,
}

/// Which session a picture is of.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct MarkQuery {
    /// The session; may be left out where exactly one active session can be meant.
    session_id: Option<SessionId>,
    /// Seconds to wait for the result, 1 to 10; 10 where it is not said.
    #[param(minimum = 1, maximum = 10, default = 10)]
    wait: Option<u64>,
}

/// Who was found in a picture.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MarkedByPicture {
    session_id: SessionId,
    course_id: CourseId,
    frame_id: FrameId,
    /// When the picture was taken in: the time of each mark.
    timestamp: DateTime<Utc>,
    /// One per face; empty where there was none.
    faces: Vec<MarkedFace>,
}

/// A face of a picture.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MarkedFace {
    /// Name as people say it; `null` for nobody that we know.
    name: Option<String>,
    /// Roll number, PRN or staff number.
    external_id: Option<String>,
    person_id: Option<PersonId>,
    /// What was recognised: `present` where this picture marked the person, `already` where they were marked before.
    status: Outcome,
    /// How the person stands in the session now.
    attendance: Option<AttendanceState>,
    /// When they first came to the session.
    first_seen_at: Option<DateTime<Utc>>,
    /// Similarity to the closest person: raw cosine, -1 to 1, not a probability.
    similarity: Option<f32>,
    /// What `similarity` was held against.
    threshold: Option<f32>,
    timestamp: DateTime<Utc>,
}

/// A picture whose result was not known in time.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MarkAccepted {
    session_id: SessionId,
    /// Finds its results among the sightings and the live events.
    frame_id: FrameId,
}

/// Marks those in a picture as present, and answers who they are.
///
/// The body is a JPEG, or a form with the field `file`. It is a frame of the session as those of
/// `/sessions/{session_id}/frames` are, with a camera's key or the token of a user who may. Where no session is named it
/// is the only active one that the sender can mean: one of the teacher's own courses, or of the course or session that the
/// camera is bound to; several are the problem `session_ambiguous`.
#[utoipa::path(post, path = "/api/v1/attendance/mark", tag = "familiar addresses", params(MarkQuery),
    security(("token" = []), ("camera_key" = [])),
    request_body(content((Vec<u8> = "image/jpeg"), (OneFile = "multipart/form-data")),
        description = "A JPEG of at most 10 MiB."),
    responses((status = 200, description = "It was looked at in time.", body = MarkedByPicture),
        (status = 202, description = "It will be looked at.", body = MarkAccepted)))]
pub(crate) async fn mark_attendance(
    sender: FrameSender,
    gateway: Data<Gateway>,
    query: Query<MarkQuery>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    let longest = WaitQuery { wait: query.wait }.read()?.unwrap_or(USUAL_WAIT);
    if sender.camera_id().is_some() {
        // Users were counted before they came here.
        gateway.rates.check_frame(sender.source())?;
    }
    let media_type = body::media_type(request.headers());
    let session = meant_session(&mut *gateway.connection().await?, &sender, query.session_id).await?;
    let memory = body::admit(&gateway.admission, request.headers(), FORM.bytes)?;
    let jpeg: Bytes = match media_type.as_deref() {
        Some("image/jpeg") => body::read_frame(payload).await?,
        Some("multipart/form-data") => {
            let photo = photos::read(request.headers(), payload, FORM).await?.pop().expect("a form holds a photo");
            photo.picture.map_err(ApiError::Picture)?
        }
        _ => return Err(ApiError::UnsupportedMediaType { expected: EXPECTED }),
    };
    let header = header(&sender, &session);
    let frame_id = header.frame_id;
    let feed = gateway.hub.join(session.organization_id, Interest::Frame(frame_id)).await?;
    publish(&gateway, &header, jpeg).await?;
    drop(memory);
    match frame_result(&gateway, feed, session.organization_id, session.id, frame_id, longest).await? {
        None => Ok(HttpResponse::Accepted().json(MarkAccepted { session_id: session.id, frame_id })),
        Some(result) if result.is_suspected() && requires_liveness(&gateway, &session).await? => {
            Err(ApiError::SpoofSuspected { result: Box::new(result) })
        }
        Some(result) => {
            let mut conn = gateway.connection().await?;
            Ok(HttpResponse::Ok().json(marked(&mut conn, &session, header.received_at, result).await?))
        }
    }
}

/// The session that a picture is of, when it takes pictures from `sender`.
async fn meant_session(conn: &mut Conn, sender: &FrameSender, named: Option<SessionId>) -> Result<Session, ApiError> {
    if let Some(id) = named {
        return session_for(conn, sender, id).await;
    }
    let (organization_id, courses): (OrganizationId, _) = match sender {
        FrameSender::Camera(camera, _) => (camera.organization_id, None),
        FrameSender::User(access) => (access.organization_id, access.own_courses(conn).await?),
    };
    let mut active = store::doors::active_sessions(conn, organization_id, courses.as_deref(), ENOUGH_SESSIONS).await?;
    active.retain(|session| sender.may_send_to(session));
    match (active.pop(), active.is_empty()) {
        (None, _) => Err(ApiError::SessionNotActive),
        (Some(session), true) => Ok(session),
        (Some(_), false) => Err(ApiError::SessionAmbiguous),
    }
}

async fn marked(
    conn: &mut Conn,
    session: &Session,
    timestamp: DateTime<Utc>,
    result: RecognizedFrame,
) -> Result<MarkedByPicture, ApiError> {
    let RecognizedFrame { frame_id, sightings, people, .. } = result;
    let named: Vec<PersonId> = sightings.iter().filter_map(|sighting| sighting.person_id).collect();
    let standing = store::doors::standing(conn, session.organization_id, session.id, &named).await?;
    let face = |sighting: Sighting| {
        let label = people.iter().find(|label| Some(label.person_id) == sighting.person_id);
        let stands = standing.iter().find(|standing| Some(standing.person_id) == sighting.person_id);
        MarkedFace {
            name: label.map(|label| label.name.clone()),
            external_id: label.map(|label| label.external_id.clone()),
            person_id: sighting.person_id,
            status: sighting.outcome,
            attendance: stands.map(|stands| stands.state),
            first_seen_at: stands.and_then(|stands| stands.first_seen_at),
            similarity: sighting.similarity,
            threshold: sighting.threshold,
            timestamp,
        }
    };
    let faces = sightings.into_iter().map(face).collect();
    Ok(MarkedByPicture { session_id: session.id, course_id: session.course_id, frame_id, timestamp, faces })
}
