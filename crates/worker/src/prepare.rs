//! The first half of a frame's way: in from the broker, into a batch, to pixels, and on to the model thread.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use chrono::{TimeDelta, Utc};
use domain::frame::FrameHeader;
use futures_util::future::join_all;
use messaging::{Consumer, Delivery, Frame};
use store::Pool;
use tokio::sync::mpsc::{Receiver, Sender};
use tokio_util::sync::CancellationToken;
use tracing::Span;
use vision::{Picture, Wants};

use crate::batch;
use crate::decode::Decoder;
use crate::inbox::{Waiting, take_stale};
use crate::measure;
use crate::model_thread::{Answer, Models, Place, Question};
use crate::outcome::{JobOutcome, PAUSE_LIMIT, Reason, pause, settle_frame};
use crate::rosters::{CourseRoster, Rosters};
use crate::settings::BatchSettings;

/// A frame that nobody has begun with.
pub(crate) struct Held {
    jpeg: Bytes,
    receipt: Delivery<()>,
}

/// A frame that the models look at.
pub(crate) struct Begun {
    pub(crate) header: FrameHeader,
    pub(crate) receipt: Delivery<()>,
    pub(crate) queue_ms: f32,
    /// Whom to look for, not older than when the frame was begun with.
    pub(crate) roster: Arc<CourseRoster>,
}

/// Frames that went to the models together.
pub(crate) struct Batch {
    pub(crate) frames: Vec<Begun>,
    pub(crate) decode_ms: f32,
    pub(crate) answer: Answer,
    pub(crate) span: Span,
}

/// A frame that cannot be looked at, and why.
type Failed = (Delivery<()>, JobOutcome);

/// How batches are made.
pub(crate) struct Preparation {
    pub(crate) batch: BatchSettings,
    pub(crate) deadline: TimeDelta,
    pub(crate) decoder: Decoder,
    pub(crate) models: Models,
    pub(crate) rosters: Arc<Rosters>,
    pub(crate) pool: Pool,
    pub(crate) shutdown: CancellationToken,
}

/// Takes frames from the broker until `shutdown`, which leaves the rest to others.
pub(crate) async fn receive(
    mut consumer: Consumer<Frame>,
    arriving: Sender<Waiting<Held>>,
    shutdown: CancellationToken,
) {
    while let Some(delivery) = shutdown.run_until_cancelled(consumer.next()).await {
        let (Frame { header, jpeg }, receipt) = delivery.split();
        if arriving.send(Waiting { header, frame: Held { jpeg, receipt } }).await.is_err() {
            break;
        }
    }
    if let Err(error) = consumer.stop().await {
        tracing::debug!(error = &error as &dyn std::error::Error, "the frames' consumer ended with its connection");
    }
}

impl Preparation {
    /// Makes batches until `shutdown`; then what nobody has begun with goes back to the queue.
    pub(crate) async fn prepare(
        self,
        mut arriving: Receiver<Waiting<Held>>,
        prepared: Sender<Batch>,
        shutdown: CancellationToken,
    ) {
        let mut waiting = Vec::new();
        loop {
            let next = self.next_batch(&mut arriving, &mut waiting);
            let Some(Some((place, frames))) = shutdown.run_until_cancelled(next).await else { break };
            let (batches, failed) = self.begin(place, frames).await;
            let mut is_wanted = true;
            for batch in batches {
                is_wanted &= prepared.send(batch).await.is_ok();
            }
            // Only now: while the database is away this takes its time.
            self.settle(failed).await;
            if !is_wanted {
                break;
            }
        }
        for Waiting { frame, .. } in waiting {
            settle_frame(frame.receipt, JobOutcome::Later(Reason::Stopping)).await;
        }
        while let Some(Waiting { frame, .. }) = arriving.recv().await {
            settle_frame(frame.receipt, JobOutcome::Later(Reason::Stopping)).await;
        }
    }

