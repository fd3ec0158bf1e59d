//! What a session's policy makes of those who are seen.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::TimeDelta;
use diesel::connection::InstrumentationEvent;
use diesel_async::AsyncConnection;
use domain::attendance::{AttendanceState, ChangeCause};
use domain::evidence::EvidencePolicy;
use domain::id::PersonId;
use domain::policy::{AttendanceMode, CoursePolicy};
use domain::session::Session;
use domain::sighting::Outcome::{self, Already, OutsideHours, Present};
use store::{attendance, rosters, sessions, sightings};

use crate::fixtures::{Ground, at, class, evidence, frame, new_session, seen};

struct Scene {
    ground: Ground,
    session: Session,
    everyone: Vec<PersonId>,
}

async fn scene(policy: CoursePolicy, size: usize) -> Scene {
    let ground = Ground::new().await;
    let (course, everyone) = class(&ground, size).await;
    let new = Session { policy, ends_at: Some(at(3600)), ..new_session(ground.organization, course) };
    let mut conn = ground.conn().await;
    sessions::insert(&mut conn, &new).await.expect("a session");
    let session = sessions::start(&mut conn, ground.organization, new.id, at(-3600)).await.expect("it starts");
    drop(conn);
    Scene { ground, session, everyone }
}

fn resting(seconds: i64) -> EvidencePolicy {
    EvidencePolicy { cool_down: Some(TimeDelta::seconds(seconds)), ..evidence() }
}

impl Scene {
    /// The first person is seen at these seconds, and comes out as this.
    async fn check(&self, evidence: &EvidencePolicy, looks: &[(i64, Outcome)]) {
        for (second, expected) in looks {
            let (header, result) = (frame(&self.session, at(*second)), seen(&self.everyone[..1], at(*second)));
            let mut conn = self.ground.conn().await;
            let recorded = sightings::record(&mut conn, &header, &result, evidence).await.expect("recorded");
            assert_eq!(recorded.sightings[0].outcome, *expected, "at {second}");
        }
    }

    async fn states(&self) -> Vec<Option<AttendanceState>> {
        let mut conn = self.ground.conn().await;
        let list = attendance::list(&mut conn, self.ground.organization, self.session.id).await.expect("a list");
        list.into_iter().map(|row| row.state).collect()
    }

    async fn count(&self) -> usize {
        let mut conn = self.ground.conn().await;
        let all = sightings::list(&mut conn, self.ground.organization, self.session.id, None, 99).await;
        all.expect("a list").len()
    }
}

#[tokio::test]
async fn arrivals_count_from_the_opening_to_the_closing() {
    let policy = CoursePolicy {
        opens_minutes_before: Some(10),
        late_after_minutes: Some(5),
        closes_after_minutes: Some(20),
        ..CoursePolicy::default()
    };
    let early = scene(policy, 1).await;
    early.check(&resting(0), &[(-601, OutsideHours), (-602, OutsideHours)]).await;
    assert_eq!(early.states().await, [None]);
    early.check(&resting(0), &[(-600, Present), (-700, OutsideHours), (1200, Already), (3000, Already)]).await;
    assert_eq!(early.states().await, [Some(AttendanceState::Present)]);
    let late = scene(policy, 1).await;
    late.check(&resting(0), &[(1200, OutsideHours), (1199, Present), (1201, Already)]).await;
    assert_eq!(late.states().await, [Some(AttendanceState::Late)]);
}

#[tokio::test]
async fn the_course_decides_how_long_people_rest() {
    let shorter = scene(CoursePolicy { cool_down_seconds: Some(10), ..CoursePolicy::default() }, 1).await;
    shorter.check(&resting(60), &[(0, Present), (9, Already), (10, Already)]).await;
    assert_eq!(shorter.count().await, 2);
    let longer = scene(CoursePolicy { cool_down_seconds: Some(100), ..CoursePolicy::default() }, 1).await;
    longer.check(&resting(5), &[(0, Present), (99, Already)]).await;
    assert_eq!(longer.count().await, 1);
    let once = scene(CoursePolicy { once_per_session: true, ..CoursePolicy::default() }, 1).await;
    once.check(&resting(5), &[(0, Present), (99, Already), (3000, Already)]).await;
    assert_eq!(once.count().await, 1);
    // A class photo is recorded whole.
    once.check(&EvidencePolicy { cool_down: None, ..evidence() }, &[(3001, Already)]).await;
    assert_eq!(once.count().await, 2);
}

