//! What `rollcall` can be told; `defaults.toml` documents each key.

use std::path::Path;

use messaging::{BrokerSettings, DeploymentSettings, FrameQueueSettings, RedisSettings};
use process::settings::SettingsError;
use process::telemetry::LogSettings;
use secrecy::SecretString;
use serde::Deserialize;
use store::DatabaseSettings;
use vision::VisionSettings;

const DEFAULTS: &str = include_str!("../defaults.toml");

/// All settings; each command uses some of them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    pub(crate) log: LogSettings,
    pub(crate) database: DatabaseSettings,
    pub(crate) broker: BrokerSettings,
    pub(crate) redis: RedisSettings,
    pub(crate) deployment: DeploymentSettings,
    pub(crate) frames: FrameQueueSettings,
    pub(crate) admin: AdminSettings,
    pub(crate) receipts: ReceiptSettings,
    pub(crate) vision: VisionSettings,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AdminSettings {
    /// Empty where it is to be read from standard input.
    pub(crate) password: SecretString,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReceiptSettings {
    /// Signs receipts; empty where there is only the public key.
    pub(crate) signing_key: SecretString,
}

impl Settings {
    pub(crate) fn load(file: Option<&Path>) -> Result<Self, SettingsError> {
        process::settings::load(DEFAULTS, file)
    }
}

#[cfg(test)]
mod tests {
    use super::Settings;

    #[test]
    fn the_defaults_can_be_read() {
        Settings::load(None).expect("they are complete");
    }
}
