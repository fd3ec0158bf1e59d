//! From the source into the slot, at the wanted rate.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Interval, MissedTickBehavior};

use crate::backoff::Backoff;
use crate::notice::Notice;
use crate::slot::Slot;
use crate::source::{Next, Picture, Reader, SourceError};

/// Which pictures are worth sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// The newest; those that it overtakes are dropped.
    Newest,
    /// Every one, however long it takes.
    Every,
}

/// What fills the slot.
pub(crate) struct Feeder<'a> {
    /// Where pictures come from.
    pub reader: &'a Reader,
    /// Where they go to.
    pub slot: &'a Slot<Picture>,
    /// Which of them are worth sending.
    pub keep: Keep,
    /// Pictures a second; as fast as they are taken, without.
    pub rate: Option<f64>,
    /// Whether a source that gives no pictures is asked again and again.
    pub is_live: bool,
    /// Who is told.
    pub notices: &'a mpsc::Sender<Notice>,
}

impl Feeder<'_> {
    /// Fills the slot until the source ends, and closes it.
    pub(crate) async fn feed(&self) -> Result<(), SourceError> {
        let fed = self.fill().await;
        self.slot.close();
        fed
    }

    async fn fill(&self) -> Result<(), SourceError> {
        let mut ticks = self.rate.map(ticks);
        let mut backoff = Backoff::default();
        loop {
            if let Some(ticks) = &mut ticks {
                ticks.tick().await;
            }
            match self.reader.next().await {
                Ok(Next::Picture(picture)) => {
                    backoff.reset();
                    match self.keep {
                        Keep::Newest => self.slot.put_newest(picture),
                        Keep::Every => self.slot.put_when_empty(picture).await,
                    }
                }
                Ok(Next::Unusable { name, reason }) => {
                    self.tell(Notice::SourceSkipped { source: name, reason: reason.to_string() }).await;
                }
                Ok(Next::End) => {
                    self.tell(Notice::SourceEnded).await;
                    return Ok(());
                }
                Err(error) if self.is_live && !matches!(error, SourceError::Ended) => {
                    let wait = backoff.next();
                    self.tell(Notice::SourceWaiting { reason: error.to_string(), wait }).await;
                    tokio::time::sleep(wait).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// The listener ends only after us, unless the output cannot be written to any more.
    async fn tell(&self, notice: Notice) {
        let _ = self.notices.send(notice).await;
    }
}

/// Ticks `rate` times a second; after a stall it goes on from then, without making up for what was missed.
fn ticks(rate: f64) -> Interval {
    let mut ticks = tokio::time::interval(Duration::from_secs_f64(1.0 / rate));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::ticks;

    #[tokio::test(start_paused = true)]
    async fn the_rate_is_kept_and_a_stall_is_not_made_up_for() {
        let start = Instant::now();
        let mut ticks = ticks(4.0);
        for _ in 0..5 {
            ticks.tick().await;
        }
        assert_eq!(start.elapsed(), Duration::from_secs(1));
        tokio::time::advance(Duration::from_secs(10)).await;
        ticks.tick().await;
        let after_stall = Instant::now();
        ticks.tick().await;
        assert_eq!(after_stall.elapsed(), Duration::from_millis(250));
    }
}
