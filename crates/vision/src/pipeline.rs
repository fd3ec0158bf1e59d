//! Pictures to faces and embeddings.

use std::path::Path;
use std::time::Instant;

use domain::calibration::Calibration;
use domain::contract::ContractId;
use domain::embedding::Embedding;
use domain::geometry::{DetectedFace, FaceBox, Point};
use domain::quality::FaceMeasure;

use crate::contrast::equalized;
use crate::encoder::{FaceEncoder, Sharing};
use crate::error::VisionError;
use crate::manifest::{Manifest, Model};
use crate::measure::measure;
use crate::mtcnn::Mtcnn;
use crate::picture::Picture;
use crate::pool::Pool;
use crate::settings::VisionSettings;
use crate::stages::{StageTimes, elapsed_ms};
use crate::torch::{self, Net, Pixels, Place};

/// Most crops that go through a net of the detector at once, and most faces through the encoder, on each thread. On the
/// CPU as many as the intermediate results fit into the cache; a graphics card likes it large, and its memory bounds it.
const MOST_CROPS: Limits = Limits { cpu: 96, card: 4096 };
const MOST_FACES: Limits = Limits { cpu: 4, card: 64 };

struct Limits {
    cpu: usize,
    card: usize,
}

/// A face and its embedding.
#[derive(Debug, Clone, PartialEq)]
pub struct AnalysedFace {
    /// In pixels of the upright original picture.
    pub face: DetectedFace,
    /// Of the pipeline's contract.
    pub embedding: Embedding,
    /// What its pixels are like, in the picture as analysed.
    pub measure: FaceMeasure,
}

/// What [`Pipeline::analyse`] found.
#[derive(Debug, Clone, PartialEq)]
pub struct Analysis {
    /// For each picture its faces, largest first.
    pub pictures: Vec<Vec<AnalysedFace>>,
    /// Pixels to faces, for all pictures together.
    pub detect_ms: f32,
    /// Faces to embeddings, for all pictures together.
    pub embed_ms: f32,
    /// The same, closer.
    pub stages: StageTimes,
}

/// The loaded models. Owned and used by one thread, beside which it keeps threads of its own.
#[derive(Debug)]
pub struct Pipeline {
    pool: Pool,
    mtcnn: Mtcnn,
    encoder: FaceEncoder,
    contract: ContractId,
    calibration: Calibration,
    equalizes_contrast: bool,
}

impl Pipeline {
    /// Loads the detector and the encoder that the settings name onto the device that they name.
    ///
    /// # Errors
    /// A setting out of range, a device that is not there, or a model that is missing or not as the manifest says.
    pub fn load(settings: &VisionSettings) -> Result<Self, VisionError> {
        settings.validate()?;
        let place = Place::parse(&settings.device)?;
        let manifest = Manifest::read(&settings.weights)?;
        let Some((model, encoder)) = manifest.encoder(&settings.encoder) else {
            let problem = format!("the manifest has no encoder `{}`", settings.encoder);
            return Err(VisionError::Setting { setting: "encoder", problem });
        };
        // OpenCV would start threads of its own beside ours.
        opencv::core::set_num_threads(1)?;
        let limit = |limits: Limits| if place.is_cpu() { limits.cpu } else { limits.card };
        let detector_net = |id: &str| match manifest.model(id) {
            Some(model) => load(&settings.weights, model, place),
            None => Err(unusable(&settings.weights, format!("it has no model `{id}`"))),
        };
        let mtcnn = Mtcnn {
            proposal: detector_net("mtcnn-pnet")?,
            refine: detector_net("mtcnn-rnet")?,
            output: detector_net("mtcnn-onet")?,
            thresholds: settings.thresholds,
            min_face_px: settings.min_face_px,
            factor: settings.factor,
            most_crops: limit(MOST_CROPS),
        };
        let [side, _, 3] = model.input_shape else {
            return Err(unusable(&settings.weights, format!("`{}` takes no RGB pictures", model.id)));
        };
        let face_encoder = FaceEncoder {
            net: load(&settings.weights, model, place)?,
            alignment: encoder.alignment,
            side: side as usize,
            dimension: encoder.dimension,
            most_faces: limit(MOST_FACES),
            sharing: match place.is_cpu() {
                true if torch::waits_are_short() => Sharing::OfFewFaces,
                true => Sharing::Never,
                false => Sharing::Always,
            },
        };
        Ok(Self {
            pool: Pool::new(settings.threads)?,
            mtcnn,
            encoder: face_encoder,
            contract: encoder.contract.clone(),
            calibration: encoder.calibration.clone(),
            equalizes_contrast: settings.clahe,
        })
    }

    /// What the embeddings may be compared with.
    #[must_use]
    pub fn contract(&self) -> &ContractId {
        &self.contract
    }

    /// Which cosine goes with which false-match rate.
    #[must_use]
    pub fn calibration(&self) -> &Calibration {
        &self.calibration
    }

