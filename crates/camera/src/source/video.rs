//! Cameras, streams and video files, through OpenCV.

use std::path::Path;

use opencv::core::{Mat, Vector};
use opencv::videoio::{
    CAP_ANY, CAP_FFMPEG, CAP_PROP_BUFFERSIZE, CAP_PROP_FPS, CAP_PROP_OPEN_TIMEOUT_MSEC, CAP_PROP_POS_FRAMES,
    CAP_PROP_READ_TIMEOUT_MSEC, VideoCapture, VideoCaptureTrait, VideoCaptureTraitConst,
};
use secrecy::ExposeSecret;

use super::folder::Repeats;
use super::jpeg::{self, Encoding};
use super::spec::Source;
use super::{Next, Picture, SourceError};

/// How long a stream may take to open, and to bring its next picture.
const STREAM_TIMEOUT_MS: i32 = 10_000;

/// A camera or stream that is open.
pub(super) struct Live {
    capture: VideoCapture,
    name: String,
    image: Mat,
    number: u64,
    encoding: Encoding,
}

impl Live {
    /// Opens a USB camera or a stream.
    pub(super) fn open(source: &Source, encoding: Encoding) -> Result<Self, SourceError> {
        let name = source.name();
        let timeouts = [CAP_PROP_OPEN_TIMEOUT_MSEC, STREAM_TIMEOUT_MS, CAP_PROP_READ_TIMEOUT_MSEC, STREAM_TIMEOUT_MS];
        let opened = match source {
            Source::Usb(index) => VideoCapture::new(*index, CAP_ANY),
            Source::Stream(address) => {
                VideoCapture::from_file_with_params(address.expose_secret(), CAP_FFMPEG, &Vector::from_slice(&timeouts))
            }
            Source::Path(path) => VideoCapture::from_file(path, CAP_ANY),
        };
        // What OpenCV says of a failure repeats the address, so it is left out.
        let mut capture = opened.map_err(|_reason| SourceError::Closed { name: name.clone() })?;
        if !capture.is_opened()? {
            return Err(SourceError::Closed { name });
        }
        // One picture is enough of a queue; where the driver does not know this, draining does the same.
        capture.set(CAP_PROP_BUFFERSIZE, 1.0)?;
        Ok(Self { capture, name, image: Mat::default(), number: 0, encoding })
    }

    /// Passes over one picture, so that the next one is not an old one.
    pub(super) fn skip(&mut self) -> Result<(), SourceError> {
        if self.capture.grab()? { Ok(()) } else { Err(SourceError::Lost { name: self.name.clone() }) }
    }

    /// The picture that the camera takes now.
    pub(super) fn next(&mut self) -> Result<Next, SourceError> {
        self.skip()?;
        if !self.capture.retrieve(&mut self.image, 0)? {
            return Err(SourceError::Lost { name: self.name.clone() });
        }
        self.number += 1;
        let name = format!("{}#{}", self.name, self.number);
        Ok(match jpeg::from_image(&self.image, self.encoding)? {
            Ok(jpeg) => Next::Picture(Picture { name, jpeg }),
            Err(reason) => Next::Unusable { name, reason },
        })
    }
}

/// A video file that is open.
pub(super) struct Film {
    capture: VideoCapture,
    name: String,
    image: Mat,
    encoding: Encoding,
    repeats: Repeats,
    /// Frames of the file from one picture to the next, at least 1.
    step: f64,
    /// The frame that is read next, from 0.
    position: u64,
    /// The frame that is wanted next.
    wanted: f64,
}

impl Film {
    /// Opens a video file, of which `rate` pictures are wanted for each second that it shows; all without a rate.
    pub(super) fn open(
        path: &Path,
        rate: Option<f64>,
        encoding: Encoding,
        repeats: Repeats,
    ) -> Result<Self, SourceError> {
        let name = Source::Path(path.to_path_buf()).name();
        let capture =
            VideoCapture::from_file(path, CAP_ANY).map_err(|_reason| SourceError::Closed { name: name.clone() })?;
        if !capture.is_opened()? {
            return Err(SourceError::Closed { name });
        }
        let step = step(capture.get(CAP_PROP_FPS)?, rate);
        Ok(Self { capture, name, image: Mat::default(), encoding, repeats, step, position: 0, wanted: 0.0 })
    }

    /// The next picture.
    pub(super) fn next(&mut self) -> Result<Next, SourceError> {
        while (self.position as f64) < self.wanted.floor() {
            if !self.capture.grab()? {
                return self.start_again();
            }
            self.position += 1;
        }
        if !self.capture.read(&mut self.image)? {
            return self.start_again();
        }
        let name = format!("{}#{}", self.name, self.position);
        self.position += 1;
        self.wanted += self.step;
        Ok(match jpeg::from_image(&self.image, self.encoding)? {
            Ok(jpeg) => Next::Picture(Picture { name, jpeg }),
            Err(reason) => Next::Unusable { name, reason },
        })
    }

    fn start_again(&mut self) -> Result<Next, SourceError> {
        if self.repeats == Repeats::Never || self.position == 0 {
            return Ok(Next::End);
        }
        self.capture.set(CAP_PROP_POS_FRAMES, 0.0)?;
        (self.position, self.wanted) = (0, 0.0);
        self.next()
    }
}

/// Frames of a film from one picture to the next. A film that does not say how fast it is shows 25 a second.
fn step(frames_per_second: f64, rate: Option<f64>) -> f64 {
    let is_told = frames_per_second.is_finite() && frames_per_second > 0.0;
    let speed = if is_told { frames_per_second } else { 25.0 };
    rate.map_or(1.0, |rate| (speed / rate).max(1.0))
}

#[cfg(test)]
mod tests {
    use super::step;

    #[test]
    fn a_film_plays_as_fast_as_it_was_taken() {
        assert_eq!(step(30.0, Some(5.0)), 6.0);
        assert_eq!(step(24.0, Some(10.0)), 2.4);
        assert_eq!(step(5.0, Some(30.0)), 1.0);
        assert_eq!(step(30.0, None), 1.0);
        assert_eq!(step(0.0, Some(5.0)), 5.0);
        assert_eq!(step(f64::NAN, None), 1.0);
    }
}
