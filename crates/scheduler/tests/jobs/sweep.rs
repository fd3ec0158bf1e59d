//! Enrollments that nobody is at work on.

use std::time::Duration;

use chrono::TimeDelta;
use domain::evidence::EvidencePolicy;
use domain::frame::FrameHeader;
use domain::geometry::FaceBox;
use domain::guided::{CaptureFailure, CaptureState};
use domain::id::Id;
use domain::lockout::LockoutPolicy;
use domain::sighting::{FrameResult, Outcome, Sighting, StageTimes};
use domain::user::{Login, Role, User};
use messaging::{Broker, ClassPhotoJob, EnrollmentJob, Namespace};
use scheduler::sweep::{Sweep, Swept};
use store::logins::NewRefreshToken;
use store::sightings::{FaceKeeping, record_with_faces};
use tokio_util::sync::CancellationToken;

use crate::fixtures::{Ground, contract, face, night};

const LIMIT: Duration = Duration::from_secs(30);

async fn broker(ground: &Ground) -> Broker {
    let namespace = Namespace::new(&ground.settings.deployment.namespace);
    let broker = Broker::connect(&ground.settings.broker, &namespace, ground.settings.frames.clone()).await.unwrap();
    broker.wait_until_ready(LIMIT).await.unwrap();
    broker
}

fn sweep(ground: &Ground, broker: &Broker) -> Sweep {
    let (pool, broker) = (store::connect(&ground.settings.database).unwrap(), broker.clone());
    let sealer = ground.sealer.clone();
    Sweep { pool, sealer, broker, every: Duration::from_secs(1), stuck_after: TimeDelta::minutes(5) }
}

#[tokio::test]
async fn exactly_the_stuck_ones_are_published_again() {
    let ground = Ground::new().await;
    let (one, other) = (ground.organization("One").await, ground.organization("Other").await);
    let now = night(0);
    let (long_ago, just_now) = (now - TimeDelta::minutes(6), now - TimeDelta::minutes(4));
    let (somebody, another) = (ground.person(one).await, ground.person(other).await);
    let stuck = [
        (one, ground.enrollment(one, somebody, long_ago).await),
        (other, ground.enrollment(other, another, long_ago).await),
    ];
    ground.enrollment(one, somebody, just_now).await;
    let finished = ground.enrollment(one, somebody, long_ago).await;
    ground.accept(one, finished, 0.0).await;

    let broker = broker(&ground).await;
    let sweep = sweep(&ground, &broker);
    assert_eq!(sweep.sweep(now).await.unwrap(), Swept { enrollments: 2, ..Swept::default() });
    assert_eq!(sweep.sweep(now).await.unwrap(), Swept::default(), "they count as published now");
    let mut consumer = broker.consume_enrollments(10);
    let mut published = Vec::new();
    for _ in 0..2 {
        let delivery = tokio::time::timeout(LIMIT, consumer.next()).await.expect("a job");
        published.push(delivery.payload.clone());
        delivery.ack().await.unwrap();
    }
    published.sort_by_key(|job| job.enrollment_id);
    assert_eq!(published, stuck.map(|(organization, enrollment)| EnrollmentJob::new(organization, enrollment)));
    assert_eq!(broker.depths().await.unwrap().enrollments, 0);
    assert_eq!(sweep.sweep(now + TimeDelta::minutes(6)).await.unwrap().enrollments, 3, "until they are finished");
}

#[tokio::test]
async fn class_photos_that_are_stuck_are_published_again_too() {
    let ground = Ground::new().await;
    let organization = ground.organization("School").await;
    let now = night(0);
    let session = ground.active_session(organization).await;
    let stuck = ground.class_photo(organization, session, now - TimeDelta::minutes(6)).await;
    ground.class_photo(organization, session, now - TimeDelta::minutes(4)).await;
    let finished = ground.class_photo(organization, session, now - TimeDelta::minutes(6)).await;
    store::class_photos::finish(&mut *ground.conn().await, organization, finished, Ok(()), now).await.unwrap();

    let broker = broker(&ground).await;
    let sweep = sweep(&ground, &broker);
    assert_eq!(sweep.sweep(now).await.unwrap(), Swept { class_photos: 1, ..Swept::default() });
    assert_eq!(sweep.sweep(now).await.unwrap(), Swept::default());
    let delivery = tokio::time::timeout(LIMIT, broker.consume_class_photos(1).next()).await.expect("a job");
    assert_eq!(delivery.payload, ClassPhotoJob::new(organization, stuck));
    assert_eq!(broker.depths().await.unwrap().photos, 0);
}

#[tokio::test]
async fn captures_that_nobody_finishes_are_ended_even_while_the_broker_is_away() {
    let ground = Ground::new().await;
    let organization = ground.organization("School").await;
    let person = ground.person(organization).await;
    let now = night(0);
    let mut past = Vec::new();
    for _ in 0..101 {
        past.push(ground.capture(organization, person, now - TimeDelta::seconds(1)).await);
    }
    let open = ground.capture(organization, person, now + TimeDelta::seconds(1)).await;
    // Something is stuck, too, and cannot be published.
    ground.enrollment(organization, person, now - TimeDelta::minutes(6)).await;
    let mut settings = ground.settings.broker.clone();
    settings.url = "amqp://guest:guest@127.0.0.1:1/%2f".into();
    let namespace = Namespace::new(&ground.settings.deployment.namespace);
    let away = Broker::connect(&settings, &namespace, ground.settings.frames.clone()).await.unwrap();
    assert!(sweep(&ground, &away).sweep(now).await.is_err());

    let mut conn = ground.conn().await;
    for id in past {
        let found = store::guided::find(&mut conn, organization, id).await.unwrap();
        assert_eq!((found.state, found.failure), (CaptureState::Failed, Some(CaptureFailure::Expired)));
    }
    assert_eq!(store::guided::find(&mut conn, organization, open).await.unwrap().state, CaptureState::Open);
}

