//! What can be said of a picture's bytes without decoding them: kind, size, and whether they are all there.
//!
//! The gateway refuses bad pictures with this before anything is stored or sent, and the worker checks again
//! before it decodes, so a picture bomb meets two doors.

use imagesize::ImageType;

use crate::enrollment::PhotoRejection;

/// Most bytes that a picture may have: 10 MiB.
pub const MAX_BYTES: usize = 10 * 1024 * 1024;
/// Most pixels that a picture may decode to: 40 megapixels.
pub const MAX_PIXELS: u64 = 40_000_000;
/// Fewest pixels of each side: the input of the first net of MTCNN.
pub const MIN_SIDE: u32 = 12;

/// The kinds of picture that we read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureFormat {
    /// ISO/IEC 10918.
    Jpeg,
    /// ISO/IEC 15948.
    Png,
    /// RFC 9649, still pictures only.
    Webp,
}

/// What the header says, before EXIF orientation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PictureHeader {
    /// The kind.
    pub format: PictureFormat,
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

/// Why bytes are no picture for us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PictureProblem {
    /// Nothing at all.
    #[error("the picture is empty")]
    Empty,
    /// More than [`MAX_BYTES`].
    #[error("the picture has {bytes} bytes, more than the {MAX_BYTES} allowed")]
    TooManyBytes {
        /// How many there are.
        bytes: usize,
    },
    /// No kind of picture that we read.
    #[error("the bytes are not a JPEG, PNG or still WebP picture")]
    NotAnImage,
    /// The header is broken or the end is missing.
    #[error("the picture is damaged or incomplete")]
    Damaged,
    /// More than [`MAX_PIXELS`].
    #[error("the picture has {width}x{height} pixels, more than the {MAX_PIXELS} allowed")]
    TooManyPixels {
        /// Pixels in a row.
        width: u32,
        /// Rows.
        height: u32,
    },
    /// A side shorter than [`MIN_SIDE`].
    #[error("the picture has {width}x{height} pixels; each side needs at least {MIN_SIDE}")]
    TooFewPixels {
        /// Pixels in a row.
        width: u32,
        /// Rows.
        height: u32,
    },
}

impl From<PictureProblem> for PhotoRejection {
    fn from(problem: PictureProblem) -> Self {
        match problem {
            PictureProblem::Empty | PictureProblem::NotAnImage => Self::NotAnImage,
            PictureProblem::TooManyBytes { .. } | PictureProblem::TooManyPixels { .. } => Self::ImageTooLarge,
            PictureProblem::Damaged => Self::ImageDamaged,
            PictureProblem::TooFewPixels { .. } => Self::FaceTooSmall,
        }
    }
}

/// Reads the header of a picture and checks that it is whole and within the limits.
///
/// Reads every byte of a JPEG at most once; the pixels may still turn out to be damaged.
///
/// # Errors
/// [`PictureProblem`] says what is wrong.
pub fn inspect(bytes: &[u8]) -> Result<PictureHeader, PictureProblem> {
    if bytes.is_empty() {
        return Err(PictureProblem::Empty);
    }
    if bytes.len() > MAX_BYTES {
        return Err(PictureProblem::TooManyBytes { bytes: bytes.len() });
    }
    let format = match imagesize::image_type(bytes) {
        Ok(ImageType::Jpeg) => PictureFormat::Jpeg,
        Ok(ImageType::Png) => PictureFormat::Png,
        Ok(ImageType::Webp) if !is_animated_webp(bytes) => PictureFormat::Webp,
        _ => return Err(PictureProblem::NotAnImage),
    };
    let size = imagesize::blob_size(bytes).map_err(|_damage| PictureProblem::Damaged)?;
    let side = |pixels: usize| u32::try_from(pixels).map_err(|_damage| PictureProblem::Damaged);
    let (width, height) = (side(size.width)?, side(size.height)?);
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(PictureProblem::TooManyPixels { width, height });
    }
    if width < MIN_SIDE || height < MIN_SIDE {
        return Err(PictureProblem::TooFewPixels { width, height });
    }
    let is_whole = match format {
        PictureFormat::Jpeg => jpeg_is_whole(bytes),
        PictureFormat::Png => png_is_whole(bytes),
        PictureFormat::Webp => webp_is_whole(bytes),
    };
    if is_whole { Ok(PictureHeader { format, width, height }) } else { Err(PictureProblem::Damaged) }
}

/// Whether the markers of a JPEG lead from its start to an end-of-image after at least one scan.
///
/// Outside of scans each segment says its length; inside, a marker is 0xFF and a byte that is neither the stuffed
/// 0x00 nor a restart (ISO/IEC 10918-1, B.1.1). What follows the end, such as a camera's padding, does not matter.
fn jpeg_is_whole(bytes: &[u8]) -> bool {
    const START_OF_SCAN: u8 = 0xDA;
    const END_OF_IMAGE: u8 = 0xD9;
    let mut at = 2;
    let mut seen_scan = false;
    loop {
        if bytes.get(at) != Some(&0xFF) {
            return false;
        }
        let Some(fill) = bytes[at..].iter().position(|byte| *byte != 0xFF) else { return false };
        at += fill;
        let marker = bytes[at];
        at += 1;
        if marker == END_OF_IMAGE {
            return seen_scan;
        }
        let Some(length) = bytes.get(at..at + 2) else { return false };
        at += usize::from(u16::from_be_bytes([length[0], length[1]]));
        if marker == START_OF_SCAN {
            seen_scan = true;
            match bytes.get(at..).and_then(next_marker) {
                Some(distance) => at += distance,
                None => return false,
            }
        }
    }
}

