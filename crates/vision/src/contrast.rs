//! Local contrast, evened out for dark and backlit rooms.

use opencv::core::{Mat, Size, Vec3b, Vector};
use opencv::imgproc;
use opencv::prelude::*;

use crate::error::VisionError;
use crate::picture::Picture;

/// How much steeper than the identity the contrast of a tile may become.
const CLIP_LIMIT: f64 = 2.0;
/// Tiles in each direction.
const TILES: i32 = 8;

/// The picture after contrast-limited adaptive histogram equalisation (Zuiderveld 1994) of its brightness.
pub(crate) fn equalized(picture: &Picture) -> Result<Picture, VisionError> {
    let source = Mat::new_rows_cols_with_bytes::<Vec3b>(picture.height as i32, picture.width as i32, &picture.pixels)?;
    let mut split = Mat::default();
    imgproc::cvt_color_def(&source, &mut split, imgproc::COLOR_RGB2YCrCb)?;
    let mut planes = Vector::<Mat>::new();
    opencv::core::split(&split, &mut planes)?;
    let mut brightness = Mat::default();
    imgproc::create_clahe(CLIP_LIMIT, Size::new(TILES, TILES))?.apply(&planes.get(0)?, &mut brightness)?;
    planes.set(0, brightness)?;
    opencv::core::merge(&planes, &mut split)?;
    let mut pixels = vec![0; picture.pixels.len()];
    let mut target = Mat::new_rows_cols_with_bytes_mut::<Vec3b>(source.rows(), source.cols(), &mut pixels)?;
    imgproc::cvt_color_def(&split, &mut target, imgproc::COLOR_YCrCb2RGB)?;
    drop(target);
    Ok(Picture { pixels, ..*picture })
}

#[cfg(test)]
mod tests {
    use super::{Picture, equalized};

    #[test]
    fn a_dark_picture_gets_more_contrast_and_keeps_its_size() {
        let (width, height) = (64, 48);
        let pixels: Vec<u8> = (0..width * height).flat_map(|at| [(at % width / 4) as u8; 3]).collect();
        let dark = Picture { pixels, width, height, original: (640, 480) };
        let even = equalized(&dark).expect("OpenCV runs");
        assert_eq!((even.width, even.height, even.original), (width, height, (640, 480)));
        let range = |picture: &Picture| picture.rgb().iter().max().zip(picture.rgb().iter().min()).map(|(a, b)| a - b);
        assert!(range(&even) > range(&dark));
    }
}
