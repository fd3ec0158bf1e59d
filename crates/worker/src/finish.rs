//! The second half of a frame's way: from what the models found to people, into the database, and out as an event.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use chrono::Utc;
use domain::embedding::Embedding;
use domain::frame::FrameHeader;
use domain::sighting::{FrameResult, Outcome, Sighting, StageTimes};
use futures_util::{StreamExt, stream};
use index::{GlobalIndex, IndexError};
use messaging::Redis;
use store::Pool;
use tokio::sync::mpsc::Receiver;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;
use vision::{AnalysedFace, Analysis};

use crate::blocking::blocking;
use crate::certainty::Certainty;
use crate::globals::Globals;
use crate::keeping::Keeping;
use crate::measure;
use crate::outcome::{JobOutcome, PAUSE_LIMIT, Reason, pause, settle_frame};
use crate::prepare::{Batch, Begun};
use crate::recognise::recognise;
use crate::record::record;
use crate::replays::Replays;
use crate::rosters::CourseRoster;
use crate::settings::RecognitionSettings;

/// What it takes to finish frames.
pub(crate) struct Finishing {
    pub(crate) pool: Pool,
    pub(crate) redis: Redis,
    pub(crate) globals: Arc<Globals>,
    pub(crate) keeping: Keeping,
    pub(crate) settings: RecognitionSettings,
    pub(crate) replays: Mutex<Replays>,
    /// Frames that are finished side by side: as many as there are connections to do it with.
    pub(crate) width: usize,
    pub(crate) shutdown: CancellationToken,
}

impl Finishing {
    /// Finishes batches until there are no more.
    pub(crate) async fn finish(self, mut batches: Receiver<Batch>) {
        while let Some(batch) = batches.recv().await {
            let span = batch.span.clone();
            self.finish_batch(batch).instrument(span).await;
        }
    }

    async fn finish_batch(&self, batch: Batch) {
        let Batch { frames, decode_ms, answer, .. } = batch;
        let analysis = match answer.await {
            Ok(Ok(analysis)) => analysis,
            Ok(Err(error)) => {
                let error = Arc::new(error);
                for Begun { receipt, .. } in frames {
                    settle_frame(receipt, JobOutcome::Never(Reason::Models(Arc::clone(&error)))).await;
                }
                return;
            }
            Err(_gone) => {
                for Begun { receipt, .. } in frames {
                    settle_frame(receipt, JobOutcome::Later(Reason::ModelsGone)).await;
                }
                return;
            }
        };
        let Analysis { pictures, detect_ms, embed_ms, .. } = analysis;
        measure::stage("detect", measure::of_ms(detect_ms));
        measure::stage("embed", measure::of_ms(embed_ms));
        let each = frames.into_iter().zip(pictures).map(|(frame, faces)| async move {
            let times = StageTimes { queue_ms: frame.queue_ms, decode_ms, detect_ms, embed_ms, search_ms: 0.0 };
            let outcome =
                self.finish_frame(&frame.header, &frame.roster, faces, times).await.unwrap_or_else(|failed| failed);
            if matches!(outcome, JobOutcome::Later(_)) {
                pause(&self.pool, PAUSE_LIMIT, &self.shutdown).await;
            }
            settle_frame(frame.receipt, outcome).await;
        });
        stream::iter(each).for_each_concurrent(self.width, |frame| frame).await;
    }

    async fn finish_frame(
        &self,
        header: &FrameHeader,
        roster: &Arc<CourseRoster>,
        faces: Vec<AnalysedFace>,
        mut times: StageTimes,
    ) -> Result<JobOutcome, JobOutcome> {
        let began = Instant::now();
        let CourseRoster { policy, encoder, .. } = roster.as_ref();
        let certainty = Certainty::new(&self.settings, *policy, encoder.calibration.clone());
        let organization = self.globals.current(header.organization_id, &encoder.contract).await;
        let evidence = certainty.evidence();
        let mut found = search(faces, Arc::clone(roster), organization, certainty).await?;
        if policy.liveness.is_asked() {
            let mut replays = self.replays.lock().unwrap_or_else(PoisonError::into_inner);
            replays.suspect(header, &mut found, policy.liveness);
        }
        let (sightings, faces) = self.keeping.split(found);
        let searched = began.elapsed();
        measure::stage("search", searched);
        times.search_ms = measure::ms(searched);
        let result = FrameResult { contract: encoder.contract.clone(), decided_at: Utc::now(), times, sightings };
        let began = Instant::now();
        let (outcome, _) = record(&self.pool, &self.redis, header, result, &faces, roster, &evidence).await?;
        measure::stage("record", began.elapsed());
        Ok(outcome)
    }
}

/// Recognises faces; each sighting comes with the face that it is of. What the detector is not sure of and nobody is like
/// is left out: mostly it is no face.
pub(crate) async fn search(
    faces: Vec<AnalysedFace>,
    roster: Arc<CourseRoster>,
    organization: Arc<GlobalIndex>,
    certainty: Certainty,
) -> Result<Vec<(Sighting, Embedding)>, JobOutcome> {
    let found = blocking(move || {
        let sightings = recognise(&faces, &roster.index, &roster.members, &roster.rejected, &organization, &certainty)?;
        let is_nobody = |sighting: &Sighting| matches!(sighting.outcome, Outcome::Unknown | Outcome::TooPoor);
        let least = certainty.min_detection_score();
        let all = sightings.into_iter().zip(faces.into_iter().map(|face| face.embedding));
        Ok::<_, IndexError>(all.filter(|(s, _)| s.detection_score >= least || !is_nobody(s)).collect())
    });
    Ok(found.await?)
}
