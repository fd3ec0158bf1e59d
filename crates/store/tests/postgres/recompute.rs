//! Attendance reckoned anew, from all that is recorded, is what was stored while it happened.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use domain::attendance::{Act, AttendanceState, ChangeCause, CheckMethod, NewAttendanceEvent};
use domain::audit::AuditActor;
use domain::evidence::EvidencePolicy;
use domain::frame::FrameHeader;
use domain::id::{CourseId, Id, PersonId};
use domain::policy::{AttendanceMode, CoursePolicy};
use domain::session::Session;
use domain::sighting::{FrameResult, Outcome};
use futures_util::future::join_all;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use store::{StoreError, attendance, attendance_events, rosters, sessions, sightings, transaction};

use crate::fixtures::{Ground, at, class, course, evidence, frame, new_session, seen};

const PEOPLE: usize = 4;

/// Something that happens, with times in minutes after the start and positions in what has happened before.
#[derive(Debug, Clone)]
enum Step {
    /// Some of the people are seen, certainly or likely.
    Frame { minute: i64, who: Vec<usize>, likely: bool },
    /// A frame comes again.
    Again(usize),
    /// Somebody checks in or out, or is marked.
    Mark { minute: i64, who: usize, act: Act },
    /// A mark is void.
    Void(usize),
    /// A face was not of whom it was taken for.
    Reject(usize),
    /// Somebody leaves the roster.
    Leave(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let people = || prop::collection::vec(0..PEOPLE, 1..PEOPLE);
    let act = prop_oneof![
        Just(Act::CheckIn { method: CheckMethod::Qr }),
        Just(Act::CheckOut { method: CheckMethod::Pin }),
        prop_oneof![
            Just(AttendanceState::Present),
            Just(AttendanceState::Absent),
            Just(AttendanceState::Late),
            Just(AttendanceState::Excused)
        ]
        .prop_map(|state| Act::Correction { state }),
    ];
    let step = prop_oneof![
        6 => (-20i64..70, people(), any::<bool>())
            .prop_map(|(minute, who, likely)| Step::Frame { minute, who, likely }),
        1 => any::<usize>().prop_map(Step::Again),
        3 => (-20i64..70, 0..PEOPLE, act).prop_map(|(minute, who, act)| Step::Mark { minute, who, act }),
        1 => any::<usize>().prop_map(Step::Void),
        2 => any::<usize>().prop_map(Step::Reject),
        1 => (0..PEOPLE).prop_map(Step::Leave),
    ];
    prop::collection::vec(step, 1..16)
}

fn policies() -> impl Strategy<Value = CoursePolicy> {
    let minutes = || prop::option::of(1u16..60);
    let cool_down = prop::option::of(prop_oneof![Just(0u32), Just(240), Just(900)]);
    (minutes(), minutes(), minutes(), minutes(), minutes(), cool_down, any::<bool>(), any::<bool>())
        .prop_map(|(opens, late, closes, early, stay, cool_down_seconds, once_per_session, in_out)| CoursePolicy {
            opens_minutes_before: opens,
            late_after_minutes: late,
            closes_after_minutes: closes,
            left_early_minutes: early,
            minimum_stay_minutes: stay,
            cool_down_seconds,
            once_per_session,
            mode: if in_out { AttendanceMode::CheckInOut } else { AttendanceMode::Presence },
            ..CoursePolicy::default()
        })
        .prop_filter("values go together", |policy| policy.check().is_ok())
}

/// What a worker asks for: those who were seen in the last five minutes rest.
fn resting() -> EvidencePolicy {
    EvidencePolicy { cool_down: Some(TimeDelta::seconds(300)), window: TimeDelta::minutes(20), ..evidence() }
}

async fn begin(ground: &Ground, course: CourseId, policy: CoursePolicy) -> Session {
    let mut conn = ground.conn().await;
    let new = Session { policy, ends_at: Some(at(3600)), ..new_session(ground.organization, course) };
    sessions::insert(&mut conn, &new).await.expect("a session");
    sessions::start(&mut conn, ground.organization, new.id, at(-1200)).await.expect("it starts")
}

async fn append(ground: &Ground, session: &Session, person_id: PersonId, act: Act, minute: i64) -> Option<NewMark> {
    let new = NewAttendanceEvent {
        organization_id: ground.organization,
        session_id: session.id,
        person_id,
        act,
        reason: None,
        at: at(minute * 60),
        recorded_at: at(minute * 60),
        actor: AuditActor::Command,
    };
    let mut conn = ground.conn().await;
    let done = transaction::run(&mut conn, async |tx| {
        let session = attendance::lock_session(tx, ground.organization, session.id).await?;
        let event = attendance_events::append(tx, &new).await?;
        attendance::reproject(tx, &session, person_id, ChangeCause::from(act), new.recorded_at).await?;
        Ok::<_, StoreError>(NewMark { event: event.id, person_id })
    });
    match done.await {
        Ok(mark) => Some(mark),
        Err(StoreError::Conflict { what: "voids" }) => None,
        Err(error) => panic!("{error:?}"),
    }
}

struct NewMark {
    event: domain::id::AttendanceEventId,
    person_id: PersonId,
}

/// A session in which things happen.
struct Scene<'a> {
    ground: &'a Ground,
    session: Session,
    everyone: &'a [PersonId],
    frames: Vec<(FrameHeader, FrameResult)>,
    marks: Vec<NewMark>,
}

