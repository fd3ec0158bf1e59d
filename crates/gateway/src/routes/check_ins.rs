//! Checking oneself in and out: by the code that a room shows, or by a PIN at a kiosk.

use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse, http::header::CACHE_CONTROL};
use chrono::{DateTime, Utc};
use domain::attendance::{AttendanceChange, CheckMethod, NewAttendanceEvent, Window};
use domain::audit::AuditActor;
use domain::id::{OrganizationId, PersonId, SessionId};
use domain::session::{Session, SessionState};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use store::Conn;
use store::check_ins::PinCheck;
use utoipa::ToSchema;

use crate::auth::access::Myself;
use crate::auth::sender::FrameSender;
use crate::clock;
use crate::error::ApiError;
use crate::routes::marking::{Direction, Marked, announce, carry_out};
use crate::state::Gateway;
use crate::validation::Validation;

/// The code that a room shows now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RoomCode {
    /// What the picture says.
    #[schema(example = "AZ4l.120000000.3q2-7w")]
    qr: String,
    /// When the next one is to be fetched. This one is good for 15 seconds longer.
    next_at: DateTime<Utc>,
}

/// Somebody who has seen the code of a room.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCheckIn {
    /// What the picture says.
    qr: String,
    /// What the device calls itself, always the same: 8 to 200 characters, such as a random number that the app keeps.
    #[schema(min_length = 8, max_length = 200)]
    device: String,
    /// Coming, where it is not said.
    #[serde(default)]
    direction: Direction,
}

/// Somebody at a kiosk.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPinCheckIn {
    /// Roll number, PRN or staff number.
    external_id: String,
    /// 4 to 8 digits.
    pin: String,
    /// Coming, where it is not said.
    #[serde(default)]
    direction: Direction,
}

/// Shows the code with which people check in to a session, for a screen in the room. There is a new one every 15 seconds.
///
/// For staff, and for a camera or kiosk with its key.
#[utoipa::path(get, path = "/api/v1/sessions/{session_id}/qr", tag = "check-in",
    params(("session_id" = SessionId, Path)), security(("token" = []), ("camera_key" = []), ("camera_bearer" = [])),
    responses((status = 200, description = "The code of this moment.", body = RoomCode)))]
pub(crate) async fn show_code(
    sender: FrameSender,
    gateway: Data<Gateway>,
    path: Path<SessionId>,
) -> Result<HttpResponse, ApiError> {
    let mut conn = gateway.connection().await?;
    let session = store::sessions::find(&mut conn, sender.organization_id(), path.into_inner()).await?;
    check_open(&sender, &session)?;
    let code = gateway.qr.issue(session.id, clock::now())?;
    let body = RoomCode { qr: code.text, next_at: code.next_at };
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(body))
}

/// Checks oneself in or out with the code that the room shows.
///
/// One device is one person's in a session. Who is in already and comes, or is out and goes, is answered how they stand.
#[utoipa::path(post, path = "/api/v1/sessions/{session_id}/check-in", tag = "check-in",
    params(("session_id" = SessionId, Path)),
    responses((status = 200, description = "How one stands now.", body = Marked)))]
pub(crate) async fn check_in(
    me: Myself,
    gateway: Data<Gateway>,
    path: Path<SessionId>,
    body: Json<NewCheckIn>,
) -> Result<Json<Marked>, ApiError> {
    let (now, session_id) = (clock::now(), path.into_inner());
    let mut validation = Validation::default();
    if !(8..=200).contains(&body.device.chars().count()) {
        validation.wrong("/device", "out_of_range", "must have 8 to 200 characters");
    }
    validation.finish(())?;
    let device = Sha256::new_with_prefix(session_id.uuid().as_bytes()).chain_update(&body.device).finalize().into();
    let comer = Comer {
        organization_id: me.organization_id,
        person_id: me.person_id,
        direction: body.direction,
        method: CheckMethod::Qr,
        actor: AuditActor::User(me.user.actor.user_id),
        now,
    };
    let (marked, change) = gateway
        .change(async |tx| {
            let session = store::attendance::lock_session(tx, me.organization_id, session_id).await?;
            if session.state != SessionState::Active {
                return Err(ApiError::SessionNotActive);
            }
            if !gateway.qr.is_good(&body.qr, session_id, now) {
                return Err(ApiError::invalid("/qr", "invalid", "is not the code of this session, or not any more"));
            }
            store::check_ins::claim_device(tx, &session, &device, me.person_id).await?;
            let done = comer.carry_out(tx, &session).await?;
            if let Some(details) = comer.details(&session, &done.0) {
                let entry =
                    me.user.entry(Some(me.organization_id), comer.direction.action(), me.person_id.uuid(), details);
                store::audit::append(tx, &entry).await?;
            }
            Ok(done)
        })
        .await?;
    announce(&gateway, me.organization_id, session_id, change).await;
    Ok(Json(marked))
}

