//! What the heads of YuNet and RetinaFace mean: detectors that look at a picture once, and say of every place of a grid, an
//! anchor, whether a face is there.
//!
//! Anchors are in the order of the grids' strides; of each grid row by row.
//! Sources: OpenCV's `face_detect.cpp` for YuNet (Wu, Peng and Yu, 2023); Deng et al., "RetinaFace" (2020), in the
//! reading of biubug6's Pytorch_Retinaface (priors, and the variances 0.1 and 0.2).

use domain::geometry::{DetectedFace, FaceBox, Point};

use crate::boxes::Candidate;
use crate::nms::{Overlap, suppressed};

const STRIDES: [usize; 3] = [8, 16, 32];
/// Sides of RetinaFace's two anchors in each cell of the grid of each stride.
const RETINAFACE_SIDES: [[f32; 2]; 3] = [[16.0, 32.0], [64.0, 128.0], [256.0, 512.0]];
const RETINAFACE_CENTRE: f32 = 0.1;
const RETINAFACE_SIZE: f32 = 0.2;

/// Whose heads they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heads {
    Yunet,
    Retinaface,
}

/// What a net says about one picture.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Said<'a> {
    pub(crate) scores: &'a [f32],
    pub(crate) offsets: &'a [[f32; 4]],
    /// Five pairs of x and y.
    pub(crate) landmarks: &'a [[f32; 10]],
}

/// A place that may hold a face: a grid's cell, or a square about its centre.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Anchor {
    x: f32,
    y: f32,
    /// In pixels: of the cell for YuNet, of the square for RetinaFace.
    side: f32,
}

impl Heads {
    /// The faces of a picture of `width` x `height` pixels of which the net is at least as sure as `least`, surest first;
    /// `None` when the net speaks of another number of anchors.
    pub(crate) fn faces(self, said: &Said<'_>, [width, height]: [usize; 2], least: f32) -> Option<Vec<DetectedFace>> {
        let anchors = self.anchors(width, height);
        let counts = [said.scores.len(), said.offsets.len(), said.landmarks.len()];
        if counts != [anchors.len(); 3] {
            return None;
        }
        let sure = said.scores.iter().map(|score| self.sureness(*score)).enumerate().filter(|(_, sure)| *sure >= least);
        let faces: Vec<DetectedFace> = sure
            .map(|(at, detection_score)| DetectedFace {
                face_box: self.face_box(anchors[at], said.offsets[at]),
                landmarks: self.landmarks(anchors[at], said.landmarks[at]),
                detection_score,
            })
            .collect();
        let candidates: Vec<Candidate> =
            faces.iter().map(|face| Candidate { face_box: face.face_box, score: face.detection_score }).collect();
        let kept = suppressed(&candidates, self.overlap(), Overlap::Union);
        Some(kept.into_iter().map(|position| faces[position]).collect())
    }

    /// A score on the scale of MTCNN, so that one setting suits all detectors: good faces get 0.99 from MTCNN and RetinaFace,
    /// but 0.85 to 0.93 from YuNet, whose doubt is squared for that. On 15 group photos its 0.7 finds what their 0.9 do.
    fn sureness(self, score: f32) -> f32 {
        let doubt = 1.0 - score.clamp(0.0, 1.0);
        match self {
            Self::Yunet => 1.0 - doubt * doubt,
            Self::Retinaface => 1.0 - doubt,
        }
    }

    /// The smallest face that the net still sees well, in pixels of what it sees: with less, of 49 faces of group photos
    /// more were lost; with more, none was gained.
    pub(crate) fn smallest_face_px(self) -> f32 {
        match self {
            Self::Yunet => 16.0,
            Self::Retinaface => 20.0,
        }
    }

    /// The overlap over which the authors drop the less sure of two boxes.
    fn overlap(self) -> f32 {
        match self {
            Self::Yunet => 0.3,
            Self::Retinaface => 0.4,
        }
    }

    fn anchors(self, width: usize, height: usize) -> Vec<Anchor> {
        let mut anchors = Vec::new();
        for (stride, sides) in STRIDES.into_iter().zip(RETINAFACE_SIDES) {
            for row in 0..height.div_ceil(stride) {
                for column in 0..width.div_ceil(stride) {
                    let (x, y, step) = (column as f32, row as f32, stride as f32);
                    match self {
                        Self::Yunet => anchors.push(Anchor { x: x * step, y: y * step, side: step }),
                        Self::Retinaface => {
                            anchors.extend(sides.map(|side| Anchor { x: (x + 0.5) * step, y: (y + 0.5) * step, side }))
                        }
                    }
                }
            }
        }
        anchors
    }

