//! The live WebSocket, as a panel would hold it.

use std::time::Duration;

use anyhow::{Context, bail};
use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::client::Client;

/// An open live WebSocket.
pub struct Live {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Live {
    /// Takes a one-time ticket and opens the WebSocket with it.
    ///
    /// # Errors
    /// When the gateway refuses.
    pub async fn open(client: &Client) -> anyhow::Result<Self> {
        let answer = client.post("live/tickets", &json!({})).await?;
        let ticket = answer["ticket"].as_str().context("the answer has no ticket")?;
        let address = format!("{}/api/v1/live?ticket={ticket}", client.base().replacen("http", "ws", 1));
        let (socket, _) = connect_async(&address).await.context("open the live WebSocket")?;
        Ok(Self { socket })
    }

    /// The next message, within `limit`.
    ///
    /// # Errors
    /// When the socket closes, or nothing comes in time.
    pub async fn next(&mut self, limit: Duration) -> anyhow::Result<Value> {
        let wait = async {
            while let Some(message) = self.socket.next().await {
                if let Message::Text(text) = message? {
                    return Ok(serde_json::from_str(&text)?);
                }
            }
            bail!("the live WebSocket closed")
        };
        tokio::time::timeout(limit, wait).await.context("nothing came over the live WebSocket in time")?
    }

    /// The next message of this type, within `limit`; others are passed over.
    ///
    /// # Errors
    /// When the socket closes, or nothing comes in time.
    pub async fn next_of(&mut self, kind: &str, limit: Duration) -> anyhow::Result<Value> {
        let wait = async {
            loop {
                let event = self.next(limit).await?;
                if event["type"] == kind {
                    return Ok(event);
                }
            }
        };
        tokio::time::timeout(limit, wait).await.with_context(|| format!("no {kind} came in time"))?
    }
}
