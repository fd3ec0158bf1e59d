//! Faces to embeddings.

use domain::embedding::Embedding;
use domain::geometry::DetectedFace;

use crate::align::cut_out;
use crate::error::VisionError;
use crate::manifest::Alignment;
use crate::picture::Picture;
use crate::pool::Pool;
use crate::torch::{self, Net, Output, Pixels};

/// A net that makes embeddings of faces.
#[derive(Debug)]
pub(crate) struct FaceEncoder {
    pub(crate) net: Net,
    pub(crate) alignment: Alignment,
    /// Side of its input in pixels.
    pub(crate) side: usize,
    pub(crate) dimension: usize,
    /// Most faces that go through it at once.
    pub(crate) most_faces: usize,
    pub(crate) is_on_cpu: bool,
}

impl FaceEncoder {
    /// Cuts each face, of the picture with the position beside it, out. `None` for one that is hardly in its picture.
    pub(crate) fn cut_out(
        &self,
        pool: &Pool,
        pictures: &[Picture],
        faces: &[(usize, DetectedFace)],
    ) -> Result<Vec<Option<Vec<u8>>>, VisionError> {
        pool.map(faces, |(position, face)| {
            let mut crop = vec![0; self.side * self.side * 3];
            let is_there = cut_out(&pictures[*position], face, self.alignment, self.side as i32, &mut crop)?;
            Ok(is_there.then_some(crop))
        })
    }

    /// One embedding per crop; `None` for one that the net sees nothing in.
    pub(crate) fn encode(&self, pool: &Pool, crops: &[&[u8]]) -> Result<Vec<Option<Embedding>>, VisionError> {
        if crops.is_empty() {
            return Ok(Vec::new());
        }
        // Fewer faces than threads: the threads share each operation. Otherwise each takes faces of its own.
        if !self.is_on_cpu || crops.len() < pool.threads() {
            torch::limit_threads(pool.threads());
            let batches = crops.chunks(self.most_faces).map(|batch| self.run(batch));
            return Ok(batches.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect());
        }
        let fair_share = crops.len().div_ceil(pool.threads());
        let batches: Vec<&[&[u8]]> = crops.chunks(fair_share.clamp(1, self.most_faces)).collect();
        Ok(pool.map(&batches, |batch| self.run(batch))?.into_iter().flatten().collect())
    }

    fn run(&self, crops: &[&[u8]]) -> Result<Vec<Option<Embedding>>, VisionError> {
        let outputs = self.net.run(Pixels::Bytes(&crops.concat()), [crops.len(), self.side, self.side])?;
        let [Output { shape, values }] = outputs.as_slice() else {
            return Err(self.net.unexpected("another number of results than one"));
        };
        if *shape != [crops.len(), self.dimension] {
            return Err(self.net.unexpected("embeddings of another dimension than the manifest says"));
        }
        Ok(values.chunks_exact(self.dimension).map(|values| Embedding::normalized(values.to_vec())).collect())
    }
}
