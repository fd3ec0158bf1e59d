//! Telling living people from pictures of people.
//!
//! Source: Minivision's Silent-Face-Anti-Spoofing (2020), whose nets look for the traces that paper and screens leave; each
//! sees another amount of what is around the face.

use domain::geometry::FaceBox;
use opencv::core::{Mat, Rect, Size, Vec3b};
use opencv::imgproc;
use opencv::prelude::*;

use crate::error::VisionError;
use crate::manifest::Liveness;
use crate::picture::Picture;
use crate::pool::Pool;
use crate::torch::{Net, Output, Pixels};

/// A net and how it is fed.
#[derive(Debug)]
pub(crate) struct LivenessNet {
    pub(crate) net: Net,
    /// Side of its input in pixels.
    pub(crate) side: usize,
    pub(crate) liveness: Liveness,
}

/// All of them; each has the same say.
#[derive(Debug)]
pub(crate) struct LivenessNets {
    pub(crate) nets: Vec<LivenessNet>,
    /// Most faces that go through one at once.
    pub(crate) most_faces: usize,
}

impl LivenessNets {
    /// For each face, in pixels of its picture, how probably it is a living person's; `None` for a box without extent.
    pub(crate) fn judge(&self, pool: &Pool, faces: &[(&Picture, FaceBox)]) -> Result<Vec<Option<f32>>, VisionError> {
        let fair_share = faces.len().div_ceil(pool.threads()).clamp(1, self.most_faces);
        let shares: Vec<&[(&Picture, FaceBox)]> = faces.chunks(fair_share).collect();
        let judged = pool.map(&shares, |faces| self.judge_together(faces))?;
        Ok(judged.into_iter().flatten().collect())
    }

    fn judge_together(&self, faces: &[(&Picture, FaceBox)]) -> Result<Vec<Option<f32>>, VisionError> {
        let mut sums = vec![Some(0.0); faces.len()];
        for net in &self.nets {
            for (sum, probability) in sums.iter_mut().zip(net.judge(faces)?) {
                *sum = sum.zip(probability).map(|(sum, probability)| sum + probability);
            }
        }
        let count = self.nets.len() as f32;
        Ok(sums.into_iter().map(|sum| sum.map(|sum: f32| (sum / count).clamp(0.0, 1.0))).collect())
    }

    pub(crate) fn warm_up(&self, pool: &Pool) -> Result<(), VisionError> {
        let picture = Picture { pixels: vec![127; 200 * 200 * 3], width: 200, height: 200, original: (200, 200) };
        let face = FaceBox { x_min: 80.0, y_min: 80.0, x_max: 120.0, y_max: 120.0 };
        pool.map(&vec![(); pool.threads() * 2], |()| self.judge_together(&[(&picture, face)])).map(|_judged| ())
    }
}

impl LivenessNet {
    fn judge(&self, faces: &[(&Picture, FaceBox)]) -> Result<Vec<Option<f32>>, VisionError> {
        let mut pixels = vec![0; faces.len() * self.side * self.side * 3];
        let mut is_there = Vec::with_capacity(faces.len());
        for ((picture, face_box), crop) in faces.iter().zip(pixels.chunks_exact_mut(self.side * self.side * 3)) {
            is_there.push(self.cut_out(picture, face_box, crop)?);
        }
        let outputs = self.net.run(Pixels::Bytes(&pixels), [faces.len(), self.side, self.side])?;
        let [Output { shape, values }] = outputs.as_slice() else {
            return Err(self.net.unexpected("another number of results than one"));
        };
        let [count, classes] = shape[..] else { return Err(self.net.unexpected("no probabilities of classes")) };
        if count != faces.len() || self.liveness.real_class >= classes {
            return Err(self.net.unexpected("fewer probabilities than expected"));
        }
        let probabilities = values.chunks_exact(classes).map(|classes| classes[self.liveness.real_class]);
        Ok(probabilities.zip(is_there).map(|(probability, is_there)| is_there.then_some(probability)).collect())
    }

