//! Pictures to faces and embeddings.

use std::slice;
use std::time::Instant;

use domain::contract::ContractId;
use domain::embedding::Embedding;
use domain::geometry::{DetectedFace, FaceBox};
use domain::quality::FaceMeasure;

use crate::boxes::scaled;
use crate::contrast::equalized;
use crate::encoder::FaceEncoder;
use crate::error::VisionError;
use crate::measure::measure;
use crate::picture::Picture;
use crate::pipeline::Pipeline;
use crate::stages::{StageTimes, elapsed_ms};
use crate::tiles::{tiles, together};

/// Tiles that are looked at together, on each thread: more would only need more memory.
const TILES_A_THREAD: usize = 2;

/// What to find out about pictures besides their faces' embeddings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Wants {
    /// Whether each face is a living person's.
    pub liveness: bool,
    /// Whether to look at pictures piece by piece, too, for faces that are small against them.
    pub tiled: bool,
    /// How many changed copies of each face get an embedding, too.
    pub augmentations: usize,
}

/// A face and its embedding.
#[derive(Debug, Clone, PartialEq)]
pub struct AnalysedFace {
    /// In pixels of the upright original picture.
    pub face: DetectedFace,
    /// Of the contract that was asked for.
    pub embedding: Embedding,
    /// What its pixels are like, in the picture as analysed.
    pub measure: FaceMeasure,
    /// Probability that it is a living person's and not that of a picture of one; `None` when it was not asked for, or
    /// the nets for it are not loaded.
    pub liveness: Option<f32>,
    /// Embeddings of changed copies: mirrored, turned, lighter or darker. The same face always gives the same ones.
    pub augmented: Vec<Embedding>,
}

/// What [`Pipeline::analyse`] found.
#[derive(Debug, Clone, PartialEq)]
pub struct Analysis {
    /// For each picture its faces, largest first.
    pub pictures: Vec<Vec<AnalysedFace>>,
    /// Pixels to faces, for all pictures together.
    pub detect_ms: f32,
    /// Faces to embeddings and liveness, for all pictures together.
    pub embed_ms: f32,
    /// The same, closer.
    pub stages: StageTimes,
}

/// A face in the picture with this position, and what was cut out of it.
struct Cut {
    picture: usize,
    face: DetectedFace,
    measure: FaceMeasure,
    /// The face as it is, then its changed copies.
    crops: Vec<Vec<u8>>,
}

impl Pipeline {
    /// Finds the faces of each picture and makes their embeddings with the first encoder, those of all pictures together.
    ///
    /// A face that the detector reports but hardly any pixel of which is in the picture is left out.
    ///
    /// # Errors
    /// When a model does not run. What a picture shows is never an error.
    pub fn analyse(&self, pictures: &[Picture]) -> Result<Analysis, VisionError> {
        self.analyse_by(self.first_encoder(), pictures, Wants::default())
    }

    /// As [`Self::analyse`], with the encoder of a contract, and finds out more.
    ///
    /// # Errors
    /// [`VisionError::UnknownContract`] when no such encoder is loaded, or when a model does not run.
    pub fn analyse_with(
        &self,
        contract: &ContractId,
        pictures: &[Picture],
        wants: Wants,
    ) -> Result<Analysis, VisionError> {
        self.analyse_by(self.encoder(contract)?, pictures, wants)
    }