    /// Numbers of an embedding.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.encoder.dimension
    }

    /// Runs every net once on every thread, so that the first real pictures do not pay for libtorch's preparations.
    ///
    /// # Errors
    /// When a model does not run.
    pub fn warm_up(&self) -> Result<(), VisionError> {
        let (width, height) = (1280, 720);
        let pixels = vec![127; width * height * 3];
        let blank = Picture { pixels, width, height, original: (1280, 720) };
        self.analyse(&[blank])?;
        let everyone = vec![(); self.pool.threads() * 2];
        self.pool.map(&everyone, |()| {
            for (net, side) in [(&self.mtcnn.refine, 24), (&self.mtcnn.output, 48)] {
                net.run(Pixels::Bytes(&vec![127; 8 * side * side * 3]), [8, side, side])?;
            }
            Ok(())
        })?;
        let crop = vec![127; self.encoder.side * self.encoder.side * 3];
        for faces in [1, self.pool.threads(), self.pool.threads() * 2] {
            self.encoder.encode(&self.pool, &vec![crop.as_slice(); faces])?;
        }
        Ok(())
    }

    /// Finds the faces of each picture and makes their embeddings, those of all pictures together.
    ///
    /// A face that the detector reports but hardly any pixel of which is in the picture is left out.
    ///
    /// # Errors
    /// When a model does not run. What a picture shows is never an error.
    pub fn analyse(&self, pictures: &[Picture]) -> Result<Analysis, VisionError> {
        let mut stages = StageTimes::default();
        let found = self.detect_in(pictures, &mut stages)?;

        let begin = Instant::now();
        let each = found.iter().enumerate();
        let faces: Vec<(usize, DetectedFace)> =
            each.flat_map(|(position, faces)| faces.iter().map(move |face| (position, *face))).collect();
        let crops = self.encoder.cut_out(&self.pool, pictures, &faces)?;
        let (faces, crops): (Vec<_>, Vec<_>) =
            faces.iter().zip(&crops).filter_map(|(face, crop)| Some((*face, crop.as_deref()?))).unzip();
        let measures = self.pool.map(&faces, |(position, face)| measure(&pictures[*position], face))?;
        stages.align_ms = elapsed_ms(begin);

        let begin = Instant::now();
        let embeddings = self.encoder.encode(&self.pool, &crops)?;
        stages.encode_ms = elapsed_ms(begin);

        let mut analysed = vec![Vec::new(); pictures.len()];
        for (((position, face), embedding), measure) in faces.into_iter().zip(embeddings).zip(measures) {
            let face = in_original(&pictures[position], face);
            analysed[position].extend(embedding.map(|embedding| AnalysedFace { face, embedding, measure }));
        }
        Ok(Analysis { pictures: analysed, detect_ms: stages.detect_ms(), embed_ms: stages.embed_ms(), stages })
    }

    /// Finds the faces of each picture, in pixels of the upright originals, largest first.
    ///
    /// # Errors
    /// When a model does not run.
    pub fn detect(&self, pictures: &[Picture]) -> Result<Vec<Vec<DetectedFace>>, VisionError> {
        let found = self.detect_in(pictures, &mut StageTimes::default())?;
        let each = pictures.iter().zip(found);
        Ok(each.map(|(picture, faces)| faces.into_iter().map(|face| in_original(picture, face)).collect()).collect())
    }

    /// Only the detector sees evened-out contrast: embeddings of one contract must not depend on a setting.
    fn detect_in(&self, pictures: &[Picture], times: &mut StageTimes) -> Result<Vec<Vec<DetectedFace>>, VisionError> {
        if !self.equalizes_contrast {
            return self.mtcnn.detect(&self.pool, pictures, times);
        }
        let begin = Instant::now();
        let even = self.pool.map(pictures, equalized)?;
        times.pyramid_ms += elapsed_ms(begin);
        self.mtcnn.detect(&self.pool, &even, times)
    }
}

fn load(weights: &Path, model: &Model, place: Place) -> Result<Net, VisionError> {
    let path = weights.join(&model.file);
    // libtorch's own message for a missing file is a page long.
    std::fs::File::open(&path).map_err(|source| VisionError::Missing { path: path.clone(), source })?;
    Net::load(&model.id, &path, place)
}

fn unusable(weights: &Path, problem: String) -> VisionError {
    VisionError::Weights { path: weights.join("manifest.toml"), problem }
}

fn in_original(picture: &Picture, face: DetectedFace) -> DetectedFace {
    let (across, down) = picture.scale();
    let FaceBox { x_min, y_min, x_max, y_max } = face.face_box;
    DetectedFace {
        face_box: FaceBox { x_min: x_min * across, y_min: y_min * down, x_max: x_max * across, y_max: y_max * down },
        landmarks: face.landmarks.map(|Point { x, y }| Point { x: x * across, y: y * down }),
        ..face
    }
}
