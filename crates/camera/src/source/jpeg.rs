//! Making JPEGs that the gateway takes.

use domain::picture::{MAX_BYTES, PictureFormat, PictureProblem, inspect};
use opencv::core::{Mat, MatTraitConst, Size, Vector};
use opencv::imgcodecs::{IMREAD_COLOR, IMWRITE_JPEG_QUALITY, imdecode, imencode};
use opencv::imgproc::{INTER_AREA, resize};

/// How pictures that are no JPEG yet, or one that is too large, are made into one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Encoding {
    /// The longer side has at most so many pixels.
    pub longest_side: u32,
    /// 1..=100.
    pub quality: u8,
}

/// Lowest quality that a picture is brought down to before it is given up.
const LOWEST_QUALITY: i32 = 40;

/// A JPEG of an encoded picture: its bytes as they are, where they are one within the limits.
pub(super) fn from_bytes(bytes: Vec<u8>, encoding: Encoding) -> Result<Result<Vec<u8>, PictureProblem>, opencv::Error> {
    match inspect(&bytes) {
        Ok(header) if header.format == PictureFormat::Jpeg => Ok(Ok(bytes)),
        Ok(_) | Err(PictureProblem::TooManyBytes { .. } | PictureProblem::TooManyPixels { .. }) => {
            // Turned upright, since what it is made into has no EXIF orientation.
            let image = imdecode(&Vector::<u8>::from_iter(bytes), IMREAD_COLOR)?;
            if image.empty() { Ok(Err(PictureProblem::Damaged)) } else { from_image(&image, encoding) }
        }
        Err(problem) => Ok(Err(problem)),
    }
}

/// A JPEG of pixels in blue, green and red.
pub(super) fn from_image(image: &Mat, encoding: Encoding) -> Result<Result<Vec<u8>, PictureProblem>, opencv::Error> {
    let size = image.size()?;
    let longest = size.width.max(size.height);
    let wanted = i32::try_from(encoding.longest_side).unwrap_or(i32::MAX);
    let mut smaller = Mat::default();
    let fitting = if longest > wanted {
        let scaled = |side: i32| (f64::from(side) * f64::from(wanted) / f64::from(longest)).round().max(1.0) as i32;
        let target = Size::new(scaled(size.width), scaled(size.height));
        resize(image, &mut smaller, target, 0.0, 0.0, INTER_AREA)?;
        &smaller
    } else {
        image
    };
    let mut quality = i32::from(encoding.quality);
    loop {
        let mut bytes = Vector::<u8>::new();
        imencode(".jpg", fitting, &mut bytes, &Vector::from_slice(&[IMWRITE_JPEG_QUALITY, quality]))?;
        if bytes.len() <= MAX_BYTES {
            return Ok(inspect(bytes.as_slice()).map(|_| bytes.as_slice().to_vec()));
        }
        if quality <= LOWEST_QUALITY {
            return Ok(Err(PictureProblem::TooManyBytes { bytes: bytes.len() }));
        }
        quality -= 15;
    }
}

#[cfg(test)]
mod tests {
    use domain::picture::{PictureFormat, PictureProblem, inspect};
    use opencv::core::{CV_8UC3, Mat, Scalar, Vector};
    use opencv::imgcodecs::imencode_def;

    use super::{Encoding, from_bytes, from_image};

    const ENCODING: Encoding = Encoding { longest_side: 640, quality: 85 };

    fn grey(width: i32, height: i32) -> Mat {
        Mat::new_rows_cols_with_default(height, width, CV_8UC3, Scalar::all(127.0)).unwrap()
    }

    fn encoded(image: &Mat, extension: &str) -> Vec<u8> {
        let mut bytes = Vector::<u8>::new();
        imencode_def(extension, image, &mut bytes).unwrap();
        bytes.as_slice().to_vec()
    }

    #[test]
    fn pixels_become_a_jpeg_of_the_wanted_size() {
        let jpeg = from_image(&grey(1280, 720), ENCODING).unwrap().unwrap();
        let header = inspect(&jpeg).unwrap();
        assert_eq!((header.format, header.width, header.height), (PictureFormat::Jpeg, 640, 360));
        let small = from_image(&grey(320, 240), ENCODING).unwrap().unwrap();
        assert_eq!(inspect(&small).unwrap().width, 320);
    }

    #[test]
    fn a_jpeg_is_sent_as_it_is() {
        let jpeg = encoded(&grey(1280, 720), ".jpg");
        assert_eq!(from_bytes(jpeg.clone(), ENCODING).unwrap(), Ok(jpeg));
    }

    #[test]
    fn other_kinds_become_jpegs() {
        for extension in [".png", ".webp"] {
            let jpeg = from_bytes(encoded(&grey(800, 100), extension), ENCODING).unwrap().unwrap();
            let header = inspect(&jpeg).unwrap();
            assert_eq!((header.format, header.width, header.height), (PictureFormat::Jpeg, 640, 80));
        }
    }

    #[test]
    fn a_jpeg_with_too_many_pixels_is_made_smaller() {
        let jpeg = from_bytes(encoded(&grey(8000, 6000), ".jpg"), ENCODING).unwrap().unwrap();
        assert_eq!(inspect(&jpeg).unwrap().width, 640);
    }

    #[test]
    fn what_is_no_picture_is_told() {
        let mut broken = encoded(&grey(640, 480), ".jpg");
        broken.truncate(broken.len() / 2);
        assert_eq!(from_bytes(broken, ENCODING).unwrap(), Err(PictureProblem::Damaged));
        assert_eq!(from_bytes(b"GIF89a".to_vec(), ENCODING).unwrap(), Err(PictureProblem::NotAnImage));
        assert_eq!(from_bytes(Vec::new(), ENCODING).unwrap(), Err(PictureProblem::Empty));
    }
}
