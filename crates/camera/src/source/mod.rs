//! Where pictures come from: a USB camera, a stream, a video file or a folder of pictures.
//!
//! Every picture leaves here as a JPEG within the limits of the gateway.

mod folder;
mod jpeg;
mod reader;
mod spec;
#[cfg(test)]
mod tests;
mod video;

use domain::picture::PictureProblem;
use std::path::PathBuf;

pub(crate) use folder::Repeats;
pub(crate) use jpeg::Encoding;
pub(crate) use reader::{Reader, Reading};
pub use spec::InvalidSource;
pub(crate) use spec::Source;

/// A picture to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Picture {
    /// Tells it from others of its source: a file name, or the source and a number.
    pub name: String,
    /// The bytes.
    pub jpeg: Vec<u8>,
}

/// What a source has to say when it is asked for a picture.
#[derive(Debug)]
pub(crate) enum Next {
    /// The next picture.
    Picture(Picture),
    /// There was one, but it is of no use.
    Unusable {
        /// Which one.
        name: String,
        /// Why.
        reason: PictureProblem,
    },
    /// There are no more.
    End,
}

/// Why a source gives no pictures.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The camera, stream or file cannot be opened.
    #[error("cannot open {name}: is it there, and may it be read?")]
    Closed {
        /// Which one, without its password.
        name: String,
    },
    /// A camera or stream has stopped giving pictures.
    #[error("{name} gives no more pictures")]
    Lost {
        /// Which one, without its password.
        name: String,
    },
    /// A folder without pictures.
    #[error("{} holds no .jpg, .jpeg, .png or .webp picture", path.display())]
    NoPictures {
        /// Which one.
        path: PathBuf,
    },
    /// A file or folder cannot be read.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// Which one.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// OpenCV failed.
    #[error("OpenCV failed")]
    Opencv(#[from] opencv::Error),
    /// The thread that reads the source is gone.
    #[error("the source's thread has ended")]
    Ended,
}
