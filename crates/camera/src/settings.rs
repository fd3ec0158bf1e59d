//! What the camera client can be told: options of the command line, and `defaults.toml` with what overrides it.

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use domain::id::SessionId;
use process::settings::SettingsError;
use process::telemetry::LogSettings;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use crate::feeder::Keep;
use crate::link::{Target, Transport};
use crate::report::Style;
use crate::source::{Encoding, InvalidSource, Reading, Repeats, Source};

const DEFAULTS: &str = include_str!("../defaults.toml");

/// Pictures a second where nothing else is said.
const RATE: f64 = 5.0;

/// Sends the pictures of a camera to a session of Rollcall, and shows who was recognised.
///
/// The newest picture wins: while the network is slow, older ones are dropped. The client connects again by itself,
/// and ends with its source, with its session, or on SIGTERM.
#[derive(Debug, Parser)]
#[command(name = "camera", version)]
pub struct Arguments {
    /// usb:0, rtsp://..., a video file, or a folder of pictures; an address with a password belongs into
    /// ROLLCALL_CAMERA__SOURCE.
    #[arg(long)]
    source: Option<String>,
    /// Address of the gateway, such as <http://rollcall.example:8080>.
    #[arg(long)]
    gateway: Option<String>,
    /// The session that is watched.
    #[arg(long)]
    session: SessionId,
    /// File that holds the camera's key; without it, the key is read from ROLLCALL_CAMERA__KEY.
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Pictures a second [default: 5; with --every-frame as many as are taken].
    #[arg(long, value_parser = rate)]
    rate: Option<f64>,
    /// Sends every picture of a folder or file, each when the one before has been answered, instead of the newest.
    #[arg(long)]
    every_frame: bool,
    /// Begins again after the last picture of a folder or file.
    #[arg(long = "loop")]
    repeats: bool,
    /// Sends each picture by a request of its own instead of over a WebSocket; no results come back.
    #[arg(long)]
    post: bool,
    /// Longest side of pictures that are made into JPEGs, in pixels.
    #[arg(long, default_value_t = 1920, value_parser = clap::value_parser!(u32).range(64..=8192))]
    longest_side: u32,
    /// Quality of the JPEGs that are made.
    #[arg(long, default_value_t = 85, value_parser = clap::value_parser!(u8).range(1..=100))]
    quality: u8,
    /// How long to wait for the result of a frame, in seconds.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    patience: u64,
    /// Prints one JSON document a line.
    #[arg(long, conflicts_with = "quiet")]
    json: bool,
    /// Prints no results, so that no names end up in a device's log.
    #[arg(long)]
    quiet: bool,
    /// Settings file.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Everything that the client needs to know.
#[derive(Debug)]
pub struct Settings {
    pub(crate) reading: Reading,
    pub(crate) target: Target,
    pub(crate) rate: Option<f64>,
    pub(crate) style: Style,
    /// Logs.
    pub log: LogSettings,
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum InvalidSettings {
    /// They could not be read.
    #[error(transparent)]
    Unreadable(#[from] SettingsError),
    /// The key's file could not be read.
    #[error("cannot read the key file {}", path.display())]
    KeyFile {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// There is no key.
    #[error("the camera has no key: put it into ROLLCALL_CAMERA__KEY, or into a file that --key-file names")]
    NoKey,
    /// The gateway's address is missing or wrong.
    #[error("name the gateway with --gateway http://host:port, or in ROLLCALL_CAMERA__GATEWAY")]
    Gateway,
    /// The source is missing or wrong.
    #[error(transparent)]
    Source(#[from] InvalidSource),
    /// A camera never ends, so sending all of it would never catch up.
    #[error("--every-frame and --loop are for folders and files, not for cameras and streams")]
    Endless,
}

/// What comes from `defaults.toml` and what overrides it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    camera: CameraSection,
    log: LogSettings,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CameraSection {
    key: SecretString,
    gateway: String,
    source: SecretString,
}

impl Settings {
    /// Reads defaults, file and environment, and puts the options over them.
    ///
    /// # Errors
    /// [`InvalidSettings`] says what is wrong and what to do.
    pub fn load(arguments: Arguments) -> Result<Self, InvalidSettings> {
        let file = process::settings::load(DEFAULTS, arguments.config.as_deref())?;
        Self::from_parts(arguments, file)
    }

    fn from_parts(arguments: Arguments, file: File) -> Result<Self, InvalidSettings> {
        let source: Source = match &arguments.source {
            Some(source) => source.parse()?,
            None => file.camera.source.expose_secret().parse()?,
        };
        if source.is_live() && (arguments.every_frame || arguments.repeats) {
            return Err(InvalidSettings::Endless);
        }
        let keep = if arguments.every_frame { Keep::Every } else { Keep::Newest };
        let rate = arguments.rate.or((keep == Keep::Newest).then_some(RATE));
        let gateway: Url =
            arguments.gateway.unwrap_or(file.camera.gateway).parse().map_err(|_wrong| InvalidSettings::Gateway)?;
        let reading = Reading {
            source,
            encoding: Encoding { longest_side: arguments.longest_side, quality: arguments.quality },
            rate: rate.filter(|_| keep == Keep::Newest),
            repeats: if arguments.repeats { Repeats::Forever } else { Repeats::Never },
        };
        let target = Target {
            gateway,
            session: arguments.session,
            key: key(arguments.key_file, file.camera.key)?,
            transport: if arguments.post { Transport::Post } else { Transport::Socket },
            keep,
            patience: Duration::from_secs(arguments.patience),
        };
        let style = match (arguments.json, arguments.quiet) {
            (true, _) => Style::Json,
            (false, true) => Style::Quiet,
            (false, false) => Style::Text,
        };
        Ok(Self { reading, target, rate, style, log: file.log })
    }
}

fn key(file: Option<PathBuf>, said: SecretString) -> Result<SecretString, InvalidSettings> {
    let key = match file {
        Some(path) => match std::fs::read_to_string(&path) {
            Ok(text) => SecretString::from(text.trim()),
            Err(source) => return Err(InvalidSettings::KeyFile { path, source }),
        },
        None => said,
    };
    if key.expose_secret().is_empty() { Err(InvalidSettings::NoKey) } else { Ok(key) }
}

fn rate(text: &str) -> Result<f64, String> {
    let rate: f64 = text.parse().map_err(|_no_number| "not a number".to_owned())?;
    if (0.01..=120.0).contains(&rate) { Ok(rate) } else { Err("must be in 0.01..=120".to_owned()) }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::{Arguments, DEFAULTS, Settings};

    const SESSION: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

    /// `Err` is what the error must say.
    fn check(key: &str, options: &[&str], expected: Result<(), &str>) {
        let always = ["camera", "--session", SESSION];
        let arguments = Arguments::try_parse_from(always.iter().chain(options)).unwrap();
        let mut file: super::File = process::settings::load(DEFAULTS, None).unwrap();
        file.camera.key = key.into();
        match (Settings::from_parts(arguments, file), expected) {
            (Ok(_), Ok(())) => {}
            (Err(error), Err(words)) => assert!(error.to_string().contains(words), "{error}"),
            (found, _) => panic!("{options:?}: {found:?}"),
        }
    }

    #[test]
    fn errors_say_what_to_do() {
        let gateway = ["--gateway", "http://gate:8080"];
        let with = |options: &[&'static str]| [&gateway[..], options].concat();
        check("rck_1", &with(&["--source", "pictures"]), Ok(()));
        check("rck_1", &with(&["--source", "pictures", "--every-frame", "--loop", "--json"]), Ok(()));
        check("", &with(&["--source", "pictures"]), Err("ROLLCALL_CAMERA__KEY"));
        check("", &with(&["--source", "pictures", "--key-file", "/nowhere"]), Err("/nowhere"));
        check("rck_1", &gateway, Err("name a source"));
        check("rck_1", &["--source", "pictures"], Err("--gateway"));
        check("rck_1", &with(&["--source", "usb:0", "--every-frame"]), Err("folders and files"));
    }

    #[test]
    fn no_setting_shows_a_secret() {
        let arguments =
            ["camera", "--session", SESSION, "--gateway", "http://g", "--source", "rtsp://admin:hunter2@cam/1"];
        let mut file: super::File = process::settings::load(DEFAULTS, None).unwrap();
        file.camera.key = "rck_secret".into();
        let settings = Settings::from_parts(Arguments::parse_from(arguments), file).unwrap();
        let shown = format!("{settings:?}");
        assert!(!shown.contains("hunter2") && !shown.contains("rck_secret"), "{shown}");
    }
}