    fn face_box(self, anchor: Anchor, [across, down, wide, high]: [f32; 4]) -> FaceBox {
        let Anchor { side, .. } = anchor;
        let centre = self.moved(anchor, across, down);
        let size = match self {
            Self::Yunet => 1.0,
            Self::Retinaface => RETINAFACE_SIZE,
        };
        let (width, height) = ((wide * size).exp() * side, (high * size).exp() * side);
        let (x_min, y_min) = (centre.x - width / 2.0, centre.y - height / 2.0);
        FaceBox { x_min, y_min, x_max: x_min + width, y_max: y_min + height }
    }

    fn landmarks(self, anchor: Anchor, pairs: [f32; 10]) -> [Point; 5] {
        std::array::from_fn(|number| self.moved(anchor, pairs[2 * number], pairs[2 * number + 1]))
    }

    fn moved(self, anchor: Anchor, across: f32, down: f32) -> Point {
        let unit = match self {
            Self::Yunet => anchor.side,
            Self::Retinaface => anchor.side * RETINAFACE_CENTRE,
        };
        Point { x: anchor.x + across * unit, y: anchor.y + down * unit }
    }
}

#[cfg(test)]
mod tests {
    use super::{FaceBox, Heads, Said};

    /// Heads of a picture of 64 x 32 that see a face at the anchors named, each with these offsets, in which the first
    /// landmark is moved as the box's centre.
    fn check(heads: Heads, anchors: usize, faces: &[(usize, f32, [f32; 4])], expected: &[[f32; 4]]) {
        let mut scores = vec![0.1; anchors];
        let mut offsets = vec![[0.0; 4]; anchors];
        let mut landmarks = vec![[0.0; 10]; anchors];
        for (anchor, score, offset) in faces {
            scores[*anchor] = *score;
            offsets[*anchor] = *offset;
            landmarks[*anchor][..2].copy_from_slice(&offset[..2]);
        }
        let said = Said { scores: &scores, offsets: &offsets, landmarks: &landmarks };
        let found = heads.faces(&said, [64, 32], 0.6).expect("as many anchors as there are");
        let edges: Vec<[f32; 4]> = found
            .iter()
            .map(|face| {
                let FaceBox { x_min, y_min, x_max, y_max } = face.face_box;
                let [x, y] = [face.landmarks[0].x, face.landmarks[0].y];
                assert!(((x_min + x_max) / 2.0 - x).abs() < 1e-3 && ((y_min + y_max) / 2.0 - y).abs() < 1e-3);
                [x_min, y_min, x_max, y_max].map(f32::round)
            })
            .collect();
        assert_eq!(edges, expected, "{heads:?}");
        assert!(heads.faces(&said, [96, 32], 0.6).is_none());
    }

    #[test]
    fn yunet_counts_from_the_cells_corner_in_cells() {
        // Strides 8, 16, 32 have 4 x 8, 2 x 4 and 1 x 2 cells.
        let anchors = 32 + 8 + 2;
        let twice = 2f32.ln();
        check(Heads::Yunet, anchors, &[(0, 0.9, [0.0; 4])], &[[-4.0, -4.0, 4.0, 4.0]]);
        check(Heads::Yunet, anchors, &[(8 + 2, 0.9, [0.5, -0.5, twice, 0.0])], &[[12.0, 0.0, 28.0, 8.0]]);
        check(Heads::Yunet, anchors, &[(32 + 5, 0.9, [0.0, 0.0, 0.0, twice])], &[[8.0, 0.0, 24.0, 32.0]]);
        check(Heads::Yunet, anchors, &[(41, 0.9, [0.5, 0.5, 0.0, 0.0])], &[[32.0, 0.0, 64.0, 32.0]]);
    }

    #[test]
    fn retinaface_counts_from_the_cells_centre_in_tenths_of_its_square() {
        let anchors = 2 * (32 + 8 + 2);
        let twice = 2f32.ln() / 0.2;
        check(Heads::Retinaface, anchors, &[(0, 0.9, [0.0; 4])], &[[-4.0, -4.0, 12.0, 12.0]]);
        check(Heads::Retinaface, anchors, &[(1, 0.9, [0.0; 4])], &[[-12.0, -12.0, 20.0, 20.0]]);
        check(Heads::Retinaface, anchors, &[(2 * 9, 0.9, [5.0, -5.0, twice, 0.0])], &[[4.0, -4.0, 36.0, 12.0]]);
        check(Heads::Retinaface, anchors, &[(64, 0.9, [0.0; 4])], &[[-24.0, -24.0, 40.0, 40.0]]);
        check(Heads::Retinaface, anchors, &[(80 + 2, 0.9, [0.0; 4])], &[[-80.0, -112.0, 176.0, 144.0]]);
    }

    #[test]
    fn unsure_ones_and_the_less_sure_of_two_go() {
        let neighbours = [(0, 0.7, [0.5, 0.0, 1.0, 1.0]), (1, 0.8, [-0.5, 0.0, 1.0, 1.0]), (20, 0.3, [0.0; 4])];
        check(Heads::Yunet, 42, &neighbours, &[[-7.0, -11.0, 15.0, 11.0]]);
    }
}
