use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use proptest::prelude::*;

use super::AttendanceState::{self, Absent, Excused, Late, LeftEarly, Present};
use super::{Act, AttendanceEvent, CheckMethod, NewAttendanceEvent, Seen, Standing, on_arrival, project};
use crate::audit::AuditActor;
use crate::id::Id;
use crate::policy::{AttendanceMode, CoursePolicy};
use crate::session::{Session, SessionState};

/// So many minutes after the start, which is shortly before the clocks of Europe go forward.
fn at(minutes: i64) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 3, 29, 0, 59, 0).single().expect("a time") + TimeDelta::minutes(minutes)
}

fn session(state: SessionState, policy: CoursePolicy) -> Session {
    let is_closed = state == SessionState::Closed;
    Session {
        id: Id::new(),
        organization_id: Id::new(),
        course_id: Id::new(),
        state,
        starts_at: at(0),
        ends_at: Some(at(60)),
        policy,
        automatic: false,
        series_id: None,
        started_at: Some(at(-5)),
        closed_at: is_closed.then(|| at(70)),
        created_at: at(-100),
    }
}

fn seen(minutes: &[i64]) -> Vec<Seen> {
    let one = |minutes: &i64| Seen { frame_id: Id::new(), face_index: 0, at: at(*minutes), similarity: Some(0.7) };
    minutes.iter().map(one).collect()
}

fn event(act: Act, minutes: i64) -> AttendanceEvent {
    let event = NewAttendanceEvent {
        organization_id: Id::new(),
        session_id: Id::new(),
        person_id: Id::new(),
        act,
        reason: None,
        at: at(minutes),
        recorded_at: at(minutes),
        actor: AuditActor::Command,
    };
    AttendanceEvent { id: Id::new(), event }
}

fn check_in(minutes: i64) -> AttendanceEvent {
    event(Act::CheckIn { method: CheckMethod::Qr }, minutes)
}

fn check_out(minutes: i64) -> AttendanceEvent {
    event(Act::CheckOut { method: CheckMethod::Pin }, minutes)
}

fn correction(state: AttendanceState, minutes: i64) -> AttendanceEvent {
    event(Act::Correction { state }, minutes)
}

fn void(of: &AttendanceEvent, minutes: i64) -> AttendanceEvent {
    event(Act::Void { event_id: of.id }, minutes)
}

fn check_arrival(late_after_minutes: Option<u16>, seconds: i64, expected: AttendanceState) {
    let policy = CoursePolicy { late_after_minutes, ..CoursePolicy::default() };
    assert_eq!(on_arrival(&session(SessionState::Active, policy), at(0) + TimeDelta::seconds(seconds)), expected);
}

#[test]
fn late_begins_at_the_minute() {
    check_arrival(None, 86_400, Present);
    check_arrival(Some(10), -300, Present);
    check_arrival(Some(10), 599, Present);
    check_arrival(Some(10), 600, Late);
    check_arrival(Some(0), 0, Late);
}

/// Sightings at these minutes and these events come to this state, while the session runs and when it is closed.
fn check(policy: CoursePolicy, minutes: &[i64], events: &[AttendanceEvent], expected: [Option<AttendanceState>; 2]) {
    let found = [SessionState::Active, SessionState::Closed]
        .map(|state| project(&session(state, policy), true, &seen(minutes), events).map(|standing| standing.state));
    assert_eq!(found, expected, "{policy:?} {minutes:?} {events:?}");
}

#[test]
fn arrivals_count_between_opening_and_closing() {
    let policy = CoursePolicy {
        opens_minutes_before: Some(10),
        late_after_minutes: Some(5),
        closes_after_minutes: Some(20),
        ..CoursePolicy::default()
    };
    check(policy, &[], &[], [None, Some(Absent)]);
    check(policy, &[-11], &[], [None, Some(Absent)]);
    check(policy, &[-11, -10], &[], [Some(Present); 2]);
    check(policy, &[5], &[], [Some(Late); 2]);
    check(policy, &[19], &[], [Some(Late); 2]);
    check(policy, &[20, 30], &[], [None, Some(Absent)]);
    check(policy, &[], &[check_in(4)], [Some(Present); 2]);
    check(policy, &[], &[check_in(20)], [None, Some(Absent)]);
    check(policy, &[6], &[check_in(4)], [Some(Present); 2]);
    // Seen after the closing, too: it counts, since they have arrived.
    let found = project(&session(SessionState::Active, policy), true, &seen(&[-30, 3, 40]), &[]).expect("present");
    assert_eq!((found.first_seen_at, found.last_seen_at, found.sightings), (Some(at(3)), Some(at(40)), 2));
}