    fn cut_out(&self, picture: &Picture, face_box: &FaceBox, crop: &mut [u8]) -> Result<bool, VisionError> {
        let Some(seen) = surroundings(face_box, self.liveness.box_scale, picture.width, picture.height) else {
            return Ok(false);
        };
        let (rows, columns) = (picture.height as i32, picture.width as i32);
        let source = Mat::new_rows_cols_with_bytes::<Vec3b>(rows, columns, &picture.pixels)?;
        let side = self.side as i32;
        let mut crop = Mat::new_rows_cols_with_bytes_mut::<Vec3b>(side, side, crop)?;
        // Not by area: the nets were trained on what this mode leaves of the traces they look for.
        imgproc::resize(&source.roi(seen)?, &mut crop, Size::new(side, side), 0.0, 0.0, imgproc::INTER_LINEAR)?;
        Ok(true)
    }
}

/// The box made `scale` times as large about its centre, less where the picture is not large enough for that, and moved
/// into the picture; `None` when nothing is left.
fn surroundings(face_box: &FaceBox, scale: f32, width: usize, height: usize) -> Option<Rect> {
    let (picture_width, picture_height) = (width as f32, height as f32);
    let scale = scale.min((picture_width - 1.0) / face_box.width()).min((picture_height - 1.0) / face_box.height());
    let (left, columns) = span(face_box.x_min, face_box.x_max, scale, picture_width)?;
    let (top, rows) = span(face_box.y_min, face_box.y_max, scale, picture_height)?;
    Some(Rect::new(left, top, columns, rows))
}

fn span(from: f32, to: f32, scale: f32, limit: f32) -> Option<(i32, i32)> {
    let length = (to - from) * scale;
    if length.is_nan() || length <= 0.0 {
        return None;
    }
    let begin = ((from + to - length) / 2.0).min(limit - length).max(0.0);
    // Whole pixels: both ends are cut off.
    let (begin, end) = (begin as i32, (begin + length).min(limit) as i32);
    (begin < end).then_some((begin, end - begin))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{FaceBox, Rect, surroundings};

    /// Of a picture of 400 x 300.
    fn check(edges: [f32; 4], scale: f32, expected: Option<[i32; 4]>) {
        let [x_min, y_min, x_max, y_max] = edges;
        let found = surroundings(&FaceBox { x_min, y_min, x_max, y_max }, scale, 400, 300);
        assert_eq!(found, expected.map(|[x, y, width, height]| Rect::new(x, y, width, height)), "{edges:?} x {scale}");
    }

    #[test]
    fn the_box_grows_about_its_centre_and_moves_into_the_picture() {
        check([180.0, 140.0, 220.0, 180.0], 4.0, Some([120, 80, 160, 160]));
        check([0.0, 0.0, 40.0, 40.0], 4.0, Some([0, 0, 160, 160]));
        check([370.0, 270.0, 410.0, 310.0], 4.0, Some([240, 140, 160, 160]));
        // Scaled by 299 / 100 only.
        check([150.0, 100.0, 250.0, 200.0], 4.0, Some([50, 0, 299, 299]));
        check([150.0, 100.0, 150.0, 200.0], 4.0, None);
        check([f32::NAN, 100.0, 150.0, 200.0], 4.0, None);
    }

    proptest! {
        #[test]
        fn what_is_seen_is_inside_the_picture(
            x in -300f32..900.0, y in -300f32..900.0, w in 1f32..900.0, h in 1f32..900.0, scale in 1f32..5.0,
            width in 2usize..700, height in 2usize..700,
        ) {
            let face_box = FaceBox { x_min: x, y_min: y, x_max: x + w, y_max: y + h };
            if let Some(seen) = surroundings(&face_box, scale, width, height) {
                prop_assert!(seen.x >= 0 && seen.y >= 0 && seen.width > 0 && seen.height > 0);
                prop_assert!(seen.x + seen.width <= width as i32 && seen.y + seen.height <= height as i32);
            }
        }
    }
}
