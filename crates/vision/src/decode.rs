//! Bytes to an upright picture, within limits.

use domain::picture::{PictureFormat, PictureHeader, PictureProblem, inspect};
use opencv::core::{Mat, Size, Vec3b};
use opencv::prelude::*;
use opencv::{imgcodecs, imgproc};

use crate::error::DecodeError;
use crate::picture::Picture;

/// Decodes a JPEG, PNG or still WebP picture, turns it upright as its EXIF data says, and shrinks it until its longer
/// side has at most `max_dimension` pixels.
///
/// The limits of [`domain::picture::inspect`] are checked before anything is decoded.
///
/// # Errors
/// [`DecodeError::Refused`] when the bytes are no picture that we take.
pub fn decode(bytes: &[u8], max_dimension: u32) -> Result<Picture, DecodeError> {
    let header = inspect(bytes)?;
    let decoded = imgcodecs::imdecode(&bytes, reading_mode(header, max_dimension))?;
    if decoded.empty() || decoded.typ() != opencv::core::CV_8UC3 {
        return Err(PictureProblem::Damaged.into());
    }
    let size = decoded.size()?;
    let original = upright_size(header, size);
    let target = fitted(size, max_dimension);
    if target == size {
        return rgb(&decoded, original);
    }
    let mut shrunk = Mat::default();
    imgproc::resize(&decoded, &mut shrunk, target, 0.0, 0.0, imgproc::INTER_AREA)?;
    rgb(&shrunk, original)
}

/// Has a JPEG of more than twice the wanted size decoded at a half, quarter or eighth, which its format makes cheap.
/// OpenCV applies the EXIF orientation in each of these modes.
fn reading_mode(header: PictureHeader, max_dimension: u32) -> i32 {
    let excess = header.width.max(header.height) / max_dimension.max(1);
    match (header.format, excess) {
        (PictureFormat::Png | PictureFormat::Webp, _) | (PictureFormat::Jpeg, 0..2) => imgcodecs::IMREAD_COLOR,
        (PictureFormat::Jpeg, 2..4) => imgcodecs::IMREAD_REDUCED_COLOR_2,
        (PictureFormat::Jpeg, 4..8) => imgcodecs::IMREAD_REDUCED_COLOR_4,
        (PictureFormat::Jpeg, 8..) => imgcodecs::IMREAD_REDUCED_COLOR_8,
    }
}

/// Width and height of the original after the turn that decoding has made, if any.
fn upright_size(header: PictureHeader, decoded: Size) -> (u32, u32) {
    let was_wide = header.width > header.height;
    let is_wide = decoded.width > decoded.height;
    let was_turned = was_wide != is_wide && decoded.width != decoded.height;
    if was_turned { (header.height, header.width) } else { (header.width, header.height) }
}

/// The size with the same proportions whose longer side is at most `max_dimension`.
fn fitted(size: Size, max_dimension: u32) -> Size {
    let longer = size.width.max(size.height);
    let Ok(limit) = i32::try_from(max_dimension) else { return size };
    if longer <= limit {
        return size;
    }
    let shrink = |side: i32| (f64::from(side) * f64::from(limit) / f64::from(longer)).round().max(1.0) as i32;
    Size::new(shrink(size.width), shrink(size.height))
}

fn rgb(bgr: &Mat, original: (u32, u32)) -> Result<Picture, DecodeError> {
    let (width, height) = (bgr.cols() as usize, bgr.rows() as usize);
    let mut pixels = vec![0; width * height * 3];
    let mut target = Mat::new_rows_cols_with_bytes_mut::<Vec3b>(bgr.rows(), bgr.cols(), &mut pixels)?;
    imgproc::cvt_color_def(bgr, &mut target, imgproc::COLOR_BGR2RGB)?;
    drop(target);
    Ok(Picture { pixels, width, height, original })
}

#[cfg(test)]
mod tests {
    use opencv::core::{Vector, VectorToVec};

    use super::{DecodeError, Mat, Picture, PictureProblem, Vec3b, decode, imgcodecs};

    const WIDTH: usize = 400;
    const HEIGHT: usize = 240;

    /// Red on the left, blue on the right, green along the top.
    fn encoded(extension: &str) -> Vec<u8> {
        let pixel = |x, y| {
            if y < HEIGHT / 3 {
                [0, 255, 0]
            } else if x < WIDTH / 2 {
                [0, 0, 255]
            } else {
                [255, 0, 0]
            }
        };
        let bgr: Vec<u8> = (0..HEIGHT).flat_map(|y| (0..WIDTH).flat_map(move |x| pixel(x, y))).collect();
        let mat = Mat::new_rows_cols_with_bytes::<Vec3b>(HEIGHT as i32, WIDTH as i32, &bgr).expect("sizes agree");
        let mut bytes = Vector::new();
        assert!(imgcodecs::imencode_def(extension, &mat, &mut bytes).expect("OpenCV encodes"));
        bytes.to_vec()
    }

