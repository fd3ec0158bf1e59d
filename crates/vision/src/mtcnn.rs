//! MTCNN: three nets, each looking more closely at what the one before left.
//!
//! Source: see [`crate::boxes`].

use std::time::Instant;

use domain::geometry::DetectedFace;

use crate::boxes::{Candidate, corrected, shifted, squared};
use crate::crops::{self, Batch, Cut, Verdict};
use crate::error::VisionError;
use crate::nms::{Overlap, suppressed};
use crate::picture::Picture;
use crate::pool::Pool;
use crate::pyramid::{self, Level};
use crate::stages::{StageTimes, elapsed_ms};
use crate::torch::{Net, Pixels};
use crate::windows::{self, Window};

const REFINE_SIDE: usize = 24;
const OUTPUT_SIDE: usize = 48;
/// Overlap over which the less sure of two boxes is dropped: within a level, and after each stage.
const LEVEL_OVERLAP: f32 = 0.5;
const STAGE_OVERLAP: f32 = 0.7;

/// The three nets and how sure each has to be.
#[derive(Debug)]
pub(crate) struct Mtcnn {
    pub(crate) proposal: Net,
    pub(crate) refine: Net,
    pub(crate) output: Net,
    pub(crate) thresholds: [f32; 3],
    pub(crate) min_face_px: f32,
    pub(crate) factor: f32,
    /// Most crops that go through a net at once.
    pub(crate) most_crops: usize,
}

impl Mtcnn {
    /// The faces of each picture, in pixels of the picture as it is, largest first.
    pub(crate) fn detect(
        &self,
        pool: &Pool,
        pictures: &[Picture],
        times: &mut StageTimes,
    ) -> Result<Vec<Vec<DetectedFace>>, VisionError> {
        let levels = self.levels(pool, pictures, times)?;
        let proposed = self.propose(pool, pictures.len(), &levels, times)?;
        let refined = self.refine(pool, pictures, &proposed, times)?;
        self.settle(pool, pictures, &refined, times)
    }

    /// Runs the second and third net on every thread; the first runs on all of them for any picture.
    pub(crate) fn warm_up(&self, pool: &Pool) -> Result<(), VisionError> {
        pool.map(&vec![(); pool.threads() * 2], |()| {
            for (net, side) in [(&self.refine, REFINE_SIDE), (&self.output, OUTPUT_SIDE)] {
                net.run(Pixels::Bytes(&vec![127; 8 * side * side * 3]), [8, side, side])?;
            }
            Ok(())
        })?;
        Ok(())
    }

    /// Every level of every picture's pyramid, with the position of the picture.
    fn levels(
        &self,
        pool: &Pool,
        pictures: &[Picture],
        times: &mut StageTimes,
    ) -> Result<Vec<(usize, Level)>, VisionError> {
        let begin = Instant::now();
        let mut wanted = Vec::new();
        for (position, picture) in pictures.iter().enumerate() {
            let scales = pyramid::scales(picture.width, picture.height, self.min_face_px, self.factor);
            wanted.extend(scales.into_iter().map(|scale| (position, scale)));
        }
        let level = |(position, scale): &(usize, f64)| Ok((*position, pyramid::level(&pictures[*position], *scale)));
        let levels = pool.map(&wanted, level)?;
        times.pyramid_ms += elapsed_ms(begin);
        Ok(levels)
    }

    /// First stage: the windows of every level.
    fn propose(
        &self,
        pool: &Pool,
        pictures: usize,
        levels: &[(usize, Level)],
        times: &mut StageTimes,
    ) -> Result<Vec<Vec<Candidate>>, VisionError> {
        let begin = Instant::now();
        let mut strips = Vec::new();
        for (number, (_, level)) in levels.iter().enumerate() {
            strips.extend(windows::strips(level.height).into_iter().map(|strip| (number, strip)));
        }
        let found = pool.map(&strips, |(number, strip)| {
            windows::find(&self.proposal, &levels[*number].1, strip, self.thresholds[0])
        })?;
        let mut of_level = vec![Vec::new(); levels.len()];
        for ((number, _), windows) in strips.iter().zip(found) {
            of_level[*number].extend(windows);
        }
        let of_level = pool.map(&of_level, |windows| Ok(distinct(windows, LEVEL_OVERLAP)))?;
        let mut of_picture = vec![Vec::new(); pictures];
        for ((position, _), windows) in levels.iter().zip(of_level) {
            of_picture[*position].extend(windows);
        }
        let proposed = pool.map(&of_picture, |windows| Ok(proposals(windows)))?;
        times.pnet_ms += elapsed_ms(begin);
        Ok(proposed)
    }

