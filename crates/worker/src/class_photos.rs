//! Class photos: one picture, many faces, marked in one transaction.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use chrono::Utc;
use domain::class_photo::{ClassPhoto, ClassPhotoFailure, ClassPhotoState, MAX_FACES};
use domain::event::{Event, EventBody};
use domain::evidence::EvidencePolicy;
use domain::frame::FrameHeader;
use domain::id::FrameId;
use domain::sighting::{FrameResult, Outcome, StageTimes};
use messaging::{ClassPhotoJob, Redis};
use store::{Pool, Sealer, StoreError};
use tokio_util::sync::CancellationToken;
use tracing::Span;
use vision::{Mark, Picture, Wants};

use crate::certainty::Certainty;
use crate::decode::Decoder;
use crate::finish::search;
use crate::globals::Globals;
use crate::jobs::{PATIENT, Work};
use crate::judge::Judge;
use crate::keeping::Keeping;
use crate::measure;
use crate::model_thread::Question;
use crate::outcome::{JobOutcome, Reason};
use crate::record::{NamedSightings, announce, record};
use crate::rosters::Rosters;
use crate::settings::{ClassPhotoSettings, RecognitionSettings};

/// What it takes to look at class photos.
pub(crate) struct Photographs {
    pub(crate) pool: Pool,
    pub(crate) sealer: Sealer,
    pub(crate) redis: Redis,
    pub(crate) rosters: Arc<Rosters>,
    pub(crate) globals: Arc<Globals>,
    pub(crate) keeping: Keeping,
    pub(crate) judge: Judge,
    pub(crate) decoder: Decoder,
    pub(crate) recognition: RecognitionSettings,
    pub(crate) settings: ClassPhotoSettings,
    pub(crate) shutdown: CancellationToken,
}

impl Work for Photographs {
    type Job = ClassPhotoJob;
    const KIND: &'static str = "class_photo";
    const PAUSE_LIMIT: Duration = PATIENT;

    fn pool(&self) -> &Pool {
        &self.pool
    }

    fn shutdown(&self) -> &CancellationToken {
        &self.shutdown
    }

    fn span(job: &ClassPhotoJob) -> Span {
        tracing::info_span!("class_photo", class_photo.id = %job.class_photo_id)
    }

    async fn carry_out(&self, job: &ClassPhotoJob) -> Result<JobOutcome, JobOutcome> {
        let mut conn = store::get(&self.pool).await?;
        let loaded =
            store::class_photos::load_job(&mut conn, &self.sealer, job.organization_id, job.class_photo_id).await?;
        drop(conn);
        let Some(store::class_photos::ClassPhotoJob { photo, course_id, image }) = loaded else {
            return Ok(JobOutcome::AlreadyDone);
        };
        let image = match (photo.state, image) {
            (ClassPhotoState::Pending, Some(image)) => image,
            (ClassPhotoState::Pending, None) => return self.end(job, Err(ClassPhotoFailure::ImageDamaged), 0).await,
            (ClassPhotoState::Completed | ClassPhotoState::Failed, _) => return Ok(JobOutcome::AlreadyDone),
        };
        let header = FrameHeader {
            frame_id: FrameId::from_uuid(photo.id.uuid()),
            organization_id: photo.organization_id,
            session_id: photo.session_id,
            course_id,
            camera_id: None,
            received_at: photo.created_at,
        };
        let began = Instant::now();
        let decoded = self.decoder.decode_all(vec![Bytes::from(image)]).await.pop();
        let Some(Ok(picture)) = decoded else { return self.end(job, Err(ClassPhotoFailure::ImageDamaged), 0).await };
        let decode_ms = measure::ms(began.elapsed());
        let shown = photo.annotate.then(|| picture.clone());
        match self.recognise(&header, picture, decode_ms).await? {
            None => self.end(job, Err(ClassPhotoFailure::FaceNotFound), 0).await,
            Some(named) => {
                if let Some(picture) = shown {
                    self.keep_annotated(&photo, picture, &named).await;
                }
                self.end(job, Ok(()), named.sightings.len()).await
            }
        }
    }

    /// Ends a photo that cannot be looked at, so that nobody waits for it.
    async fn lay_aside(&self, job: &ClassPhotoJob, reason: &Reason) {
        if let Err(outcome) = self.end(job, Err(failure(reason)), 0).await {
            tracing::warn!(?outcome, "a class photo could not be ended; the sweep will see it");
        }
    }
}