#[tokio::test]
async fn what_only_logging_in_needed_is_forgotten() {
    let ground = Ground::new().await;
    let (mut conn, now) = (ground.conn().await, night(0));
    let user = User {
        id: Id::new(),
        organization_id: None,
        email: "admin@example.org".to_owned(),
        role: Role::Admin,
        person_id: None,
        created_at: now,
    };
    store::users::insert(&mut conn, &user, "hash").await.unwrap();
    let minutes = TimeDelta::minutes(15);
    let policy = LockoutPolicy { attempts: 5, window: minutes, lock: minutes };
    for (number, age) in [(1, TimeDelta::hours(25)), (2, TimeDelta::hours(23))] {
        let at = now - age;
        let login = Login { id: Id::new(), user_id: user.id, created_at: at };
        let token = NewRefreshToken { hash: [number; 32], created_at: at, expires_at: at + TimeDelta::hours(24) };
        store::logins::begin(&mut conn, &login, &token).await.unwrap();
        store::lockouts::fail(&mut conn, &[number; 32], &policy, at).await.unwrap();
        store::idempotency::begin(&mut conn, user.id, &number.to_string(), &[0; 32], at).await.unwrap();
    }
    let broker = broker(&ground).await;
    let sweep = sweep(&ground, &broker);
    assert_eq!(sweep.sweep(now).await.unwrap(), Swept { forgotten: 3, ..Swept::default() });
    assert_eq!(sweep.sweep(now).await.unwrap(), Swept::default());
    assert_eq!(sweep.sweep(now + TimeDelta::hours(2)).await.unwrap().forgotten, 3);
}

#[tokio::test]
async fn people_who_were_enrolled_before_there_were_pooled_templates_get_theirs() {
    let ground = Ground::new().await;
    let organization = ground.organization("School").await;
    for angle in [0.0, 1.0] {
        ground.enrolled(organization, angle).await;
    }
    ground.enrolled_unreadably(organization).await;
    ground.forget_pooled().await;
    let broker = broker(&ground).await;
    let (sweep, stop) = (sweep(&ground, &broker), CancellationToken::new());
    assert_eq!(sweep.pool_samples(night(0), &stop).await.unwrap(), 2, "what does not open is left");
    assert_eq!(sweep.pool_samples(night(0), &stop).await.unwrap(), 0);
    stop.cancel();
    ground.forget_pooled().await;
    assert_eq!(sweep.pool_samples(night(0), &stop).await.unwrap(), 0, "told to stop");
}

#[tokio::test]
async fn two_sweeps_at_once_share_them_out() {
    let ground = Ground::new().await;
    let organization = ground.organization("School").await;
    let person = ground.person(organization).await;
    let now = night(0);
    for _ in 0..120 {
        ground.enrollment(organization, person, now - TimeDelta::minutes(6)).await;
    }
    let broker = broker(&ground).await;
    let (one, two) = (sweep(&ground, &broker), sweep(&ground, &broker));
    let (first, second) = tokio::join!(one.sweep(now), two.sweep(now));
    assert_eq!(first.unwrap().enrollments + second.unwrap().enrollments, 120);
    assert_eq!(broker.depths().await.unwrap().enrollments, 120);
}

#[tokio::test]
async fn faces_beside_sightings_are_forgotten_when_their_time_is_over() {
    let ground = Ground::new().await;
    let organization = ground.organization("School").await;
    let (session, person) = (ground.active_session(organization).await, ground.person(organization).await);
    let mut conn = ground.conn().await;
    let course = store::sessions::find(&mut conn, organization, session).await.unwrap().course_id;
    store::rosters::add(&mut conn, organization, course, &[person], night(0)).await.unwrap();
    let header = FrameHeader {
        frame_id: Id::new(),
        organization_id: organization,
        session_id: session,
        course_id: course,
        camera_id: None,
        received_at: night(0),
    };
    let sighting = Sighting {
        face_index: 0,
        person_id: Some(person),
        outcome: Outcome::Present,
        similarity: Some(0.75),
        threshold: Some(0.5),
        false_match_rate: None,
        liveness: None,
        quality: None,
        detection_score: 1.0,
        face_box: FaceBox { x_min: 0.0, y_min: 0.0, x_max: 50.0, y_max: 50.0 },
    };
    let (times, sightings) = (StageTimes::default(), vec![sighting]);
    let result = FrameResult { contract: contract(), decided_at: night(0), times, sightings };
    let evidence = EvidencePolicy {
        wanted_false_match_rate: 1e-3,
        window: TimeDelta::seconds(10),
        spacing: TimeDelta::zero(),
        persistence: 0.5,
        cool_down: None,
    };
    let (sealer, faces, until) = (&ground.sealer, [(0, face(0.0))], night(0) + TimeDelta::days(30));
    let keeping = FaceKeeping { sealer, faces: &faces, until };
    record_with_faces(&mut conn, &header, &result, &evidence, keeping).await.unwrap();

    let broker = broker(&ground).await;
    let sweep = sweep(&ground, &broker);
    assert_eq!(sweep.sweep(until - TimeDelta::seconds(1)).await.unwrap(), Swept::default());
    assert_eq!(sweep.sweep(until).await.unwrap(), Swept { faces: 1, ..Swept::default() });
    assert_eq!(sweep.sweep(until).await.unwrap(), Swept::default());
}
