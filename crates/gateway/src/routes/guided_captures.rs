//! Enrollment before a camera, step by step.

use std::time::Duration;

use actix_web::web::{Data, Json, Path, Payload, Query};
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, TimeDelta, Utc};
use domain::audit::{AuditAction, NewAuditEntry};
use domain::guided::{Advice, CaptureFailure, CaptureState, Facing, GuidedCapture, poses};
use domain::id::{EnrollmentId, GuidedCaptureId, OrganizationId, PersonId};
use messaging::LookHeader;
use rand::TryRngCore;
use rand::rngs::OsRng;
use serde::Serialize;
use serde_json::json;
use tokio::time::Instant;
use utoipa::ToSchema;

use crate::auth::access::Allowed;
use crate::auth::permission::{EnrollFaces, SeeDirectory};
use crate::body;
use crate::clock;
use crate::error::ApiError;
use crate::limits::FRAME_BYTES;
use crate::live::hub::{Feed, Interest};
use crate::live::waiting::WaitQuery;
use crate::reply;
use crate::state::Gateway;

/// For how long a capture takes frames.
const CAPTURE_TIME: TimeDelta = TimeDelta::minutes(3);

/// An enrollment before a camera, as it stands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Capture {
    pub id: GuidedCaptureId,
    person_id: PersonId,
    state: CaptureState,
    /// Where the person should look now; `null` once the capture takes no more frames. What comes after it is not told.
    wanted: Option<Facing>,
    /// How many poses were taken.
    taken: usize,
    /// How many there are in all.
    poses: usize,
    /// What the person should do next.
    advice: Option<Advice>,
    /// The same in words.
    advice_text: Option<&'static str>,
    /// Why it was given up.
    failure: Option<CaptureFailure>,
    /// The enrollment that was made of it.
    enrollment_id: Option<EnrollmentId>,
    created_at: DateTime<Utc>,
    /// Until when it takes frames.
    expires_at: DateTime<Utc>,
}

impl Capture {
    fn new(row: &GuidedCapture) -> Self {
        let is_open = row.state == CaptureState::Open;
        Self {
            id: row.id,
            person_id: row.person_id,
            state: row.state,
            wanted: row.wanted().filter(|_| is_open),
            taken: row.taken,
            poses: row.poses.len(),
            advice: row.advice,
            advice_text: row.advice.map(in_words),
            failure: row.failure,
            enrollment_id: row.enrollment_id,
            created_at: row.created_at,
            expires_at: row.expires_at,
        }
    }
}

/// Begins an enrollment before a camera: it asks for one pose after the other.
///
/// It takes frames for three minutes. The order of the sides is drawn anew each time.
#[utoipa::path(post, path = "/api/v1/people/{person_id}/guided-captures", tag = "guided captures",
    params(("person_id" = PersonId, Path)),
    responses((status = 201, description = "It takes frames.", body = Capture)))]
pub(crate) async fn create_guided_capture(
    access: Allowed<EnrollFaces>,
    gateway: Data<Gateway>,
    path: Path<PersonId>,
) -> Result<HttpResponse, ApiError> {
    let entry = |id: GuidedCaptureId, details| access.entry(AuditAction::GuidedCaptureCreated, id.uuid(), details);
    let capture = begin(&gateway, access.organization_id, path.into_inner(), entry).await?;
    Ok(reply::created(format!("/api/v1/guided-captures/{}", capture.id), capture))
}

/// Begins a capture of somebody whose face may be enrolled. `entry` is what the audit log is told of it.
pub(crate) async fn begin(
    gateway: &Gateway,
    organization_id: OrganizationId,
    person_id: PersonId,
    entry: impl FnOnce(GuidedCaptureId, serde_json::Value) -> NewAuditEntry,
) -> Result<Capture, ApiError> {
    let (created_at, coin) = (clock::now(), OsRng.try_next_u32().map_err(ApiError::internal)? & 1 == 1);
    let capture = GuidedCapture {
        id: GuidedCaptureId::new(),
        organization_id,
        person_id,
        state: CaptureState::Open,
        poses: poses(coin),
        taken: 0,
        looks: 0,
        strikes: 0,
        advice: Some(Advice::LookAhead),
        failure: None,
        enrollment_id: None,
        created_at,
        expires_at: created_at + CAPTURE_TIME,
    };
    gateway
        .change(async |tx| {
            store::consents::require(tx, organization_id, person_id).await?;
            store::guided::insert(tx, &capture).await?;
            store::audit::append(tx, &entry(capture.id, json!({"person_id": person_id}))).await?;
            Ok(Capture::new(&capture))
        })
        .await
}

/// Shows a guided capture.
#[utoipa::path(get, path = "/api/v1/guided-captures/{guided_capture_id}", tag = "guided captures",
    params(("guided_capture_id" = GuidedCaptureId, Path)),
    responses((status = 200, description = "The capture.", body = Capture)))]
pub(crate) async fn show_guided_capture(
    access: Allowed<SeeDirectory>,
    gateway: Data<Gateway>,
    path: Path<GuidedCaptureId>,
) -> Result<Json<Capture>, ApiError> {
    shown(&gateway, access.organization_id, None, path.into_inner()).await
}

/// A capture as it is shown; of `owner` only, where one is named.
pub(crate) async fn shown(
    gateway: &Gateway,
    organization_id: OrganizationId,
    owner: Option<PersonId>,
    id: GuidedCaptureId,
) -> Result<Json<Capture>, ApiError> {
    let capture = found(gateway, organization_id, owner, id).await?;
    Ok(Json(Capture::new(&capture)))
}