    /// The JPEG with an EXIF segment that says how the camera was held.
    fn turned(orientation: u8) -> Vec<u8> {
        let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
        exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
        let plain = encoded(".jpg");
        let length = (exif.len() + 2) as u16;
        [&plain[..2], &[0xFF, 0xE1], &length.to_be_bytes(), &exif, &plain[2..]].concat()
    }

    /// The strongest channel at a place given in fractions of the sides.
    fn colour(picture: &Picture, x: f32, y: f32) -> usize {
        let column = (x * picture.width() as f32) as usize;
        let row = (y * picture.height() as f32) as usize;
        let at = (row * picture.width() + column) * 3;
        (0..3).max_by_key(|channel| picture.rgb()[at + channel]).expect("three channels")
    }

    fn check_colours(
        bytes: &[u8],
        max_dimension: u32,
        size: (usize, usize),
        original: (u32, u32),
        corners: [usize; 4],
    ) {
        let picture = decode(bytes, max_dimension).expect("a picture");
        assert_eq!((picture.width(), picture.height()), size);
        assert_eq!(picture.original_size(), original);
        let found = [(0.1, 0.1), (0.9, 0.1), (0.1, 0.9), (0.9, 0.9)].map(|(x, y)| colour(&picture, x, y));
        assert_eq!(found, corners, "of {size:?}");
    }

    #[test]
    fn every_kind_becomes_rgb() {
        for extension in [".jpg", ".png", ".webp"] {
            check_colours(&encoded(extension), 400, (400, 240), (400, 240), [1, 1, 0, 2]);
        }
    }

    #[test]
    fn large_pictures_shrink() {
        for (max_dimension, height) in [(399, 239), (200, 120), (150, 90), (100, 60), (64, 38), (40, 24)] {
            for extension in [".jpg", ".png", ".webp"] {
                let size = (max_dimension as usize, height);
                check_colours(&encoded(extension), max_dimension, size, (400, 240), [1, 1, 0, 2]);
            }
        }
    }

    #[test]
    fn exif_turns_the_picture_upright_at_every_size() {
        for (max_dimension, long, short) in [(400, 400, 240), (150, 150, 90), (90, 90, 54), (45, 45, 27)] {
            check_colours(&turned(1), max_dimension, (long, short), (400, 240), [1, 1, 0, 2]);
            check_colours(&turned(3), max_dimension, (long, short), (400, 240), [2, 0, 1, 1]);
            check_colours(&turned(6), max_dimension, (short, long), (240, 400), [0, 1, 2, 1]);
            check_colours(&turned(8), max_dimension, (short, long), (240, 400), [1, 2, 1, 0]);
        }
    }

    fn check_refused(bytes: &[u8], expected: PictureProblem) {
        match decode(bytes, 1280) {
            Err(DecodeError::Refused(problem)) => assert_eq!(problem, expected),
            other => panic!("{other:?}, not {expected:?}"),
        }
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        check_refused(b"", PictureProblem::Empty);
        check_refused(b"not a picture at all", PictureProblem::NotAnImage);
        check_refused(b"GIF89a\x40\0\x40\0\0\0\0;", PictureProblem::NotAnImage);
        let animated = [b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0".as_slice(), &[99, 0, 0, 99, 0, 0]].concat();
        check_refused(&animated, PictureProblem::NotAnImage);
        let bytes = 11 * 1024 * 1024;
        check_refused(&vec![0xFF; bytes], PictureProblem::TooManyBytes { bytes });
    }

    #[test]
    fn a_header_that_promises_too_much_is_refused_before_decoding() {
        let mut huge = encoded(".jpg");
        let frame = huge.windows(2).position(|pair| pair == [0xFF, 0xC0]).expect("a baseline frame");
        huge[frame + 5..frame + 9].copy_from_slice(&[0x75, 0x30, 0x75, 0x30]);
        check_refused(&huge, PictureProblem::TooManyPixels { width: 30_000, height: 30_000 });
        huge[frame + 5..frame + 9].copy_from_slice(&[0, 1, 0, 1]);
        check_refused(&huge, PictureProblem::TooFewPixels { width: 1, height: 1 });
    }

    #[test]
    fn a_picture_that_is_cut_short_is_refused() {
        for extension in [".jpg", ".png", ".webp"] {
            let whole = encoded(extension);
            for kept in [whole.len() / 2, whole.len() - 1] {
                check_refused(&whole[..kept], PictureProblem::Damaged);
            }
        }
    }

    #[test]
    fn a_sound_header_over_broken_pixels_never_panics() {
        for extension in [".jpg", ".png", ".webp"] {
            let mut broken = encoded(extension);
            let from = broken.len() / 3;
            let until = broken.len() - 20;
            broken[from..until].iter_mut().for_each(|byte| *byte ^= 0x2A);
            if let Ok(picture) = decode(&broken, 1280) {
                assert_eq!((picture.width(), picture.height()), (WIDTH, HEIGHT));
            }
        }
    }
}
