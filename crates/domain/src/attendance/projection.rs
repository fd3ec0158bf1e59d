//! From what is recorded to how somebody stands. A function of nothing else, so that it can be reckoned anew at any time.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Act, AttendanceEvent, AttendanceState};
use crate::id::{AttendanceEventId, FrameId};
use crate::policy::AttendanceMode;
use crate::session::{Session, SessionState};

/// How far apart two moves are at least, and how long somebody who has checked out may still be seen, where the course
/// has no cool-down of its own: somebody who stands before a camera comes once.
pub const MOVE_COOL_DOWN: TimeDelta = TimeDelta::seconds(60);

/// A sighting that was recorded as this person's presence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Seen {
    /// The frame.
    pub frame_id: FrameId,
    /// The face in it.
    pub face_index: i16,
    /// When the frame was taken in.
    pub at: DateTime<Utc>,
    /// Raw cosine.
    pub similarity: Option<f32>,
}

/// How somebody stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Standing {
    /// The state.
    pub state: AttendanceState,
    /// When they came.
    pub first_seen_at: Option<DateTime<Utc>>,
    /// When there was the last sign of them.
    pub last_seen_at: Option<DateTime<Utc>>,
    /// How many sightings count.
    pub sightings: i32,
    /// The best of them, raw cosine.
    pub best_similarity: Option<f32>,
    /// Whole seconds between coming and leaving, together.
    pub stay_seconds: i32,
    /// When they left, unless they came back.
    pub checked_out_at: Option<DateTime<Utc>>,
    /// Whether the state is a correction.
    pub is_corrected: bool,
}

impl Standing {
    /// Whether they are there: they came, and have not left.
    #[must_use]
    pub fn is_present(&self) -> bool {
        self.state.is_there() && self.checked_out_at.is_none()
    }
}

/// When arrivals count in a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// From when on, inclusive.
    pub opens_at: Option<DateTime<Utc>>,
    /// Until when, exclusive.
    pub closes_at: Option<DateTime<Utc>>,
}

impl Window {
    /// That of a session.
    #[must_use]
    pub fn of(session: &Session) -> Self {
        let minutes = |minutes: u16| TimeDelta::minutes(minutes.into());
        let (starts_at, policy) = (session.starts_at, &session.policy);
        Self {
            opens_at: policy.opens_minutes_before.map(|before| starts_at - minutes(before)),
            closes_at: policy.closes_after_minutes.map(|after| starts_at + minutes(after)),
        }
    }

    /// Whether it has been opened at `at`.
    #[must_use]
    pub fn is_open_by(&self, at: DateTime<Utc>) -> bool {
        self.opens_at.is_none_or(|opens_at| at >= opens_at)
    }

    /// Whether somebody who comes at `at` has arrived.
    #[must_use]
    pub fn holds(&self, at: DateTime<Utc>) -> bool {
        self.is_open_by(at) && self.closes_at.is_none_or(|closes_at| at < closes_at)
    }
}

/// The state of somebody first seen at `seen_at`: late from the policy's `late_after_minutes` after the start on,
/// inclusive.
#[must_use]
pub fn on_arrival(session: &Session, seen_at: DateTime<Utc>) -> AttendanceState {
    let late_from =
        session.policy.late_after_minutes.map(|minutes| session.starts_at + TimeDelta::minutes(minutes.into()));
    match late_from {
        Some(from) if seen_at >= from => AttendanceState::Late,
        _ => AttendanceState::Present,
    }
}

/// How somebody stands in `session`, by all sightings recorded as theirs and all events about them, in any order.
/// `is_expected` says whether they were on the roster when the session was closed, and counts only then. `None`: nothing
/// is known of them, or all of it counts no more.
///
/// The arrival is the first sighting or check-in in the [`Window`]; what comes after it counts, also when the window is
/// closed. A correction that is not void decides the state; of several the one recorded last. Without one, whoever arrived
/// is present or late, and once the session is closed has perhaps left early: by when there was the last sign of them, or
/// by how long they stayed. Whoever was expected and did not arrive is absent then.
#[must_use]
pub fn project(session: &Session, is_expected: bool, seen: &[Seen], events: &[AttendanceEvent]) -> Option<Standing> {
    let valid = valid(events);
    let presence = Presence::of(session, seen, &valid);
    let correction = valid.iter().rev().find_map(|event| match event.event.act {
        Act::Correction { state } => Some(state),
        _ => None,
    });
    let is_closed = session.state == SessionState::Closed;
    let by_itself = match &presence {
        Some(presence) if is_closed && presence.is_too_short(session) => Some(AttendanceState::LeftEarly),
        Some(presence) => Some(on_arrival(session, presence.first)),
        None => (is_closed && is_expected).then_some(AttendanceState::Absent),
    };
    let state = correction.or(by_itself)?;
    let stay = presence.as_ref().map_or(TimeDelta::zero(), |presence| presence.stay);
    Some(Standing {
        state,
        first_seen_at: presence.as_ref().map(|presence| presence.first),
        last_seen_at: presence.as_ref().map(|presence| presence.last),
        sightings: presence.as_ref().map_or(0, |presence| presence.sightings),
        best_similarity: presence.as_ref().and_then(|presence| presence.best),
        stay_seconds: i32::try_from(stay.num_seconds()).unwrap_or(i32::MAX),
        checked_out_at: presence.as_ref().and_then(|presence| presence.checked_out_at),
        is_corrected: correction.is_some(),
    })
}

/// The events that count, in the order in which they were recorded.
fn valid(events: &[AttendanceEvent]) -> Vec<&AttendanceEvent> {
    let void: HashSet<AttendanceEventId> = events
        .iter()
        .filter_map(|event| match event.event.act {
            Act::Void { event_id } => Some(event_id),
            _ => None,
        })
        .collect();
    let mut valid: Vec<&AttendanceEvent> = events.iter().filter(|event| !void.contains(&event.id)).collect();
    valid.sort_by_key(|event| (event.event.recorded_at, event.id));
    valid
}