/// Sends one frame to a guided capture.
///
/// Frames are perishable: one that waits too long is dropped. With `wait` the answer is how the capture stands once a
/// frame was looked at, when that happens in time. On the live WebSocket each is told as `capture_progressed`.
#[utoipa::path(post, path = "/api/v1/guided-captures/{guided_capture_id}/frames", tag = "guided captures",
    params(("guided_capture_id" = GuidedCaptureId, Path), WaitQuery),
    request_body(content = Vec<u8>, content_type = "image/jpeg", description = "A JPEG of at most 10 MiB."),
    responses((status = 200, description = "It was looked at in time.", body = Capture),
        (status = 202, description = "It will be looked at; how the capture stands now.", body = Capture)))]
pub(crate) async fn send_look(
    access: Allowed<EnrollFaces>,
    gateway: Data<Gateway>,
    path: Path<GuidedCaptureId>,
    query: Query<WaitQuery>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    look(&gateway, (access.organization_id, None, path.into_inner()), query.read()?, &request, payload).await
}

/// Takes one frame for a capture, which is of the person where one is named.
pub(crate) async fn look(
    gateway: &Gateway,
    of: (OrganizationId, Option<PersonId>, GuidedCaptureId),
    wait: Option<Duration>,
    request: &HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    let (organization_id, owner, id) = of;
    body::require_jpeg(request.headers())?;
    open_capture(gateway, organization_id, owner, id).await?;
    let memory = body::admit(&gateway.admission, request.headers(), FRAME_BYTES)?;
    let jpeg = body::read_frame(payload).await?;
    body::check_jpeg(&jpeg)?;
    let header = LookHeader::new(organization_id, id, clock::now());
    let feed = match wait {
        Some(longest) => Some((gateway.hub.join(organization_id, Interest::Capture(id)).await?, longest)),
        None => None,
    };
    // The body may have taken its time.
    let before = open_capture(gateway, organization_id, owner, id).await?;
    gateway.broker.publish_look(&header, jpeg).await?;
    metrics::counter!("rollcall_looks_accepted_total").increment(1);
    drop(memory);
    let after = match feed {
        Some((feed, longest)) => looked_at(gateway, feed, &before, longest).await?,
        None => None,
    };
    Ok(match after {
        Some(after) => HttpResponse::Ok().json(Capture::new(&after)),
        None => HttpResponse::Accepted().json(Capture::new(&before)),
    })
}

/// The capture as it is now; of `owner` only, where one is named.
async fn found(
    gateway: &Gateway,
    organization_id: OrganizationId,
    owner: Option<PersonId>,
    id: GuidedCaptureId,
) -> Result<GuidedCapture, ApiError> {
    let mut conn = gateway.connection().await?;
    let capture = store::guided::find(&mut conn, organization_id, id).await?;
    if owner.is_some_and(|owner| owner != capture.person_id) {
        return Err(ApiError::NotFound);
    }
    Ok(as_of(capture, clock::now()))
}

/// The same, when it takes frames.
async fn open_capture(
    gateway: &Gateway,
    organization_id: OrganizationId,
    owner: Option<PersonId>,
    id: GuidedCaptureId,
) -> Result<GuidedCapture, ApiError> {
    let capture = found(gateway, organization_id, owner, id).await?;
    if capture.state == CaptureState::Open { Ok(capture) } else { Err(ApiError::CaptureFinished) }
}

/// The capture once it is not any more as it was `before`, if that is in time. The database is asked each time that the
/// hub has something to say, and at the end.
async fn looked_at(
    gateway: &Gateway,
    mut feed: Feed,
    before: &GuidedCapture,
    longest: Duration,
) -> Result<Option<GuidedCapture>, ApiError> {
    let deadline = Instant::now() + longest;
    loop {
        let heard = tokio::time::timeout_at(deadline, feed.next()).await;
        let mut conn = gateway.connection().await?;
        let capture = store::guided::find(&mut conn, before.organization_id, before.id).await?;
        if (capture.looks, capture.state) != (before.looks, before.state) {
            return Ok(Some(capture));
        }
        if !matches!(heard, Ok(Some(_))) {
            return Ok(None);
        }
    }
}

/// The capture as it is at `now`: one that is past its time has failed, though the sweep may not have said so yet.
fn as_of(capture: GuidedCapture, now: DateTime<Utc>) -> GuidedCapture {
    if capture.state != CaptureState::Open || now <= capture.expires_at {
        return capture;
    }
    let failure = Some(CaptureFailure::Expired);
    GuidedCapture { state: CaptureState::Failed, failure, advice: None, taken: 0, ..capture }
}

fn in_words(advice: Advice) -> &'static str {
    match advice {
        Advice::NextPose => "Well done. Now the next one.",
        Advice::ComeIntoView => "No face is to be seen: come before the camera.",
        Advice::OnePersonOnly => "Several faces are to be seen: only one person, please.",
        Advice::ComeCloser => "Come closer to the camera.",
        Advice::MoreLight => "The face is not clear: turn towards the light and hold still.",
        Advice::LookAhead => "Look straight at the camera.",
        Advice::TurnLeft => "Turn your head to your left.",
        Advice::TurnRight => "Turn your head to your right.",
        Advice::TurnLess => "Turn your head less.",
        Advice::LevelHead => "Hold your head level.",
    }
}
