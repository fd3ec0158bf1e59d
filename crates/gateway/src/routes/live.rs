//! Events as they happen.

use std::time::Duration;

use actix_web::web::{Data, Json, Payload, Query};
use actix_web::{HttpRequest, HttpResponse};
use actix_ws::CloseCode;
use domain::id::{OrganizationId, SessionId};
use domain::user::Role;
use serde::{Deserialize, Serialize};
use store::Conn;
use utoipa::{IntoParams, ToSchema};

use crate::auth::access::{Allowed, standing};
use crate::auth::permission::SeeAttendance;
use crate::auth::token::Claimed;
use crate::error::ApiError;
use crate::live::hub::Interest;
use crate::live::socket::{Socket, require_upgrade};
use crate::state::Gateway;

const TICKET_TIME: Duration = Duration::from_secs(30);
/// How many heartbeats pass before it is asked again whether whoever watches still may.
const BEATS_PER_CHECK: u32 = 4;
/// Nothing that a client says on this socket is of interest.
const LARGEST_MESSAGE: usize = 1024;

/// What is to be watched.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTicket {
    /// Only the events of this session. Where it is not said: those of the whole organization for administrators, and
    /// those about no session (enrollments and guided captures) for teachers.
    session_id: Option<SessionId>,
}

/// A ticket for one WebSocket.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Ticket {
    /// Opens `/api/v1/live?ticket=` once.
    ticket: String,
    /// For how many seconds it is good.
    expires_in: u64,
}

/// What a ticket is good for.
#[derive(Debug, Serialize, Deserialize)]
struct Watch {
    organization_id: OrganizationId,
    session_id: Option<SessionId>,
    /// Whose ticket it is.
    by: Claimed,
    /// What they might do when they were given it.
    role: Role,
}

impl Watch {
    /// Whether whoever was given the ticket is still logged in, with the same role.
    async fn is_still_good(&self, conn: &mut Conn) -> Result<bool, ApiError> {
        let standing = standing(conn, self.by).await?;
        Ok(standing.is_some_and(|standing| standing.actor.role == self.role))
    }

    /// Ends when that is not so any more. While the database is away, nobody can tell.
    async fn until_lost(self, gateway: Data<Gateway>) {
        let mut rounds = tokio::time::interval(gateway.live.heartbeat() * BEATS_PER_CHECK);
        loop {
            rounds.tick().await;
            let Ok(mut conn) = gateway.connection().await else { continue };
            if let Ok(false) = self.is_still_good(&mut conn).await {
                return;
            }
        }
    }
}

/// The ticket of a WebSocket.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct TicketQuery {
    /// From `POST /api/v1/live/tickets`.
    ticket: String,
}

/// Makes a ticket for the live WebSocket, good once and for 30 seconds.
///
/// Teachers may watch the sessions of the courses that they teach. A ticket, since browsers cannot send a token with a WebSocket and a token in an address ends up in logs.
#[utoipa::path(post, path = "/api/v1/live/tickets", tag = "live",
    responses((status = 201, description = "The ticket.", body = Ticket)))]
pub(crate) async fn create_ticket(
    access: Allowed<SeeAttendance>,
    gateway: Data<Gateway>,
    body: Json<NewTicket>,
) -> Result<HttpResponse, ApiError> {
    let (organization_id, session_id) = (access.organization_id, body.session_id);
    let watch = Watch { organization_id, session_id, by: access.actor.claimed(), role: access.actor.role };
    if let Some(session_id) = session_id {
        access.require_session(&mut *gateway.connection().await?, session_id).await?;
    }
    let ticket = gateway.redis.issue_ticket(&watch, TICKET_TIME).await?;
    Ok(HttpResponse::Created().json(Ticket { ticket, expires_in: TICKET_TIME.as_secs() }))
}

/// Opens the live WebSocket with a ticket.
///
/// Each text message is an `Event`, or `{"type":"resync"}` when some were missed: then read attendance or sightings
/// again. Open the socket first and read the lists afterwards, and nothing is missed. A socket is closed (1008) within a
/// minute after its user has logged out, was disabled or has another role.
#[utoipa::path(get, path = "/api/v1/live", tag = "live", params(TicketQuery), security(()),
    responses((status = 101, description = "The socket is open.")))]
pub(crate) async fn watch(
    gateway: Data<Gateway>,
    query: Query<TicketQuery>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    require_upgrade(&request)?;
    let watch: Option<Watch> = gateway.redis.redeem_ticket(&query.ticket).await?;
    let watch = watch.ok_or(ApiError::InvalidTicket)?;
    if !watch.is_still_good(&mut *gateway.connection().await?).await? {
        return Err(ApiError::InvalidTicket);
    }
    let interest = match watch.session_id {
        Some(session_id) => Interest::Session(session_id),
        None if watch.role == Role::Admin => Interest::Organization,
        None => Interest::NoSession,
    };
    let feed = gateway.hub.join(watch.organization_id, interest).await?;
    let sockets = gateway.sockets.clone();
    let (response, mut socket) = Socket::open(&gateway, &request, payload, feed, LARGEST_MESSAGE)?;
    let serving = async move {
        let lost = watch.until_lost(gateway.clone());
        let is_lost = tokio::select! {
            () = async { while socket.next_binary().await.is_some() {} } => false,
            () = lost => true,
        };
        if is_lost {
            socket.close(CloseCode::Policy).await;
        }
    };
    actix_web::rt::spawn(sockets.track_future(serving));
    Ok(response)
}
