//! What the worker can be told; `defaults.toml` documents each key.

use std::path::Path;
use std::time::Duration;

use chrono::TimeDelta;
use index::snapshot::SnapshotSettings;
use messaging::{BrokerSettings, DeploymentSettings, FrameQueueSettings, RedisSettings};
use process::health::HealthSettings;
use process::settings::SettingsError;
use process::telemetry::LogSettings;
use serde::Deserialize;
use store::DatabaseSettings;
use vision::{VisionError, VisionSettings};

/// The defaults, as TOML with comments.
const DEFAULTS: &str = include_str!("../defaults.toml");

/// All settings of the worker.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The listener for probes.
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
    /// How frames are put together.
    pub batch: BatchSettings,
    /// The models.
    pub vision: VisionSettings,
    /// How sure a decision must be.
    pub recognition: RecognitionSettings,
    /// What a photo must be like.
    pub enrollment: EnrollmentSettings,
    /// What is done with class photos.
    pub class_photos: ClassPhotoSettings,
    /// The rosters' indexes.
    pub rosters: RosterSettings,
    /// The organizations' indexes.
    pub globals: GlobalSettings,
    /// The organizations' snapshots.
    pub index: SnapshotSettings,
}

/// How frames are put together.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatchSettings {
    /// Most frames of a batch.
    pub max_frames: usize,
    /// How long the first frame may wait for others.
    pub max_wait_ms: u64,
}

impl BatchSettings {
    /// How long the first frame may wait for others.
    #[must_use]
    pub fn max_wait(&self) -> Duration {
        Duration::from_millis(self.max_wait_ms)
    }
}

/// How sure a decision must be.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecognitionSettings {
    /// How often a stranger may be taken for somebody, per scan.
    pub false_match_rate: f64,
    /// Least distance to the next person.
    pub margin_cosine: f32,
    /// Shorter side of the smallest face that is compared.
    pub min_face_px: f32,
    /// Detection score of the least sure face that is reported although nobody is like it.
    pub min_detection_score: f32,
    /// A threshold to be used whatever the rate says.
    #[serde(default)]
    pub forced_threshold: Option<f32>,
    /// How many times the wanted rate makes somebody likely.
    pub likely_factor: f64,
    /// Sightings count together within this.
    pub evidence_window_seconds: u32,
    /// Of sightings closer together than this one counts.
    pub evidence_spacing_ms: u32,
    /// How probably a stranger who was taken for somebody is again in the next frame.
    pub evidence_persistence: f64,
    /// For how long after a sighting of somebody who is marked another is not recorded.
    pub cool_down_seconds: u32,
    /// Least liveness where it is required.
    pub min_liveness: f32,
    /// How rarely strangers are as much alike as a face and one that was rejected must be.
    pub rejection_false_match_rate: f64,
    /// For how many days faces are kept by which people were found on a roster.
    pub keep_faces_days: u32,
}

/// What a photo must be like.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnrollmentSettings {
    /// Shorter side of the smallest face that counts.
    pub min_face_px: f32,
    /// Detection score of the least sure face that counts.
    pub min_detection_score: f32,
    /// How alike the photos of one person must be.
    pub false_match_rate: f64,
    /// How often two people may be taken for one, per enrollment.
    pub duplicate_false_match_rate: f64,
    /// Least sharpness.
    pub min_sharpness: f32,
    /// Least mean grey value of a face.
    pub min_brightness: f32,
    /// Greatest mean grey value of a face.
    pub max_brightness: f32,
    /// Most degrees away from straight ahead.
    pub max_turn_degrees: f32,
    /// Least quality.
    pub min_quality: u8,
    /// Changed copies of each photo.
    pub augmentations: usize,
    /// Least liveness where it is required.
    pub min_liveness: f32,
}

/// What is done with class photos.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassPhotoSettings {
    /// Longer side that they are shrunk to.
    pub max_dimension: u32,
    /// How long an annotated picture is kept.
    pub picture_seconds: u64,
}

/// The rosters' indexes.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RosterSettings {
    /// Memory for them.
    pub cache_mib: usize,
}

