//! The first half of a frame's way: in from the broker, into a batch, to pixels, and on to the model thread.

use std::time::Instant;

use bytes::Bytes;
use chrono::{TimeDelta, Utc};
use domain::frame::FrameHeader;
use messaging::{Consumer, Delivery, Frame};
use tokio::sync::mpsc::{Receiver, Sender};
use tokio_util::sync::CancellationToken;
use tracing::Span;

use crate::batch;
use crate::decode::Decoder;
use crate::inbox::{Waiting, take_stale};
use crate::measure;
use crate::model_thread::{Answer, Models, Place};
use crate::outcome::{JobOutcome, Reason, settle_frame};
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
}

/// Frames that went to the models together.
pub(crate) struct Batch {
    pub(crate) frames: Vec<Begun>,
    pub(crate) decode_ms: f32,
    pub(crate) answer: Answer,
    pub(crate) span: Span,
}

/// How batches are made.
pub(crate) struct Preparation {
    pub(crate) batch: BatchSettings,
    pub(crate) deadline: TimeDelta,
    pub(crate) decoder: Decoder,
    pub(crate) models: Models,
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
            let Some(begun) = self.begin(place, frames).await else { continue };
            if prepared.send(begun).await.is_err() {
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

    /// Decodes frames and hands them to the models. `None` when none of them is a picture.
    async fn begin(&self, place: Place<'_>, frames: Vec<Waiting<Held>>) -> Option<Batch> {
        let (began, now) = (Instant::now(), Utc::now());
        let jpegs = frames.iter().map(|waiting| waiting.frame.jpeg.clone()).collect();
        let decoded = self.decoder.decode_all(jpegs).await;
        let took = began.elapsed();
        let (mut pictures, mut begun) = (Vec::new(), Vec::new());
        for (Waiting { header, frame }, decoded) in frames.into_iter().zip(decoded) {
            match decoded {
                Ok(picture) => {
                    let queued = (now - header.received_at).to_std().unwrap_or_default();
                    measure::stage("queue", queued);
                    pictures.push(picture);
                    begun.push(Begun { header, receipt: frame.receipt, queue_ms: measure::ms(queued) });
                }
                Err(error) => settle_frame(frame.receipt, JobOutcome::Never(Reason::Undecodable(error))).await,
            }
        }
        if begun.is_empty() {
            return None;
        }
        measure::stage("decode", took);
        measure::batch(begun.len());
        let span = tracing::info_span!("batch", batch.len = begun.len());
        let answer = place.analyse(pictures, span.clone());
        Some(Batch { frames: begun, decode_ms: measure::ms(took), answer, span })
    }
}
