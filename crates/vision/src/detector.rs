//! What finds faces.

use domain::geometry::DetectedFace;

use crate::error::VisionError;
use crate::mtcnn::Mtcnn;
use crate::one_pass::OnePass;
use crate::picture::Picture;
use crate::pool::Pool;
use crate::stages::StageTimes;

/// The detectors there are.
#[derive(Debug)]
pub(crate) enum Detector {
    Mtcnn(Box<Mtcnn>),
    OnePass(OnePass),
}

impl Detector {
    /// The faces of each picture, in pixels of the picture as it is, largest first.
    pub(crate) fn detect(
        &self,
        pool: &Pool,
        pictures: &[Picture],
        times: &mut StageTimes,
    ) -> Result<Vec<Vec<DetectedFace>>, VisionError> {
        match self {
            Self::Mtcnn(mtcnn) => mtcnn.detect(pool, pictures, times),
            Self::OnePass(one_pass) => one_pass.detect(pool, pictures, times),
        }
    }

    /// Runs each net once on every thread.
    pub(crate) fn warm_up(&self, pool: &Pool) -> Result<(), VisionError> {
        match self {
            Self::Mtcnn(mtcnn) => mtcnn.warm_up(pool),
            Self::OnePass(one_pass) => one_pass.warm_up(pool),
        }
    }
}
