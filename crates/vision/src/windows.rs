//! MTCNN's first stage: where in a picture faces may be, from its first net run over each level of the pyramid.

use std::ops::Range;

use domain::geometry::FaceBox;

use crate::boxes::{Candidate, Offsets};
use crate::error::VisionError;
use crate::pyramid::Level;
use crate::torch::{Net, Output, Pixels};

/// Pixels from one window to the next.
const STRIDE: usize = 2;
/// Side of a window in pixels.
const WINDOW: usize = 12;
/// Rows of windows in a strip: few enough that threads get equal shares and intermediate results stay in the cache.
const STRIP_ROWS: usize = 64;

/// A window that may show a face, in pixels of the picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Window {
    pub(crate) candidate: Candidate,
    /// The net's corrections, fractions of the window's sides.
    pub(crate) offsets: Offsets,
}

/// The rows of a level, cut into strips that can be looked at independently and together give the same windows.
///
/// A strip begins at an even row and reaches beyond its last window's first row by the window's height, so the net's
/// pooling, which takes rows in pairs, meets the same pairs as in the whole.
pub(crate) fn strips(height: usize) -> Vec<Range<usize>> {
    let mut strips = Vec::new();
    let mut begin = 0;
    while height - begin > (STRIP_ROWS + STRIP_ROWS / 2) * STRIDE + WINDOW {
        strips.push(begin..begin + (STRIP_ROWS - 1) * STRIDE + WINDOW);
        begin += STRIP_ROWS * STRIDE;
    }
    strips.push(begin..height);
    strips
}

/// The windows of a strip whose probability of a face is at least `threshold`, row by row.
pub(crate) fn find(net: &Net, level: &Level, strip: &Range<usize>, threshold: f32) -> Result<Vec<Window>, VisionError> {
    let line = level.width * 3;
    let pixels = Pixels::Floats(&level.values[strip.start * line..strip.end * line]);
    let outputs = net.run(pixels, [1, strip.len(), level.width])?;
    let [offsets, probability] = outputs.as_slice() else {
        return Err(net.unexpected("another number of results than offsets and probability"));
    };
    let map = Map::new(offsets, probability).ok_or_else(|| net.unexpected("maps of unexpected shapes"))?;
    Ok(map.windows(strip.start, level.scale as f32, threshold))
}

/// What the first net says about every window of one picture.
struct Map<'a> {
    columns: usize,
    probability: &'a [f32],
    offsets: [&'a [f32]; 4],
}

impl<'a> Map<'a> {
    fn new(offsets: &'a Output, probability: &'a Output) -> Option<Self> {
        let [1, rows, columns] = *probability.shape.as_slice() else { return None };
        if offsets.shape != [1, 4, rows, columns] {
            return None;
        }
        let plane = |number: usize| &offsets.values[number * rows * columns..(number + 1) * rows * columns];
        Some(Self { columns, probability: &probability.values, offsets: [plane(0), plane(1), plane(2), plane(3)] })
    }

    fn windows(&self, first_row: usize, scale: f32, threshold: f32) -> Vec<Window> {
        let sure = self.probability.iter().enumerate().filter(|(_, probability)| **probability >= threshold);
        sure.map(|(at, probability)| {
            let left = STRIDE * (at % self.columns);
            let top = STRIDE * (at / self.columns) + first_row;
            // Counted from 1, both ends included, as the weights were judged.
            let begin = |pixel: usize| ((pixel + 1) as f32 / scale).floor();
            let end = |pixel: usize| ((pixel + WINDOW) as f32 / scale).floor();
            let face_box = FaceBox { x_min: begin(left), y_min: begin(top), x_max: end(left), y_max: end(top) };
            Window {
                candidate: Candidate { face_box, score: *probability },
                offsets: self.offsets.map(|plane| plane[at]),
            }
        })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Map, STRIDE, WINDOW, strips};
    use crate::torch::Output;

    #[test]
    fn windows_are_in_pixels_of_the_picture() {
        let probability = Output { shape: vec![1, 2, 3], values: vec![0.1, 0.2, 0.3, 0.9, 0.59, 0.6] };
        let offsets = Output { shape: vec![1, 4, 2, 3], values: (0..24).map(|value| value as f32).collect() };
        let windows = Map::new(&offsets, &probability).expect("shapes agree").windows(64, 0.3, 0.6);
        let boxes: Vec<_> = windows.iter().map(|window| window.candidate.face_box).collect();
        let edges: Vec<[f32; 4]> = boxes.iter().map(|b| [b.x_min, b.y_min, b.x_max, b.y_max]).collect();
        assert_eq!(edges, [[3.0, 223.0, 40.0, 260.0], [16.0, 223.0, 53.0, 260.0]]);
        assert_eq!(windows[1].offsets, [5.0, 11.0, 17.0, 23.0]);
        assert!(Map::new(&probability, &offsets).is_none());
    }

    proptest! {
        #[test]
        fn strips_together_have_every_row_of_windows_once(height in WINDOW..3000) {
            let windows = |rows: usize| (rows - WINDOW) / STRIDE + 1;
            let mut next = 0;
            for strip in strips(height) {
                prop_assert_eq!(strip.start, next * STRIDE);
                prop_assert!(strip.end <= height);
                next += windows(strip.len());
            }
            prop_assert_eq!(next, windows(height));
        }
    }
}