    /// Waits for frames, then for the models to want them, and only then chooses: the newest win until the last moment.
    /// `None` when there will be none, or no models.
    async fn next_batch(
        &self,
        arriving: &mut Receiver<Waiting<Held>>,
        waiting: &mut Vec<Waiting<Held>>,
    ) -> Option<(Place<'_>, Vec<Waiting<Held>>)> {
        loop {
            if !batch::ripen(arriving, waiting, &self.batch).await {
                return None;
            }
            let place = self.models.place().await.ok()?;
            batch::gather(arriving, waiting);
            for (stale, reason) in take_stale(waiting, Utc::now(), self.deadline) {
                settle_frame(stale.frame.receipt, reason.into()).await;
            }
            if !waiting.is_empty() {
                let count = waiting.len().min(self.batch.max_frames);
                return Some((place, waiting.drain(..count).collect()));
            }
        }
    }

    /// Decodes frames, looks up whom to look for in them, and hands them to the models: together those that are asked the
    /// same about, which nearly always are all. Beside them what cannot be looked at.
    async fn begin(&self, place: Place<'_>, frames: Vec<Waiting<Held>>) -> (Vec<Batch>, Vec<Failed>) {
        let (began, now) = (Instant::now(), Utc::now());
        let jpegs = frames.iter().map(|waiting| waiting.frame.jpeg.clone()).collect();
        let rosters = frames.iter().map(|Waiting { header, .. }| {
            let roster = self.rosters.current(header.organization_id, header.course_id);
            async { roster.await.map(|roster| (question(&roster), roster)) }
        });
        let (decoded, rosters) = tokio::join!(self.decoder.decode_all(jpegs), join_all(rosters));
        let took = began.elapsed();
        let mut groups: Vec<(Question, Vec<Picture>, Vec<Begun>)> = Vec::new();
        let mut failed = Vec::new();
        for ((Waiting { header, frame }, decoded), roster) in frames.into_iter().zip(decoded).zip(rosters) {
            let (picture, (question, roster)) = match (decoded, roster) {
                (Ok(picture), Ok(found)) => (picture, found),
                (Err(error), _) => {
                    failed.push((frame.receipt, JobOutcome::Never(Reason::Undecodable(error.into()))));
                    continue;
                }
                (_, Err(outcome)) => {
                    failed.push((frame.receipt, outcome));
                    continue;
                }
            };
            let queued = (now - header.received_at).to_std().unwrap_or_default();
            measure::stage("queue", queued);
            let begun = Begun { header, receipt: frame.receipt, queue_ms: measure::ms(queued), roster };
            match groups.iter_mut().find(|(asked, ..)| *asked == question) {
                Some((_, pictures, frames)) => {
                    pictures.push(picture);
                    frames.push(begun);
                }
                None => groups.push((question, vec![picture], vec![begun])),
            }
        }
        if !groups.is_empty() {
            measure::stage("decode", took);
        }
        let batches = self.hand_in(place, groups, measure::ms(took), &mut failed).await;
        (batches, failed)
    }

    async fn hand_in(
        &self,
        place: Place<'_>,
        groups: Vec<(Question, Vec<Picture>, Vec<Begun>)>,
        decode_ms: f32,
        failed: &mut Vec<Failed>,
    ) -> Vec<Batch> {
        let (mut place, mut batches) = (Some(place), Vec::with_capacity(groups.len()));
        for (question, pictures, frames) in groups {
            let place = match place.take() {
                Some(place) => Ok(place),
                None => self.models.place().await,
            };
            let Ok(place) = place else {
                failed.extend(frames.into_iter().map(|f| (f.receipt, JobOutcome::Later(Reason::ModelsGone))));
                continue;
            };
            measure::batch(frames.len());
            let span = tracing::info_span!("batch", batch.len = frames.len());
            let answer = place.analyse(pictures, question, span.clone());
            batches.push(Batch { frames, decode_ms, answer, span });
        }
        batches
    }

    async fn settle(&self, failed: Vec<Failed>) {
        if failed.iter().any(|(_, outcome)| matches!(outcome, JobOutcome::Later(_))) {
            pause(&self.pool, PAUSE_LIMIT, &self.shutdown).await;
        }
        for (receipt, outcome) in failed {
            settle_frame(receipt, outcome).await;
        }
    }
}

/// What is to be found out about a frame of this roster.
fn question(roster: &CourseRoster) -> Question {
    let wants = Wants { liveness: roster.policy.liveness.is_asked(), ..Wants::default() };
    Question { contract: roster.encoder.contract.clone(), wants }
}