/// Checks somebody in or out at a kiosk, by external id and PIN.
///
/// After five wrong PINs in a row nobody gets in with that external id for 15 minutes, whether there is such a person or
/// not. The answer to a wrong PIN and to an unknown external id is the same.
#[utoipa::path(post, path = "/api/v1/sessions/{session_id}/pin-check-ins", tag = "check-in",
    params(("session_id" = SessionId, Path)), security(("token" = []), ("camera_key" = []), ("camera_bearer" = [])),
    responses((status = 200, description = "How they stand now.", body = Marked)))]
pub(crate) async fn check_in_by_pin(
    sender: FrameSender,
    gateway: Data<Gateway>,
    path: Path<SessionId>,
    body: Json<NewPinCheckIn>,
    request: HttpRequest,
) -> Result<Json<Marked>, ApiError> {
    let (now, organization_id, session_id) = (clock::now(), sender.organization_id(), path.into_inner());
    let mut conn = gateway.connection().await?;
    let session = store::sessions::find(&mut conn, organization_id, session_id).await?;
    check_open(&sender, &session)?;
    let external_id = body.external_id.trim();
    let subject =
        Sha256::new_with_prefix(organization_id.uuid().as_bytes()).chain_update(external_id).finalize().into();
    let of = (external_id, &subject);
    let checked = store::check_ins::check_pin(&mut conn, &gateway.sealer, organization_id, of, &body.pin, now).await?;
    drop(conn);
    let person_id = match checked {
        PinCheck::Right(person_id) => person_id,
        PinCheck::Wrong => return Err(ApiError::WrongPin),
        PinCheck::Locked { until } => {
            let seconds = u64::try_from((until - now).num_seconds()).unwrap_or(0) + 1;
            return Err(ApiError::TooManyAttempts { seconds });
        }
    };
    let (direction, method, actor) = (body.direction, CheckMethod::Pin, sender.audit_actor());
    let comer = Comer { organization_id, person_id, direction, method, actor, now };
    let (marked, change) = gateway
        .change(async |tx| {
            let session = store::attendance::lock_session(tx, organization_id, session_id).await?;
            let done = comer.carry_out(tx, &session).await?;
            if let Some(details) = comer.details(&session, &done.0) {
                let entry = sender.entry(&request, direction.action(), person_id.uuid(), details);
                store::audit::append(tx, &entry).await?;
            }
            Ok(done)
        })
        .await?;
    announce(&gateway, organization_id, session_id, change).await;
    Ok(Json(marked))
}

fn check_open(sender: &FrameSender, session: &Session) -> Result<(), ApiError> {
    if !sender.may_send_to(session) {
        return Err(ApiError::Forbidden);
    }
    if session.state == SessionState::Active { Ok(()) } else { Err(ApiError::SessionNotActive) }
}

/// Somebody who comes or goes by themselves.
struct Comer {
    organization_id: OrganizationId,
    person_id: PersonId,
    direction: Direction,
    method: CheckMethod,
    actor: AuditActor,
    now: DateTime<Utc>,
}

impl Comer {
    async fn carry_out(
        &self,
        tx: &mut Conn,
        session: &Session,
    ) -> Result<(Marked, Option<AttendanceChange>), ApiError> {
        let (organization_id, person_id, at) = (self.organization_id, self.person_id, self.now);
        if session.state != SessionState::Active {
            return Err(ApiError::SessionNotActive);
        }
        if !store::check_ins::is_on_roster(tx, session, person_id).await? {
            return Err(ApiError::NotOnRoster);
        }
        let stands = store::attendance::find(tx, organization_id, session.id, person_id).await?;
        let (has_come, is_out) = (stands.first_seen_at.is_some(), stands.checked_out_at.is_some());
        match self.direction {
            Direction::In if has_come && !is_out => return Ok((Marked::already(stands), None)),
            Direction::In if !has_come && !Window::of(session).holds(at) => return Err(ApiError::OutsideHours),
            Direction::Out if !has_come => return Err(ApiError::NotCheckedIn),
            Direction::Out if is_out => return Ok((Marked::already(stands), None)),
            Direction::In | Direction::Out => {}
        }
        let new = NewAttendanceEvent {
            organization_id,
            session_id: session.id,
            person_id,
            act: self.direction.act(self.method),
            reason: None,
            at,
            recorded_at: at,
            actor: self.actor,
        };
        carry_out(tx, session, &new).await
    }

    /// What the audit log is told; nothing where nothing was done.
    fn details(&self, session: &Session, marked: &Marked) -> Option<serde_json::Value> {
        let event_id = marked.event_id?;
        Some(json!({"session_id": session.id, "event_id": event_id, "method": self.method}))
    }
}
