//! What the gateway can be told; `defaults.toml` documents each key.

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::TimeDelta;
use domain::lockout::LockoutPolicy;
use messaging::{BrokerSettings, DeploymentSettings, FrameQueueSettings, RedisSettings};
use process::settings::SettingsError;
use process::telemetry::LogSettings;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use store::series::TimetableSettings;
use store::{DatabaseSettings, Signer};

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
    /// Tokens, and those who guess passwords.
    pub auth: AuthSettings,
    /// The panel: pages for browsers.
    pub panel: PanelSettings,
    /// Receipts of erasures.
    pub receipts: ReceiptSettings,
    /// How many requests in what time.
    pub rate: RateSettings,
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
    /// Origins whose pages may use the API from a browser, such as `https://panel.example`.
    pub cors_origins: Vec<String>,
    /// Whether a proxy of ours is in front, whose last word in `X-Forwarded-For` is the caller's address.
    pub behind_proxy: bool,
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

/// Tokens, and those who guess passwords.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthSettings {
    /// Signs access tokens.
    pub jwt_secret: SecretString,
    /// How long an access token is good.
    pub access_minutes: u16,
    /// How long a refresh token is good.
    pub refresh_days: u16,
    /// So many failures to log in lock an address.
    pub lockout_attempts: u16,
    /// Failures older than this do not count.
    pub lockout_window_minutes: u16,
    /// How long an address is locked.
    pub lockout_minutes: u16,
}

impl AuthSettings {
    /// When somebody who guesses passwords has to wait.
    #[must_use]
    pub fn lockout(&self) -> LockoutPolicy {
        LockoutPolicy {
            attempts: self.lockout_attempts,
            window: TimeDelta::minutes(self.lockout_window_minutes.into()),
            lock: TimeDelta::minutes(self.lockout_minutes.into()),
        }
    }
}

/// The panel: pages for browsers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PanelSettings {
    /// Where the built panel is, looked for from where the process was started; empty: none.
    pub folder: PathBuf,
    /// Whether browsers may send the cookie with the refresh token over plain HTTP.
    pub insecure_cookie: bool,
}

/// How many requests in what time; each gateway counts by itself.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateSettings {
    /// Of each user.
    pub users: Rates,
    /// Frames of each camera, and of each user.
    pub frames: Rates,
    /// Of each address, by callers without a good token or key.
    pub addresses: Rates,
}

/// How many go through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rates {
    /// In the long run; 0: without limit.
    pub per_second: u32,
    /// At once, after a quiet time.
    pub burst: u32,
}

/// Receipts of erasures.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptSettings {
    /// Signs them: 32 bytes in base64.
    pub signing_key: SecretString,
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
        let in_a_day = |minutes: u16| (1..=1440).contains(&minutes);
        let is_set = |url: &SecretString| !url.expose_secret().is_empty();
        let rules = [
            ("database.url", is_set(&self.database.url), "must be set"),
            ("broker.url", is_set(&self.broker.url), "must be set"),
            ("redis.url", is_set(&self.redis.url), "must be set"),
            ("auth.jwt_secret", secret_bytes >= SHORTEST_SECRET, "must have at least 32 bytes"),
            ("receipts.signing_key", Signer::new(&self.receipts.signing_key).is_ok(), "must be 32 bytes in base64"),
            ("auth.access_minutes", (1..=1440).contains(&self.auth.access_minutes), "must be in 1..=1440"),
            ("auth.refresh_days", (1..=366).contains(&self.auth.refresh_days), "must be in 1..=366"),
            ("auth.lockout_attempts", self.auth.lockout_attempts > 0, "must be at least 1"),
            // The scheduler forgets what is older than a day.
            ("auth.lockout_window_minutes", in_a_day(self.auth.lockout_window_minutes), "must be in 1..=1440"),
            ("auth.lockout_minutes", in_a_day(self.auth.lockout_minutes), "must be in 1..=1440"),
            ("rate.users.burst", self.rate.users.is_sound(), "must be at least 1"),
            ("rate.frames.burst", self.rate.frames.is_sound(), "must be at least 1"),
            ("rate.addresses.burst", self.rate.addresses.is_sound(), "must be at least 1"),
            (
                "http.cors_origins",
                self.http.cors_origins.iter().all(|origin| is_origin(origin)),
                "must be origins such as https://panel.example",
            ),
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

impl Rates {
    fn is_sound(self) -> bool {
        self.per_second == 0 || self.burst > 0
    }
}

/// Scheme, host and perhaps port, as a browser sends them (RFC 6454, 7): no path, and no star for all.
fn is_origin(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let is_sound = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.:[]".contains(c);
    host.is_some_and(|host| !host.is_empty() && host.chars().all(is_sound))
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;

    use super::{DEFAULTS, Settings};

    fn secret() -> SecretString {
        SecretString::from("x".repeat(32))
    }

    /// The defaults with the secrets that have none, and then `change`; `Err` is what is wrong with that.
    fn check(change: impl FnOnce(&mut Settings), expected: Result<(), &str>) {
        let mut settings: Settings = process::settings::load(DEFAULTS, None).expect("sound defaults");
        settings.database.url = secret();
        settings.broker.url = secret();
        settings.redis.url = secret();
        settings.auth.jwt_secret = secret();
        settings.receipts.signing_key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=".to_owned().into();
        change(&mut settings);
        assert_eq!(settings.check().map_err(|error| error.to_string()), expected.map_err(str::to_owned));
    }

    #[test]
    fn the_defaults_are_sound_but_for_secrets() {
        check(|_| {}, Ok(()));
        check(|s| s.auth.jwt_secret = "short".to_owned().into(), Err("auth.jwt_secret must have at least 32 bytes"));
        check(|s| s.receipts.signing_key = secret(), Err("receipts.signing_key must be 32 bytes in base64"));
        check(|s| s.database.url = String::new().into(), Err("database.url must be set"));
        check(|s| s.auth.access_minutes = 0, Err("auth.access_minutes must be in 1..=1440"));
        check(|s| s.auth.refresh_days = 0, Err("auth.refresh_days must be in 1..=366"));
        check(|s| s.auth.lockout_attempts = 0, Err("auth.lockout_attempts must be at least 1"));
        check(|s| s.rate.users.burst = 0, Err("rate.users.burst must be at least 1"));
        check(|s| s.http.cors_origins = vec!["https://panel.example:8443".to_owned()], Ok(()));
        for wrong in ["*", "panel.example", "https://", "https://panel.example/", "https://*.example"] {
            let message = "http.cors_origins must be origins such as https://panel.example";
            check(|s| s.http.cors_origins = vec![wrong.to_owned()], Err(message));
        }
        check(|s| s.timetable.horizon_days = 0, Err("timetable.horizon_days must be in 1..=366"));
        check(|s| s.http.body_memory_mib = 63, Err("http.body_memory_mib must hold at least one enrollment of 64 MiB"));
    }
}
