//! How pixels are prepared for a net that does not do it itself: one that an operator brings as TorchScript.

use serde::Deserialize;

/// In which order a net takes the numbers of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// Row by row, the three colours of a pixel together.
    #[default]
    Nhwc,
    /// One plane for each colour.
    Nchw,
}

/// In which order a net takes the colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Colour {
    /// Red first.
    #[default]
    Rgb,
    /// Blue first.
    Bgr,
}

/// A number for each colour, in the net's order, or one for all.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum PerColour {
    /// For all.
    Same(f32),
    /// For each.
    Each([f32; 3]),
}

impl PerColour {
    fn each(self) -> [f32; 3] {
        match self {
            Self::Same(value) => [value; 3],
            Self::Each(values) => values,
        }
    }
}

/// Makes what a net takes of RGB pixels: `(x - mean) / scale`, x from 0 to 255.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Preparation {
    pub(crate) layout: Layout,
    pub(crate) colour: Colour,
    pub(crate) mean: PerColour,
    pub(crate) scale: PerColour,
}

impl Preparation {
    /// Of pictures of so many pixels, one after another.
    pub(crate) fn of(&self, pixels: &[u8], pixels_a_picture: usize) -> Vec<f32> {
        let (mean, scale) = (self.mean.each(), self.scale.each());
        // For each channel that the net takes, the channel of ours.
        let channels = match self.colour {
            Colour::Rgb => [0, 1, 2],
            Colour::Bgr => [2, 1, 0],
        };
        let prepared =
            |pixel: &[u8; 3], number: usize| (f32::from(pixel[channels[number]]) - mean[number]) / scale[number];
        let mut values = Vec::with_capacity(pixels.len());
        for picture in pixels.chunks_exact(pixels_a_picture * 3) {
            let (pixels, _) = picture.as_chunks::<3>();
            match self.layout {
                Layout::Nhwc => values.extend(pixels.iter().flat_map(|pixel| [0, 1, 2].map(|n| prepared(pixel, n)))),
                Layout::Nchw => {
                    for number in 0..3 {
                        values.extend(pixels.iter().map(|pixel| prepared(pixel, number)));
                    }
                }
            }
        }
        values
    }
}

#[cfg(test)]
mod tests {
    use super::{Colour, Layout, PerColour, Preparation};

    /// Two pictures of two pixels.
    fn check(preparation: Preparation, expected: [f32; 12]) {
        let pixels = [0, 10, 20, 1, 11, 21, 100, 110, 120, 101, 111, 121];
        assert_eq!(preparation.of(&pixels, 2), expected, "{preparation:?}");
    }

    #[test]
    fn pixels_come_in_the_nets_order_and_range() {
        let plain = Preparation {
            layout: Layout::Nhwc,
            colour: Colour::Rgb,
            mean: PerColour::Same(0.0),
            scale: PerColour::Same(1.0),
        };
        check(plain, [0., 10., 20., 1., 11., 21., 100., 110., 120., 101., 111., 121.]);
        let planar = Preparation { layout: Layout::Nchw, ..plain };
        check(planar, [0., 1., 10., 11., 20., 21., 100., 101., 110., 111., 120., 121.]);
        let blue = Preparation {
            colour: Colour::Bgr,
            mean: PerColour::Each([20.0, 10.0, 0.0]),
            scale: PerColour::Same(2.0),
            ..planar
        };
        check(blue, [0., 0.5, 0., 0.5, 0., 0.5, 50., 50.5, 50., 50.5, 50., 50.5]);
    }
}