    /// Second stage: the proposals that still look like faces, corrected.
    fn refine(
        &self,
        pool: &Pool,
        pictures: &[Picture],
        proposed: &[Vec<Candidate>],
        times: &mut StageTimes,
    ) -> Result<Vec<Vec<Candidate>>, VisionError> {
        let cuts = crops::cuts(pictures, proposed);
        let crops = self.crop(pool, pictures, &cuts, REFINE_SIDE, times)?;
        let begin = Instant::now();
        let sure = self.judge(pool, &self.refine, pictures.len(), &crops, self.thresholds[1])?;
        let refined = sure.iter().map(|sure| {
            let candidates: Vec<Candidate> = sure.iter().map(|(candidate, _)| *candidate).collect();
            let kept =
                suppressed(&candidates, STAGE_OVERLAP, Overlap::Union).into_iter().map(|position| sure[position]);
            kept.map(|(candidate, verdict)| Candidate {
                face_box: squared(corrected(candidate.face_box, verdict.offsets)),
                ..candidate
            })
            .collect()
        });
        let refined = refined.collect();
        times.rnet_ms += elapsed_ms(begin);
        Ok(refined)
    }

    /// Third stage: the faces.
    fn settle(
        &self,
        pool: &Pool,
        pictures: &[Picture],
        refined: &[Vec<Candidate>],
        times: &mut StageTimes,
    ) -> Result<Vec<Vec<DetectedFace>>, VisionError> {
        let cuts = crops::cuts(pictures, refined);
        let crops = self.crop(pool, pictures, &cuts, OUTPUT_SIDE, times)?;
        let begin = Instant::now();
        let sure = self.judge(pool, &self.output, pictures.len(), &crops, self.thresholds[2])?;
        let faces = sure.iter().map(|sure| faces(sure)).collect::<Option<Vec<_>>>();
        times.onet_ms += elapsed_ms(begin);
        faces.ok_or_else(|| self.output.unexpected("no landmarks"))
    }

    /// Cuts candidates out, in batches that go through a net together.
    fn crop<'a>(
        &self,
        pool: &Pool,
        pictures: &[Picture],
        cuts: &'a [Cut],
        side: usize,
        times: &mut StageTimes,
    ) -> Result<Vec<Batch<'a>>, VisionError> {
        let begin = Instant::now();
        let fair_share = cuts.len().div_ceil(pool.threads());
        let shares: Vec<&[Cut]> = cuts.chunks(fair_share.clamp(1, self.most_crops)).collect();
        let crops = pool.map(&shares, |cuts| Ok(crops::crop(pictures, cuts, side)))?;
        times.crops_ms += elapsed_ms(begin);
        Ok(crops)
    }

    /// For each picture the candidates of which a net is surer than `threshold`, scored by it.
    fn judge(
        &self,
        pool: &Pool,
        net: &Net,
        pictures: usize,
        batches: &[Batch<'_>],
        threshold: f32,
    ) -> Result<Vec<Vec<(Candidate, Verdict)>>, VisionError> {
        let verdicts = pool.map(batches, |batch| crops::judge(net, batch))?;
        let mut sure = vec![Vec::new(); pictures];
        let cuts = batches.iter().flat_map(|batch| batch.cuts);
        for (cut, verdict) in cuts.zip(verdicts.into_iter().flatten()) {
            if verdict.score > threshold {
                sure[cut.picture].push((Candidate { score: verdict.score, ..cut.candidate }, verdict));
            }
        }
        Ok(sure)
    }
}

/// The windows that stay after suppression.
fn distinct(windows: &[Window], limit: f32) -> Vec<Window> {
    let candidates: Vec<Candidate> = windows.iter().map(|window| window.candidate).collect();
    suppressed(&candidates, limit, Overlap::Union).into_iter().map(|position| windows[position]).collect()
}

/// The windows of all levels of a picture as squares about what the first net saw in them.
fn proposals(windows: &[Window]) -> Vec<Candidate> {
    let proposals = distinct(windows, STAGE_OVERLAP).into_iter().map(|Window { candidate, offsets }| {
        let seen = candidate.face_box;
        Candidate { face_box: squared(shifted(seen, offsets, seen.width(), seen.height())), ..candidate }
    });
    proposals.collect()
}

/// The faces of a picture, largest first; `None` where landmarks are missing.
fn faces(sure: &[(Candidate, Verdict)]) -> Option<Vec<DetectedFace>> {
    let settled: Vec<Candidate> = sure
        .iter()
        .map(|(candidate, verdict)| Candidate {
            face_box: corrected(candidate.face_box, verdict.offsets),
            ..*candidate
        })
        .collect();
    let mut faces = Vec::new();
    for position in suppressed(&settled, STAGE_OVERLAP, Overlap::Smaller) {
        let (candidate, verdict) = &sure[position];
        let Candidate { face_box, score } = settled[position];
        faces.push(DetectedFace { face_box, landmarks: verdict.landmarks(candidate)?, detection_score: score });
    }
    faces.sort_by(|a, b| b.face_box.area().total_cmp(&a.face_box.area()));
    Some(faces)
}
