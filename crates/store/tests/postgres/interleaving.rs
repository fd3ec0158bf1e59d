//! One transaction begins, another follows before it ends: the orders that chance finds too rarely.

use std::cell::Cell;

use diesel::sql_types::BigInt;
use diesel_async::{AsyncConnection, RunQueryDsl, SimpleAsyncConnection};
use domain::attendance::AttendanceState;
use domain::consent::{Consent, ConsentPurpose};
use domain::enrollment::Gallery;
use domain::id::Id;
use domain::person::ConsentState;
use domain::sighting::Outcome;
use store::enrollments::Judged;
use store::{Conn, StoreError, attendance, consents, enrollments, people, rosters, sessions, sightings};

use crate::fixtures::{
    Ground, accept, accepted, active_session, at, class, contract, course, enroll, enrollment, evidence, face, frame,
    roster, seen,
};

/// Runs `first` in a transaction that is committed only when `second` waits for a lock, or is done without waiting.
async fn while_open<T>(ground: &Ground, first: impl AsyncFnOnce(&mut Conn), second: impl Future<Output = T>) -> T {
    let mut conn = ground.conn().await;
    conn.begin_test_transaction().await.expect("a transaction");
    first(&mut conn).await;
    let is_done = Cell::new(false);
    let committing = async {
        while !is_done.get() && !somebody_waits(ground).await {
            tokio::task::yield_now().await;
        }
        conn.batch_execute("COMMIT").await.expect("a commit");
    };
    let following = async {
        let answer = second.await;
        is_done.set(true);
        answer
    };
    tokio::join!(committing, following).1
}

async fn somebody_waits(ground: &Ground) -> bool {
    #[derive(diesel::QueryableByName)]
    struct Waiting {
        #[diesel(sql_type = BigInt)]
        waiting: i64,
    }
    let query = "SELECT count(*) AS waiting FROM pg_stat_activity \
                 WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let found: Waiting = diesel::sql_query(query).get_result(&mut *ground.conn().await).await.expect("a count");
    found.waiting > 0
}

#[tokio::test]
async fn a_frame_that_arrives_while_the_session_closes_marks_nobody() {
    let ground = Ground::new().await;
    let (course, everyone) = class(&ground, 1).await;
    let session = active_session(&mut *ground.conn().await, ground.organization, course).await;
    let closing = async |conn: &mut Conn| {
        sessions::close(conn, ground.organization, session.id, at(60)).await.expect("a closed session");
    };
    let (header, result) = (frame(&session, at(50)), seen(&everyone, at(51)));
    let recorded = while_open(&ground, closing, async {
        sightings::record(&mut *ground.conn().await, &header, &result, &evidence()).await
    });
    assert!(matches!(recorded.await, Err(StoreError::NotActive)));
    let list = attendance::list(&mut *ground.conn().await, ground.organization, session.id).await.unwrap();
    assert_eq!(list[0].state, Some(AttendanceState::Absent));
}

#[tokio::test]
async fn a_session_that_closes_while_a_frame_is_recorded_leaves_its_people_present() {
    let ground = Ground::new().await;
    let (course, everyone) = class(&ground, 2).await;
    let session = active_session(&mut *ground.conn().await, ground.organization, course).await;
    let recording = async |conn: &mut Conn| {
        let result = seen(&everyone[..1], at(51));
        sightings::record(conn, &frame(&session, at(50)), &result, &evidence()).await.expect("a recorded frame");
    };
    let closed = while_open(&ground, recording, async {
        sessions::close(&mut *ground.conn().await, ground.organization, session.id, at(60)).await
    });
    closed.await.unwrap();
    let list = attendance::list(&mut *ground.conn().await, ground.organization, session.id).await.unwrap();
    let states: Vec<_> = list.iter().map(|a| a.state).collect();
    assert_eq!(states, [Some(AttendanceState::Present), Some(AttendanceState::Absent)]);
}

#[tokio::test]
async fn a_session_closes_while_somebody_is_deleted() {
    let ground = Ground::new().await;
    let (course, everyone) = class(&ground, 2).await;
    let session = active_session(&mut *ground.conn().await, ground.organization, course).await;
    let deleting = async |conn: &mut Conn| {
        people::delete(conn, ground.organization, everyone[0]).await.expect("a deletion");
    };
    let closed = while_open(&ground, deleting, async {
        sessions::close(&mut *ground.conn().await, ground.organization, session.id, at(60)).await
    });
    closed.await.unwrap();
    let list = attendance::list(&mut *ground.conn().await, ground.organization, session.id).await.unwrap();
    assert_eq!(list.iter().map(|a| a.person_id).collect::<Vec<_>>(), everyone[1..]);
}

