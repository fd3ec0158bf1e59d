//! What the gateway can be told; `defaults.toml` documents each key.

use std::path::Path;
use std::time::Duration;

use messaging::{BrokerSettings, DeploymentSettings, FrameQueueSettings, RedisSettings};
use process::settings::SettingsError;
use process::telemetry::LogSettings;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use store::DatabaseSettings;
use store::series::TimetableSettings;

use crate::limits;

/// The defaults, as TOML with comments.
pub(crate) const DEFAULTS: &str = include_str!("../defaults.toml");

const SHORTEST_SECRET: usize = 32;

/// All settings of the gateway.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The API's listener.
    pub http: HttpSettings,
    /// WebSockets.
    pub live: LiveSettings,
    /// Access tokens.
    pub auth: AuthSettings,
    /// Series of sessions.
    pub timetable: TimetableSettings,
    /// Logs.
    pub log: LogSettings,
    /// Postgres.
    pub database: DatabaseSettings,
    /// RabbitMQ.
    pub broker: BrokerSettings,
    /// Redis.
    pub redis: RedisSettings,
    /// Which installation this is.
    pub deployment: DeploymentSettings,
    /// The queue of frames, which whoever comes first declares.
    pub frames: FrameQueueSettings,
}

/// The API's listener.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpSettings {
    /// Address and port; port 0 takes a free one.
    pub bind: String,
    /// Connections served at once.
    pub connections: usize,
    /// Memory for the bodies of frames and photos in flight.
    pub body_memory_mib: usize,
    /// How long requests may take to end after the signal to stop.
    pub drain_seconds: u64,
}

/// WebSockets.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LiveSettings {
    /// How many may be open at once.
    pub sockets: usize,
    /// Messages that wait for a slow one.
    pub backlog: usize,
    /// Time from one heartbeat to the next.
    pub heartbeat_ms: u64,
}

impl LiveSettings {
    /// Time from one heartbeat to the next.
    #[must_use]
    pub fn heartbeat(&self) -> Duration {
        Duration::from_millis(self.heartbeat_ms)
    }
}

/// Access tokens.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthSettings {
    /// Signs them.
    pub jwt_secret: SecretString,
    /// How long one is good.
    pub access_minutes: u16,
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum InvalidSettings {
    /// They could not be read.
    #[error("the settings cannot be read")]
    Unreadable(#[from] SettingsError),
    /// A value is out of its range.
    #[error("{key} {problem}")]
    OutOfRange {
        /// Which one.
        key: &'static str,
        /// What is wrong.
        problem: &'static str,
    },
}

impl Settings {
    /// Reads defaults, file and environment, and checks the result.
    ///
    /// # Errors
    /// [`InvalidSettings`] says which key is wrong.
    pub fn load(file: Option<&Path>) -> Result<Self, InvalidSettings> {
        let settings: Self = process::settings::load(DEFAULTS, file)?;
        settings.check()?;
        Ok(settings)
    }

    /// Checks the ranges of all values.
    ///
    /// # Errors
    /// [`InvalidSettings::OutOfRange`] for the first one that is wrong.
    pub fn check(&self) -> Result<(), InvalidSettings> {
        let secret_bytes = self.auth.jwt_secret.expose_secret().len();
        let is_set = |url: &SecretString| !url.expose_secret().is_empty();
        let rules = [
            ("database.url", is_set(&self.database.url), "must be set"),
            ("broker.url", is_set(&self.broker.url), "must be set"),
            ("redis.url", is_set(&self.redis.url), "must be set"),
            ("auth.jwt_secret", secret_bytes >= SHORTEST_SECRET, "must have at least 32 bytes"),
            ("auth.access_minutes", (1..=1440).contains(&self.auth.access_minutes), "must be in 1..=1440"),
            ("http.connections", self.http.connections > 0, "must be at least 1"),
            (
                "http.body_memory_mib",
                self.http.body_memory_mib * 1024 * 1024 >= limits::MULTIPART_BYTES,
                "must hold at least one enrollment of 64 MiB",
            ),
            ("live.sockets", self.live.sockets > 0, "must be at least 1"),
            ("live.backlog", self.live.backlog > 0, "must be at least 1"),
            ("timetable.horizon_days", self.timetable.are_sound(), "must be in 1..=366"),
            ("live.heartbeat_ms", self.live.heartbeat_ms >= 100, "must be at least 100"),
        ];
        match rules.into_iter().find(|(_, holds, _)| !holds) {
            Some((key, _, problem)) => Err(InvalidSettings::OutOfRange { key, problem }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;

    use super::{DEFAULTS, Settings};

    /// The defaults with the secrets that have none, and then `change`; `Err` is what is wrong with that.
    fn check(change: impl FnOnce(&mut Settings), expected: Result<(), &str>) {
        let secret = || SecretString::from("x".repeat(32));
        let mut settings: Settings = process::settings::load(DEFAULTS, None).expect("sound defaults");
        settings.database.url = secret();
        settings.broker.url = secret();
        settings.redis.url = secret();
        settings.auth.jwt_secret = secret();
        change(&mut settings);
        assert_eq!(settings.check().map_err(|error| error.to_string()), expected.map_err(str::to_owned));
    }

    #[test]
    fn the_defaults_are_sound_but_for_secrets() {
        check(|_| {}, Ok(()));
        check(|s| s.auth.jwt_secret = "short".to_owned().into(), Err("auth.jwt_secret must have at least 32 bytes"));
        check(|s| s.database.url = String::new().into(), Err("database.url must be set"));
        check(|s| s.auth.access_minutes = 0, Err("auth.access_minutes must be in 1..=1440"));
        check(|s| s.timetable.horizon_days = 0, Err("timetable.horizon_days must be in 1..=366"));
        check(|s| s.http.body_memory_mib = 63, Err("http.body_memory_mib must hold at least one enrollment of 64 MiB"));
    }
}
