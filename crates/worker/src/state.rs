//! What all jobs of a worker share.

use domain::event::Event;
use messaging::Redis;
use store::{Pool, Sealer};

use crate::globals::Globals;
use crate::model_thread::Models;
use crate::rosters::Rosters;
use crate::settings::{BatchSettings, RecognitionSettings};

/// Connections, models and indexes of a running worker.
pub(crate) struct Worker {
    pub(crate) pool: Pool,
    pub(crate) redis: Redis,
    pub(crate) sealer: Sealer,
    pub(crate) models: Models,
    pub(crate) rosters: Rosters,
    pub(crate) globals: Globals,
    pub(crate) recognition: RecognitionSettings,
    pub(crate) batch: BatchSettings,
    /// Longer side that pictures are shrunk to.
    pub(crate) max_dimension: u32,
}

impl Worker {
    /// Tells whoever watches. When Redis is away they are told to look again once it is back.
    pub(crate) async fn announce(&self, event: &Event) {
        if let Err(error) = self.redis.announce(event).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "an event was not announced");
        }
    }
}
