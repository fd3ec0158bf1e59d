//! What the scheduler can be told; `defaults.toml` documents each key.

use std::path::Path;

use index::snapshot::SnapshotSettings;
use messaging::{BrokerSettings, DeploymentSettings, FrameQueueSettings, RedisSettings};
use process::health::HealthSettings;
use process::settings::SettingsError;
use process::telemetry::LogSettings;
use serde::Deserialize;
use store::DatabaseSettings;
use store::series::TimetableSettings;

use crate::calendar::{Calendar, InvalidCalendar};

/// The defaults, as TOML with comments.
pub const DEFAULTS: &str = include_str!("../defaults.toml");

/// All settings of the scheduler.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What is due when.
    pub schedule: ScheduleSettings,
    /// Series of sessions.
    pub timetable: TimetableSettings,
    /// Snapshots.
    pub index: SnapshotSettings,
    /// Probes.
    pub health: HealthSettings,
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

/// What is due when.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScheduleSettings {
    /// Times of the index build, as a cron expression.
    pub nightly_index: String,
    /// The zone of these times.
    pub time_zone: String,
    /// Seconds from one look for indexes that are to be built to the next.
    pub index_look_seconds: u32,
    /// Seconds from one sweep to the next.
    pub sweep_seconds: u32,
    /// Seconds until a pending enrollment or class photo is taken for lost.
    pub stuck_seconds: u32,
    /// Seconds from one look for what is older than it is to be kept to the next.
    pub retention_seconds: u32,
    /// Seconds from one look at the timetable to the next.
    pub timetable_seconds: u32,
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum InvalidSettings {
    /// They could not be read.
    #[error("the settings cannot be read")]
    Unreadable(#[from] SettingsError),
    /// The times of the nightly build make no sense.
    #[error("schedule.nightly_index or schedule.time_zone is wrong")]
    Calendar(#[from] InvalidCalendar),
    /// Sessions would be made for no day, or for too many.
    #[error("timetable.horizon_days must be in 1..=366")]
    Horizon,
    /// A number that must be at least 1.
    #[error("{key} must be at least 1")]
    Zero {
        /// Which one.
        key: &'static str,
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
    /// [`InvalidSettings`] for the first one that is wrong.
    pub fn check(&self) -> Result<(), InvalidSettings> {
        self.calendar()?;
        let positive = [
            ("schedule.index_look_seconds", self.schedule.index_look_seconds),
            ("schedule.sweep_seconds", self.schedule.sweep_seconds),
            ("schedule.stuck_seconds", self.schedule.stuck_seconds),
            ("schedule.retention_seconds", self.schedule.retention_seconds),
            ("schedule.timetable_seconds", self.schedule.timetable_seconds),
            ("index.keep", self.index.keep),
        ];
        match positive.into_iter().find(|(_, value)| *value == 0) {
            Some((key, _)) => Err(InvalidSettings::Zero { key }),
            None if !self.timetable.are_sound() => Err(InvalidSettings::Horizon),
            None => Ok(()),
        }
    }

    pub(crate) fn calendar(&self) -> Result<Calendar, InvalidCalendar> {
        Calendar::new(&self.schedule.nightly_index, &self.schedule.time_zone)
    }
}

#[cfg(test)]
mod tests {
    use super::{DEFAULTS, Settings};

    fn check(change: impl FnOnce(&mut Settings), expected: Result<(), &str>) {
        let mut settings: Settings = process::settings::load(DEFAULTS, None).expect("the defaults can be read");
        change(&mut settings);
        let found = settings.check().map_err(|error| error.to_string());
        match expected {
            Ok(()) => assert_eq!(found, Ok(())),
            Err(words) => assert!(found.as_ref().is_err_and(|said| said.contains(words)), "{found:?}"),
        }
    }

    #[test]
    fn what_cannot_be_is_named() {
        check(|_| {}, Ok(()));
        check(|settings| settings.schedule.time_zone = "Asia/Kolkata".to_owned(), Ok(()));
        check(|settings| settings.schedule.time_zone = "Bombay".to_owned(), Err("schedule.time_zone"));
        check(|settings| settings.schedule.nightly_index = "3 am".to_owned(), Err("schedule.nightly_index"));
        check(|settings| settings.schedule.index_look_seconds = 0, Err("schedule.index_look_seconds"));
        check(|settings| settings.schedule.sweep_seconds = 0, Err("schedule.sweep_seconds"));
        check(|settings| settings.index.keep = 0, Err("index.keep"));
        check(|settings| settings.schedule.timetable_seconds = 0, Err("schedule.timetable_seconds"));
        check(|settings| settings.timetable.horizon_days = 367, Err("timetable.horizon_days"));
    }
}
