//! Frames that wait to be looked at. The newest wins: what has become stale is not worth the models' time.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::frame::FrameHeader;
use domain::id::{CameraId, SessionId};

/// A frame that waits, and what it takes to settle it.
#[derive(Debug)]
pub(crate) struct Waiting<T> {
    pub(crate) header: FrameHeader,
    pub(crate) frame: T,
}

/// Why a frame is not worth looking at any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stale {
    /// Older than frames may be.
    PastDeadline,
    /// A newer frame of the same camera waits, too.
    Superseded,
}

/// Takes out of `waiting` what is stale at `now`; the rest stays in its order.
///
/// Only a camera supersedes itself, and only within a session: frames that users send are each meant to be looked at.
pub(crate) fn take_stale<T>(
    waiting: &mut Vec<Waiting<T>>,
    now: DateTime<Utc>,
    deadline: TimeDelta,
) -> Vec<(Waiting<T>, Stale)> {
    let mut newest: HashMap<(CameraId, SessionId), (DateTime<Utc>, usize)> = HashMap::new();
    for (position, Waiting { header, .. }) in waiting.iter().enumerate() {
        if let Some(camera) = header.camera_id {
            let key = newest.entry((camera, header.session_id)).or_insert((header.received_at, position));
            *key = (*key).max((header.received_at, position));
        }
    }
    let staleness = |position: usize, header: &FrameHeader| {
        let newer = header.camera_id.and_then(|camera| newest.get(&(camera, header.session_id)));
        if header.is_past(now, deadline) {
            Some(Stale::PastDeadline)
        } else if newer.is_some_and(|(_, newest)| *newest != position) {
            Some(Stale::Superseded)
        } else {
            None
        }
    };
    let (mut fresh, mut stale) = (Vec::new(), Vec::new());
    for (position, frame) in waiting.drain(..).enumerate() {
        match staleness(position, &frame.header) {
            Some(reason) => stale.push((frame, reason)),
            None => fresh.push(frame),
        }
    }
    *waiting = fresh;
    stale
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};
    use domain::frame::FrameHeader;
    use domain::id::Id;

    use super::{Stale, Waiting, take_stale};

    const DEADLINE: TimeDelta = TimeDelta::milliseconds(2000);

    /// A frame is camera (0: a user), session, and how many milliseconds ago it was received.
    fn check(frames: &[(u128, u128, i64)], expected: &[Option<Stale>]) {
        let now = DateTime::from_timestamp_millis(1_000_000).expect("a time");
        let mut waiting: Vec<Waiting<usize>> = frames
            .iter()
            .enumerate()
            .map(|(position, frame)| Waiting { header: header(now, *frame), frame: position })
            .collect();
        let stale = take_stale(&mut waiting, now, DEADLINE);
        let mut found = vec![None; frames.len()];
        stale.iter().for_each(|(frame, reason)| found[frame.frame] = Some(*reason));
        assert_eq!(found, expected, "{frames:?}");
        let fresh: Vec<usize> = (0..frames.len()).filter(|position| found[*position].is_none()).collect();
        assert_eq!(waiting.iter().map(|w| w.frame).collect::<Vec<_>>(), fresh, "the order stays");
    }

    fn header(now: DateTime<Utc>, (camera, session, age_ms): (u128, u128, i64)) -> FrameHeader {
        FrameHeader {
            frame_id: Id::new(),
            organization_id: Id::from_uuid(uuid::Uuid::from_u128(1)),
            session_id: Id::from_uuid(uuid::Uuid::from_u128(session)),
            course_id: Id::from_uuid(uuid::Uuid::from_u128(1)),
            camera_id: (camera > 0).then(|| Id::from_uuid(uuid::Uuid::from_u128(camera))),
            received_at: now - TimeDelta::milliseconds(age_ms),
        }
    }

    #[test]
    fn what_is_too_old_goes() {
        check(&[], &[]);
        check(&[(0, 1, 2000), (0, 1, 2001), (0, 1, -500)], &[None, Some(Stale::PastDeadline), None]);
    }

    #[test]
    fn the_newest_of_a_camera_stays() {
        check(&[(1, 1, 300), (2, 1, 200), (1, 1, 100)], &[Some(Stale::Superseded), None, None]);
        check(&[(1, 1, 100), (1, 1, 300)], &[None, Some(Stale::Superseded)]);
        check(&[(1, 1, 100), (1, 1, 100)], &[Some(Stale::Superseded), None]);
        check(&[(1, 1, 3000), (1, 1, 2500)], &[Some(Stale::PastDeadline), Some(Stale::PastDeadline)]);
    }

    #[test]
    fn other_cameras_sessions_and_users_do_not_matter() {
        check(&[(1, 1, 300), (2, 1, 100), (1, 2, 100)], &[None, None, None]);
        check(&[(0, 1, 300), (0, 1, 200), (1, 1, 100)], &[None, None, None]);
    }
}
