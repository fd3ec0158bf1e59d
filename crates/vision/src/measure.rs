//! What is measured on a face's pixels, for its quality.

use domain::geometry::DetectedFace;
use domain::quality::FaceMeasure;
use opencv::core::{CV_16S, Mat, Rect, Size, Vec3b};
use opencv::imgproc;
use opencv::prelude::*;

use crate::boxes::{Region, region};
use crate::error::VisionError;
use crate::picture::Picture;

/// Side that the face box is scaled to, in pixels.
const SIDE: i32 = 112;

/// Sharpness, brightness and contrast of a face, given in pixels of `picture`; all 0 when none of it is in the picture.
///
/// Sharpness is the variance of the Laplacian (Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy",
/// 2000); brightness and contrast are of the middle half of the box in both directions, where there is little but skin.
pub(crate) fn measure(picture: &Picture, face: &DetectedFace) -> Result<FaceMeasure, VisionError> {
    let Some(Region { left, top, width, height }) = region(face.face_box, picture.width, picture.height) else {
        return Ok(FaceMeasure::default());
    };
    let source = Mat::new_rows_cols_with_bytes::<Vec3b>(picture.height as i32, picture.width as i32, &picture.pixels)?;
    let mut grey = Mat::default();
    let seen = Rect::new(left as i32, top as i32, width as i32, height as i32);
    imgproc::cvt_color_def(&source.roi(seen)?, &mut grey, imgproc::COLOR_RGB2GRAY)?;
    let mut face = Mat::default();
    let is_shrinking = seen.width >= SIDE && seen.height >= SIDE;
    let mode = if is_shrinking { imgproc::INTER_AREA } else { imgproc::INTER_LINEAR };
    imgproc::resize(&grey, &mut face, Size::new(SIDE, SIDE), 0.0, 0.0, mode)?;
    let mut edges = Mat::default();
    imgproc::laplacian_def(&face, &mut edges, CV_16S)?;
    let (_, deviation) = mean_and_deviation(&edges)?;
    let middle = Rect::new(SIDE / 4, SIDE / 4, SIDE / 2, SIDE / 2);
    let (brightness, contrast) = mean_and_deviation(&face.roi(middle)?)?;
    Ok(FaceMeasure {
        sharpness: (deviation * deviation) as f32,
        brightness: brightness as f32,
        contrast: contrast as f32,
    })
}

fn mean_and_deviation(values: &impl opencv::core::ToInputArray) -> Result<(f64, f64), VisionError> {
    let (mut mean, mut deviation) = (Mat::default(), Mat::default());
    opencv::core::mean_std_dev_def(values, &mut mean, &mut deviation)?;
    Ok((*mean.at::<f64>(0)?, *deviation.at::<f64>(0)?))
}

#[cfg(test)]
mod tests {
    use domain::geometry::{FaceBox, Point};

    use super::{DetectedFace, FaceMeasure, Picture, measure};

    /// A picture of 300 x 300 pixels, each grey.
    fn grey(value: impl Fn(usize, usize) -> u8) -> Picture {
        let pixels = (0..300).flat_map(|y| (0..300).map(move |x| (x, y))).flat_map(|(x, y)| [value(x, y); 3]).collect();
        Picture { pixels, width: 300, height: 300, original: (300, 300) }
    }

    fn face(from: f32, to: f32) -> DetectedFace {
        let face_box = FaceBox { x_min: from, y_min: from, x_max: to, y_max: to };
        DetectedFace { face_box, landmarks: [Point { x: 0.0, y: 0.0 }; 5], detection_score: 1.0 }
    }

    fn measured(picture: &Picture, from: f32, to: f32) -> FaceMeasure {
        measure(picture, &face(from, to)).expect("OpenCV runs")
    }

    #[test]
    fn an_even_face_has_its_brightness_and_nothing_else() {
        let found = measured(&grey(|_, _| 90), 21.0, 200.0);
        assert!(found.sharpness < 1e-3 && (found.brightness - 90.0).abs() < 1e-3 && found.contrast < 1e-3, "{found:?}");
    }

    #[test]
    fn stripes_of_one_pixel_are_as_sharp_as_the_formula_says() {
        // Counted from 1, both ends included: 112 pixels, so nothing is scaled. Each pixel's Laplacian is 4 x 40.
        let stripes = grey(|x, y| if (x + y) % 2 == 0 { 80 } else { 120 });
        let found = measured(&stripes, 11.0, 122.0);
        assert!((found.sharpness - 320.0f32.powi(2) / 4.0).abs() < 300.0, "{found:?}");
        assert!((found.brightness - 100.0).abs() < 0.01 && (found.contrast - 20.0).abs() < 0.01, "{found:?}");
    }

    #[test]
    fn blur_costs_sharpness() {
        let edge =
            |wide: usize| grey(move |x, _| (((x + wide).saturating_sub(100)).min(2 * wide) * 200 / (2 * wide)) as u8);
        let [sharp, soft] = [1, 20].map(|wide| measured(&edge(wide), 44.0, 156.0).sharpness);
        assert!(sharp > 10.0 * soft, "{sharp} {soft}");
    }

    #[test]
    fn a_face_outside_the_picture_has_nothing() {
        assert_eq!(measured(&grey(|_, _| 90), 400.0, 500.0), FaceMeasure::default());
    }
}
