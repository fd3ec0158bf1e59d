//! What can go wrong with RabbitMQ and Redis, by what the caller does next.

/// Why a message, event or key was not passed on.
#[derive(Debug, thiserror::Error)]
pub enum MessagingError {
    /// A setting cannot be used; nothing gets better by trying again.
    #[error("{0}")]
    Settings(String),
    /// The server is away or too slow; later it may be back.
    #[error("{server} is not available")]
    Unavailable {
        /// Which one.
        server: &'static str,
        /// What it said, where it said something.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// What was read is not what we write.
    #[error("a message cannot be read")]
    Malformed(#[from] serde_json::Error),
}

impl MessagingError {
    pub(crate) fn broker(source: lapin::Error) -> Self {
        Self::Unavailable { server: BROKER, source: Some(source.into()) }
    }

    pub(crate) fn redis(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Unavailable { server: REDIS, source: Some(source.into()) }
    }

    pub(crate) fn late(server: &'static str) -> Self {
        Self::Unavailable { server, source: None }
    }
}

pub(crate) const BROKER: &str = "the message broker";
pub(crate) const REDIS: &str = "Redis";
