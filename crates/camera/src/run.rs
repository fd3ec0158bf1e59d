//! The whole client: source, slot, link and report, side by side.

use std::io::Write;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::feeder::Feeder;
use crate::link::{self, LinkError, Transport};
use crate::notice::{Notice, Summary};
use crate::report;
use crate::settings::Settings;
use crate::slot::Slot;
use crate::source::{Reader, SourceError};

/// Notices that wait to be written; when the reader of our output is slow, so are we.
const NOTICES: usize = 64;

/// Why the client ended with an error.
#[derive(Debug, thiserror::Error)]
pub enum CameraError {
    /// The source gives no pictures.
    #[error("the source failed")]
    Source(#[from] SourceError),
    /// The gateway takes no frames.
    #[error("sending failed")]
    Link(#[from] LinkError),
    /// Standard output cannot be written to.
    #[error("the output cannot be written to")]
    Output(#[from] std::io::Error),
}

/// Sends the pictures of the source until it ends, its session ends, or `stop`; writes what happens to `output`.
///
/// # Errors
/// [`CameraError`] says which part gave up.
pub async fn run<W>(settings: &Settings, output: W, stop: &CancellationToken) -> Result<Summary, CameraError>
where
    W: Write + Send + 'static,
{
    let (notices, heard) = mpsc::channel(NOTICES);
    let style = settings.style;
    let writing = tokio::task::spawn_blocking(move || {
        let mut output = output;
        report::write_all(heard, style, &mut output).map(|summary| (summary, output))
    });
    let slot = Slot::new();
    let sent = tokio::select! {
        sent = send(settings, &slot, &notices) => sent,
        // The output is gone: there is nobody to work for.
        () = notices.closed() => Ok(()),
        () = stop.cancelled() => Ok(()),
    };
    drop(notices);
    let (mut summary, mut output) = writing.await.map_err(std::io::Error::other)??;
    summary.dropped = slot.dropped();
    if settings.target.transport == Transport::Socket {
        // Those that are still waited for when everything ends, too.
        summary.unanswered = summary.accepted.saturating_sub(summary.answered);
    }
    report::write(&Notice::Summary(summary), style, &mut output)?;
    sent.map(|()| summary)
}

async fn send(
    settings: &Settings,
    slot: &Slot<crate::source::Picture>,
    notices: &mpsc::Sender<Notice>,
) -> Result<(), CameraError> {
    let reader = Reader::start(settings.reading.clone()).map_err(CameraError::Output)?;
    let feeder = Feeder {
        reader: &reader,
        slot,
        keep: settings.target.keep,
        rate: settings.rate,
        is_live: settings.reading.source.is_live(),
        notices,
    };
    let mut sending = std::pin::pin!(link::send_all(&settings.target, slot, notices));
    let fed = tokio::select! {
        sent = &mut sending => return Ok(sent?),
        fed = feeder.feed() => fed,
    };
    // What was read before the source ended or failed is still sent.
    sending.await?;
    Ok(fed?)
}
