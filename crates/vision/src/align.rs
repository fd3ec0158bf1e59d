//! Cutting a face out of its picture the way an encoder wants it.

use domain::geometry::{DetectedFace, FaceBox};
use opencv::core::{Mat, Rect, Scalar, Size, Vec3b};
use opencv::imgproc;
use opencv::prelude::*;

use crate::error::VisionError;
use crate::manifest::Alignment;
use crate::picture::Picture;
use crate::similarity::{ARCFACE, Similarity};

/// How much wider and higher than MTCNN's box the crop is, in all.
const BOX_MARGIN: f32 = 0.125;
/// Side of the crop that [`ARCFACE`]'s points are in.
const ARCFACE_SIDE: f64 = 112.0;

/// Writes the face as `side` x `side` RGB pixels to `target`; false when too little of it is in the picture for that.
pub(crate) fn cut_out(
    picture: &Picture,
    face: &DetectedFace,
    alignment: Alignment,
    side: i32,
    target: &mut [u8],
) -> Result<bool, VisionError> {
    let source = Mat::new_rows_cols_with_bytes::<Vec3b>(picture.height as i32, picture.width as i32, &picture.pixels)?;
    let mut crop = Mat::new_rows_cols_with_bytes_mut::<Vec3b>(side, side, target)?;
    let size = Size::new(side, side);
    match alignment {
        Alignment::Box => {
            let Some(region) = enlarged(&face.face_box, picture.width, picture.height) else { return Ok(false) };
            let is_shrinking = region.width >= side && region.height >= side;
            let mode = if is_shrinking { imgproc::INTER_AREA } else { imgproc::INTER_LINEAR };
            imgproc::resize(&source.roi(region)?, &mut crop, size, 0.0, 0.0, mode)?;
        }
        Alignment::Arcface => {
            let Some(similarity) = Similarity::between(&face.landmarks, &ARCFACE) else { return Ok(false) };
            let scale = f64::from(side) / ARCFACE_SIDE;
            let matrix = Mat::from_slice_2d(&similarity.rows().map(|row| row.map(|value| value * scale)))?;
            let (mode, border) = (imgproc::INTER_LINEAR, opencv::core::BORDER_CONSTANT);
            imgproc::warp_affine(&source, &mut crop, &matrix, size, mode, border, Scalar::all(0.0))?;
        }
    }
    Ok(true)
}

/// The box with its margin, in whole pixels of the picture; `None` when no pixel is left.
fn enlarged(face_box: &FaceBox, width: usize, height: usize) -> Option<Rect> {
    let span = |from: f32, to: f32, limit: usize| {
        let margin = (to - from) * BOX_MARGIN / 2.0;
        let begin = (from - margin).max(0.0) as i32;
        let end = (to + margin).min(limit as f32) as i32;
        (begin < end).then_some((begin, end - begin))
    };
    let (left, columns) = span(face_box.x_min, face_box.x_max, width)?;
    let (top, rows) = span(face_box.y_min, face_box.y_max, height)?;
    Some(Rect::new(left, top, columns, rows))
}

#[cfg(test)]
mod tests {
    use domain::geometry::{Landmarks, Point};

    use super::{Alignment, DetectedFace, FaceBox, Picture, Rect, cut_out, enlarged};
    use crate::similarity::ARCFACE;

    /// Red grows to the right, green downwards.
    fn gradient(width: usize, height: usize) -> Picture {
        let pixels = (0..height).flat_map(|y| (0..width).flat_map(move |x| [x as u8, y as u8, 7])).collect();
        Picture { pixels, width, height, original: (width as u32, height as u32) }
    }

    fn face(face_box: [f32; 4], landmarks: Landmarks) -> DetectedFace {
        let [x_min, y_min, x_max, y_max] = face_box;
        DetectedFace { face_box: FaceBox { x_min, y_min, x_max, y_max }, landmarks, detection_score: 0.9 }
    }

    fn pixel(crop: &[u8], side: usize, x: usize, y: usize) -> [u8; 3] {
        let at = (y * side + x) * 3;
        [crop[at], crop[at + 1], crop[at + 2]]
    }

    #[test]
    fn the_box_gets_its_margin_and_is_clipped() {
        let face_box = FaceBox { x_min: 16.0, y_min: -8.0, x_max: 32.0, y_max: 24.0 };
        assert_eq!(enlarged(&face_box, 200, 200), Some(Rect::new(15, 0, 18, 26)));
        assert_eq!(enlarged(&face_box, 30, 20), Some(Rect::new(15, 0, 15, 20)));
        let outside = FaceBox { x_min: 300.0, x_max: 340.0, ..face_box };
        assert_eq!(enlarged(&outside, 200, 200), None);
    }

    #[test]
    fn a_box_crop_shows_the_box() {
        let mut crop = vec![0; 16 * 16 * 3];
        let whole = face([40.0, 40.0, 168.0, 168.0], ARCFACE);
        assert!(cut_out(&gradient(250, 250), &whole, Alignment::Box, 16, &mut crop).expect("runs"));
        assert_eq!(pixel(&crop, 16, 0, 0), [36, 36, 7]);
        assert_eq!(pixel(&crop, 16, 15, 0), [171, 36, 7]);
        let outside = face([300.0, 40.0, 340.0, 80.0], ARCFACE);
        assert!(!cut_out(&gradient(250, 250), &outside, Alignment::Box, 16, &mut crop).expect("runs"));
    }

    #[test]
    fn landmarks_come_to_lie_on_the_template() {
        let shifted = ARCFACE.map(|point| Point { x: point.x + 50.0, y: point.y + 70.0 });
        let mut crop = vec![0; 112 * 112 * 3];
        let found = face([50.0, 70.0, 160.0, 180.0], shifted);
        assert!(cut_out(&gradient(250, 250), &found, Alignment::Arcface, 112, &mut crop).expect("runs"));
        assert_eq!(pixel(&crop, 112, 30, 40), [80, 110, 7]);
        let nowhere = face([50.0, 70.0, 160.0, 180.0], [Point { x: 5.0, y: 5.0 }; 5]);
        assert!(!cut_out(&gradient(250, 250), &nowhere, Alignment::Arcface, 112, &mut crop).expect("runs"));
    }
}
