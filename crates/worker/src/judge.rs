//! Photos to verdicts: decode, look, measure.

use std::sync::Arc;

use bytes::Bytes;
use domain::enrollment::{PhotoFace, PhotoPolicy, PhotoRejection, PhotoVerdict, enrollable, reject_strangers};
use domain::organization::{LivenessPolicy, RecognitionPolicy};
use tracing::Span;
use vision::{AnalysedFace, DecodeError, EncoderFacts, Picture, Wants};

use crate::decode::Decoder;
use crate::model_thread::{Facts, Models, Question};
use crate::outcome::{JobOutcome, Reason};
use crate::settings::EnrollmentSettings;

/// Whoever has pictures looked at that are no frames.
#[derive(Clone)]
pub(crate) struct Judge {
    pub(crate) models: Models,
    pub(crate) decoder: Decoder,
    /// Pictures that go to the models together: no more than frames do, so that they wait no longer for us than for
    /// each other.
    pub(crate) batch: usize,
}

/// What photos are judged by.
#[derive(Clone, Copy)]
pub(crate) struct Sitting<'a> {
    pub(crate) encoder: &'a EncoderFacts,
    pub(crate) policy: &'a RecognitionPolicy,
    pub(crate) settings: &'a EnrollmentSettings,
}

impl Sitting<'_> {
    /// Rejects the photos whose face is unlike the person's others.
    pub(crate) fn compare(&self, verdicts: &mut [PhotoVerdict]) {
        if let Some(calibration) = &self.encoder.calibration {
            reject_strangers(verdicts, calibration.threshold_cosine(self.settings.false_match_rate, 1));
        }
    }

    fn photo_policy(&self) -> PhotoPolicy {
        let settings = self.settings;
        PhotoPolicy {
            min_face_px: settings.min_face_px,
            min_detection_score: settings.min_detection_score,
            min_sharpness: settings.min_sharpness,
            brightness: [settings.min_brightness, settings.max_brightness],
            max_turn_degrees: settings.max_turn_degrees,
            min_liveness: (self.policy.liveness == LivenessPolicy::Required).then_some(settings.min_liveness),
            min_quality: settings.min_quality,
        }
    }

    fn question(&self) -> Question {
        let liveness = self.policy.liveness.is_asked();
        let wants = Wants { liveness, augmentations: self.settings.augmentations, ..Wants::default() };
        Question { contract: self.encoder.contract.clone(), wants }
    }
}

impl Judge {
    pub(crate) fn facts(&self) -> &Facts {
        self.models.facts()
    }

    /// One verdict per photo.
    pub(crate) async fn photos(
        &self,
        encoded: &[Bytes],
        sitting: Sitting<'_>,
    ) -> Result<Vec<PhotoVerdict>, JobOutcome> {
        let decoded = self.decoder.decode_all(encoded.to_vec()).await;
        let mut pictures: Vec<Picture> = Vec::new();
        let damage: Vec<Option<PhotoRejection>> = decoded
            .into_iter()
            .map(|decoded| match decoded {
                Ok(picture) => {
                    pictures.push(picture);
                    None
                }
                Err(DecodeError::Refused(problem)) => Some(problem.into()),
                Err(DecodeError::Failed(_)) => Some(PhotoRejection::ImageDamaged),
            })
            .collect();
        let mut analysed = self.analyse(pictures, sitting.question()).await?.into_iter();
        let policy = sitting.photo_policy();
        let verdicts = damage.into_iter().map(|damage| match damage {
            Some(reason) => PhotoVerdict::Rejected { reason, quality: None },
            None => verdict(analysed.next().unwrap_or_default(), &policy),
        });
        Ok(verdicts.collect())
    }

    /// The faces of each picture.
    pub(crate) async fn analyse(
        &self,
        pictures: Vec<Picture>,
        question: Question,
    ) -> Result<Vec<Vec<AnalysedFace>>, JobOutcome> {
        if pictures.is_empty() {
            return Ok(Vec::new());
        }
        let answer = self.models.place().await?.analyse(pictures, question, Span::current());
        match answer.await {
            Ok(Ok(analysis)) => Ok(analysis.pictures),
            // Out of memory, perhaps; the limit of deliveries ends it when it is the pictures' fault.
            Ok(Err(error)) => Err(JobOutcome::Later(Reason::Models(Arc::new(error)))),
            Err(_gone) => Err(JobOutcome::Later(Reason::ModelsGone)),
        }
    }
}

/// What is to be said of a photo with these faces.
fn verdict(mut faces: Vec<AnalysedFace>, policy: &PhotoPolicy) -> PhotoVerdict {
    let seen: Vec<PhotoFace> = faces
        .iter()
        .map(|face| PhotoFace { face: face.face, measure: face.measure, liveness: face.liveness })
        .collect();
    match enrollable(&seen, policy) {
        Ok((position, quality)) => {
            let AnalysedFace { embedding, augmented, .. } = faces.swap_remove(position);
            PhotoVerdict::Accepted { embedding, augmented, quality }
        }
        Err((reason, quality)) => PhotoVerdict::Rejected { reason, quality },
    }
}
