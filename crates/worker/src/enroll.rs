//! Photos to templates.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chrono::Utc;
use domain::enrollment::{Enrollment, EnrollmentState, PhotoRejection, PhotoVerdict, reject_strangers};
use domain::event::{Event, EventBody, PhotoOutcome};
use domain::id::PhotoId;
use messaging::{Consumer, EnrollmentJob, MessagingError, Redis};
use store::enrollments::Finished;
use store::{Pool, Sealer, StoreError};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;
use vision::{AnalysedFace, DecodeError, Picture};

use crate::decode::Decoder;
use crate::model_thread::Models;
use crate::outcome::{JobOutcome, Reason, pause, settle_enrollment};
use crate::record::announce;
use crate::settings::EnrollmentSettings;

/// How long an enrollment is held while the database is away, before another worker may try.
const PAUSE_LIMIT: Duration = Duration::from_secs(30);

/// What it takes to enroll.
pub(crate) struct Enrolling {
    pub(crate) pool: Pool,
    pub(crate) sealer: Sealer,
    pub(crate) redis: Redis,
    pub(crate) models: Models,
    pub(crate) decoder: Decoder,
    pub(crate) settings: EnrollmentSettings,
    /// Pictures that go to the models together: no more than frames do, so that they wait no longer for us than for
    /// each other.
    pub(crate) batch: usize,
    pub(crate) shutdown: CancellationToken,
}

impl Enrolling {
    /// Enrolls, one enrollment after another, until the worker stops; the one at hand is finished.
    pub(crate) async fn enroll(self, mut jobs: Consumer<EnrollmentJob>) {
        while let Some(delivery) = self.shutdown.run_until_cancelled(jobs.next()).await {
            let (job, receipt) = delivery.split();
            let span = tracing::info_span!("enrollment", enrollment.id = %job.enrollment_id);
            let outcome = self.carry_out(&job).instrument(span.clone()).await.unwrap_or_else(|failed| failed);
            if matches!(outcome, JobOutcome::Later(_)) {
                pause(&self.pool, PAUSE_LIMIT, &self.shutdown).await;
            }
            settle_enrollment(receipt, outcome).instrument(span).await;
        }
        if let Err(error) = jobs.stop().await {
            tracing::debug!(error = &error as &dyn Error, "the enrollments' consumer ended with its connection");
        }
    }

    async fn carry_out(&self, job: &EnrollmentJob) -> Result<JobOutcome, JobOutcome> {
        let mut conn = store::get(&self.pool).await?;
        let loaded = store::enrollments::load_job(&mut conn, &self.sealer, job.organization_id, job.enrollment_id);
        let Some(loaded) = loaded.await? else { return Ok(JobOutcome::AlreadyDone) };
        // The models take their time; others may use the connection meanwhile.
        drop(conn);
        // One that is finished has no pictures left. It is finished again all the same: whoever did it may not have
        // come to raising the versions and telling of it.
        let verdicts = match loaded.enrollment.state {
            EnrollmentState::Pending => self.judge(loaded.images).await?,
            EnrollmentState::Completed | EnrollmentState::Failed => Vec::new(),
        };
        match self.finish(job, &verdicts).await {
            Ok((enrollment, finished)) => {
                self.tell(job, enrollment, &finished).await;
                Ok(if finished.already { JobOutcome::AlreadyDone } else { JobOutcome::Done })
            }
            // Deleted meanwhile, with its person.
            Err(StoreError::NotFound) => Ok(JobOutcome::AlreadyDone),
            Err(error) => Err(error.into()),
        }
    }

    /// One verdict per photo.
    async fn judge(&self, images: Vec<(PhotoId, Vec<u8>)>) -> Result<Vec<(PhotoId, PhotoVerdict)>, JobOutcome> {
        let (photos, encoded): (Vec<PhotoId>, Vec<Bytes>) =
            images.into_iter().map(|(photo, image)| (photo, Bytes::from(image))).unzip();
        let mut verdicts = Vec::with_capacity(photos.len());
        for batch in encoded.chunks(self.batch) {
            verdicts.extend(self.judge_batch(batch).await?);
        }
        let same_person = self.models.facts().calibration.threshold_cosine(self.settings.false_match_rate, 1);
        reject_strangers(&mut verdicts, same_person);
        Ok(photos.into_iter().zip(verdicts).collect())
    }

    async fn judge_batch(&self, encoded: &[Bytes]) -> Result<Vec<PhotoVerdict>, JobOutcome> {
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
        let mut analysed = self.analyse(pictures).await?.into_iter();
        let verdicts = damage.into_iter().map(|damage| match damage {
            Some(rejection) => PhotoVerdict::Rejected(rejection),
            None => verdict(&analysed.next().unwrap_or_default(), &self.settings),
        });
        Ok(verdicts.collect())
    }

    /// The faces of each picture.
    async fn analyse(&self, pictures: Vec<Picture>) -> Result<Vec<Vec<AnalysedFace>>, JobOutcome> {
        if pictures.is_empty() {
            return Ok(Vec::new());
        }
        let answer = self.models.place().await?.analyse(pictures, tracing::Span::current());
        match answer.await {
            Ok(Ok(analysis)) => Ok(analysis.pictures),
            // Out of memory, perhaps; the broker's limit of deliveries ends it when it is the pictures' fault.
            Ok(Err(error)) => Err(JobOutcome::Later(Reason::Models(Arc::new(error)))),
            Err(_gone) => Err(JobOutcome::Later(Reason::ModelsGone)),
        }
    }

