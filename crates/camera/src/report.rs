//! Saying what happens: one line each, for people or for programs.

use std::io::{self, Write};

use domain::sighting::Sighting;
use tokio::sync::mpsc;

use crate::notice::{Notice, Recognized, Summary};

/// For whom the lines are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// Text, with the people's names.
    Text,
    /// Text about the connection only: no names, for a device that nobody watches.
    Quiet,
    /// One JSON document on each line.
    Json,
}

/// Writes every notice until there are no more, and answers with what was counted. Blocks.
pub(crate) fn write_all(
    mut notices: mpsc::Receiver<Notice>,
    style: Style,
    output: &mut dyn Write,
) -> io::Result<Summary> {
    let mut summary = Summary::default();
    while let Some(notice) = notices.blocking_recv() {
        summary.add(&notice);
        write(&notice, style, output)?;
    }
    Ok(summary)
}

/// Writes one notice.
pub(crate) fn write(notice: &Notice, style: Style, output: &mut dyn Write) -> io::Result<()> {
    if style == Style::Json {
        serde_json::to_writer(&mut *output, notice)?;
        writeln!(output)?;
    } else if let Some(text) = text(notice, style) {
        writeln!(output, "{text}")?;
    }
    output.flush()
}

fn text(notice: &Notice, style: Style) -> Option<String> {
    Some(match notice {
        Notice::Connected => "connected".to_owned(),
        Notice::Waiting { reason, wait } => format!("waiting {:.1} s: {reason}", wait.as_secs_f64()),
        Notice::SourceWaiting { reason, wait } => format!("source: waiting {:.1} s: {reason}", wait.as_secs_f64()),
        Notice::SourceSkipped { source, reason } => format!("{source}  skipped: {reason}"),
        Notice::FrameRefused { source, problem } => format!("{source}  refused: {problem}"),
        Notice::FrameLost { source } => format!("{source}  lost: the connection ended"),
        Notice::FrameUnanswered { source, .. } => format!("{source}  no result in time"),
        Notice::SessionClosed => "the session is over".to_owned(),
        Notice::FrameRecognized(recognized) if style == Style::Text => faces(recognized),
        Notice::SourceEnded | Notice::FrameAccepted { .. } | Notice::FrameRecognized(_) => return None,
        Notice::Summary(summary) => totals(summary),
    })
}

fn faces(recognized: &Recognized) -> String {
    let start = format!("{}  {:.0} ms", recognized.source, recognized.latency_ms);
    if recognized.result.sightings.is_empty() {
        return format!("{start}  no face");
    }
    let lines: Vec<String> =
        recognized.result.sightings.iter().map(|s| format!("{start}  {}", face(s, recognized))).collect();
    lines.join("\n")
}

fn face(sighting: &Sighting, recognized: &Recognized) -> String {
    let label = recognized.people.iter().find(|label| Some(label.person_id) == sighting.person_id);
    let who = label.map_or_else(|| "-".to_owned(), |label| format!("{} {}", label.external_id, label.name));
    let similarity = sighting.similarity.map_or_else(|| "-".to_owned(), |similarity| format!("{similarity:.2}"));
    format!("{who}  {}  {similarity}", domain::wire::name(&sighting.outcome))
}

fn totals(summary: &Summary) -> String {
    let Summary { sent, accepted, refused, lost, dropped, skipped, answered, unanswered, recognized } = summary;
    format!(
        "sent {sent}: {accepted} accepted, {refused} refused, {lost} lost; {dropped} dropped for a newer one, \
         {skipped} skipped; {answered} answered, {unanswered} unanswered; {recognized} faces recognized"
    )
}
