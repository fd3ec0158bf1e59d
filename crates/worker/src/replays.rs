//! Faces that do not change: a picture held before a camera, or a film of one that stands still.
//!
//! Two looks at a living face are never quite the same; those at a picture nearly are. Bound to the session and the camera,
//! and kept in the memory of one worker: where several workers share a camera's frames each sees some of them, which is
//! enough.

use std::collections::{HashMap, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};
use domain::embedding::Embedding;
use domain::frame::FrameHeader;
use domain::id::{CameraId, PersonId, SessionId};
use domain::organization::LivenessPolicy;
use domain::sighting::{Outcome, Sighting};

/// Cosine from which on two looks are the same: pictures have 0.999 and more from frame to frame, faces 0.98 to 0.995
/// (field data of the facelock project); noise of a camera takes something off either.
const SAME_COSINE: f32 = 0.9985;
/// How many looks in a row must be the same,
const SAME_LOOKS: usize = 4;
/// how far apart at least: neighbouring frames of a fast camera are alike anyway,
const SPACING: TimeDelta = TimeDelta::milliseconds(400);
/// and at most: a face that was away is looked at anew.
const LAPSE: TimeDelta = TimeDelta::seconds(10);
/// Faces that are remembered.
const CAPACITY: usize = 10_000;

type Key = (SessionId, Option<CameraId>, PersonId);

/// What was seen lately of each recognised face.
#[derive(Default)]
pub(crate) struct Replays {
    last: HashMap<Key, Last>,
    order: VecDeque<Key>,
}

struct Last {
    at: DateTime<Utc>,
    embedding: Embedding,
    same: usize,
}

impl Replays {
    /// Takes note of the recognised faces of a frame. A face that has not changed for several looks is suspected of being
    /// a picture: where liveness is required its sighting becomes [`Outcome::SpoofSuspected`], elsewhere its liveness 0.
    pub(crate) fn suspect(
        &mut self,
        header: &FrameHeader,
        found: &mut [(Sighting, Embedding)],
        policy: LivenessPolicy,
    ) {
        for (sighting, embedding) in found {
            let Some(person) = sighting.person_id else { continue };
            let key = (header.session_id, header.camera_id, person);
            if self.look(key, header.received_at, embedding) {
                sighting.liveness = Some(0.0);
                if policy == LivenessPolicy::Required {
                    sighting.outcome = Outcome::SpoofSuspected;
                }
            }
        }
    }

    /// Whether this look and those before it are the same.
    fn look(&mut self, key: Key, at: DateTime<Utc>, embedding: &Embedding) -> bool {
        let Some(last) = self.last.get_mut(&key) else {
            self.last.insert(key, Last { at, embedding: embedding.clone(), same: 1 });
            self.order.push_back(key);
            if self.order.len() > CAPACITY
                && let Some(oldest) = self.order.pop_front()
            {
                self.last.remove(&oldest);
            }
            return false;
        };
        let passed = at - last.at;
        if passed < SPACING {
            return last.same >= SAME_LOOKS;
        }
        let is_same = passed <= LAPSE && last.embedding.similarity(embedding) >= SAME_COSINE;
        let same = if is_same { last.same + 1 } else { 1 };
        *last = Last { at, embedding: embedding.clone(), same };
        same >= SAME_LOOKS
    }
}

#[cfg(test)]
mod tests {
    use chrono::{TimeDelta, TimeZone, Utc};
    use domain::embedding::Embedding;
    use domain::id::Id;

    use super::Replays;

    /// Looks are milliseconds and degrees; the answer is which of them are suspected.
    fn check(looks: &[(i64, f32)], suspected: &[bool]) {
        let start = Utc.with_ymd_and_hms(2026, 11, 21, 8, 0, 0).single().expect("a time");
        let key = (Id::new(), None, Id::new());
        let mut replays = Replays::default();
        let found: Vec<bool> = looks
            .iter()
            .map(|(ms, degrees)| {
                let angle = degrees.to_radians();
                let face = Embedding::normalized(vec![angle.cos(), angle.sin()]).expect("a direction");
                replays.look(key, start + TimeDelta::milliseconds(*ms), &face)
            })
            .collect();
        assert_eq!(found, suspected, "{looks:?}");
    }

    #[test]
    fn what_does_not_change_is_suspected() {
        check(&[(0, 0.0), (500, 0.5), (1000, 0.0), (1500, 0.5), (1600, 0.5)], &[false, false, false, true, true]);
        check(&[(0, 0.0), (500, 8.0), (1000, 0.0), (1500, 8.0), (2000, 0.0)], &[false; 5]);
    }

    #[test]
    fn neighbouring_frames_and_long_pauses_say_nothing() {
        check(&[(0, 0.0), (100, 0.0), (200, 0.0), (300, 0.0), (399, 0.0)], &[false; 5]);
        check(&[(0, 0.0), (11_000, 0.0), (22_000, 0.0), (33_000, 0.0), (44_000, 0.0)], &[false; 5]);
        check(&[(0, 0.0), (500, 0.0), (1000, 0.0), (1500, 20.0), (2000, 20.0)], &[false; 5]);
    }

    #[test]
    fn memory_is_bounded() {
        let mut replays = Replays::default();
        let face = Embedding::normalized(vec![1.0]).expect("a direction");
        for _ in 0..super::CAPACITY + 100 {
            replays.look((Id::new(), None, Id::new()), Utc::now(), &face);
        }
        assert_eq!((replays.last.len(), replays.order.len()), (super::CAPACITY, super::CAPACITY));
    }
}
