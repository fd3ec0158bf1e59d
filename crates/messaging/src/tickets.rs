//! Tickets that open a door once.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use deadpool_redis::redis::cmd;
use rand::RngCore;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::MessagingError;
use crate::redis::Redis;

const RANDOM_BYTES: usize = 32;

impl Redis {
    /// A ticket for `grant`, good once and for `lifetime` (whole seconds).
    ///
    /// # Errors
    /// When Redis is away.
    pub async fn issue_ticket<T: Serialize>(&self, grant: &T, lifetime: Duration) -> Result<String, MessagingError> {
        let mut random = [0; RANDOM_BYTES];
        rand::rng().fill_bytes(&mut random);
        let ticket = URL_SAFE_NO_PAD.encode(random);
        let grant = serde_json::to_string(grant)?;
        let mut set = cmd("SET");
        set.arg(self.ticket_key(&ticket)).arg(grant).arg("EX").arg(lifetime.as_secs().max(1));
        self.ask::<()>(&set).await?;
        Ok(ticket)
    }

    /// What a ticket was issued for; `None` when there is no such ticket any more.
    ///
    /// # Errors
    /// When Redis is away.
    pub async fn redeem_ticket<T: DeserializeOwned>(&self, ticket: &str) -> Result<Option<T>, MessagingError> {
        let grant: Option<String> = self.ask(cmd("GETDEL").arg(self.ticket_key(ticket))).await?;
        Ok(grant.map(|text| serde_json::from_str(&text)).transpose()?)
    }

    fn ticket_key(&self, ticket: &str) -> String {
        self.namespace.name(&format!("ticket.{ticket}"))
    }
}
