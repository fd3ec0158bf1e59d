//! Photos to templates: one enrollment after another.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chrono::Utc;
use domain::embedding::Embedding;
use domain::enrollment::{Duplicate, Enrollment, EnrollmentState, PhotoVerdict};
use domain::event::{Event, EventBody, PhotoOutcome};
use domain::id::{OrganizationId, PersonId, PhotoId};
use domain::pooling::pooled;
use messaging::{EnrollmentJob, MessagingError, Redis};
use store::enrollments::{Finished, Judged};
use store::{Pool, Sealer, StoreError};
use tokio_util::sync::CancellationToken;
use tracing::Span;
use vision::EncoderFacts;

use crate::blocking::blocking;
use crate::globals::Globals;
use crate::jobs::{PATIENT, Work};
use crate::judge::{Judge, Sitting};
use crate::outcome::{JobOutcome, Reason};
use crate::record::announce;
use crate::rosters::encoder_for;
use crate::settings::EnrollmentSettings;

/// What it takes to enroll.
pub(crate) struct Enrolling {
    pub(crate) pool: Pool,
    pub(crate) sealer: Sealer,
    pub(crate) redis: Redis,
    pub(crate) globals: Arc<Globals>,
    pub(crate) judge: Judge,
    pub(crate) settings: EnrollmentSettings,
    pub(crate) shutdown: CancellationToken,
}

impl Work for Enrolling {
    type Job = EnrollmentJob;
    const KIND: &'static str = "enrollment";
    const PAUSE_LIMIT: Duration = PATIENT;

    fn pool(&self) -> &Pool {
        &self.pool
    }

    fn shutdown(&self) -> &CancellationToken {
        &self.shutdown
    }

    fn span(job: &EnrollmentJob) -> Span {
        tracing::info_span!("enrollment", enrollment.id = %job.enrollment_id)
    }

    async fn carry_out(&self, job: &EnrollmentJob) -> Result<JobOutcome, JobOutcome> {
        let mut conn = store::get(&self.pool).await?;
        let loaded = store::enrollments::load_job(&mut conn, &self.sealer, job.organization_id, job.enrollment_id);
        let Some(loaded) = loaded.await? else { return Ok(JobOutcome::AlreadyDone) };
        let organization = store::organizations::find(&mut conn, job.organization_id).await?;
        // The models take their time; others may use the connection meanwhile.
        drop(conn);
        let encoder = encoder_for(self.judge.facts(), &organization)?;
        let person = loaded.enrollment.person_id;
        // One that is finished has no pictures left. It is finished again all the same: whoever did it may not have
        // come to raising the versions and telling of it.
        let (verdicts, duplicate) = match loaded.enrollment.state {
            EnrollmentState::Pending => {
                let sitting = Sitting { encoder: &encoder, policy: &organization.policy, settings: &self.settings };
                let verdicts = self.judge_all(job, person, loaded.images, sitting).await?;
                let duplicate = self.duplicate(job.organization_id, person, &encoder, &verdicts).await?;
                (verdicts, duplicate)
            }
            EnrollmentState::Completed | EnrollmentState::Failed | EnrollmentState::DuplicateSuspected => {
                (Vec::new(), None)
            }
        };
        let judged = Judged { contract: &encoder.contract, verdicts: &verdicts, duplicate };
        match self.finish(job, &judged).await {
            Ok((enrollment, finished)) => {
                self.tell(job, enrollment, &finished).await;
                Ok(if finished.already { JobOutcome::AlreadyDone } else { JobOutcome::Done })
            }
            // Deleted meanwhile, with its person.
            Err(StoreError::NotFound) => Ok(JobOutcome::AlreadyDone),
            Err(error) => Err(error.into()),
        }
    }

    async fn lay_aside(&self, job: &EnrollmentJob, reason: &Reason) {
        // A worker with other encoders may do better than this one.
        if !matches!(reason, Reason::ContractMismatch { .. }) {
            self.fail(job).await;
        }
    }
}

impl Enrolling {
    /// One verdict per photo; tells how far it is after each batch.
    async fn judge_all(
        &self,
        job: &EnrollmentJob,
        person_id: PersonId,
        images: Vec<(PhotoId, Vec<u8>)>,
        sitting: Sitting<'_>,
    ) -> Result<Vec<(PhotoId, PhotoVerdict)>, JobOutcome> {
        let (photos, encoded): (Vec<PhotoId>, Vec<Bytes>) =
            images.into_iter().map(|(photo, image)| (photo, Bytes::from(image))).unzip();
        let mut verdicts = Vec::with_capacity(photos.len());
        for batch in encoded.chunks(self.judge.batch) {
            verdicts.extend(self.judge.photos(batch, sitting).await?);
            let (enrollment_id, judged, photos) = (job.enrollment_id, verdicts.len(), photos.len());
            let body = EventBody::EnrollmentProgressed { enrollment_id, person_id, judged, photos };
            announce(&self.redis, Event { organization_id: job.organization_id, body }).await;
        }
        sitting.compare(&mut verdicts);
        Ok(photos.into_iter().zip(verdicts).collect())
    }