impl Photographs {
    /// Finds, recognises and records the faces; `None` when there are none.
    async fn recognise(
        &self,
        header: &FrameHeader,
        picture: Picture,
        decode_ms: f32,
    ) -> Result<Option<NamedSightings>, JobOutcome> {
        let roster = self.rosters.current(header.organization_id, header.course_id).await?;
        let wants = Wants { liveness: roster.policy.liveness.is_asked(), tiled: true, ..Wants::default() };
        let question = Question { contract: roster.encoder.contract.clone(), wants };
        let began = Instant::now();
        let mut faces = self.judge.analyse(vec![picture], question).await?.pop().unwrap_or_default();
        let detect_ms = measure::ms(began.elapsed());
        if faces.is_empty() {
            return Ok(None);
        }
        // Largest first.
        faces.truncate(MAX_FACES);
        let certainty = Certainty::new(&self.recognition, roster.policy, roster.encoder.calibration.clone());
        // Every face of a photo is recorded, also of those who were seen a moment ago.
        let evidence = EvidencePolicy { cool_down: None, ..certainty.evidence() };
        let organization = self.globals.current(header.organization_id, &roster.encoder.contract).await;
        let began = Instant::now();
        let found = search(faces, Arc::clone(&roster), organization, certainty).await?;
        let times =
            StageTimes { queue_ms: 0.0, decode_ms, detect_ms, embed_ms: 0.0, search_ms: measure::ms(began.elapsed()) };
        let (sightings, faces) = self.keeping.split(found);
        let result =
            FrameResult { contract: roster.encoder.contract.clone(), decided_at: Utc::now(), times, sightings };
        let (_, named) = record(&self.pool, &self.redis, header, result, &faces, &roster, &evidence).await?;
        Ok(Some(named))
    }

    /// Keeps a copy with boxes and names for a while, sealed. That it could not be made or kept undoes nothing.
    async fn keep_annotated(&self, photo: &ClassPhoto, picture: Picture, named: &NamedSightings) {
        let marks = marks(named);
        let (sealer, id) = (self.sealer.clone(), photo.id.uuid());
        let drawing =
            tokio::task::spawn_blocking(move || vision::annotated(&picture, &marks).map(|jpeg| sealer.seal(id, &jpeg)));
        let kept = match drawing.await {
            Ok(Ok(sealed)) => {
                let time = Duration::from_secs(self.settings.picture_seconds);
                self.redis.keep_picture(id, sealed, time).await.map_err(|error| error.to_string())
            }
            Ok(Err(error)) => Err(error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        if let Err(error) = kept {
            tracing::warn!(error, "an annotated class photo could not be kept");
        }
    }

    async fn end(
        &self,
        job: &ClassPhotoJob,
        outcome: Result<(), ClassPhotoFailure>,
        faces: usize,
    ) -> Result<JobOutcome, JobOutcome> {
        let mut conn = store::get(&self.pool).await?;
        let (organization_id, id) = (job.organization_id, job.class_photo_id);
        let photo = match store::class_photos::finish(&mut conn, organization_id, id, outcome, Utc::now()).await {
            Ok(photo) => photo,
            // Deleted meanwhile, with its session.
            Err(StoreError::NotFound) => return Ok(JobOutcome::AlreadyDone),
            Err(error) => return Err(error.into()),
        };
        drop(conn);
        let body = EventBody::ClassPhotoFinished {
            session_id: photo.session_id,
            class_photo_id: photo.id,
            state: photo.state,
            failure: photo.failure,
            faces,
        };
        announce(&self.redis, Event { organization_id, body }).await;
        Ok(JobOutcome::Done)
    }
}

fn failure(reason: &Reason) -> ClassPhotoFailure {
    match reason {
        Reason::NotActive => ClassPhotoFailure::SessionNotActive,
        Reason::ContractMismatch { .. } => ClassPhotoFailure::ContractMismatch,
        _ => ClassPhotoFailure::ImageDamaged,
    }
}

/// What is drawn: a number for each face, and the name of whoever was found.
fn marks(named: &NamedSightings) -> Vec<Mark> {
    let label = |sighting: &domain::sighting::Sighting| {
        let person = named.people.iter().find(|person| Some(person.person_id) == sighting.person_id);
        let number = sighting.face_index + 1;
        match person {
            // The letters that are drawn with are those of ASCII.
            Some(person) if person.name.is_ascii() => format!("{number} {}", person.name),
            Some(person) => format!("{number} {}", person.external_id),
            None => number.to_string(),
        }
    };
    named
        .sightings
        .iter()
        .map(|sighting| Mark {
            face_box: sighting.face_box,
            label: label(sighting),
            is_found: matches!(sighting.outcome, Outcome::Present | Outcome::Already),
        })
        .collect()
}
