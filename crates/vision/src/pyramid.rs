//! The image pyramid: one picture at many sizes, so that a net that knows one size of face finds all.

use crate::area;
use crate::boxes::Region;
use crate::picture::Picture;

/// Side of the windows that the first net looks at, in pixels.
pub(crate) const WINDOW: f64 = 12.0;

/// A picture at one size.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Level {
    /// This size over the picture's.
    pub(crate) scale: f64,
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// Red, green and blue, 0..=255, row by row.
    pub(crate) values: Vec<f32>,
}

/// The scales at which faces from `min_face_px` up to the picture's shorter side look [`WINDOW`] pixels large, each
/// `factor` of the one before. Empty for a picture smaller than the smallest face.
pub(crate) fn scales(width: usize, height: usize, min_face_px: f32, factor: f32) -> Vec<f64> {
    // The shortest decimal form of an f32 such as 0.709 is what the settings said.
    let factor: f64 = factor.to_string().parse().unwrap_or_else(|_never| f64::from(factor));
    let mut scale = WINDOW / f64::from(min_face_px);
    let mut side = width.min(height) as f64 * scale;
    let mut scales = Vec::new();
    while side >= WINDOW {
        scales.push(scale);
        scale *= factor;
        side *= factor;
    }
    scales
}

/// The picture at one of its [`scales`].
pub(crate) fn level(picture: &Picture, scale: f64) -> Level {
    let side = |pixels: usize| (pixels as f64 * scale + 1.0) as usize;
    let (width, height) = (side(picture.width), side(picture.height));
    let mut values = vec![0.0; width * height * 3];
    let whole = Region { left: 0, top: 0, width: picture.width, height: picture.height };
    area::resize(picture, whole, width, height, &mut values);
    Level { scale, width, height, values }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Picture, WINDOW, level, scales};

    #[test]
    fn the_sizes_of_a_720p_frame_are_those_of_facenet_pytorch() {
        let picture = Picture { pixels: vec![0; 1280 * 720 * 3], width: 1280, height: 720, original: (1280, 720) };
        let sizes: Vec<(usize, usize)> = scales(1280, 720, 40.0, 0.709)
            .into_iter()
            .map(|scale| level(&picture, scale))
            .map(|level| (level.height, level.width))
            .collect();
        let expected =
            [(217, 385), (154, 273), (109, 194), (77, 137), (55, 98), (39, 69), (28, 49), (20, 35), (14, 25)];
        assert_eq!(sizes, expected);
    }

    #[test]
    fn a_picture_smaller_than_the_smallest_face_has_no_level() {
        assert!(scales(39, 400, 40.0, 0.709).is_empty());
        assert_eq!(scales(40, 400, 40.0, 0.709).len(), 1);
        assert!(scales(0, 0, 12.0, 0.709).is_empty());
    }

    proptest! {
        #[test]
        fn every_level_holds_at_least_one_window(
            width in 12usize..3000, height in 12usize..3000, face in 12f32..200.0, factor in 0.1f32..0.95,
        ) {
            for scale in scales(width, height, face, factor) {
                prop_assert!(width.min(height) as f64 * scale >= WINDOW - 1e-6);
                prop_assert!(scale <= 1.0);
            }
        }
    }
}