    /// The one in the organization who looks so much like this person that both may be one.
    async fn duplicate(
        &self,
        organization: OrganizationId,
        person: PersonId,
        encoder: &EncoderFacts,
        verdicts: &[(PhotoId, PhotoVerdict)],
    ) -> Result<Option<Duplicate>, JobOutcome> {
        let accepted: Vec<(&Embedding, f32)> = verdicts
            .iter()
            .filter_map(|(_, verdict)| match verdict {
                PhotoVerdict::Accepted { embedding, quality, .. } => Some((embedding, f32::from(*quality))),
                PhotoVerdict::Rejected { .. } => None,
            })
            .collect();
        let (Some(face), Some(calibration)) = (pooled(&accepted), &encoder.calibration) else { return Ok(None) };
        let mut conn = store::get(&self.pool).await?;
        let distinct = store::enrollments::distinct_from(&mut conn, organization, person).await?;
        drop(conn);
        let index = self.globals.current_within(organization, &encoder.contract, PATIENT).await;
        let index = index.ok_or(JobOutcome::Later(Reason::IndexAway))?;
        // The person may be there already, and those who are known to be somebody else.
        let wanted = 2 + distinct.len();
        let people = index.people();
        let found = blocking(move || index.search(&[&face], wanted)).await?;
        let threshold = calibration.threshold_cosine(self.settings.duplicate_false_match_rate, people);
        let others = found
            .into_iter()
            .flatten()
            .filter(|candidate| candidate.person_id != person && !distinct.contains(&candidate.person_id));
        let closest = others.max_by(|a, b| a.similarity.total_cmp(&b.similarity));
        Ok(closest
            .filter(|candidate| candidate.similarity >= threshold)
            .map(|candidate| Duplicate { person_id: candidate.person_id, similarity: candidate.similarity }))
    }

    async fn finish(&self, job: &EnrollmentJob, judged: &Judged<'_>) -> Result<(Enrollment, Finished), StoreError> {
        let (organization, id) = (job.organization_id, job.enrollment_id);
        let mut conn = store::get(&self.pool).await?;
        let finished =
            store::enrollments::finish(&mut conn, &self.sealer, organization, id, judged, Utc::now()).await?;
        let enrollment = store::enrollments::find(&mut conn, organization, id).await?;
        Ok((enrollment, finished))
    }

    /// Raises the versions and announces; in this order, so that who hears of it finds the person.
    async fn tell(&self, job: &EnrollmentJob, enrollment: Enrollment, finished: &Finished) {
        for (course, version) in &finished.bumped {
            untold(self.redis.raise_course_version(*course, *version).await);
        }
        untold(self.redis.raise_template_revision(job.organization_id, finished.template_revision).await);
        self.tell_end(enrollment).await;
    }

    async fn tell_end(&self, enrollment: Enrollment) {
        let photos = enrollment.photos.iter();
        let photos = photos
            .map(|photo| PhotoOutcome {
                photo_id: photo.id,
                state: photo.state,
                rejection: photo.rejection,
                quality: photo.quality,
            })
            .collect();
        let body = EventBody::EnrollmentFinished {
            enrollment_id: enrollment.id,
            person_id: enrollment.person_id,
            state: enrollment.state,
            photos,
        };
        announce(&self.redis, Event { organization_id: enrollment.organization_id, body }).await;
    }

    /// Ends an enrollment that cannot be carried out, so that nobody waits for it and no sweep takes it up again.
    async fn fail(&self, job: &EnrollmentJob) {
        let failing = async {
            let mut conn = store::get(&self.pool).await?;
            store::enrollments::fail(&mut conn, job.organization_id, job.enrollment_id, Utc::now()).await?;
            store::enrollments::find(&mut conn, job.organization_id, job.enrollment_id).await
        };
        match failing.await {
            Ok(enrollment) => self.tell_end(enrollment).await,
            Err(error) => {
                tracing::warn!(error = &error as &dyn Error, "an enrollment could not be ended; the sweep will see it");
            }
        }
    }
}

/// A version that was not raised heals when its key expires.
fn untold(raised: Result<(), MessagingError>) {
    if let Err(error) = raised {
        tracing::debug!(error = &error as &dyn Error, "a version could not be raised; its key will expire");
    }
}
