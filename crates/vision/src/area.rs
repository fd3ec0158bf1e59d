//! Shrinking by averaging areas, as MTCNN's weights were judged with.
//!
//! facenet-pytorch resizes with adaptive average pooling: the target pixel `i` of `n` is the plain mean of the source
//! pixels from `floor(i * m / n)` up to `ceil((i + 1) * m / n)` of `m`. OpenCV's area mode weighs the pixels at the edges of
//! that range by how much of them is inside, and rounds to 8 bits, which loses weak faces; so this is done here. It is
//! also the faster of the two: sums of whole rows suit the compiler's vector instructions.

use std::ops::Range;

use crate::boxes::Region;
use crate::picture::Picture;

/// Most rows whose sum of bytes fits into 16 bits.
const ROWS_PER_SUM: usize = 257;

/// Resizes a part of a picture to `width` x `height` and writes red, green and blue, 0..=255, row by row, to `target`.
pub(crate) fn resize(picture: &Picture, region: Region, width: usize, height: usize, target: &mut [f32]) {
    debug_assert_eq!(target.len(), width * height * 3);
    let columns: Vec<Range<usize>> = (0..width).map(|column| source_of(column, width, region.width)).collect();
    let mut sums = vec![0u16; region.width * 3];
    for (row, line) in target.chunks_exact_mut(width * 3).enumerate() {
        line.fill(0.0);
        let rows = source_of(row, height, region.height);
        let count = rows.len();
        for begin in rows.clone().step_by(ROWS_PER_SUM) {
            sum_rows(picture, region, begin..rows.end.min(begin + ROWS_PER_SUM), &mut sums);
            add_columns(&sums, &columns, line);
        }
        for (pixel, column) in line.chunks_exact_mut(3).zip(&columns) {
            let covered = (count * column.len()) as f32;
            pixel.iter_mut().for_each(|value| *value /= covered);
        }
    }
}

/// The source pixels, of `source` many, that target pixel `index` of `target` many is the mean of.
fn source_of(index: usize, target: usize, source: usize) -> Range<usize> {
    index * source / target..((index + 1) * source).div_ceil(target)
}

fn sum_rows(picture: &Picture, region: Region, rows: Range<usize>, sums: &mut [u16]) {
    sums.fill(0);
    for row in rows {
        let begin = ((region.top + row) * picture.width + region.left) * 3;
        let line = &picture.pixels[begin..begin + region.width * 3];
        for (sum, value) in sums.iter_mut().zip(line) {
            *sum += u16::from(*value);
        }
    }
}

fn add_columns(sums: &[u16], columns: &[Range<usize>], line: &mut [f32]) {
    for (pixel, column) in line.chunks_exact_mut(3).zip(columns) {
        let mut total = [0u32; 3];
        for sum in sums[column.start * 3..column.end * 3].chunks_exact(3) {
            total[0] += u32::from(sum[0]);
            total[1] += u32::from(sum[1]);
            total[2] += u32::from(sum[2]);
        }
        for (value, total) in pixel.iter_mut().zip(total) {
            *value += total as f32;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Picture, Region, resize, source_of};

    fn picture(width: usize, height: usize) -> Picture {
        let pixels = (0..width * height * 3).map(|at| (at * 7919 % 256) as u8).collect();
        Picture { pixels, width, height, original: (width as u32, height as u32) }
    }

    fn resized(picture: &Picture, region: Region, width: usize, height: usize) -> Vec<f32> {
        let mut target = vec![-1.0; width * height * 3];
        resize(picture, region, width, height, &mut target);
        target
    }

    /// The definition, pixel by pixel.
    fn expected(picture: &Picture, region: Region, width: usize, height: usize) -> Vec<f32> {
        let mut target = Vec::new();
        for (row, column, channel) in
            (0..height).flat_map(|y| (0..width).flat_map(move |x| (0..3).map(move |c| (y, x, c))))
        {
            let rows = source_of(row, height, region.height);
            let columns = source_of(column, width, region.width);
            let value = |y: usize, x: usize| {
                f64::from(picture.pixels[((region.top + y) * picture.width + region.left + x) * 3 + channel])
            };
            let count = (rows.len() * columns.len()) as f64;
            let total: f64 = rows.flat_map(|y| columns.clone().map(move |x| (y, x))).map(|(y, x)| value(y, x)).sum();
            target.push((total / count) as f32);
        }
        target
    }

    #[test]
    fn the_same_size_changes_nothing() {
        let picture = picture(5, 4);
        let whole = Region { left: 0, top: 0, width: 5, height: 4 };
        let values: Vec<f32> = picture.pixels.iter().map(|value| f32::from(*value)).collect();
        assert_eq!(resized(&picture, whole, 5, 4), values);
    }

    #[test]
    fn white_stays_white_however_tall() {
        let white = Picture { pixels: vec![255; 3 * 2000], width: 1, height: 2000, original: (1, 2000) };
        let whole = Region { left: 0, top: 0, width: 1, height: 2000 };
        assert_eq!(resized(&white, whole, 1, 3), [255.0; 9]);
    }

    proptest! {
        #[test]
        fn is_the_mean_of_what_each_pixel_covers(
            left in 0usize..8, top in 0usize..8, width in 1usize..40, height in 1usize..40,
            to_width in 1usize..30, to_height in 1usize..30,
        ) {
            let picture = picture(48, 48);
            let region = Region { left, top, width, height };
            let pairs = resized(&picture, region, to_width, to_height);
            for (value, wanted) in pairs.iter().zip(expected(&picture, region, to_width, to_height)) {
                prop_assert!((value - wanted).abs() < 1e-3);
            }
        }
    }
}
