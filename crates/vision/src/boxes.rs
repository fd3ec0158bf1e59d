//! Arithmetic on boxes, as MTCNN does it.
//!
//! Source: Zhang et al., "Joint Face Detection and Alignment Using Multitask Cascaded Convolutional Networks" (2016), in
//! the reading of facenet-pytorch 2.6.0, whose choices (where 1 is added, where numbers are cut off) are kept
//! because the weights were judged with them.

use domain::geometry::{DetectedFace, FaceBox, Point};

/// Left, top, right and bottom corrections that a net proposes, as fractions of the box's sides.
pub(crate) type Offsets = [f32; 4];

/// A place that may show a face.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Candidate {
    pub(crate) face_box: FaceBox,
    /// Probability of a face, 0..=1.
    pub(crate) score: f32,
}

/// A part of a picture in whole pixels, inside of it and not empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Region {
    pub(crate) left: usize,
    pub(crate) top: usize,
    pub(crate) width: usize,
    pub(crate) height: usize,
}

/// Moves each edge by its offset times `width` (left, right) or `height` (top, bottom).
pub(crate) fn shifted(face_box: FaceBox, offsets: Offsets, width: f32, height: f32) -> FaceBox {
    FaceBox {
        x_min: face_box.x_min + offsets[0] * width,
        y_min: face_box.y_min + offsets[1] * height,
        x_max: face_box.x_max + offsets[2] * width,
        y_max: face_box.y_max + offsets[3] * height,
    }
}

/// Moves each edge as the second and third net mean it: they count both edges as part of the box.
pub(crate) fn corrected(face_box: FaceBox, offsets: Offsets) -> FaceBox {
    shifted(face_box, offsets, face_box.width() + 1.0, face_box.height() + 1.0)
}

/// The square about the same centre whose side is the longer of the two.
pub(crate) fn squared(face_box: FaceBox) -> FaceBox {
    let (width, height) = (face_box.width(), face_box.height());
    let side = width.max(height);
    let x_min = face_box.x_min + width * 0.5 - side * 0.5;
    let y_min = face_box.y_min + height * 0.5 - side * 0.5;
    FaceBox { x_min, y_min, x_max: x_min + side, y_max: y_min + side }
}

/// A face in pixels of another size of its picture: so many times as wide and as high.
pub(crate) fn scaled(face: DetectedFace, (across, down): (f32, f32)) -> DetectedFace {
    let FaceBox { x_min, y_min, x_max, y_max } = face.face_box;
    DetectedFace {
        face_box: FaceBox { x_min: x_min * across, y_min: y_min * down, x_max: x_max * across, y_max: y_max * down },
        landmarks: face.landmarks.map(|Point { x, y }| Point { x: x * across, y: y * down }),
        ..face
    }
}

/// The pixels of a box in a picture of `width` x `height`; `None` when there are none.
///
/// Edges are cut off to whole numbers and counted from 1, both ends included.
pub(crate) fn region(face_box: FaceBox, width: usize, height: usize) -> Option<Region> {
    let (left, right) = span(face_box.x_min, face_box.x_max, width)?;
    let (top, bottom) = span(face_box.y_min, face_box.y_max, height)?;
    Some(Region { left, top, width: right - left, height: bottom - top })
}

fn span(from: f32, to: f32, limit: usize) -> Option<(usize, usize)> {
    // A cast to an integer cuts off and makes negative numbers, and what is no number, 0.
    let begin = (from as usize).max(1) - 1;
    let end = (to as usize).min(limit);
    (begin < end).then_some((begin, end))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{FaceBox, Region, corrected, region, squared};

    fn any_box() -> impl Strategy<Value = FaceBox> {
        (-200f32..1500.0, -200f32..1500.0, 0f32..900.0, 0f32..900.0).prop_map(|(x_min, y_min, width, height)| FaceBox {
            x_min,
            y_min,
            x_max: x_min + width,
            y_max: y_min + height,
        })
    }

    fn face_box(x_min: f32, y_min: f32, x_max: f32, y_max: f32) -> FaceBox {
        FaceBox { x_min, y_min, x_max, y_max }
    }

    #[test]
    fn corrections_are_fractions_of_sides_that_count_both_edges() {
        let moved = corrected(face_box(10.0, 20.0, 29.0, 59.0), [0.5, -0.25, -0.5, 0.25]);
        assert_eq!(moved, face_box(20.0, 10.0, 19.0, 69.0));
    }

    #[test]
    fn squares_keep_the_centre() {
        assert_eq!(squared(face_box(0.0, 0.0, 10.0, 20.0)), face_box(-5.0, 0.0, 15.0, 20.0));
        assert_eq!(squared(face_box(0.0, 0.0, 20.0, 10.0)), face_box(0.0, -5.0, 20.0, 15.0));
    }

    #[test]
    fn regions_count_from_one_and_stay_inside() {
        let whole = Region { left: 0, top: 0, width: 100, height: 80 };
        assert_eq!(region(face_box(-5.0, -5.0, 300.0, 300.0), 100, 80), Some(whole));
        let inner = Region { left: 9, top: 19, width: 21, height: 11 };
        assert_eq!(region(face_box(10.9, 20.9, 30.9, 30.9), 100, 80), Some(inner));
        for outside in
            [face_box(200.0, 0.0, 300.0, 50.0), face_box(-50.0, 0.0, -10.0, 50.0), face_box(5.0, 9.0, 5.0, 4.0)]
        {
            assert_eq!(region(outside, 100, 80), None);
        }
        assert_eq!(region(face_box(f32::NAN, 0.0, f32::NAN, 50.0), 100, 80), None);
    }

    proptest! {
        #[test]
        fn a_square_has_equal_sides_and_the_same_centre(given in any_box()) {
            let square = squared(given);
            prop_assert!((square.width() - square.height()).abs() < 0.01);
            prop_assert!((square.width() - given.width().max(given.height())).abs() < 0.01);
            prop_assert!((square.x_min + square.x_max - given.x_min - given.x_max).abs() < 0.01);
            prop_assert!((square.y_min + square.y_max - given.y_min - given.y_max).abs() < 0.01);
        }

        #[test]
        fn a_region_is_inside_the_picture(given in any_box(), width in 1usize..1300, height in 1usize..1300) {
            if let Some(inside) = region(given, width, height) {
                prop_assert!(inside.width > 0 && inside.height > 0);
                prop_assert!(inside.left + inside.width <= width && inside.top + inside.height <= height);
            }
        }
    }
}
