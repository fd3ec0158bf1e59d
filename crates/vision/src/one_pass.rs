//! Detectors that look at a picture once: YuNet and RetinaFace.

use std::time::Instant;

use domain::geometry::DetectedFace;

use crate::anchors::{Heads, Said};
use crate::boxes::scaled;
use crate::error::VisionError;
use crate::nms::distinct;
use crate::picture::Picture;
use crate::pool::Pool;
use crate::stages::{StageTimes, elapsed_ms};
use crate::torch::{Net, Pixels};

/// Both sides of what the nets see are multiples of it.
const MULTIPLE: usize = 32;
/// Longer side, in pixels of what the net sees, over which faces may be too large for its anchors: then it looks again at
/// the picture in a quarter of that size.
const LARGE: f32 = 1024.0;
const COARSER: f32 = 0.25;
/// Share of the smaller box over which the less sure of two boxes is dropped, when a picture was looked at twice.
const OVERLAP: f32 = 0.6;

/// A net and how it is used.
#[derive(Debug)]
pub(crate) struct OnePass {
    pub(crate) net: Net,
    pub(crate) heads: Heads,
    /// Smallest face looked for, in pixels of the picture.
    pub(crate) min_face_px: f32,
    /// Faces that it is less sure of are not reported.
    pub(crate) least: f32,
}

/// A picture as the net sees it: shrunk, with black at its right and bottom edge.
struct Seen {
    pixels: Vec<u8>,
    width: usize,
    height: usize,
    /// Pixels of the picture in one of these.
    scale: (f32, f32),
}

impl OnePass {
    /// The faces of each picture, in pixels of the picture as it is, largest first.
    pub(crate) fn detect(
        &self,
        pool: &Pool,
        pictures: &[Picture],
        times: &mut StageTimes,
    ) -> Result<Vec<Vec<DetectedFace>>, VisionError> {
        let begin = Instant::now();
        let mut wanted = Vec::new();
        for (position, picture) in pictures.iter().enumerate() {
            let scales = scales(picture, self.heads.smallest_face_px() / self.min_face_px);
            wanted.extend(scales.into_iter().map(|scale| (position, scale)));
        }
        let seen = pool.map(&wanted, |(position, scale)| see(&pictures[*position], *scale))?;
        times.pyramid_ms += elapsed_ms(begin);
        let begin = Instant::now();
        let found = pool.map(&seen, |seen| self.look(seen))?;
        let mut of_picture = vec![Vec::new(); pictures.len()];
        for ((position, _), faces) in wanted.iter().zip(found) {
            of_picture[*position].extend(faces);
        }
        let of_picture = of_picture.iter().map(|faces| distinct(faces, OVERLAP)).collect();
        times.one_pass_ms += elapsed_ms(begin);
        Ok(of_picture)
    }

    pub(crate) fn warm_up(&self, pool: &Pool) -> Result<(), VisionError> {
        let pixels = vec![127; MULTIPLE * MULTIPLE * 3];
        let blank = Seen { pixels, width: MULTIPLE, height: MULTIPLE, scale: (1.0, 1.0) };
        pool.map(&vec![(); pool.threads() * 2], |()| self.look(&blank)).map(|_found| ())
    }

    fn look(&self, seen: &Seen) -> Result<Vec<DetectedFace>, VisionError> {
        let outputs = self.net.run(Pixels::Bytes(&seen.pixels), [1, seen.height, seen.width])?;
        let [scores, offsets, landmarks] = outputs.as_slice() else {
            return Err(self.net.unexpected("another number of results than scores, offsets and landmarks"));
        };
        let said = Said {
            scores: &scores.values,
            offsets: offsets.values.as_chunks().0,
            landmarks: landmarks.values.as_chunks().0,
        };
        let faces = self.heads.faces(&said, [seen.width, seen.height], self.least);
        let faces = faces.ok_or_else(|| self.net.unexpected("another number of anchors than the picture has"))?;
        Ok(faces.into_iter().map(|face| scaled(face, seen.scale)).collect())
    }
}

/// How much a picture is shrunk each time it is looked at: first so that the smallest face looked for is as small as the
/// net still sees well.
fn scales(picture: &Picture, finest: f32) -> Vec<f32> {
    let mut scales = vec![finest.min(1.0)];
    let longer = picture.width.max(picture.height) as f32;
    while let Some(scale) = scales.last().copied().filter(|scale| longer * scale > LARGE) {
        scales.push(scale * COARSER);
    }
    scales
}

fn see(picture: &Picture, scale: f32) -> Result<Seen, VisionError> {
    let shrunk = (scale < 1.0).then(|| picture.shrunk(scale)).transpose()?;
    let source = shrunk.as_ref().unwrap_or(picture);
    let [width, height] = [source.width, source.height].map(|side| side.next_multiple_of(MULTIPLE));
    let mut pixels = vec![0; width * height * 3];
    for (line, row) in pixels.chunks_exact_mut(width * 3).zip(source.pixels.chunks_exact(source.width * 3)) {
        line[..row.len()].copy_from_slice(row);
    }
    let scale = (picture.width as f32 / source.width as f32, picture.height as f32 / source.height as f32);
    Ok(Seen { pixels, width, height, scale })
}
