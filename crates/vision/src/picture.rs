//! A decoded picture.

use std::fmt;

use opencv::core::{Mat, Size, Vec3b};
use opencv::imgproc;

use crate::error::VisionError;

/// Pixels of an upright picture: RGB, 8 bits each, rows without gaps.
///
/// May be smaller than the original: faces are reported in pixels of the original.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    pub(crate) pixels: Vec<u8>,
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// Width and height of the upright original.
    pub(crate) original: (u32, u32),
}

impl Picture {
    /// A picture of `width` x `height` RGB pixels, as it is; `None` when their number is another.
    #[must_use]
    pub fn from_rgb(pixels: Vec<u8>, width: u32, height: u32) -> Option<Self> {
        let (columns, rows) = (width as usize, height as usize);
        let is_whole = columns > 0 && rows > 0 && pixels.len() == columns * rows * 3;
        is_whole.then_some(Self { pixels, width: columns, height: rows, original: (width, height) })
    }

    /// Pixels in a row.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// Width and height of the upright original, in pixels.
    #[must_use]
    pub fn original_size(&self) -> (u32, u32) {
        self.original
    }

    /// Red, green and blue of each pixel, row by row.
    #[must_use]
    pub fn rgb(&self) -> &[u8] {
        &self.pixels
    }

    /// The same in fewer pixels, `scale` times as many in each direction; at least one.
    pub(crate) fn shrunk(&self, scale: f32) -> Result<Self, VisionError> {
        let [width, height] =
            [self.width, self.height].map(|side| ((side as f32 * scale).round() as usize).clamp(1, side));
        let source = Mat::new_rows_cols_with_bytes::<Vec3b>(self.height as i32, self.width as i32, &self.pixels)?;
        let mut pixels = vec![0; width * height * 3];
        let mut target = Mat::new_rows_cols_with_bytes_mut::<Vec3b>(height as i32, width as i32, &mut pixels)?;
        let size = Size::new(width as i32, height as i32);
        imgproc::resize(&source, &mut target, size, 0.0, 0.0, imgproc::INTER_AREA)?;
        drop(target);
        Ok(Self { pixels, width, height, original: self.original })
    }

    /// How many pixels of the original one pixel is wide and high.
    pub(crate) fn scale(&self) -> (f32, f32) {
        (self.original.0 as f32 / self.width as f32, self.original.1 as f32 / self.height as f32)
    }
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Picture({} x {})", self.width, self.height)
    }
}
