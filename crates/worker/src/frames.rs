//! Frames: taken in, put together, looked at, recorded.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use domain::frame::FrameHeader;
use domain::sighting::StageTimes;
use messaging::{Consumer, Delivery, Frame};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use vision::{DecodeError, Picture};

use crate::batch::collect;
use crate::inbox::Inbox;
use crate::model_thread::Turn;
use crate::outcome::{Outcome, settle};
use crate::record::record;
use crate::state::Worker;

/// What settles a frame's message, and the picture as it was sent.
type Waiting = (Delivery<()>, Bytes);

/// A frame whose picture could be read.
struct Readable {
    header: FrameHeader,
    delivery: Delivery<()>,
    times: StageTimes,
}

/// Looks at frames until `shutdown`; then ends the batches that it has begun and returns the rest to the queue.
///
/// The prefetch of `frames` bounds how many batches are on their way. While one runs and one waits for the models, the
/// next is put together and decoded.
///
/// # Errors
/// When the model thread has ended.
pub(crate) async fn run(
    worker: Arc<Worker>,
    mut frames: Consumer<Frame>,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    let (mut inbox, mut batches) = (Inbox::new(), JoinSet::new());
    let settings = worker.batch;
    while !shutdown.is_cancelled() {
        let mut overtaken = Vec::new();
        let collecting = collect(&mut inbox, &mut overtaken, settings.max_frames, settings.max_wait(), async || {
            let (frame, delivery) = frames.next().await.split();
            (frame.header, (delivery, frame.jpeg))
        });
        let collected = shutdown.run_until_cancelled(collecting).await;
        give_up(overtaken, "overtaken").await;
        if collected.is_none() {
            break;
        }
        let (fresh, late) = inbox.take(Utc::now(), TimeDelta::milliseconds(settings.deadline_ms.into()));
        give_up(late, "late").await;
        let (readable, pictures) = read(&worker, fresh).await;
        if pictures.is_empty() {
            continue;
        }
        let turn = worker.models.turn().await?;
        batches.spawn(look(Arc::clone(&worker), turn, readable, pictures));
        while batches.try_join_next().is_some() {}
    }
    if let Err(error) = frames.stop().await {
        tracing::debug!(error = &error as &dyn std::error::Error, "the broker is away; it returns the frames itself");
    }
    let (unbegun, _) = inbox.take(Utc::now(), TimeDelta::MAX);
    for (_, (delivery, _)) in unbegun {
        // Where this fails the connection is lost, which returns the frame as well.
        let _ = delivery.retry().await;
    }
    batches.join_all().await;
    Ok(())
}

/// Acknowledges frames that nobody will look at, and counts them.
async fn give_up(frames: Vec<Waiting>, reason: &'static str) {
    for (delivery, _) in frames {
        metrics::counter!("rollcall_frames_dropped_total", "reason" => reason).increment(1);
        settle(delivery, Outcome::AlreadyDone).await;
    }
}

/// Decodes pictures side by side; what cannot be decoded is given up.
async fn read(worker: &Worker, frames: Vec<(FrameHeader, Waiting)>) -> (Vec<Readable>, Vec<Picture>) {
    let begin = Utc::now();
    let max_dimension = worker.max_dimension;
    let decoding: Vec<_> = frames
        .into_iter()
        .map(|(header, (delivery, jpeg))| {
            let decoded = tokio::task::spawn_blocking(move || {
                let begin = Instant::now();
                (vision::decode(&jpeg, max_dimension), elapsed_ms(begin))
            });
            (header, delivery, decoded)
        })
        .collect();
    let (mut readable, mut pictures) = (Vec::new(), Vec::new());
    for (header, delivery, decoded) in decoding {
        match decoded.await {
            Ok((Ok(picture), decode_ms)) => {
                let times =
                    StageTimes { queue_ms: ms_between(header.received_at, begin), decode_ms, ..StageTimes::default() };
                readable.push(Readable { header, delivery, times });
                pictures.push(picture);
            }
            Ok((Err(error), _)) => refuse(&header, delivery, &error).await,
            Err(_panicked) => give_up(vec![(delivery, Bytes::new())], "decoder_panicked").await,
        }
    }
    (readable, pictures)
}

async fn refuse(header: &FrameHeader, delivery: Delivery<()>, error: &DecodeError) {
    tracing::info!(frame.id = %header.frame_id, error = error as &dyn std::error::Error, "a frame is no picture");
    give_up(vec![(delivery, Bytes::new())], "unreadable").await;
}

/// Runs the models on a batch and records what they found in each frame.
async fn look(worker: Arc<Worker>, turn: Turn, readable: Vec<Readable>, pictures: Vec<Picture>) {
    metrics::histogram!("rollcall_batch_frames").record(pictures.len() as f64);
    let analysis = match turn.analyse(pictures).await {
        Ok(analysis) => analysis,
        Err(error) => {
            let outcome = crate::error::JobError::from(error).outcome();
            metrics::counter!("rollcall_frames_failed_total").increment(readable.len() as u64);
            for frame in readable {
                settle(frame.delivery, outcome).await;
            }
            return;
        }
    };
    // Side by side: each frame has its own transaction and its own faces to look for.
    let mut recording = JoinSet::new();
    for (frame, faces) in readable.into_iter().zip(analysis.pictures) {
        let times = StageTimes { detect_ms: analysis.detect_ms, embed_ms: analysis.embed_ms, ..frame.times };
        let worker = Arc::clone(&worker);
        recording.spawn(async move {
            let outcome = record(&worker, &frame.header, &faces, times).await;
            settle(frame.delivery, outcome).await;
        });
    }
    recording.join_all().await;
}

/// Clocks of two machines may differ; a frame never arrives before it was sent.
fn ms_between(from: DateTime<Utc>, to: DateTime<Utc>) -> f32 {
    (to - from).num_microseconds().unwrap_or(0).max(0) as f32 / 1e3
}

pub(crate) fn elapsed_ms(begin: Instant) -> f32 {
    begin.elapsed().as_secs_f32() * 1e3
}
