//! The WebSocket to the gateway: opened, and opened again when it is lost.

use std::time::Duration;

use reqwest::header::AUTHORIZATION;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::conversation::{End, Link};
use super::ledger::Ledger;
use super::{LinkError, Target, tell};
use crate::backoff::Backoff;
use crate::feeder::Keep;
use crate::notice::Notice;
use crate::refusal::{Problem, Verdict};
use crate::slot::Slot;
use crate::source::Picture;

const CONNECT_TIME: Duration = Duration::from_secs(10);

/// An open WebSocket.
pub(super) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// What comes of trying to connect.
enum Attempt {
    Connected(Box<Socket>),
    NotActive(String),
    Later(String),
}

pub(super) async fn send_all(
    target: &Target,
    slot: &Slot<Picture>,
    notices: &mpsc::Sender<Notice>,
) -> Result<(), LinkError> {
    let (ledger, backoff) = (Ledger::new(target.patience), Backoff::default());
    let mut link = Link { keep: target.keep, slot, notices, ledger, backoff, again: None };
    let mut was_connected = false;
    loop {
        let end = match connect(target).await? {
            Attempt::Connected(socket) => {
                was_connected = true;
                tell(notices, Notice::Connected).await;
                link.converse(*socket).await?
            }
            // A session that took frames and does so no longer is over; another one may not have begun.
            Attempt::NotActive(_) if was_connected => End::SessionOver,
            Attempt::NotActive(reason) | Attempt::Later(reason) => End::Lost(reason),
        };
        match end {
            End::Done => return Ok(()),
            End::SessionOver => return end_with_session(&link).await,
            End::Lost(reason) => {
                let wait = link.backoff.next();
                tell(notices, Notice::Waiting { reason, wait }).await;
                tokio::time::sleep(wait).await;
            }
        }
        link.give_up_late().await;
        if link.is_finished() {
            return Ok(());
        }
    }
}

async fn connect(target: &Target) -> Result<Attempt, LinkError> {
    let wrong = |_unusable: tungstenite::Error| LinkError::Address(target.gateway.clone());
    let mut request = target.address("ws", &["stream"])?.as_str().into_client_request().map_err(wrong)?;
    request.headers_mut().insert(AUTHORIZATION, target.authorization()?);
    match timeout(CONNECT_TIME, connect_async(request)).await {
        Ok(Ok((socket, _))) => Ok(Attempt::Connected(Box::new(socket))),
        Ok(Err(tungstenite::Error::Http(answer))) => {
            let body = answer.body().as_deref().unwrap_or_default();
            let problem = Problem::from_answer(answer.status().as_u16(), body);
            match problem.verdict() {
                Verdict::GiveUp => Err(LinkError::refused(&problem)),
                Verdict::NotActive => Ok(Attempt::NotActive(problem.to_string())),
                Verdict::TryLater | Verdict::SkipFrame => Ok(Attempt::Later(problem.to_string())),
            }
        }
        Ok(Err(error)) => Ok(Attempt::Later(format!("the gateway cannot be reached: {error}"))),
        Err(_elapsed) => Ok(Attempt::Later("the gateway did not answer in time".to_owned())),
    }
}

async fn end_with_session(link: &Link<'_>) -> Result<(), LinkError> {
    tell(link.notices, Notice::SessionClosed).await;
    let is_unsent = link.again.is_some() || !link.slot.is_finished();
    if link.keep == Keep::Every && is_unsent { Err(LinkError::SessionOver) } else { Ok(()) }
}