    async fn finish(
        &self,
        job: &EnrollmentJob,
        verdicts: &[(PhotoId, PhotoVerdict)],
    ) -> Result<(Enrollment, Finished), StoreError> {
        let (organization, id) = (job.organization_id, job.enrollment_id);
        let contract = &self.models.facts().contract;
        let mut conn = store::get(&self.pool).await?;
        let finished =
            store::enrollments::finish(&mut conn, &self.sealer, organization, id, contract, verdicts, Utc::now())
                .await?;
        let enrollment = store::enrollments::find(&mut conn, organization, id).await?;
        Ok((enrollment, finished))
    }

    /// Raises the versions and announces; in this order, so that who hears of it finds the person.
    async fn tell(&self, job: &EnrollmentJob, enrollment: Enrollment, finished: &Finished) {
        for (course, version) in &finished.bumped {
            untold(self.redis.raise_course_version(*course, *version).await);
        }
        untold(self.redis.raise_template_revision(job.organization_id, finished.template_revision).await);
        let photos = enrollment.photos.iter();
        let photos = photos
            .map(|photo| PhotoOutcome { photo_id: photo.id, state: photo.state, rejection: photo.rejection })
            .collect();
        let body = EventBody::EnrollmentFinished {
            enrollment_id: enrollment.id,
            person_id: enrollment.person_id,
            state: enrollment.state,
            photos,
        };
        announce(&self.redis, Event { organization_id: job.organization_id, body }).await;
    }
}

/// What is to be said of a photo with these faces.
///
/// Faces that are too small or that the detector is not sure of do not count: nearly every street has some far away.
fn verdict(faces: &[AnalysedFace], settings: &EnrollmentSettings) -> PhotoVerdict {
    let is_sure = |face: &&AnalysedFace| face.face.detection_score >= settings.min_detection_score;
    let is_large =
        |face: &&AnalysedFace| face.face.face_box.width().min(face.face.face_box.height()) >= settings.min_face_px;
    let sure: Vec<&AnalysedFace> = faces.iter().filter(is_sure).collect();
    let large: Vec<&AnalysedFace> = sure.iter().copied().filter(is_large).collect();
    match large.as_slice() {
        [only] => PhotoVerdict::Accepted { embedding: only.embedding.clone(), quality: only.face.detection_score },
        [] if sure.is_empty() => PhotoVerdict::Rejected(PhotoRejection::FaceNotFound),
        [] => PhotoVerdict::Rejected(PhotoRejection::FaceTooSmall),
        [..] => PhotoVerdict::Rejected(PhotoRejection::MultipleFaces),
    }
}

/// A version that was not raised heals when its key expires.
fn untold(raised: Result<(), MessagingError>) {
    if let Err(error) = raised {
        tracing::debug!(error = &error as &dyn Error, "a version could not be raised; its key will expire");
    }
}

#[cfg(test)]
mod tests {
    use domain::embedding::Embedding;
    use domain::enrollment::{PhotoRejection, PhotoVerdict};
    use domain::geometry::{DetectedFace, FaceBox, Point};
    use domain::quality::FaceMeasure;
    use vision::AnalysedFace;

    use super::verdict;
    use crate::settings::EnrollmentSettings;

    const SETTINGS: EnrollmentSettings =
        EnrollmentSettings { min_face_px: 60.0, min_detection_score: 0.9, false_match_rate: 0.01 };

    /// Faces are side and detection score.
    fn check(faces: &[(f32, f32)], expected: Option<PhotoRejection>) {
        let faces: Vec<AnalysedFace> = faces
            .iter()
            .map(|(side, detection_score)| {
                let face_box = FaceBox { x_min: 0.0, y_min: 0.0, x_max: side * 1.5, y_max: *side };
                let landmarks = [Point { x: 0.0, y: 0.0 }; 5];
                let face = DetectedFace { face_box, landmarks, detection_score: *detection_score };
                let embedding = Embedding::normalized(vec![1.0]).expect("a direction");
                AnalysedFace { face, embedding, measure: FaceMeasure::default(), liveness: None, augmented: Vec::new() }
            })
            .collect();
        let found = match verdict(&faces, &SETTINGS) {
            PhotoVerdict::Accepted { .. } => None,
            PhotoVerdict::Rejected(rejection) => Some(rejection),
        };
        assert_eq!(found, expected, "{faces:?}");
    }

    #[test]
    fn a_photo_shows_one_good_face_or_is_refused() {
        check(&[(60.0, 0.9)], None);
        check(&[], Some(PhotoRejection::FaceNotFound));
        check(&[(200.0, 0.89)], Some(PhotoRejection::FaceNotFound));
        check(&[(59.0, 0.99)], Some(PhotoRejection::FaceTooSmall));
        check(&[(100.0, 0.99), (90.0, 0.95)], Some(PhotoRejection::MultipleFaces));
        check(&[(100.0, 0.99), (30.0, 0.99), (200.0, 0.7)], None);
    }
}