/// Somebody who came.
struct Presence {
    first: DateTime<Utc>,
    last: DateTime<Utc>,
    sightings: i32,
    best: Option<f32>,
    stay: TimeDelta,
    checked_out_at: Option<DateTime<Utc>>,
}

/// A sign of somebody, at a time; of two at one time, the order is this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sign {
    In,
    Seen,
    Out,
}

impl Presence {
    fn of(session: &Session, seen: &[Seen], valid: &[&AttendanceEvent]) -> Option<Self> {
        let window = Window::of(session);
        let rejected: HashSet<(FrameId, i16)> = valid
            .iter()
            .filter_map(|event| match event.event.act {
                Act::Rejection { frame_id, face_index } => Some((frame_id, face_index)),
                _ => None,
            })
            .collect();
        let counted: Vec<&Seen> =
            seen.iter().filter(|seen| !rejected.contains(&(seen.frame_id, seen.face_index))).collect();
        let mut signs: Vec<(DateTime<Utc>, Sign)> = counted.iter().map(|seen| (seen.at, Sign::Seen)).collect();
        signs.extend(valid.iter().filter_map(|event| match event.event.act {
            Act::CheckIn { .. } => Some((event.event.at, Sign::In)),
            Act::CheckOut { .. } => Some((event.event.at, Sign::Out)),
            _ => None,
        }));
        signs.sort_unstable();
        let arrival = signs.iter().position(|(at, sign)| *sign != Sign::Out && window.holds(*at))?;
        let signs = &signs[arrival..];
        let (first, last) = (signs.first()?.0, signs.last()?.0);
        let after: Vec<&&Seen> = counted.iter().filter(|seen| seen.at >= first).collect();
        // Two faces of one frame that are taken for one person are one sighting.
        let frames: HashSet<FrameId> = after.iter().map(|seen| seen.frame_id).collect();
        let (stay, checked_out_at) = match session.policy.mode {
            AttendanceMode::Presence => (last - first, departure(session, signs)),
            AttendanceMode::CheckInOut => alternate(session, signs),
        };
        Some(Self {
            first,
            last,
            sightings: i32::try_from(frames.len()).unwrap_or(i32::MAX),
            best: after.iter().filter_map(|seen| seen.similarity).reduce(f32::max),
            stay,
            checked_out_at,
        })
    }

    fn is_too_short(&self, session: &Session) -> bool {
        let policy = &session.policy;
        let left_at = match policy.mode {
            AttendanceMode::Presence => Some(self.last),
            AttendanceMode::CheckInOut => self.checked_out_at,
        };
        let before_end = |minutes: u16| Some(session_end(session)? - TimeDelta::minutes(minutes.into()));
        let left_before = policy.left_early_minutes.and_then(before_end);
        let is_gone = left_at.zip(left_before).is_some_and(|(left_at, left_before)| left_at < left_before);
        let stayed_too_short =
            policy.minimum_stay_minutes.is_some_and(|minutes| self.stay < TimeDelta::minutes(minutes.into()));
        is_gone || stayed_too_short
    }
}

/// When a closed session was over: when it was meant to end, or when it was closed where that was earlier.
fn session_end(session: &Session) -> Option<DateTime<Utc>> {
    match (session.ends_at, session.closed_at) {
        (Some(ends_at), Some(closed_at)) => Some(ends_at.min(closed_at)),
        (ends_at, closed_at) => ends_at.or(closed_at),
    }
}

fn cool_down(session: &Session) -> TimeDelta {
    session.policy.cool_down().unwrap_or(MOVE_COOL_DOWN)
}

/// When somebody whose signs these are has left for good: at the last check-out, unless they checked in after it, or were
/// seen a cool-down later (a moment later, they are on their way out).
fn departure(session: &Session, signs: &[(DateTime<Utc>, Sign)]) -> Option<DateTime<Utc>> {
    let out = signs.iter().rposition(|(_, sign)| *sign == Sign::Out)?;
    let left_at = signs[out].0;
    let came_back = signs[out + 1..].iter().any(|(at, sign)| *sign == Sign::In || *at - left_at >= cool_down(session));
    (!came_back).then_some(left_at)
}

/// How long somebody was in, and when they went out if they are: the first sign is coming, and each sighting a cool-down
/// after the last move the next move. Who is in when the session closes, was until its end.
fn alternate(session: &Session, signs: &[(DateTime<Utc>, Sign)]) -> (TimeDelta, Option<DateTime<Utc>>) {
    let mut stay = TimeDelta::zero();
    let mut inside_since: Option<DateTime<Utc>> = None;
    let mut moved_at: Option<DateTime<Utc>> = None;
    for (at, sign) in signs {
        let is_inside = match sign {
            Sign::In => true,
            Sign::Out => false,
            Sign::Seen if moved_at.is_some_and(|moved_at| *at - moved_at < cool_down(session)) => continue,
            Sign::Seen => inside_since.is_none(),
        };
        match (is_inside, inside_since) {
            (true, None) => inside_since = Some(*at),
            (false, Some(since)) => {
                stay += *at - since;
                inside_since = None;
            }
            _ => {}
        }
        moved_at = Some(*at);
    }
    match inside_since {
        None => (stay, moved_at),
        Some(since) => {
            let last = signs.last().map_or(since, |(at, _)| *at);
            let until = session_end(session).filter(|_| session.state == SessionState::Closed).unwrap_or(last);
            (stay + (until - since).max(TimeDelta::zero()), None)
        }
    }
}