#[tokio::test]
async fn a_session_is_closed_by_one_of_two() {
    let ground = Ground::new().await;
    let (course, _) = class(&ground, 1).await;
    let session = active_session(&mut *ground.conn().await, ground.organization, course).await;
    let closing = async |conn: &mut Conn| {
        sessions::close(conn, ground.organization, session.id, at(60)).await.expect("a closed session");
    };
    let second = while_open(&ground, closing, async {
        sessions::close(&mut *ground.conn().await, ground.organization, session.id, at(61)).await
    });
    assert!(matches!(second.await, Err(StoreError::Conflict { what: "state" })));
    let found = sessions::find(&mut *ground.conn().await, ground.organization, session.id).await.unwrap();
    assert_eq!(found.closed_at, Some(at(60)));
}

#[tokio::test]
async fn somebody_who_is_being_deleted_is_not_marked() {
    let ground = Ground::new().await;
    let (course, everyone) = class(&ground, 2).await;
    let session = active_session(&mut *ground.conn().await, ground.organization, course).await;
    let deleting = async |conn: &mut Conn| {
        people::delete(conn, ground.organization, everyone[0]).await.expect("a deletion");
    };
    let (header, result) = (frame(&session, at(50)), seen(&everyone, at(51)));
    let recorded = while_open(&ground, deleting, async {
        sightings::record(&mut *ground.conn().await, &header, &result, &evidence()).await
    });
    let outcomes: Vec<_> = recorded.await.unwrap().sightings.iter().map(|s| s.outcome).collect();
    assert_eq!(outcomes, [Outcome::Unknown, Outcome::Present]);
}

#[tokio::test]
async fn somebody_whose_consent_is_being_withdrawn_is_not_named() {
    let ground = Ground::new().await;
    let (course, everyone) = class(&ground, 1).await;
    enroll(&ground, everyone[0], 1).await;
    let session = active_session(&mut *ground.conn().await, ground.organization, course).await;
    let withdrawn = Consent {
        id: Id::new(),
        organization_id: ground.organization,
        person_id: everyone[0],
        purpose: ConsentPurpose::FaceRecognition,
        state: ConsentState::Withdrawn,
        version: None,
        at: at(49),
        recorded_at: at(49),
        guardian: None,
        recorded_by: None,
    };
    let withdrawing = async |conn: &mut Conn| {
        consents::record(conn, &withdrawn).await.expect("a withdrawal");
    };
    let (header, result) = (frame(&session, at(50)), seen(&everyone, at(51)));
    let recorded = while_open(&ground, withdrawing, async {
        sightings::record(&mut *ground.conn().await, &header, &result, &evidence()).await
    });
    let found: Vec<_> = recorded.await.unwrap().sightings.iter().map(|s| (s.person_id, s.outcome)).collect();
    assert_eq!(found, [(None, Outcome::Unknown)]);
}

#[tokio::test]
async fn whoever_joins_a_course_while_being_enrolled_is_on_a_roster_with_the_template() {
    let ground = Ground::new().await;
    let (_, everyone) = class(&ground, 1).await;
    let joined = course(&mut *ground.conn().await, ground.organization, "B").await;
    let id = enrollment(&ground, everyone[0], 1).await;
    let joining = async |conn: &mut Conn| {
        let version = rosters::add(conn, ground.organization, joined, &everyone, at(0)).await;
        assert_eq!(version.expect("a roster"), 2);
    };
    let finished = while_open(&ground, joining, accept(&ground, id)).await.unwrap();
    assert!(finished.bumped.contains(&(joined, 3)), "{:?}", finished.bumped);

    // A worker that has loaded version 2 sees that there is a newer one, which holds the template.
    let roster = roster(&ground, joined, Gallery::Samples).await;
    assert_eq!((roster.version, roster.templates.len()), (3, 1));
}

#[tokio::test]
async fn an_enrollment_finished_by_two_workers_makes_its_templates_once() {
    let ground = Ground::new().await;
    let (course, everyone) = class(&ground, 1).await;
    let id = enrollment(&ground, everyone[0], 1).await;
    let found = enrollments::find(&mut *ground.conn().await, ground.organization, id).await.unwrap();
    let verdict = accepted(face(0.0));
    let verdicts = [(found.photos[0].id, verdict)];
    let finishing = async |conn: &mut Conn| {
        let judged = Judged { contract: &contract(), verdicts: &verdicts, duplicate: None };
        let finish = enrollments::finish(conn, &ground.sealer, ground.organization, id, &judged, at(60)).await;
        assert!(!finish.expect("a finished enrollment").already);
    };
    let second = while_open(&ground, finishing, accept(&ground, id)).await.unwrap();
    assert_eq!((second.already, second.bumped, second.template_revision), (true, vec![(course, 3)], 2));
}