#[test]
fn who_leaves_before_the_end_or_stays_too_short_has_left_early_once_it_is_over() {
    let early = CoursePolicy { left_early_minutes: Some(10), ..CoursePolicy::default() };
    check(early, &[0, 49], &[], [Some(Present), Some(LeftEarly)]);
    check(early, &[0, 50], &[], [Some(Present); 2]);
    let short = CoursePolicy { minimum_stay_minutes: Some(30), late_after_minutes: Some(1), ..CoursePolicy::default() };
    check(short, &[10, 39], &[], [Some(Late), Some(LeftEarly)]);
    check(short, &[10, 40], &[], [Some(Late); 2]);
    check(short, &[10], &[check_out(41)], [Some(Late); 2]);
    // What somebody decided stands.
    check(short, &[10], &[correction(Present, 80)], [Some(Present); 2]);
    // A session that is closed before it is meant to end, and one without an end.
    for (ends_at, expected) in [(Some(at(90)), LeftEarly), (None, LeftEarly), (Some(at(55)), Present)] {
        let session = Session { ends_at, ..session(SessionState::Closed, early) };
        let found = project(&session, true, &seen(&[0, 50]), &[]).expect("a state");
        assert_eq!(found.state, expected, "{ends_at:?}");
    }
}

#[test]
fn the_latest_correction_that_is_not_void_wins() {
    let policy = CoursePolicy { late_after_minutes: Some(5), ..CoursePolicy::default() };
    let (excused, absent) = (correction(Excused, 10), correction(Absent, 11));
    check(policy, &[], std::slice::from_ref(&excused), [Some(Excused); 2]);
    check(policy, &[7], &[absent.clone(), excused.clone()], [Some(Absent); 2]);
    check(policy, &[7], &[excused.clone(), absent.clone(), void(&absent, 12)], [Some(Excused); 2]);
    let none = [void(&excused, 12), excused.clone(), absent.clone(), void(&absent, 12)];
    check(policy, &[7], &none, [Some(Late); 2]);
    check(policy, &[], &none, [None, Some(Absent)]);
}

#[test]
fn rejected_sightings_do_not_count() {
    let policy = CoursePolicy { late_after_minutes: Some(5), ..CoursePolicy::default() };
    let sightings = seen(&[1, 9]);
    let reject = |which: usize| event(Act::Rejection { frame_id: sightings[which].frame_id, face_index: 0 }, 20);
    let stands = |events: &[AttendanceEvent]| project(&session(SessionState::Active, policy), true, &sightings, events);
    let (first, second) = (reject(0), reject(1));
    let late = stands(std::slice::from_ref(&first)).expect("late");
    assert_eq!((late.state, late.sightings, late.first_seen_at), (Late, 1, Some(at(9))));
    assert_eq!(stands(&[first.clone(), second.clone()]), None);
    assert_eq!(stands(&[first.clone(), second, void(&first, 21)]).map(|found| found.state), Some(Present));
}

/// Sightings and events come to this check-out and stay, in minutes.
fn check_moves(mode: AttendanceMode, minutes: &[i64], events: &[AttendanceEvent], out: Option<i64>, stay: [i64; 2]) {
    let policy = CoursePolicy { mode, cool_down_seconds: Some(300), ..CoursePolicy::default() };
    for (state, stay) in [SessionState::Active, SessionState::Closed].into_iter().zip(stay) {
        let found = project(&session(state, policy), true, &seen(minutes), events).expect("somebody came");
        let expected = (out.map(at), stay * 60);
        assert_eq!((found.checked_out_at, i64::from(found.stay_seconds)), expected, "{minutes:?} {events:?}");
    }
}

#[test]
fn comings_and_goings_alternate_a_cool_down_apart() {
    let mode = AttendanceMode::CheckInOut;
    // Who has not gone was there until the end, once that is known.
    check_moves(mode, &[0], &[], None, [0, 60]);
    check_moves(mode, &[0, 4, 4], &[], None, [4, 60]);
    check_moves(mode, &[0, 5], &[], Some(5), [5, 5]);
    check_moves(mode, &[30, 5, 0, 31], &[], None, [6, 35]);
    check_moves(mode, &[0, 5, 30, 40], &[], Some(40), [15, 15]);
    // Said, not seen: whatever it would be by turns.
    check_moves(mode, &[0, 50], &[check_out(10), check_in(12)], Some(50), [48, 48]);
    check_moves(mode, &[0], &[check_in(10)], None, [10, 60]);
    check_moves(mode, &[0, 12], &[check_out(10)], Some(10), [10, 10]);
}

