//! Looking at a large picture piece by piece, for faces that are small against it: photos of whole classes.
//!
//! First the whole is looked at, shrunk to what the settings allow. Where faces there are small, or none are found, smaller
//! ones may have been missed; so tiles in full resolution are looked at, too. They overlap by so much that each face
//! which the whole was too small for is entirely in one of them.

use domain::geometry::{DetectedFace, FaceBox, Point};

use crate::nms::distinct;
use crate::picture::Picture;

/// Faces in the whole with this many times the smallest side looked for say that there are no smaller ones worth the
/// work: people in one photo differ in distance by less than that.
const FAR_FROM_SMALLEST: f32 = 4.0;
/// Overlap of tiles, in smallest sides looked for in the whole: those that are a little larger may be missed there, too,
/// and a face needs some room around it.
const OVERLAP: f32 = 2.0;
/// A tile is at least so many overlaps long: short ones would have more looked at twice.
const TILE: f32 = 6.0;
/// A face nearer to a tile's inner edge than this share of its side may be cut off there.
const EDGE: f32 = 0.1;
/// Share of the smaller box over which the less sure of two boxes shows the same face.
const SAME: f32 = 0.6;

/// A tile, in pixels of the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tile {
    pub(crate) left: usize,
    pub(crate) top: usize,
    pub(crate) width: usize,
    pub(crate) height: usize,
}

/// The tiles of a picture that is `shrink` times as large as the whole that was looked at, in which `faces` were found (in
/// pixels of the picture); none when there is no need for any.
pub(crate) fn tiles(
    picture: [usize; 2],
    shrink: f32,
    faces: &[DetectedFace],
    min_face_px: f32,
    max_dimension: u32,
) -> Vec<Tile> {
    let smallest = faces.iter().map(|face| side(&face.face_box)).min_by(f32::total_cmp);
    let is_near = smallest.is_some_and(|smallest| smallest >= FAR_FROM_SMALLEST * min_face_px * shrink);
    if shrink <= 1.0 || is_near {
        return Vec::new();
    }
    let overlap = (OVERLAP * min_face_px * shrink).ceil() as usize;
    let length = (max_dimension as usize).max((TILE * overlap as f32) as usize);
    let [columns, rows] = picture.map(|side| spans(side, length, overlap));
    let row = |(top, height): (usize, usize)| {
        columns.iter().map(move |(left, width)| Tile { left: *left, top, width: *width, height })
    };
    rows.into_iter().flat_map(row).collect()
}

/// The fewest spans of at most `length` that cover `side` and overlap by at least `overlap`, evenly spread: where each
/// begins and how long it is.
fn spans(side: usize, length: usize, overlap: usize) -> Vec<(usize, usize)> {
    if side <= length {
        return vec![(0, side)];
    }
    let count = (side - overlap).div_ceil(length - overlap);
    (0..count).map(|number| (number * (side - length) / (count - 1), length)).collect()
}

impl Tile {
    /// Its pixels.
    pub(crate) fn of(&self, picture: &Picture) -> Picture {
        let mut pixels = Vec::with_capacity(self.width * self.height * 3);
        for row in self.top..self.top + self.height {
            let begin = (row * picture.width + self.left) * 3;
            pixels.extend_from_slice(&picture.pixels[begin..begin + self.width * 3]);
        }
        let original = (self.width as u32, self.height as u32);
        Picture { pixels, width: self.width, height: self.height, original }
    }

    /// The faces found in it, in pixels of the picture of this size, without those that its inner edges may cut.
    pub(crate) fn whole_faces(&self, faces: Vec<DetectedFace>, [width, height]: [usize; 2]) -> Vec<DetectedFace> {
        let is_whole = |face: &DetectedFace| {
            let margin = EDGE * side(&face.face_box);
            let FaceBox { x_min, y_min, x_max, y_max } = face.face_box;
            let (across, down) = (self.width as f32, self.height as f32);
            (self.left == 0 || x_min >= margin)
                && (self.top == 0 || y_min >= margin)
                && (self.left + self.width == width || x_max <= across - margin)
                && (self.top + self.height == height || y_max <= down - margin)
        };
        faces.into_iter().filter(is_whole).map(|face| moved(face, self.left as f32, self.top as f32)).collect()
    }
}

