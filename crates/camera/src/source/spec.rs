//! Naming a source in one word.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// Where pictures are to come from.
#[derive(Clone)]
pub(crate) enum Source {
    /// A USB camera by its index: `usb:0`.
    Usb(i32),
    /// A stream by its address; it may hold a password, so it cannot be printed.
    Stream(SecretString),
    /// A video file, a picture, or a folder of pictures.
    Path(PathBuf),
}

/// Why a word names no source.
#[derive(Debug, thiserror::Error)]
pub enum InvalidSource {
    /// Nothing was said.
    #[error("name a source: usb:0, rtsp://..., a video file or a folder of pictures")]
    Empty,
    /// After `usb:` comes something else than a number.
    #[error("a USB camera is named by its index, such as usb:0")]
    Index,
    /// An address that cannot be read. It is not repeated, since it may hold a password.
    #[error("the stream's address is not a valid URL")]
    Address,
}

const STREAMS: [&str; 4] = ["rtsp://", "rtsps://", "http://", "https://"];

impl FromStr for Source {
    type Err = InvalidSource;

    fn from_str(text: &str) -> Result<Self, InvalidSource> {
        if text.is_empty() {
            return Err(InvalidSource::Empty);
        }
        if let Some(index) = text.strip_prefix("usb:") {
            let index = index.parse().ok().filter(|index| *index >= 0);
            return index.map(Self::Usb).ok_or(InvalidSource::Index);
        }
        if STREAMS.iter().any(|scheme| text.starts_with(scheme)) {
            let has_host = Url::parse(text).is_ok_and(|url| url.has_host());
            return if has_host { Ok(Self::Stream(text.into())) } else { Err(InvalidSource::Address) };
        }
        Ok(Self::Path(text.into()))
    }
}

impl Source {
    /// Whether it goes on for ever: a camera or stream, which may be lost and found again.
    pub(crate) fn is_live(&self) -> bool {
        matches!(self, Self::Usb(_) | Self::Stream(_))
    }

    /// What to call it, without the password of a stream.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Usb(index) => format!("usb:{index}"),
            Self::Stream(address) => match Url::parse(address.expose_secret()) {
                Ok(url) => format!("{}://{}", url.scheme(), url.host_str().unwrap_or_default()),
                Err(_) => "stream".to_owned(),
            },
            Self::Path(path) => file_name(path),
        }
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

/// The last part of a path, for people.
pub(super) fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::Source;

    fn check(text: &str, expected: Result<&str, &str>) {
        let found = text.parse::<Source>().map(|source| source.name()).map_err(|error| error.to_string());
        match (found, expected) {
            (Ok(name), Ok(expected)) => assert_eq!(name, expected),
            (Err(error), Err(expected)) => assert!(error.contains(expected), "{text}: {error}"),
            (found, _) => panic!("{text}: {found:?}"),
        }
    }

    #[test]
    fn one_word_names_any_source() {
        check("usb:0", Ok("usb:0"));
        check("usb:-1", Err("index"));
        check("usb:front", Err("index"));
        check("/tmp/pictures", Ok("pictures"));
        check("door.mp4", Ok("door.mp4"));
        check("", Err("name a source"));
        check("rtsp://", Err("URL"));
    }

    #[test]
    fn the_password_of_a_stream_is_not_shown() {
        check("rtsp://admin:hunter2@10.0.0.7:554/stream1", Ok("rtsp://10.0.0.7"));
        let source: Source = "rtsp://admin:hunter2@10.0.0.7:554/stream1".parse().unwrap();
        assert!(!format!("{source:?}").contains("hunter2"));
        check("rtsp://admin:hunter2@", Err("not a valid URL"));
    }
}
