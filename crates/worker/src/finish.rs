//! The second half of a frame's way: from what the models found to people, into the database, and out as an event.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::Utc;
use domain::contract::ContractId;
use domain::frame::FrameHeader;
use domain::sighting::{FrameResult, Sighting, StageTimes};
use futures_util::{StreamExt, stream};
use messaging::Redis;
use store::Pool;
use tokio::sync::mpsc::Receiver;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;
use vision::{AnalysedFace, Analysis};

use crate::globals::Globals;
use crate::measure;
use crate::outcome::{JobOutcome, Reason, pause, settle_frame};
use crate::prepare::{Batch, Begun};
use crate::recognise::{Certainty, recognise};
use crate::record::record;
use crate::replica::Replica;
use crate::rosters::{CourseRoster, Rosters};

/// How long frames are held while the database is away. Their time to live goes on meanwhile.
const PAUSE_LIMIT: Duration = Duration::from_secs(5);

/// What it takes to finish frames.
pub(crate) struct Finishing {
    pub(crate) pool: Pool,
    pub(crate) redis: Redis,
    pub(crate) rosters: Rosters,
    pub(crate) globals: Arc<Globals>,
    pub(crate) certainty: Arc<Certainty>,
    pub(crate) contract: ContractId,
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
            let outcome = self.finish_frame(&frame.header, faces, times).await.unwrap_or_else(|failed| failed);
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
        faces: Vec<AnalysedFace>,
        mut times: StageTimes,
    ) -> Result<JobOutcome, JobOutcome> {
        let began = Instant::now();
        let (organization, course) = (header.organization_id, header.course_id);
        let (roster, organization) =
            tokio::join!(self.rosters.current(organization, course), self.globals.current(organization));
        let roster = roster?;
        let sightings = self.search(faces, Arc::clone(&roster), organization).await?;
        let searched = began.elapsed();
        measure::stage("search", searched);
        times.search_ms = measure::ms(searched);
        let result = FrameResult { contract: self.contract.clone(), decided_at: Utc::now(), times, sightings };
        let began = Instant::now();
        let outcome = record(&self.pool, &self.redis, header, result, &roster).await?;
        measure::stage("record", began.elapsed());
        Ok(outcome)
    }

    /// Searching computes, so it is done off the async threads.
    async fn search(
        &self,
        faces: Vec<AnalysedFace>,
        roster: Arc<CourseRoster>,
        organization: Arc<Replica>,
    ) -> Result<Vec<Sighting>, JobOutcome> {
        let certainty = Arc::clone(&self.certainty);
        let searching = tokio::task::spawn_blocking(move || {
            recognise(&faces, &roster.index, &roster.members, &organization, &certainty)
        });
        match searching.await {
            Ok(found) => Ok(found?),
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
}
