//! Where a roster lies once it is loaded, and which goes when memory runs short.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{CourseRoster, Key};
use crate::outcome::JobOutcome;

/// The place of one roster.
#[derive(Default)]
pub(super) struct Slot {
    /// Locked while the roster is loaded: whoever wants it, too, waits and finds it there.
    pub(super) held: tokio::sync::Mutex<Held>,
    failures: AtomicU64,
}

/// What lies there.
#[derive(Default)]
pub(super) struct Held {
    pub(super) roster: Option<Arc<CourseRoster>>,
    /// How the last load failed, and the number of that failure.
    failure: Option<(u64, JobOutcome)>,
}

impl Slot {
    /// How many loads have failed.
    pub(super) fn failures(&self) -> u64 {
        self.failures.load(Ordering::Acquire)
    }

    /// Notes that a load failed.
    pub(super) fn failed(&self, held: &mut Held, outcome: JobOutcome) {
        let number = self.failures.fetch_add(1, Ordering::AcqRel) + 1;
        held.failure = Some((number, outcome));
    }
}

impl Held {
    /// How a load failed that ended after so many had failed.
    pub(super) fn failure_since(&self, failures: u64) -> Option<&JobOutcome> {
        self.failure.as_ref().filter(|(number, _)| *number > failures).map(|(_, outcome)| outcome)
    }
}

/// The places of all rosters, and what they take.
pub(super) struct Slots {
    limit_bytes: usize,
    total_bytes: usize,
    clock: u64,
    slots: HashMap<Key, Place>,
}

#[derive(Default)]
struct Place {
    slot: Arc<Slot>,
    bytes: usize,
    last_use: u64,
}

impl Slots {
    /// No rosters, and how many bytes they may take.
    pub(super) fn new(limit_bytes: usize) -> Self {
        Self { limit_bytes, total_bytes: 0, clock: 0, slots: HashMap::new() }
    }

    /// The place of a roster, which is used now.
    pub(super) fn slot(&mut self, key: Key) -> Arc<Slot> {
        self.clock += 1;
        let place = self.slots.entry(key).or_default();
        place.last_use = self.clock;
        Arc::clone(&place.slot)
    }

    /// Notes that a roster of so many bytes was loaded, and lets go of the least recently used until the others fit, but
    /// never of this one.
    pub(super) fn filled(&mut self, key: Key, slot: &Arc<Slot>, bytes: usize) {
        // It may have had to go while it was loaded: then it is only for those who waited for it.
        let Some(place) = self.slots.get_mut(&key).filter(|place| Arc::ptr_eq(&place.slot, slot)) else { return };
        self.total_bytes = self.total_bytes + bytes - place.bytes;
        place.bytes = bytes;
        while self.total_bytes > self.limit_bytes {
            let others = self.slots.iter().filter(|(other, place)| **other != key && place.bytes > 0);
            let Some(oldest) = others.min_by_key(|(_, place)| place.last_use).map(|(key, _)| *key) else { return };
            self.drop_at(oldest);
        }
    }

    /// Lets go of this place, unless there is another in its stead.
    pub(super) fn remove(&mut self, key: Key, slot: &Arc<Slot>) {
        if self.slots.get(&key).is_some_and(|place| Arc::ptr_eq(&place.slot, slot)) {
            self.drop_at(key);
        }
    }

    /// The rosters that are there and not being loaded.
    pub(super) fn held(&self) -> Vec<(Key, Arc<CourseRoster>)> {
        let there = |(key, place): (&Key, &Place)| Some((*key, place.slot.held.try_lock().ok()?.roster.clone()?));
        self.slots.iter().filter_map(there).collect()
    }

    /// Lets go of those that `is_outdated`, and answers how many.
    pub(super) fn remove_all(&mut self, is_outdated: impl Fn(Key, &CourseRoster) -> bool) -> usize {
        let outdated: Vec<Key> =
            self.held().into_iter().filter(|(key, roster)| is_outdated(*key, roster)).map(|(key, _)| key).collect();
        outdated.iter().for_each(|key| self.drop_at(*key));
        outdated.len()
    }

    fn drop_at(&mut self, key: Key) {
        if let Some(place) = self.slots.remove(&key) {
            self.total_bytes -= place.bytes;
        }
    }
}
