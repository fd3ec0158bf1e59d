//! The one place between the source and the network: a slot for one picture, where the newest wins.

use std::sync::{Mutex, MutexGuard};

use tokio::sync::Notify;

/// Room for one thing that waits to be sent.
pub(crate) struct Slot<T> {
    state: Mutex<State<T>>,
    changed: Notify,
}

struct State<T> {
    waiting: Option<T>,
    closed: bool,
    dropped: u64,
}

impl<T> Slot<T> {
    /// An empty slot.
    pub(crate) fn new() -> Self {
        let state = State { waiting: None, closed: false, dropped: 0 };
        Self { state: Mutex::new(state), changed: Notify::new() }
    }

    /// Puts `item` in; what still waited there is dropped and counted.
    pub(crate) fn put_newest(&self, item: T) {
        let mut state = self.lock();
        if state.waiting.replace(item).is_some() {
            state.dropped += 1;
        }
        drop(state);
        self.changed.notify_waiters();
    }

    /// Puts `item` in as soon as the slot is empty.
    pub(crate) async fn put_when_empty(&self, item: T) {
        let mut item = Some(item);
        self.when(|state| {
            if state.waiting.is_some() && !state.closed {
                return None;
            }
            state.waiting = item.take();
            Some(())
        })
        .await;
    }

    /// Takes what is in the slot, as soon as there is something; `None` once it is closed and empty.
    pub(crate) async fn take(&self) -> Option<T> {
        self.when(|state| match state.waiting.take() {
            Some(item) => Some(Some(item)),
            None => state.closed.then_some(None),
        })
        .await
    }

    /// Nothing more will be put in.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_waiters();
    }

    /// Whether there is nothing in it and nothing will be put in.
    pub(crate) fn is_finished(&self) -> bool {
        let state = self.lock();
        state.closed && state.waiting.is_none()
    }

    /// How many were overtaken by a newer one.
    pub(crate) fn dropped(&self) -> u64 {
        self.lock().dropped
    }

    /// Waits until `attempt` succeeds. Cancel-safe: a dropped wait has done nothing.
    async fn when<R>(&self, mut attempt: impl FnMut(&mut State<T>) -> Option<R>) -> R {
        loop {
            // Registered before looking, so no change between the look and the wait is missed.
            let mut changed = std::pin::pin!(self.changed.notified());
            changed.as_mut().enable();
            let result = attempt(&mut self.lock());
            if let Some(result) = result {
                self.changed.notify_waiters();
                return result;
            }
            changed.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().expect("nobody panics while holding the slot")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Slot;

    #[tokio::test]
    async fn the_newest_wins_and_the_others_are_counted() {
        let slot = Slot::new();
        for number in 1..=4 {
            slot.put_newest(number);
        }
        assert_eq!(slot.take().await, Some(4));
        assert_eq!(slot.dropped(), 3);
        slot.put_newest(5);
        assert_eq!((slot.take().await, slot.dropped()), (Some(5), 3));
    }

    #[tokio::test]
    async fn what_waits_is_taken_before_the_end() {
        let slot = Slot::new();
        slot.put_newest(1);
        slot.close();
        assert_eq!(slot.take().await, Some(1));
        assert_eq!(slot.take().await, None);
    }

    #[tokio::test]
    async fn a_patient_source_loses_nothing() {
        let slot = Arc::new(Slot::new());
        let source = Arc::clone(&slot);
        let putting = tokio::spawn(async move {
            for number in 0..100 {
                source.put_when_empty(number).await;
            }
            source.close();
        });
        let mut taken = Vec::new();
        while let Some(number) = slot.take().await {
            taken.push(number);
        }
        putting.await.unwrap();
        assert_eq!(taken, (0..100).collect::<Vec<_>>());
        assert_eq!(slot.dropped(), 0);
    }

    #[tokio::test]
    async fn a_cancelled_take_takes_nothing() {
        let slot = Slot::new();
        assert!(futures_util::FutureExt::now_or_never(slot.take()).is_none());
        slot.put_newest(1);
        assert_eq!(slot.take().await, Some(1));
    }
}
