//! When a batch begins: when it is full, or when its first frame has waited long enough.

use tokio::sync::mpsc::Receiver;
use tokio::time::{Instant, timeout_at};

use crate::settings::BatchSettings;

/// Moves what arrives to `waiting` until it is time to begin a batch. `false` when nothing waits and nothing will come.
///
/// What was left over by the batch before has waited long enough. Nothing is lost when the caller stops waiting.
pub(crate) async fn ripen<T>(arriving: &mut Receiver<T>, waiting: &mut Vec<T>, settings: &BatchSettings) -> bool {
    if !waiting.is_empty() {
        return true;
    }
    match arriving.recv().await {
        Some(first) => waiting.push(first),
        None => return false,
    }
    let deadline = Instant::now() + settings.max_wait();
    while waiting.len() < settings.max_frames {
        match timeout_at(deadline, arriving.recv()).await {
            Ok(Some(next)) => waiting.push(next),
            Ok(None) | Err(_) => break,
        }
    }
    true
}

/// Moves to `waiting` what has arrived by now.
pub(crate) fn gather<T>(arriving: &mut Receiver<T>, waiting: &mut Vec<T>) {
    while let Ok(next) = arriving.try_recv() {
        waiting.push(next);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::sync::mpsc;
    use tokio::time::{Instant, sleep};

    use super::{gather, ripen};
    use crate::settings::BatchSettings;

    const SETTINGS: BatchSettings = BatchSettings { max_frames: 3, max_wait_ms: 20 };

    /// Frames arrive after `gaps_ms`; the answer is how many are in the batch and when it begins.
    async fn check(gaps_ms: &[u64], expected: Option<(usize, u64)>) {
        let (sender, mut arriving) = mpsc::channel(16);
        let gaps = gaps_ms.to_vec();
        let camera = tokio::spawn(async move {
            for (number, gap) in gaps.into_iter().enumerate() {
                sleep(Duration::from_millis(gap)).await;
                sender.send(number).await.expect("somebody listens");
            }
            sleep(Duration::from_secs(3600)).await;
        });
        if gaps_ms.is_empty() {
            camera.abort();
        }
        let (begin, mut waiting) = (Instant::now(), Vec::new());
        let is_ripe = ripen(&mut arriving, &mut waiting, &SETTINGS).await;
        let found = is_ripe.then(|| (waiting.len(), begin.elapsed().as_millis() as u64));
        assert_eq!(found, expected, "{gaps_ms:?}");
        camera.abort();
    }

    #[tokio::test(start_paused = true)]
    async fn begins_when_it_is_full() {
        check(&[50, 0, 0, 0], Some((3, 50))).await;
        check(&[50, 5, 5], Some((3, 60))).await;
    }

    #[tokio::test(start_paused = true)]
    async fn begins_when_the_first_has_waited_long_enough() {
        check(&[50], Some((1, 70))).await;
        check(&[50, 15, 15], Some((2, 70))).await;
    }

    #[tokio::test(start_paused = true)]
    async fn does_not_begin_when_nothing_will_come() {
        check(&[], None).await;
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_left_over_does_not_wait_again() {
        let (sender, mut arriving) = mpsc::channel(16);
        let (begin, mut waiting) = (Instant::now(), vec![1]);
        sender.send(2).await.expect("somebody listens");
        assert!(ripen(&mut arriving, &mut waiting, &SETTINGS).await);
        gather(&mut arriving, &mut waiting);
        assert_eq!((waiting, begin.elapsed()), (vec![1, 2], Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn stopping_to_wait_loses_nothing() {
        let (sender, mut arriving) = mpsc::channel(16);
        sender.send(1).await.expect("somebody listens");
        let mut waiting = Vec::new();
        let waited =
            tokio::time::timeout(Duration::from_millis(5), ripen(&mut arriving, &mut waiting, &SETTINGS)).await;
        assert!(waited.is_err());
        assert_eq!(waiting, [1]);
    }
}
