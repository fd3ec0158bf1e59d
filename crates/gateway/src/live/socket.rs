//! One WebSocket: what the hub says goes out, heartbeats are kept, binary messages come in.

use std::time::Duration;

use actix_web::http::header;
use actix_web::web::{Bytes, Payload};
use actix_web::{HttpRequest, HttpResponse};
use actix_ws::{AggregatedMessage, AggregatedMessageStream, CloseCode, CloseReason, Session};
use tokio::time::{Instant, Interval, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use crate::error::ApiError;
use crate::live::hub::Feed;
use crate::state::Gateway;

/// How long a message may take to leave before the socket is given up.
const LONGEST_SEND: Duration = Duration::from_secs(10);

/// An open WebSocket.
pub(crate) struct Socket {
    session: Session,
    incoming: AggregatedMessageStream,
    feed: Feed,
    shutdown: CancellationToken,
    heartbeat: Interval,
    heard_since_beat: bool,
}

/// What a socket does next.
enum Step {
    Send(String),
    Beat,
    Heard(AggregatedMessage),
    End(Option<CloseReason>),
}

/// Refuses a request that is no beginning of a WebSocket, before anything is used up for it.
pub(crate) fn require_upgrade(request: &HttpRequest) -> Result<(), ApiError> {
    let upgrade = request.headers().get(header::UPGRADE).and_then(|value| value.to_str().ok());
    if upgrade.is_some_and(|protocol| protocol.eq_ignore_ascii_case("websocket")) {
        return Ok(());
    }
    Err(ApiError::WebsocketRequired { reason: "send the header `Upgrade: websocket`".to_owned() })
}

impl Socket {
    /// Makes a WebSocket of `request`, for messages of at most `largest` bytes; answers with what to send back.
    pub(crate) fn open(
        gateway: &Gateway,
        request: &HttpRequest,
        payload: Payload,
        feed: Feed,
        largest: usize,
    ) -> Result<(HttpResponse, Self), ApiError> {
        let (response, session, incoming) = actix_ws::handle(request, payload)
            .map_err(|error| ApiError::WebsocketRequired { reason: error.to_string() })?;
        let beat = gateway.live.heartbeat();
        let mut heartbeat = tokio::time::interval_at(Instant::now() + beat, beat);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let incoming = incoming.max_frame_size(largest).aggregate_continuations().max_continuation_size(largest);
        let shutdown = gateway.closing.clone();
        Ok((response, Self { session, incoming, feed, shutdown, heartbeat, heard_since_beat: true }))
    }

    /// The next binary message; in the meantime all that the hub says is passed on.
    ///
    /// `None` when the socket is over: the other side left, missed a heartbeat or was too slow, or we are stopping.
    pub(crate) async fn next_binary(&mut self) -> Option<Bytes> {
        loop {
            let step = self.wait().await;
            let goes_on = match step {
                Step::Send(text) => self.send(text).await,
                Step::Beat => self.beat().await,
                Step::Heard(AggregatedMessage::Binary(bytes)) => {
                    self.heard_since_beat = true;
                    return Some(bytes);
                }
                Step::Heard(message) => self.hear(message).await,
                Step::End(reason) => {
                    let _ = self.session.clone().close(reason).await;
                    false
                }
            };
            if !goes_on {
                return None;
            }
        }
    }

    /// Sends a text message; whether the socket is still good.
    pub(crate) async fn send(&mut self, text: String) -> bool {
        matches!(tokio::time::timeout(LONGEST_SEND, self.session.text(text)).await, Ok(Ok(())))
    }

    /// Says goodbye.
    pub(crate) async fn close(self, code: CloseCode) {
        let _ = tokio::time::timeout(LONGEST_SEND, self.session.close(Some(code.into()))).await;
    }

    async fn wait(&mut self) -> Step {
        tokio::select! {
            () = self.shutdown.cancelled() => Step::End(Some(CloseCode::Away.into())),
            _ = self.heartbeat.tick() => Step::Beat,
            message = self.feed.next() => match message {
                Some(text) => Step::Send(text.to_string()),
                None => Step::End(Some(CloseCode::Away.into())),
            },
            message = self.incoming.recv() => match message {
                Some(Ok(message)) => Step::Heard(message),
                Some(Err(error)) => Step::End(Some(close_reason(&error))),
                None => Step::End(None),
            },
        }
    }

    /// Asks for a sign of life; `false` when the last one that was asked for has not come.
    async fn beat(&mut self) -> bool {
        let is_alive = std::mem::replace(&mut self.heard_since_beat, false);
        is_alive && matches!(tokio::time::timeout(LONGEST_SEND, self.session.ping(b"")).await, Ok(Ok(())))
    }

    async fn hear(&mut self, message: AggregatedMessage) -> bool {
        self.heard_since_beat = true;
        match message {
            AggregatedMessage::Ping(bytes) => self.session.pong(&bytes).await.is_ok(),
            AggregatedMessage::Close(reason) => {
                let _ = self.session.clone().close(reason).await;
                false
            }
            AggregatedMessage::Pong(_) | AggregatedMessage::Text(_) | AggregatedMessage::Binary(_) => true,
        }
    }
}

fn close_reason(error: &actix_ws::ProtocolError) -> CloseReason {
    match error {
        actix_ws::ProtocolError::Overflow => CloseCode::Size.into(),
        _ => CloseCode::Protocol.into(),
    }
}