/// Where in the data of a scan the next marker that ends it begins.
fn next_marker(scan: &[u8]) -> Option<usize> {
    scan.windows(2).position(|pair| pair[0] == 0xFF && !matches!(pair[1], 0x00 | 0xD0..=0xD7 | 0xFF))
}

/// Whether the chunks of a PNG lead to its end chunk.
fn png_is_whole(bytes: &[u8]) -> bool {
    let mut at = 8;
    while let Some(head) = bytes.get(at..at + 8) {
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let end = at + 12 + length;
        if &head[4..] == b"IEND" {
            return end <= bytes.len();
        }
        at = end;
    }
    false
}

/// Whether all of the bytes that the RIFF header promises are there.
fn webp_is_whole(bytes: &[u8]) -> bool {
    bytes.get(4..8).is_some_and(|size| {
        let size = u32::from_le_bytes([size[0], size[1], size[2], size[3]]) as usize;
        size + 8 <= bytes.len()
    })
}

/// Whether the extended header of a WebP has the animation flag (RFC 9649, 2.7.1.1).
fn is_animated_webp(bytes: &[u8]) -> bool {
    bytes.get(12..16) == Some(b"VP8X") && bytes.get(20).is_some_and(|flags| flags & 0b10 != 0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{MAX_BYTES, PictureFormat, PictureHeader, PictureProblem, inspect};

    /// A frame header of `width` x `height`, a scan with a stuffed 0xFF and a restart, and the end.
    fn jpeg(width: u16, height: u16) -> Vec<u8> {
        let mut bytes = vec![0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 0xFF, 0xD9];
        bytes.extend([0xFF, 0xC0, 0, 11, 8]);
        bytes.extend(height.to_be_bytes());
        bytes.extend(width.to_be_bytes());
        bytes.extend([1, 1, 0x11, 0]);
        bytes.extend([0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0]);
        bytes.extend([1, 2, 0xFF, 0x00, 3, 0xFF, 0xD0, 4, 0xFF, 0xD9]);
        bytes
    }

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        bytes.extend([8, 2, 0, 0, 0, 0, 0, 0, 0]);
        bytes.extend(b"\0\0\0\0IEND\xae\x42\x60\x82");
        bytes
    }

    fn animated_webp() -> Vec<u8> {
        let mut bytes = b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0".to_vec();
        bytes.extend([99, 0, 0, 99, 0, 0]);
        bytes
    }

    fn check(bytes: &[u8], expected: Result<PictureFormat, PictureProblem>) {
        assert_eq!(inspect(bytes).map(|header| header.format), expected);
    }

    #[test]
    fn reads_the_kinds_that_we_take() {
        let header = PictureHeader { format: PictureFormat::Jpeg, width: 640, height: 480 };
        assert_eq!(inspect(&jpeg(640, 480)), Ok(header));
        check(&png(640, 480), Ok(PictureFormat::Png));
        let padded: Vec<u8> = jpeg(640, 480).into_iter().chain([0; 64]).collect();
        check(&padded, Ok(PictureFormat::Jpeg));
    }

    #[test]
    fn says_what_is_wrong() {
        check(b"", Err(PictureProblem::Empty));
        check(b"hello, this is no picture", Err(PictureProblem::NotAnImage));
        check(b"GIF89a\x40\0\x40\0\0\0\0;", Err(PictureProblem::NotAnImage));
        check(&animated_webp(), Err(PictureProblem::NotAnImage));
        check(&vec![0xFF; MAX_BYTES + 1], Err(PictureProblem::TooManyBytes { bytes: MAX_BYTES + 1 }));
        check(&jpeg(30_000, 30_000), Err(PictureProblem::TooManyPixels { width: 30_000, height: 30_000 }));
        check(&jpeg(1, 1), Err(PictureProblem::TooFewPixels { width: 1, height: 1 }));
        check(&[&[0xFF, 0xD8, 0xFF, 0xD9][..], &[0; 60]].concat(), Err(PictureProblem::Damaged));
    }

    #[test]
    fn every_cut_is_noticed() {
        for whole in [jpeg(640, 480), png(640, 480)] {
            for length in 1..whole.len() {
                let problem = inspect(&whole[..length]).expect_err("a part is no picture");
                assert!(matches!(problem, PictureProblem::Damaged | PictureProblem::NotAnImage), "{length}: {problem}");
            }
        }
    }

    proptest! {
        #[test]
        fn never_panics(start in 0usize..3, tail in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut bytes = [jpeg(640, 480), png(640, 480), animated_webp()][start].clone();
            let kept = bytes.len() / 2;
            bytes.truncate(kept);
            bytes.extend(tail);
            let _ = inspect(&bytes);
        }
    }
}
