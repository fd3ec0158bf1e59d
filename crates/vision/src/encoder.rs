//! Faces to embeddings.

use domain::calibration::Calibration;
use domain::contract::ContractId;
use domain::embedding::Embedding;
use domain::geometry::DetectedFace;

use crate::align::cut_out;
use crate::augment::{self, mirror};
use crate::error::VisionError;
use crate::manifest::Alignment;
use crate::picture::Picture;
use crate::pool::Pool;
use crate::torch::{self, Net, Output, Pixels};

/// What there is to know of a loaded encoder.
#[derive(Debug, Clone, PartialEq)]
pub struct EncoderFacts {
    /// What its embeddings may be compared with.
    pub contract: ContractId,
    /// Numbers of an embedding.
    pub dimension: usize,
    /// Which cosine goes with which false-match rate; `None` where nobody has measured it.
    pub calibration: Option<Calibration>,
}

impl EncoderFacts {
    /// Which cosine goes with which false-match rate.
    ///
    /// # Errors
    /// [`VisionError::Uncalibrated`] where nobody has measured it.
    pub fn calibration(&self) -> Result<&Calibration, VisionError> {
        self.calibration.as_ref().ok_or_else(|| VisionError::Uncalibrated { contract: self.contract.clone() })
    }
}

/// When all threads work on one operation together, instead of each on faces of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sharing {
    /// On a graphics card, which has threads of its own.
    Always,
    /// While faces are so few that threads would be without work.
    OfFewFaces,
    /// Where threads that wait for each other would spin: when something else wants their cores for a moment, that makes
    /// a face take a second or more.
    Never,
}

/// A net that makes embeddings of faces.
#[derive(Debug)]
pub(crate) struct FaceEncoder {
    pub(crate) net: Net,
    pub(crate) alignment: Alignment,
    /// Side of its input in pixels.
    pub(crate) side: usize,
    pub(crate) facts: EncoderFacts,
    /// Whether an embedding is the mean of the face's and its mirror image's.
    pub(crate) mirrors: bool,
    /// Most faces that go through it at once on one thread.
    pub(crate) most_faces: usize,
    pub(crate) sharing: Sharing,
}

impl FaceEncoder {
    /// Cuts a face out, and `copies` changed copies of it; `None` for one that is hardly in its picture.
    pub(crate) fn cut_out(
        &self,
        picture: &Picture,
        face: &DetectedFace,
        copies: usize,
    ) -> Result<Option<Vec<Vec<u8>>>, VisionError> {
        let cut = |turn: f64| {
            let mut crop = vec![0; self.side * self.side * 3];
            let is_there = cut_out(picture, face, self.alignment, turn, self.side, &mut crop)?;
            Ok::<_, VisionError>(is_there.then_some(crop))
        };
        let Some(plain) = cut(0.0)? else { return Ok(None) };
        let changes = augment::changes(&plain, copies);
        let mut crops = vec![plain];
        for change in changes {
            let Some(mut copy) = cut(change.turn)? else { return Ok(None) };
            change.apply(&mut copy, self.side);
            crops.push(copy);
        }
        Ok(Some(crops))
    }

    /// One embedding per crop; `None` for one that the net sees nothing in.
    pub(crate) fn encode(&self, pool: &Pool, crops: &[&[u8]]) -> Result<Vec<Option<Embedding>>, VisionError> {
        if !self.mirrors {
            return self.encode_plain(pool, crops);
        }
        let mirrored = crops.iter().map(|crop| {
            let mut mirrored = crop.to_vec();
            mirror(&mut mirrored, self.side);
            mirrored
        });
        let mirrored: Vec<Vec<u8>> = mirrored.collect();
        let both: Vec<&[u8]> = crops.iter().copied().chain(mirrored.iter().map(Vec::as_slice)).collect();
        let embeddings = self.encode_plain(pool, &both)?;
        let (plain, mirrored) = embeddings.split_at(crops.len());
        let pairs = plain.iter().zip(mirrored);
        Ok(pairs.map(|(plain, mirrored)| Embedding::mean(&[plain.as_ref()?, mirrored.as_ref()?])).collect())
    }

    fn encode_plain(&self, pool: &Pool, crops: &[&[u8]]) -> Result<Vec<Option<Embedding>>, VisionError> {
        if crops.is_empty() {
            return Ok(Vec::new());
        }
        let threads = pool.threads();
        let shares = match self.sharing {
            Sharing::Always => true,
            Sharing::OfFewFaces => leaves_threads_idle(crops.len(), threads),
            Sharing::Never => false,
        };
        let embeddings = if shares {
            torch::limit_threads(threads);
            let batches = crops.chunks(self.most_faces * threads).map(|batch| self.run(batch));
            batches.collect::<Result<Vec<_>, _>>()?
        } else {
            let fair_share = crops.len().div_ceil(threads);
            let batches: Vec<&[&[u8]]> = crops.chunks(fair_share.min(self.most_faces)).collect();
            pool.map(&batches, |batch| self.run(batch))?
        };
        Ok(embeddings.into_iter().flatten().collect())
    }

    fn run(&self, crops: &[&[u8]]) -> Result<Vec<Option<Embedding>>, VisionError> {
        let outputs = self.net.run(Pixels::Bytes(&crops.concat()), [crops.len(), self.side, self.side])?;
        let [Output { shape, values }] = outputs.as_slice() else {
            return Err(self.net.unexpected("another number of results than one"));
        };
        if *shape != [crops.len(), self.facts.dimension] {
            return Err(self.net.unexpected("embeddings of another dimension than the manifest says"));
        }
        Ok(values.chunks_exact(self.facts.dimension).map(|values| Embedding::normalized(values.to_vec())).collect())
    }
}

/// Whether so few faces, each on one thread, leave threads without work for a good part of the time.
fn leaves_threads_idle(faces: usize, threads: usize) -> bool {
    !faces.is_multiple_of(threads) && faces < 4 * threads
}

#[cfg(test)]
mod tests {
    use super::leaves_threads_idle;

    #[test]
    fn threads_are_idle_only_over_few_faces() {
        assert_eq!([1, 2, 3, 4, 5, 7, 8, 9].map(|faces| leaves_threads_idle(faces, 1)), [false; 8]);
        let two = [1, 2, 3, 4, 5, 7, 8, 9].map(|faces| leaves_threads_idle(faces, 2));
        assert_eq!(two, [true, false, true, false, true, true, false, false]);
    }
}
