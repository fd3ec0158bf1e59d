//! Frames of guided captures: does the person look where they were asked to?

use std::error::Error;
use std::time::Duration;

use chrono::Utc;
use domain::event::{Event, EventBody};
use domain::guided::{self, CaptureFailure, CapturePolicy, CaptureState, GuidedCapture, Step, TakenPose};
use domain::organization::LivenessPolicy;
use domain::quality::quality;
use messaging::{Broker, EnrollmentJob, Look, Redis};
use store::{Pool, Sealer, StoreError};
use tokio_util::sync::CancellationToken;
use tracing::Span;
use vision::Wants;

use crate::jobs::Work;
use crate::judge::Judge;
use crate::model_thread::Question;
use crate::outcome::{JobOutcome, PAUSE_LIMIT, Reason};
use crate::record::announce;
use crate::rosters::encoder_for;
use crate::settings::EnrollmentSettings;

/// Faces of guided captures are those of somebody who stands before the camera.
const MIN_FACE_PX: f32 = 80.0;
/// The lesser of exposure and sharpness, 0..=100.
const MIN_CLARITY: u8 = 25;

/// What it takes to look at guided captures.
pub(crate) struct Looking {
    pub(crate) pool: Pool,
    pub(crate) sealer: Sealer,
    pub(crate) redis: Redis,
    pub(crate) broker: Broker,
    pub(crate) judge: Judge,
    pub(crate) settings: EnrollmentSettings,
    pub(crate) shutdown: CancellationToken,
}

impl Work for Looking {
    type Job = Look;
    const KIND: &'static str = "look";
    const PAUSE_LIMIT: Duration = PAUSE_LIMIT;

    fn pool(&self) -> &Pool {
        &self.pool
    }

    fn shutdown(&self) -> &CancellationToken {
        &self.shutdown
    }

    fn span(look: &Look) -> Span {
        tracing::info_span!("look", guided_capture.id = %look.header.guided_capture_id)
    }

    async fn carry_out(&self, Look { header, jpeg }: &Look) -> Result<JobOutcome, JobOutcome> {
        let (organization_id, id) = (header.organization_id, header.guided_capture_id);
        let mut conn = store::get(&self.pool).await?;
        let loaded = store::guided::load(&mut conn, &self.sealer, organization_id, id).await?;
        let Some((capture, taken)) = loaded else { return Ok(JobOutcome::AlreadyDone) };
        let Some(wanted) = capture.wanted().filter(|_| capture.state == CaptureState::Open) else {
            return Ok(JobOutcome::AlreadyDone);
        };
        let organization = store::organizations::find(&mut conn, organization_id).await?;
        drop(conn);
        let encoder = encoder_for(self.judge.facts(), &organization)?;
        let decoded = self.judge.decoder.decode_all(vec![jpeg.clone()]).await.pop();
        let picture = match decoded {
            Some(Ok(picture)) => picture,
            Some(Err(error)) => return Err(JobOutcome::Never(Reason::Undecodable(error.into()))),
            None => return Ok(JobOutcome::AlreadyDone),
        };
        let liveness = organization.policy.liveness;
        let wants = Wants { liveness: liveness.is_asked(), ..Wants::default() };
        let question = Question { contract: encoder.contract.clone(), wants };
        let faces = self.judge.analyse(vec![picture], question).await?.pop().unwrap_or_default();
        let seen: Vec<_> = faces
            .iter()
            .filter(|face| face.face.detection_score >= self.settings.min_detection_score)
            .map(|face| {
                let parts = quality(&face.face, &face.measure);
                (face.face, face.embedding.clone(), parts.exposure.min(parts.sharpness))
            })
            .collect();
        let rate = self.settings.false_match_rate;
        let policy = CapturePolicy {
            min_face_px: MIN_FACE_PX,
            min_clarity: MIN_CLARITY,
            same_person_cosine: encoder.calibration.as_ref().map_or(0.0, |c| c.threshold_cosine(rate, 1)),
        };
        let mut step = guided::judge(wanted, &taken, &seen, &policy);
        let is_live = faces.iter().all(|face| face.liveness.is_some_and(|live| live >= self.settings.min_liveness));
        if step == Step::Take && liveness == LivenessPolicy::Required && !is_live {
            step = Step::Strike(CaptureFailure::SpoofSuspected);
        }
        let pose = match (step, seen.into_iter().next()) {
            (Step::Take, Some((face, embedding, _))) => {
                Some((TakenPose { landmarks: face.landmarks, embedding }, jpeg.to_vec()))
            }
            _ => None,
        };
        let mut conn = store::get(&self.pool).await?;
        let now = Utc::now();
        let stepped =
            store::guided::step(&mut conn, &self.sealer, organization_id, id, taken.len(), step, pose, now).await;
        drop(conn);
        match stepped {
            Ok(capture) => {
                self.tell(capture).await;
                Ok(JobOutcome::Done)
            }
            Err(StoreError::NotFound) => Ok(JobOutcome::AlreadyDone),
            Err(error) => Err(error.into()),
        }
    }

    /// It is perishable: the next frame shows the same.
    async fn lay_aside(&self, _look: &Look, _reason: &Reason) {}
}

impl Looking {
    async fn tell(&self, capture: GuidedCapture) {
        if let Some(enrollment) = capture.enrollment_id {
            let job = EnrollmentJob::new(capture.organization_id, enrollment);
            if let Err(error) = self.broker.publish_enrollment(&job).await {
                tracing::warn!(error = &error as &dyn Error, "an enrollment is left to the sweep");
            }
        }
        let body = EventBody::CaptureProgressed {
            guided_capture_id: capture.id,
            person_id: capture.person_id,
            state: capture.state,
            wanted: capture.wanted(),
            taken: capture.taken,
            advice: capture.advice,
            failure: capture.failure,
            enrollment_id: capture.enrollment_id,
        };
        announce(&self.redis, Event { organization_id: capture.organization_id, body }).await;
    }
}