#[test]
fn who_says_goodbye_is_gone_until_seen_again_later() {
    let mode = AttendanceMode::Presence;
    check_moves(mode, &[0, 40], &[], None, [40, 40]);
    check_moves(mode, &[0], &[check_out(30)], Some(30), [30, 30]);
    check_moves(mode, &[0, 34], &[check_out(30)], Some(30), [34, 34]);
    check_moves(mode, &[0, 35], &[check_out(30)], None, [35, 35]);
    check_moves(mode, &[0], &[check_out(30), check_in(31)], None, [31, 31]);
    check_moves(mode, &[0], &[check_in(31), check_out(32), check_out(30)], Some(32), [32, 32]);
    let nobody = project(&session(SessionState::Active, CoursePolicy::default()), false, &[], &[check_out(3)]);
    assert_eq!(nobody, None);
}

fn policies() -> impl Strategy<Value = CoursePolicy> {
    let minutes = || prop::option::of(1u16..60);
    (minutes(), minutes(), minutes(), minutes(), minutes(), any::<bool>()).prop_map(
        |(opens, late, closes, early, stay, in_out)| CoursePolicy {
            opens_minutes_before: opens,
            late_after_minutes: late,
            closes_after_minutes: closes,
            left_early_minutes: early,
            minimum_stay_minutes: stay,
            mode: if in_out { AttendanceMode::CheckInOut } else { AttendanceMode::Presence },
            ..CoursePolicy::default()
        },
    )
}

/// Events of all kinds; each number says which of the earlier ones, or which of the sightings, it is about.
fn events() -> impl Strategy<Value = Vec<(u8, usize, i64)>> {
    prop::collection::vec((0u8..6, any::<usize>(), -30i64..90), 0..8)
}

fn make(described: &[(u8, usize, i64)], sightings: &[Seen]) -> Vec<AttendanceEvent> {
    let mut made: Vec<AttendanceEvent> = Vec::new();
    for (kind, which, minutes) in described {
        let new = match kind {
            0 => check_in(*minutes),
            1 => check_out(*minutes),
            2 => correction([Present, Late, Absent, Excused][which % 4], *minutes),
            3 if !made.is_empty() => void(&made[which % made.len()], *minutes),
            4 | 5 if !sightings.is_empty() => {
                let of = &sightings[which % sightings.len()];
                event(Act::Rejection { frame_id: of.frame_id, face_index: of.face_index }, *minutes)
            }
            _ => continue,
        };
        made.push(new);
    }
    made
}

proptest! {
    #[test]
    fn order_does_not_matter_and_the_numbers_go_together(
        policy in policies(), minutes in prop::collection::vec(-30i64..90, 0..8), described in events(),
        is_closed: bool, is_expected: bool, by in 0usize..8,
    ) {
        let state = if is_closed { SessionState::Closed } else { SessionState::Active };
        let (session, sightings) = (session(state, policy), seen(&minutes));
        let events = make(&described, &sightings);
        let found = project(&session, is_expected, &sightings, &events);
        let (mut turned, mut turned_events) = (sightings.clone(), events.clone());
        turned.rotate_left(by.min(sightings.len()));
        turned_events.rotate_left(by.min(events.len()));
        prop_assert_eq!(project(&session, is_expected, &turned, &turned_events), found);

        let Some(Standing { state, first_seen_at, last_seen_at, sightings: count, best_similarity, .. }) = found else {
            prop_assert!(!(is_closed && is_expected), "whoever was expected has a state in the end");
            return Ok(());
        };
        let found = found.expect("just looked at");
        prop_assert_eq!(first_seen_at.is_some(), last_seen_at.is_some());
        prop_assert!(first_seen_at <= last_seen_at && found.stay_seconds >= 0);
        prop_assert!(count == 0 || first_seen_at.is_some());
        prop_assert_eq!(best_similarity.is_some(), count > 0);
        prop_assert!(usize::try_from(count).expect("a count") <= minutes.len());
        prop_assert!(found.checked_out_at.is_none_or(|out| Some(out) >= first_seen_at && Some(out) <= last_seen_at));
        if !found.is_corrected {
            prop_assert_eq!(first_seen_at.is_none(), state == Absent);
            prop_assert!(is_closed || !matches!(state, Absent | LeftEarly));
        }
    }

    #[test]
    fn making_everything_void_is_as_if_nothing_was_done(
        policy in policies(), minutes in prop::collection::vec(-30i64..90, 0..8), described in events(),
    ) {
        let (session, sightings) = (session(SessionState::Closed, policy), seen(&minutes));
        let mut events = make(&described, &sightings);
        events.retain(|event| !matches!(event.event.act, Act::Void { .. }));
        let voids: Vec<AttendanceEvent> = events.iter().map(|event| void(event, 99)).collect();
        events.extend(voids);
        prop_assert_eq!(project(&session, true, &sightings, &events), project(&session, true, &sightings, &[]));
    }
}