impl Scene<'_> {
    async fn take(&mut self, step: &Step) {
        match step {
            Step::Frame { minute, who, likely } => {
                let people: Vec<PersonId> = who.iter().map(|index| self.everyone[*index]).collect();
                let header = frame(&self.session, at(minute * 60));
                let mut result = seen(&people, at(minute * 60));
                if *likely {
                    result.sightings.iter_mut().for_each(|sighting| sighting.outcome = Outcome::Likely);
                }
                self.record(&header, &result).await;
                self.frames.push((header, result));
            }
            Step::Again(which) if !self.frames.is_empty() => {
                let (header, result) = self.frames[which % self.frames.len()].clone();
                self.record(&header, &result).await;
            }
            Step::Mark { minute, who, act } => {
                let mark = append(self.ground, &self.session, self.everyone[*who], *act, *minute).await;
                self.marks.extend(mark);
            }
            Step::Void(which) if !self.marks.is_empty() => {
                let NewMark { event, person_id } = self.marks[which % self.marks.len()];
                append(self.ground, &self.session, person_id, Act::Void { event_id: event }, 60).await;
            }
            Step::Reject(which) => {
                let mut conn = self.ground.conn().await;
                let all = sightings::list(&mut conn, self.ground.organization, self.session.id, None, 999).await;
                let named: Vec<_> =
                    all.expect("a list").into_iter().filter(|found| found.sighting.person_id.is_some()).collect();
                drop(conn);
                if let Some(found) = named.get(which % named.len().max(1)) {
                    let person = found.sighting.person_id.expect("only those were kept");
                    let act = Act::Rejection { frame_id: found.frame_id, face_index: found.sighting.face_index };
                    self.marks.extend(append(self.ground, &self.session, person, act, 60).await);
                }
            }
            Step::Leave(who) => {
                let (organization, course) = (self.ground.organization, self.session.course_id);
                let mut conn = self.ground.conn().await;
                let leaving = &self.everyone[*who..=*who];
                rosters::remove(&mut conn, organization, course, leaving, at(1800)).await.expect("it is there");
                rosters::add(&mut conn, organization, course, leaving, at(5000)).await.expect("it is there");
            }
            Step::Again(_) | Step::Void(_) => {}
        }
    }

    async fn record(&self, header: &FrameHeader, result: &FrameResult) {
        match sightings::record(&mut *self.ground.conn().await, header, result, &resting()).await {
            Ok(_) | Err(StoreError::NotActive) => {}
            Err(error) => panic!("{error:?}"),
        }
    }

    /// What is stored is what follows from what is recorded, and the log ends with it.
    async fn check(&self, story: &str) {
        let mut conn = self.ground.conn().await;
        let (organization, session) = (self.ground.organization, self.session.id);
        let differences =
            transaction::run(&mut conn, async |tx| attendance::recompute(tx, organization, session, at(9999)).await)
                .await
                .expect("it can be reckoned");
        assert_eq!(differences, [], "{story}");
        let changes = attendance::changes(&mut conn, organization, session, 0, 999).await.expect("changes");
        assert!(changes.iter().map(|change| change.number).eq(1..=changes.len() as i64), "{story}");
        let mut told: BTreeMap<PersonId, _> = BTreeMap::new();
        for change in &changes {
            let before = told.insert(change.person_id, (change.to, change.is_present));
            assert_eq!(change.from, before.and_then(|(state, _)| state), "{story}: {changes:?}");
            assert_ne!(before, Some((change.to, change.is_present)), "{story}: {changes:?}");
        }
        for row in attendance::list(&mut conn, organization, session).await.expect("a list") {
            let stands = (row.state, row.state.is_some_and(AttendanceState::is_there) && row.checked_out_at.is_none());
            assert_eq!(told.get(&row.person_id).copied().unwrap_or_default(), stands, "{story}: {row:?} {changes:?}");
        }
    }
}