/// The organizations' indexes.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GlobalSettings {
    /// How long a frame waits for one to catch up.
    pub wait_ms: u64,
    /// How often rosters and indexes are compared with Postgres.
    pub poll_ms: u64,
    /// For how long one is kept that nobody asks for.
    pub idle_minutes: u64,
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum InvalidSettings {
    /// They could not be read.
    #[error("the settings cannot be read")]
    Unreadable(#[from] SettingsError),
    /// A value of the models' is out of its range.
    #[error("the settings of the models are wrong")]
    Vision(#[from] VisionError),
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
        self.vision.validate()?;
        let is_rate = |rate: f64| rate > 0.0 && rate < 1.0;
        let (recognition, enrollment) = (&self.recognition, &self.enrollment);
        let rules = [
            ("batch.max_frames", (1..=256).contains(&self.batch.max_frames), "must be in 1..=256"),
            ("batch.max_wait_ms", self.batch.max_wait_ms <= 10_000, "must be at most 10000"),
            ("recognition.false_match_rate", is_rate(recognition.false_match_rate), "must be between 0 and 1"),
            ("recognition.margin_cosine", (0.0..=1.0).contains(&recognition.margin_cosine), "must be in 0..=1"),
            ("recognition.min_face_px", recognition.min_face_px >= 0.0, "must not be negative"),
            (
                "recognition.min_detection_score",
                (0.0..1.0).contains(&recognition.min_detection_score),
                "must be in 0..1",
            ),
            (
                "recognition.forced_threshold",
                recognition.forced_threshold.is_none_or(|cosine| (-1.0..=1.0).contains(&cosine)),
                "must be in -1..=1",
            ),
            ("enrollment.min_face_px", enrollment.min_face_px >= 0.0, "must not be negative"),
            ("enrollment.min_detection_score", (0.0..1.0).contains(&enrollment.min_detection_score), "must be in 0..1"),
            ("recognition.likely_factor", (1.0..=1000.0).contains(&recognition.likely_factor), "must be in 1..=1000"),
            (
                "recognition.evidence_window_seconds",
                (1..=3600).contains(&recognition.evidence_window_seconds),
                "must be in 1..=3600",
            ),
            ("recognition.evidence_persistence", is_rate(recognition.evidence_persistence), "must be between 0 and 1"),
            ("recognition.cool_down_seconds", recognition.cool_down_seconds <= 3600, "must be at most 3600"),
            ("recognition.min_liveness", (0.0..=1.0).contains(&recognition.min_liveness), "must be in 0..=1"),
            (
                "recognition.rejection_false_match_rate",
                is_rate(recognition.rejection_false_match_rate),
                "must be between 0 and 1",
            ),
            ("recognition.keep_faces_days", recognition.keep_faces_days <= 3650, "must be at most 3650"),
            ("enrollment.false_match_rate", is_rate(enrollment.false_match_rate), "must be between 0 and 1"),
            (
                "enrollment.duplicate_false_match_rate",
                is_rate(enrollment.duplicate_false_match_rate),
                "must be between 0 and 1",
            ),
            ("enrollment.min_sharpness", enrollment.min_sharpness >= 0.0, "must not be negative"),
            (
                "enrollment.max_brightness",
                enrollment.min_brightness < enrollment.max_brightness,
                "must be more than enrollment.min_brightness",
            ),
            ("enrollment.max_turn_degrees", (0.0..=90.0).contains(&enrollment.max_turn_degrees), "must be in 0..=90"),
            ("enrollment.min_quality", enrollment.min_quality <= 100, "must be at most 100"),
            ("enrollment.min_liveness", (0.0..=1.0).contains(&enrollment.min_liveness), "must be in 0..=1"),
            ("enrollment.augmentations", enrollment.augmentations <= 20, "must be at most 20"),
            (
                "class_photos.max_dimension",
                (64..=8192).contains(&self.class_photos.max_dimension),
                "must be in 64..=8192",
            ),
            (
                "class_photos.picture_seconds",
                (1..=86_400).contains(&self.class_photos.picture_seconds),
                "must be in 1..=86400",
            ),
            ("rosters.cache_mib", self.rosters.cache_mib > 0, "must be at least 1"),
            ("globals.wait_ms", self.globals.wait_ms <= 60_000, "must be at most 60000"),
            ("globals.poll_ms", (50..=60_000).contains(&self.globals.poll_ms), "must be in 50..=60000"),
            ("globals.idle_minutes", (1..=10_080).contains(&self.globals.idle_minutes), "must be in 1..=10080"),
        ];
        match rules.into_iter().find(|(_, holds, _)| !holds) {
            Some((key, _, problem)) => Err(InvalidSettings::OutOfRange { key, problem }),
            None => Ok(()),
        }
    }

    /// How old a frame may be to be worth looking at.
    pub(crate) fn frame_deadline(&self) -> TimeDelta {
        TimeDelta::milliseconds(self.frames.ttl_ms.into())
    }

    /// How many frames may be here unsettled: one batch at work and one that waits.
    pub(crate) fn frame_prefetch(&self) -> u16 {
        u16::try_from(self.batch.max_frames * 2).unwrap_or(u16::MAX)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{DEFAULTS, InvalidSettings, RecognitionSettings, Settings};

    fn defaults() -> Settings {
        process::settings::load(DEFAULTS, None).expect("the defaults can be read")
    }

    pub(crate) fn recognition() -> RecognitionSettings {
        defaults().recognition
    }

    fn check(change: impl FnOnce(&mut Settings), refused: &str) {
        let mut settings = defaults();
        change(&mut settings);
        match settings.check() {
            Err(InvalidSettings::OutOfRange { key, .. }) => assert_eq!(key, refused),
            other => panic!("{other:?}, not a refusal of {refused}"),
        }
    }

    /// What the five reference systems let their operators set, by our names.
    #[test]
    fn what_the_reference_systems_set_can_be_set_by_the_environment() {
        let variables = [
            ("ROLLCALL_VISION__DETECTOR", "yunet"),
            ("ROLLCALL_VISION__MIN_DETECTION_SCORE", "0.9"),
            ("ROLLCALL_VISION__ENCODER", "facenet"),
            ("ROLLCALL_RECOGNITION__FORCED_THRESHOLD", "0.65"),
            ("ROLLCALL_ENROLLMENT__AUGMENTATIONS", "7"),
            ("ROLLCALL_VISION__MAX_DIMENSION", "1024"),
            ("ROLLCALL_VISION__CLAHE", "true"),
        ];
        let settings: Settings = process::settings::load_with(DEFAULTS, &variables).expect("they are known");
        settings.check().expect("they are in their ranges");
        let vision = &settings.vision;
        assert_eq!((vision.detector.as_str(), vision.encoder.as_str()), ("yunet", "facenet"));
        assert_eq!((vision.min_detection_score, vision.max_dimension, vision.clahe), (0.9, 1024, true));
        assert_eq!((settings.recognition.forced_threshold, settings.enrollment.augmentations), (Some(0.65), 7));
    }

    #[test]
    fn the_defaults_are_in_their_ranges() {
        defaults().check().expect("they are");
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        check(|settings| settings.batch.max_frames = 0, "batch.max_frames");
        check(|settings| settings.batch.max_frames = 257, "batch.max_frames");
        check(|settings| settings.recognition.false_match_rate = 0.0, "recognition.false_match_rate");
        check(|settings| settings.recognition.margin_cosine = f32::NAN, "recognition.margin_cosine");
        check(|settings| settings.recognition.forced_threshold = Some(1.5), "recognition.forced_threshold");
        check(|settings| settings.enrollment.false_match_rate = 1.0, "enrollment.false_match_rate");
        check(|settings| settings.recognition.likely_factor = 0.5, "recognition.likely_factor");
        check(|settings| settings.recognition.evidence_persistence = 1.0, "recognition.evidence_persistence");
        check(
            |settings| settings.recognition.rejection_false_match_rate = 0.0,
            "recognition.rejection_false_match_rate",
        );
        check(|settings| settings.recognition.keep_faces_days = 3651, "recognition.keep_faces_days");
        check(|settings| settings.enrollment.min_quality = 101, "enrollment.min_quality");
        check(|settings| settings.enrollment.augmentations = 21, "enrollment.augmentations");
        check(|settings| settings.enrollment.max_brightness = 5.0, "enrollment.max_brightness");
        check(|settings| settings.class_photos.max_dimension = 10, "class_photos.max_dimension");
        check(|settings| settings.rosters.cache_mib = 0, "rosters.cache_mib");
        check(|settings| settings.globals.poll_ms = 0, "globals.poll_ms");
        check(|settings| settings.globals.idle_minutes = 0, "globals.idle_minutes");
    }
}
