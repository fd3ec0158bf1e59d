//! Pictures that are kept for a short while. They come sealed: this crate never sees what is on them.

use std::time::Duration;

use deadpool_redis::redis::cmd;
use uuid::Uuid;

use crate::error::MessagingError;
use crate::redis::Redis;

impl Redis {
    /// Keeps a sealed picture under `id` for `ttl` (whole seconds, at least one), in place of one that is there.
    ///
    /// # Errors
    /// When Redis is away.
    pub async fn keep_picture(&self, id: Uuid, sealed: Vec<u8>, ttl: Duration) -> Result<(), MessagingError> {
        self.ask(cmd("SET").arg(self.picture_key(id)).arg(sealed).arg("EX").arg(ttl.as_secs().max(1))).await
    }

    /// The sealed picture that is kept under `id`; `None` when there is none any more.
    ///
    /// # Errors
    /// When Redis is away.
    pub async fn picture(&self, id: Uuid) -> Result<Option<Vec<u8>>, MessagingError> {
        self.ask(cmd("GET").arg(self.picture_key(id))).await
    }

    fn picture_key(&self, id: Uuid) -> String {
        self.namespace.name(&format!("picture.{id}"))
    }
}