#[tokio::test]
async fn whatever_happens_in_whatever_order_is_stored_as_it_is_reckoned() {
    let ground = Ground::new().await;
    let (_, everyone) = class(&ground, PEOPLE).await;
    let mut runner = TestRunner::deterministic();
    for round in 0..40 {
        let mut draw = || (policies(), steps(), steps()).new_tree(&mut runner).expect("a story").current();
        let (policy, steps, afterwards) = draw();
        let course = course(&mut *ground.conn().await, ground.organization, &format!("C{round}")).await;
        rosters::add(&mut *ground.conn().await, ground.organization, course, &everyone, at(0)).await.expect("a roster");
        let session = begin(&ground, course, policy).await;
        let mut scene = Scene { ground: &ground, session, everyone: &everyone, frames: Vec::new(), marks: Vec::new() };
        let story = format!("round {round}: {policy:?} {steps:?}");
        for step in &steps {
            scene.take(step).await;
            scene.check(&format!("{story} after {step:?}")).await;
        }
        let (mut conn, id) = (ground.conn().await, scene.session.id);
        sessions::close(&mut conn, ground.organization, id, at(4200)).await.expect("it closes");
        drop(conn);
        scene.check(&format!("{story} closed")).await;
        for step in afterwards.iter().filter(|step| !matches!(step, Step::Leave(_))) {
            scene.take(step).await;
            scene.check(&format!("{story} closed, {afterwards:?} after {step:?}")).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn frames_and_marks_at_once_are_stored_as_if_one_followed_the_other() {
    let ground = Ground::new().await;
    let (course, everyone) = class(&ground, PEOPLE).await;
    for round in 0..8 {
        let mode = if round % 2 == 0 { AttendanceMode::Presence } else { AttendanceMode::CheckInOut };
        let session = begin(&ground, course, CoursePolicy { mode, ..CoursePolicy::default() }).await;
        let frames = join_all((0..4i64).map(async |n| {
            let mut order = everyone.clone();
            order.rotate_left(n as usize);
            let (header, result) = (frame(&session, at(n * 400)), seen(&order, at(n * 400)));
            sightings::record(&mut *ground.conn().await, &header, &result, &resting()).await.expect("recorded");
        }));
        let acts = [
            Act::CheckIn { method: CheckMethod::Qr },
            Act::Correction { state: AttendanceState::Excused },
            Act::CheckOut { method: CheckMethod::Pin },
        ];
        let marks = async {
            for (act, minute) in acts.into_iter().zip(1..) {
                let mark = append(&ground, &session, everyone[0], act, minute).await.expect("it is not void");
                if minute == 2 {
                    append(&ground, &session, everyone[0], Act::Void { event_id: mark.event }, 3).await;
                }
            }
        };
        let others = async {
            for person in everyone.iter().rev() {
                append(&ground, &session, *person, Act::CheckIn { method: CheckMethod::Manual }, 5).await;
            }
        };
        tokio::join!(frames, marks, others);
        let scene = Scene { ground: &ground, session, everyone: &everyone, frames: Vec::new(), marks: Vec::new() };
        scene.check(&format!("round {round}")).await;
    }
}

#[tokio::test]
async fn events_are_about_what_is_there_and_stay_as_they_are() {
    use diesel_async::SimpleAsyncConnection;
    let ground = Ground::new().await;
    let (course, everyone) = class(&ground, 2).await;
    let session = begin(&ground, course, CoursePolicy::default()).await;
    let mark = append(&ground, &session, everyone[0], Act::CheckIn { method: CheckMethod::Qr }, 1).await;
    let event_id = mark.expect("it is not void").event;
    let mut conn = ground.conn().await;
    let mut refused = async |person_id: PersonId, act: Act| {
        let new = NewAttendanceEvent {
            organization_id: ground.organization,
            session_id: session.id,
            person_id,
            act,
            reason: None,
            at: at(1),
            recorded_at: at(1),
            actor: AuditActor::Command,
        };
        transaction::run(&mut conn, async |tx| attendance_events::append(tx, &new).await).await.err()
    };
    let unknown = Act::Rejection { frame_id: Id::new(), face_index: 0 };
    for (person, act) in [
        (everyone[0], unknown),
        (everyone[1], Act::Void { event_id }),
        (everyone[0], Act::Void { event_id: Id::new() }),
        (Id::new(), Act::CheckIn { method: CheckMethod::Manual }),
    ] {
        let error = refused(person, act).await;
        assert!(matches!(error, Some(StoreError::NotFound)), "{act:?}: {error:?}");
    }
    for statement in
        ["UPDATE attendance_events SET reason = 'x'", "DELETE FROM attendance_events", "TRUNCATE attendance_events"]
    {
        let mut conn = ground.conn().await;
        assert!(conn.batch_execute(statement).await.is_err(), "{statement}");
    }
    // With the person they go.
    let mut conn = ground.conn().await;
    store::people::delete(&mut conn, ground.organization, everyone[0]).await.expect("it is there");
    let left = attendance_events::list(&mut conn, ground.organization, session.id, None).await.expect("a list");
    assert_eq!(left, []);
}