#[tokio::test]
async fn coming_and_going_is_followed_and_settled_at_the_close() {
    let policy = CoursePolicy {
        mode: AttendanceMode::CheckInOut,
        left_early_minutes: Some(10),
        cool_down_seconds: Some(60),
        ..CoursePolicy::default()
    };
    let scene = scene(policy, 2).await;
    scene.check(&resting(60), &[(0, Present), (59, Already), (600, Already)]).await;
    let (mut conn, of) = (scene.ground.conn().await, (scene.ground.organization, scene.session.id));
    let row = attendance::find(&mut conn, of.0, of.1, scene.everyone[0]).await.unwrap();
    assert_eq!((row.checked_out_at, row.stay_seconds), (Some(at(600)), 600));
    sessions::close(&mut conn, of.0, of.1, at(3600)).await.unwrap();
    assert_eq!(scene.states().await, [Some(AttendanceState::LeftEarly), Some(AttendanceState::Absent)]);
    let changes = attendance::changes(&mut conn, of.0, of.1, 0, 99).await.unwrap();
    let causes: Vec<_> = changes.iter().map(|change| (change.number, change.cause, change.is_present)).collect();
    let (seen, close) = (ChangeCause::Sighting, ChangeCause::Close);
    assert_eq!(causes, [(1, seen, true), (2, seen, false), (3, close, false), (4, close, false)]);
}

#[tokio::test]
async fn absent_is_who_was_on_the_roster_when_it_was_closed() {
    let scene = scene(CoursePolicy::default(), 3).await;
    let (organization, course) = (scene.ground.organization, scene.session.course_id);
    let mut conn = scene.ground.conn().await;
    rosters::remove(&mut conn, organization, course, &scene.everyone[..1], at(100)).await.unwrap();
    sessions::close(&mut conn, organization, scene.session.id, at(200)).await.unwrap();
    rosters::add(&mut conn, organization, course, &scene.everyone[..1], at(300)).await.unwrap();
    rosters::remove(&mut conn, organization, course, &scene.everyone[1..2], at(300)).await.unwrap();
    let absent = Some(AttendanceState::Absent);
    assert_eq!(scene.states().await, [None, absent, absent]);
}

/// How often the database is asked to record the first person.
async fn questions(scene: &Scene, second: i64) -> usize {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let mut conn = scene.ground.conn().await;
    conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { .. } = event {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    });
    let (header, result) = (frame(&scene.session, at(second)), seen(&scene.everyone, at(second)));
    sightings::record(&mut conn, &header, &result, &resting(0)).await.expect("recorded");
    asked.load(Ordering::Relaxed)
}

#[tokio::test]
async fn one_more_question_is_asked_for_whoever_is_newly_marked_and_none_for_others() {
    let scene = scene(CoursePolicy::default(), 3).await;
    // What was prepared once is not counted.
    questions(&scene, 0).await;
    let again = questions(&scene, 1).await;
    let new = Scene { session: begin_another(&scene).await, ..scene };
    assert_eq!((questions(&new, 0).await, questions(&new, 1).await), (again + 1, again));
}

async fn begin_another(scene: &Scene) -> Session {
    let new = new_session(scene.ground.organization, scene.session.course_id);
    let mut conn = scene.ground.conn().await;
    sessions::insert(&mut conn, &new).await.expect("a session");
    sessions::start(&mut conn, scene.ground.organization, new.id, at(0)).await.expect("it starts")
}
