//! WebSockets.

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::app::{TestApp, in_time};

/// An open WebSocket.
pub(crate) struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// Opens `path` below `/api/v1`; the error is the HTTP answer.
    pub(crate) async fn open(
        app: &TestApp,
        path: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Self, (u16, Value)> {
        let url = format!("{}/api/v1{path}", app.base.replacen("http", "ws", 1));
        let mut request = url.into_client_request().expect("a sound request");
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().expect("a sound header"));
        }
        match in_time(connect_async(request)).await {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(Error::Http(response)) => {
                let body = response.body().as_deref().unwrap_or_default();
                Err((response.status().as_u16(), serde_json::from_slice(body).unwrap_or_default()))
            }
            Err(error) => panic!("no answer: {error}"),
        }
    }

    pub(crate) async fn send(&mut self, bytes: Vec<u8>) {
        in_time(self.0.send(Message::binary(bytes))).await.expect("an open socket");
    }

    /// The next text message; `None` when the socket is closed.
    pub(crate) async fn next(&mut self) -> Option<Value> {
        loop {
            match in_time(self.0.next()).await? {
                Ok(Message::Text(text)) => return Some(serde_json::from_str(&text).expect("JSON")),
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// The next message of this type; others are passed over.
    pub(crate) async fn next_of(&mut self, kind: &str) -> Value {
        loop {
            let message = self.next().await.expect("an open socket");
            if message["type"] == kind {
                return message;
            }
        }
    }
}