    fn analyse_by(&self, encoder: &FaceEncoder, pictures: &[Picture], wants: Wants) -> Result<Analysis, VisionError> {
        let mut stages = StageTimes::default();
        let found = if wants.tiled {
            let each = pictures.iter().map(|picture| self.detect_tiled_in(picture, &mut stages));
            each.collect::<Result<Vec<_>, _>>()?
        } else {
            self.detect_in(pictures, &mut stages)?
        };

        let begin = Instant::now();
        let each = found.into_iter().enumerate();
        let faces: Vec<(usize, DetectedFace)> =
            each.flat_map(|(position, faces)| faces.into_iter().map(move |face| (position, face))).collect();
        let cuts = self.pool.map(&faces, |(picture, face)| {
            let seen = &pictures[*picture];
            let Some(crops) = encoder.cut_out(seen, face, wants.augmentations)? else { return Ok(None) };
            Ok(Some(Cut { picture: *picture, face: *face, measure: measure(seen, face)?, crops }))
        })?;
        let cuts: Vec<Cut> = cuts.into_iter().flatten().collect();
        stages.align_ms = elapsed_ms(begin);

        let begin = Instant::now();
        let crops: Vec<&[u8]> = cuts.iter().flat_map(|cut| cut.crops.iter().map(Vec::as_slice)).collect();
        let embeddings = encoder.encode(&self.pool, &crops)?;
        stages.encode_ms = elapsed_ms(begin);

        let begin = Instant::now();
        let liveness = match &self.liveness {
            Some(nets) if wants.liveness => {
                let seen: Vec<(&Picture, FaceBox)> =
                    cuts.iter().map(|cut| (&pictures[cut.picture], cut.face.face_box)).collect();
                nets.judge(&self.pool, &seen)?
            }
            _ => vec![None; cuts.len()],
        };
        stages.liveness_ms = elapsed_ms(begin);

        let mut analysed = vec![Vec::new(); pictures.len()];
        let mut embeddings = embeddings.into_iter();
        for (Cut { picture, face, measure, crops }, liveness) in cuts.iter().zip(liveness) {
            let mut of_face = embeddings.by_ref().take(crops.len());
            let embedding = of_face.next().flatten();
            let augmented = of_face.flatten().collect();
            let face = in_original(&pictures[*picture], *face);
            analysed[*picture].extend(embedding.map(|embedding| AnalysedFace {
                face,
                embedding,
                measure: *measure,
                liveness,
                augmented,
            }));
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

    /// Finds the faces of a picture that is larger than the settings' `max_dimension`, piece by piece where they are small
    /// against it; in pixels of the upright original, largest first.
    ///
    /// # Errors
    /// When a model does not run.
    pub fn detect_tiled(&self, picture: &Picture) -> Result<Vec<DetectedFace>, VisionError> {
        let found = self.detect_tiled_in(picture, &mut StageTimes::default())?;
        Ok(found.into_iter().map(|face| in_original(picture, face)).collect())
    }

    fn detect_tiled_in(&self, picture: &Picture, times: &mut StageTimes) -> Result<Vec<DetectedFace>, VisionError> {
        let size = [picture.width, picture.height];
        let shrink = picture.width.max(picture.height) as f32 / self.max_dimension as f32;
        if shrink <= 1.0 {
            return Ok(self.detect_in(slice::from_ref(picture), times)?.into_iter().flatten().collect());
        }
        let begin = Instant::now();
        let whole = picture.shrunk(1.0 / shrink)?;
        times.pyramid_ms += elapsed_ms(begin);
        let scale = (picture.width as f32 / whole.width as f32, picture.height as f32 / whole.height as f32);
        let seen = self.detect_in(&[whole], times)?.into_iter().flatten();
        let mut faces: Vec<DetectedFace> = seen.map(|face| scaled(face, scale)).collect();
        let tiles = tiles(size, shrink, &faces, self.min_face_px, self.max_dimension);
        for tiles in tiles.chunks(self.pool.threads() * TILES_A_THREAD) {
            let parts: Vec<Picture> = tiles.iter().map(|tile| tile.of(picture)).collect();
            for (tile, found) in tiles.iter().zip(self.detect_in(&parts, times)?) {
                faces.extend(tile.whole_faces(found, size));
            }
        }
        Ok(together(&faces))
    }

    /// In pixels of the pictures as they are. Only the detector sees evened-out contrast: embeddings of one contract must
    /// not depend on a setting.
    fn detect_in(&self, pictures: &[Picture], times: &mut StageTimes) -> Result<Vec<Vec<DetectedFace>>, VisionError> {
        let mut found = if self.equalizes_contrast {
            let begin = Instant::now();
            let even = self.pool.map(pictures, equalized)?;
            times.pyramid_ms += elapsed_ms(begin);
            self.detector.detect(&self.pool, &even, times)?
        } else {
            self.detector.detect(&self.pool, pictures, times)?
        };
        for faces in &mut found {
            faces.retain(|face| face.detection_score >= self.min_detection_score);
        }
        Ok(found)
    }
}

fn in_original(picture: &Picture, face: DetectedFace) -> DetectedFace {
    scaled(face, picture.scale())
}
