//! Faces found, missed and made up, against what people saw in a picture.

use domain::geometry::{FaceBox, Point};
use serde::Serialize;

/// What there is to be found in a picture.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Truth {
    /// The tip of each nose, in pixels of the upright picture.
    Noses(Vec<Point>),
    /// Only how many faces there are.
    Count(usize),
}

/// What a detector made of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub(super) struct Tally {
    pub(super) faces: usize,
    pub(super) found: usize,
    pub(super) missed: usize,
    /// Boxes that are no annotated face.
    pub(super) wrong: usize,
}

impl Tally {
    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            faces: self.faces + other.faces,
            found: self.found + other.found,
            missed: self.missed + other.missed,
            wrong: self.wrong + other.wrong,
        }
    }
}

/// Compares boxes with what there is.
///
/// Where noses are known, a face is found when its nose is in a box that no other face has (closest to the middle first);
/// where only a number is, as many faces are found as there are boxes.
pub(super) fn tally(truth: &Truth, boxes: &[FaceBox]) -> Tally {
    let (faces, found) = match truth {
        Truth::Noses(noses) => (noses.len(), matched(noses, boxes)),
        Truth::Count(faces) => (*faces, boxes.len().min(*faces)),
    };
    Tally { faces, found, missed: faces - found, wrong: boxes.len() - found }
}

/// How many noses have a box of their own.
fn matched(noses: &[Point], boxes: &[FaceBox]) -> usize {
    let mut near: Vec<(f32, usize, usize)> = Vec::new();
    for (number, nose) in noses.iter().enumerate() {
        for (place, found) in boxes.iter().enumerate() {
            let is_in = (found.x_min..=found.x_max).contains(&nose.x) && (found.y_min..=found.y_max).contains(&nose.y);
            if is_in {
                let across = nose.x - f32::midpoint(found.x_min, found.x_max);
                let down = nose.y - f32::midpoint(found.y_min, found.y_max);
                near.push((across.hypot(down), number, place));
            }
        }
    }
    near.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut has_box, mut is_taken) = (vec![false; noses.len()], vec![false; boxes.len()]);
    for (_, number, place) in near {
        if !has_box[number] && !is_taken[place] {
            (has_box[number], is_taken[place]) = (true, true);
        }
    }
    has_box.into_iter().filter(|has| *has).count()
}

#[cfg(test)]
mod tests {
    use domain::geometry::{FaceBox, Point};
    use proptest::prelude::*;

    use super::{Tally, Truth, tally};

    fn square(x: f32, y: f32) -> FaceBox {
        FaceBox { x_min: x - 5.0, y_min: y - 5.0, x_max: x + 5.0, y_max: y + 5.0 }
    }

    fn noses(all: &[(f32, f32)]) -> Truth {
        Truth::Noses(all.iter().map(|(x, y)| Point { x: *x, y: *y }).collect())
    }

    fn check(truth: &Truth, boxes: &[FaceBox], found: usize, missed: usize, wrong: usize) {
        assert_eq!(tally(truth, boxes), Tally { faces: found + missed, found, missed, wrong });
    }

    #[test]
    fn a_face_is_found_when_its_nose_has_a_box_of_its_own() {
        let two = noses(&[(10.0, 10.0), (50.0, 10.0)]);
        check(&two, &[square(10.0, 12.0), square(50.0, 8.0)], 2, 0, 0);
        check(&two, &[square(10.0, 12.0)], 1, 1, 0);
        check(&two, &[square(10.0, 12.0), square(11.0, 12.0)], 1, 1, 1);
        check(&two, &[square(90.0, 90.0)], 0, 2, 1);
        check(&two, &[], 0, 2, 0);
        check(&noses(&[]), &[square(0.0, 0.0)], 0, 0, 1);
        // Both noses are in both boxes.
        check(&noses(&[(10.0, 10.0), (12.0, 10.0)]), &[square(10.0, 10.0), square(13.0, 10.0)], 2, 0, 0);
    }

    #[test]
    fn where_only_the_number_is_known_numbers_are_compared() {
        check(&Truth::Count(3), &[square(0.0, 0.0); 2], 2, 1, 0);
        check(&Truth::Count(3), &[square(0.0, 0.0); 4], 3, 0, 1);
    }

    proptest! {
        #[test]
        fn nothing_is_counted_twice(
            points in prop::collection::vec((0f32..60.0, 0f32..60.0), 0..8),
            boxes in prop::collection::vec((0f32..60.0, 0f32..60.0), 0..8),
        ) {
            let boxes: Vec<FaceBox> = boxes.into_iter().map(|(x, y)| square(x, y)).collect();
            let found = tally(&noses(&points), &boxes);
            prop_assert_eq!(found.found + found.missed, points.len());
            prop_assert_eq!(found.found + found.wrong, boxes.len());
        }
    }
}
