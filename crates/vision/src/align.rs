//! Cutting a face out of its picture the way an encoder wants it.

use domain::geometry::{DetectedFace, FaceBox};
use opencv::core::{BORDER_CONSTANT, BORDER_REPLICATE, Mat, Rect, Scalar, Size, ToInputArray, ToOutputArray, Vec3b};
use opencv::imgproc;
use opencv::prelude::*;

use crate::error::VisionError;
use crate::manifest::Alignment;
use crate::picture::Picture;
use crate::similarity::{ARCFACE, DLIB, Similarity};

/// How much wider and higher than MTCNN's box the crop is, in all.
const BOX_MARGIN: f32 = 0.125;
/// Sides of the crops that [`ARCFACE`]'s and [`DLIB`]'s points are in.
const ARCFACE_SIDE: f64 = 112.0;
const DLIB_SIDE: f64 = 150.0;

/// Writes the face as `side` x `side` RGB pixels to `target`, turned clockwise by `turn` degrees about its middle; false
/// when too little of it is in the picture for that.
pub(crate) fn cut_out(
    picture: &Picture,
    face: &DetectedFace,
    alignment: Alignment,
    turn: f64,
    side: usize,
    target: &mut [u8],
) -> Result<bool, VisionError> {
    let source = Mat::new_rows_cols_with_bytes::<Vec3b>(picture.height as i32, picture.width as i32, &picture.pixels)?;
    let mut crop = Mat::new_rows_cols_with_bytes_mut::<Vec3b>(side as i32, side as i32, target)?;
    match alignment {
        Alignment::Box => {
            let Some(region) = enlarged(&face.face_box, picture.width, picture.height) else { return Ok(false) };
            if turn == 0.0 {
                resize(&source.roi(region)?, region.size(), &mut crop, side)?;
            } else {
                let middle = (f64::from(region.width) / 2.0, f64::from(region.height) / 2.0);
                let middle_in_picture = (f64::from(region.x) + middle.0, f64::from(region.y) + middle.1);
                let mut turned = Mat::default();
                let similarity = Similarity::turn(turn, middle_in_picture, middle);
                warp(&source, &mut turned, region.size(), &similarity, BORDER_REPLICATE)?;
                resize(&turned, region.size(), &mut crop, side)?;
            }
        }
        Alignment::Arcface | Alignment::Dlib => {
            let (template, template_side) =
                if alignment == Alignment::Dlib { (&DLIB, DLIB_SIDE) } else { (&ARCFACE, ARCFACE_SIDE) };
            let Some(similarity) = Similarity::between(&face.landmarks, template) else { return Ok(false) };
            let upright = similarity.scaled(side as f64 / template_side);
            let middle = (side as f64 / 2.0, side as f64 / 2.0);
            let (similarity, border) = match turn {
                0.0 => (upright, BORDER_CONSTANT),
                _ => (upright.then(&Similarity::turn(turn, middle, middle)), BORDER_REPLICATE),
            };
            warp(&source, &mut crop, Size::new(side as i32, side as i32), &similarity, border)?;
        }
    }
    Ok(true)
}

fn resize(
    source: &impl ToInputArray,
    size: Size,
    crop: &mut impl ToOutputArray,
    side: usize,
) -> Result<(), VisionError> {
    let side = side as i32;
    let is_shrinking = size.width >= side && size.height >= side;
    let mode = if is_shrinking { imgproc::INTER_AREA } else { imgproc::INTER_LINEAR };
    Ok(imgproc::resize(source, crop, Size::new(side, side), 0.0, 0.0, mode)?)
}

/// `border` is what lies outside of the picture: black, or its outermost pixels.
fn warp(
    source: &impl ToInputArray,
    crop: &mut impl ToOutputArray,
    size: Size,
    similarity: &Similarity,
    border: i32,
) -> Result<(), VisionError> {
    let matrix = Mat::from_slice_2d(&similarity.rows())?;
    Ok(imgproc::warp_affine(source, crop, &matrix, size, imgproc::INTER_LINEAR, border, Scalar::all(0.0))?)
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
    use crate::similarity::{ARCFACE, DLIB};

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
        assert!(cut_out(&gradient(250, 250), &whole, Alignment::Box, 0.0, 16, &mut crop).expect("runs"));
        assert_eq!(pixel(&crop, 16, 0, 0), [36, 36, 7]);
        assert_eq!(pixel(&crop, 16, 15, 0), [171, 36, 7]);
        let outside = face([300.0, 40.0, 340.0, 80.0], ARCFACE);
        assert!(!cut_out(&gradient(250, 250), &outside, Alignment::Box, 0.0, 16, &mut crop).expect("runs"));
    }

    #[test]
    fn landmarks_come_to_lie_on_dlibs_template_too() {
        let shifted = DLIB.map(|point| Point { x: point.x + 50.0, y: point.y + 70.0 });
        let mut crop = vec![0; 150 * 150 * 3];
        let found = face([50.0, 70.0, 200.0, 220.0], shifted);
        assert!(cut_out(&gradient(250, 250), &found, Alignment::Dlib, 0.0, 150, &mut crop).expect("runs"));
        assert_eq!(pixel(&crop, 150, 30, 40), [80, 110, 7]);
    }

    #[test]
    fn landmarks_come_to_lie_on_the_template() {
        let shifted = ARCFACE.map(|point| Point { x: point.x + 50.0, y: point.y + 70.0 });
        let mut crop = vec![0; 112 * 112 * 3];
        let found = face([50.0, 70.0, 160.0, 180.0], shifted);
        assert!(cut_out(&gradient(250, 250), &found, Alignment::Arcface, 0.0, 112, &mut crop).expect("runs"));
        assert_eq!(pixel(&crop, 112, 30, 40), [80, 110, 7]);
        let nowhere = face([50.0, 70.0, 160.0, 180.0], [Point { x: 5.0, y: 5.0 }; 5]);
        assert!(!cut_out(&gradient(250, 250), &nowhere, Alignment::Arcface, 0.0, 112, &mut crop).expect("runs"));
    }

    fn check_turned(alignment: Alignment, side: usize) {
        let found =
            face([60.0, 60.0, 172.0, 172.0], ARCFACE.map(|point| Point { x: point.x + 60.0, y: point.y + 60.0 }));
        let mut crops = [0.0, 8.0].map(|_turn| vec![0; side * side * 3]);
        for (crop, turn) in crops.iter_mut().zip([0.0, 8.0]) {
            assert!(cut_out(&gradient(250, 250), &found, alignment, turn, side, crop).expect("runs"));
        }
        let [upright, turned] = &crops;
        let middle = side / 2;
        let difference = |x: usize, y: usize| {
            let (one, other) = (pixel(upright, side, x, y), pixel(turned, side, x, y));
            [0, 1].map(|channel| i32::from(other[channel]) - i32::from(one[channel]))
        };
        assert!(difference(middle, middle).into_iter().all(|change| change.abs() <= 1));
        // What was above the right edge's middle is there now: red is as it was, green is less.
        let [red, green] = difference(side - 1, middle);
        assert!(red.abs() <= 1 && (-10..=-6).contains(&green), "{red} {green}");
        assert!(turned.chunks_exact(3).all(|pixel| pixel[2] == 7), "nothing black in the corners");
    }

    #[test]
    fn a_turned_crop_shows_what_is_around_the_face() {
        check_turned(Alignment::Arcface, 112);
        check_turned(Alignment::Box, 112);
    }
}