/// The faces of the whole and of all tiles, each once, largest first.
pub(crate) fn together(faces: &[DetectedFace]) -> Vec<DetectedFace> {
    distinct(faces, SAME)
}

fn side(face_box: &FaceBox) -> f32 {
    face_box.width().max(face_box.height())
}

fn moved(face: DetectedFace, right: f32, down: f32) -> DetectedFace {
    let FaceBox { x_min, y_min, x_max, y_max } = face.face_box;
    DetectedFace {
        face_box: FaceBox { x_min: x_min + right, y_min: y_min + down, x_max: x_max + right, y_max: y_max + down },
        landmarks: face.landmarks.map(|Point { x, y }| Point { x: x + right, y: y + down }),
        ..face
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{DetectedFace, FaceBox, Picture, Point, Tile, spans, tiles};

    fn face(x: f32, y: f32, side: f32) -> DetectedFace {
        DetectedFace {
            face_box: FaceBox { x_min: x, y_min: y, x_max: x + side, y_max: y + side },
            landmarks: [Point { x, y }; 5],
            detection_score: 0.9,
        }
    }

    fn check_count(faces: &[DetectedFace], shrink: f32, expected: usize) {
        let found = tiles([8192, 5464], shrink, faces, 40.0, 1280);
        assert_eq!(found.len(), expected, "{faces:?} at 1 / {shrink}");
    }

    #[test]
    fn tiles_are_looked_at_where_faces_are_small() {
        // Overlap 512, length 3072.
        check_count(&[], 6.4, 3 * 2);
        check_count(&[face(0.0, 0.0, 1500.0), face(0.0, 0.0, 300.0)], 6.4, 3 * 2);
        check_count(&[face(0.0, 0.0, 1500.0)], 6.4, 0);
        check_count(&[], 1.0, 0);
    }

    #[test]
    fn a_tile_has_its_pixels_and_gives_back_whole_faces() {
        let pixels = (0..20 * 10).flat_map(|at| [at as u8; 3]).collect();
        let picture = Picture { pixels, width: 20, height: 10, original: (20, 10) };
        let tile = Tile { left: 12, top: 0, width: 8, height: 5 };
        let part = tile.of(&picture);
        assert_eq!((part.width, part.height, part.pixels[0], part.pixels[8 * 3]), (8, 5, 12, 32));
        let seen = vec![face(-1.0, 1.0, 3.0), face(2.0, -1.0, 2.0), face(5.0, 1.0, 3.0), face(3.0, 2.5, 2.5)];
        let kept: Vec<(f32, f32)> =
            tile.whole_faces(seen, [20, 10]).iter().map(|face| (face.face_box.x_min, face.landmarks[0].y)).collect();
        assert_eq!(kept, [(14.0, -1.0), (17.0, 1.0)]);
    }

    proptest! {
        #[test]
        fn every_small_face_is_entirely_in_one_tile(
            side in 100usize..9000, min_face in 12f32..100.0, shrink in 1.01f32..8.0, at in 0f32..1.0, size in 0.1f32..1.6,
        ) {
            let overlap = (2.0 * min_face * shrink).ceil() as usize;
            let length = 1280.max(6 * overlap);
            let spans = spans(side, length, overlap);
            prop_assert_eq!(spans[0].0, 0);
            prop_assert_eq!(spans.last().map(|(begin, length)| begin + length), Some(side));
            prop_assert!(spans.windows(2).all(|pair| pair[0].0 + pair[0].1 >= pair[1].0 + overlap));
            let size = (size * min_face * shrink).min(side as f32);
            let from = at * (side as f32 - size);
            let margin = 0.1 * size;
            let holds = |(begin, length): &(usize, usize)| {
                let (begin, end) = (*begin as f32, (begin + length) as f32);
                (begin == 0.0 || from >= begin + margin) && (end == side as f32 || from + size <= end - margin)
            };
            prop_assert!(spans.iter().any(holds), "{from} + {size} in {spans:?}");
        }
    }
}
