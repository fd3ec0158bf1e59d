//! Guided captures, frame by frame.

use chrono::{DateTime, TimeDelta, Utc};
use domain::enrollment::EnrollmentState;
use domain::geometry::Point;
use domain::guided::{
    Advice, CaptureFailure, CaptureState, GuidedCapture, MAX_LOOKS, MAX_STRIKES, Step, TakenPose, poses,
};
use domain::id::{Id, PersonId};
use futures_util::future::join_all;
use store::{StoreError, enrollments, guided, people};

use crate::fixtures::{Ground, at, class, face, stored_bytes};

async fn scene() -> (Ground, PersonId) {
    let ground = Ground::new().await;
    let (_, everyone) = class(&ground, 1).await;
    (ground, everyone[0])
}

fn new_capture(ground: &Ground, person: PersonId) -> GuidedCapture {
    GuidedCapture {
        id: Id::new(),
        organization_id: ground.organization,
        person_id: person,
        state: CaptureState::Open,
        poses: poses(true),
        taken: 0,
        looks: 0,
        strikes: 0,
        advice: None,
        failure: None,
        enrollment_id: None,
        created_at: at(0),
        expires_at: at(180),
    }
}

async fn begin(ground: &Ground, new: GuidedCapture) -> GuidedCapture {
    guided::insert(&mut *ground.conn().await, &new).await.expect("a capture");
    new
}

fn pose(number: usize) -> (TakenPose, Vec<u8>) {
    let number = number as f32;
    let landmarks = [0.0, 1.0, 2.0, 3.0, 4.0].map(|n: f32| Point { x: n + number, y: n * 2.0 - number });
    (TakenPose { landmarks, embedding: face(number / 10.0) }, format!("the picture of pose {number}").into_bytes())
}

async fn step_at(
    ground: &Ground,
    capture: &GuidedCapture,
    position: usize,
    step: Step,
    now: DateTime<Utc>,
) -> Result<GuidedCapture, StoreError> {
    let taken = (step == Step::Take).then(|| pose(position));
    let (mut conn, sealer) = (ground.conn().await, &ground.sealer);
    guided::step(&mut conn, sealer, ground.organization, capture.id, position, step, taken, now).await
}

async fn step(ground: &Ground, capture: &GuidedCapture, position: usize, step: Step) -> GuidedCapture {
    let stepped = step_at(ground, capture, position, step, at(10)).await.expect("a step");
    let found = guided::find(&mut *ground.conn().await, ground.organization, capture.id).await.expect("the capture");
    assert_eq!(found, stepped, "what is answered is what is stored");
    stepped
}

async fn load(ground: &Ground, capture: &GuidedCapture) -> (GuidedCapture, Vec<TakenPose>) {
    let loaded = guided::load(&mut *ground.conn().await, &ground.sealer, ground.organization, capture.id).await;
    loaded.expect("a database").expect("the capture")
}

#[tokio::test]
async fn three_poses_make_an_enrollment_of_their_pictures() {
    let (ground, person) = scene().await;
    let capture = begin(&ground, new_capture(&ground, person)).await;
    assert_eq!(load(&ground, &capture).await, (capture.clone(), Vec::new()));
    for position in 0..2 {
        let stepped = step(&ground, &capture, position, Step::Take).await;
        assert_eq!((stepped.state, stepped.taken), (CaptureState::Open, position + 1));
        assert_eq!((stepped.looks, stepped.advice), (position as i32 + 1, Some(Advice::NextPose)));
        let (found, taken) = load(&ground, &capture).await;
        assert_eq!(found, stepped);
        assert_eq!(
            taken.iter().map(|pose| pose.landmarks).collect::<Vec<_>>(),
            [pose(0), pose(1)][..=position].iter().map(|(pose, _)| pose.landmarks).collect::<Vec<_>>()
        );
        assert!(taken.iter().zip(0..).all(|(taken, n)| taken.embedding.similarity(&pose(n).0.embedding) > 0.999_999));
    }
    let mut conn = ground.conn().await;
    let theirs = store::keys::of_person(&mut conn, &ground.sealer, ground.organization, capture.person_id).await;
    let theirs = theirs.expect("a key");
    for column in ["image", "embedding"] {
        let query = format!("SELECT {column} AS bytes FROM guided_poses WHERE capture_id = $1 AND position = 0");
        let sealed = stored_bytes(&ground, &query, capture.id.uuid()).await.expect("it is there");
        assert!(theirs.open(capture.id.uuid(), &sealed).is_err(), "sealed for this part of this pose only");
        assert!(!sealed.windows(8).any(|window| window == &pose(0).1[..8]));
    }

    let done = step(&ground, &capture, 2, Step::Take).await;
    assert_eq!((done.state, done.taken, done.looks), (CaptureState::Completed, 3, 3));
    assert_eq!((done.wanted(), done.advice, done.failure), (None, None, None));
    assert_eq!(load(&ground, &capture).await, (done.clone(), Vec::new()), "no pose is left");
    let id = done.enrollment_id.expect("an enrollment");
    let mut conn = ground.conn().await;
    let job = enrollments::load_job(&mut conn, &ground.sealer, ground.organization, id).await.unwrap().expect("a job");
    assert_eq!((job.enrollment.person_id, job.enrollment.state), (person, EnrollmentState::Pending));
    let names: Vec<&str> = job.enrollment.photos.iter().map(|photo| photo.file_name.as_str()).collect();
    assert_eq!(names, ["centre.jpg", "left.jpg", "right.jpg"]);
    let images: Vec<Vec<u8>> = job.images.into_iter().map(|(_, image)| image).collect();
    assert_eq!(images, [pose(0).1, pose(1).1, pose(2).1]);

    // What comes later changes nothing.
    for late in [Step::Take, Step::Wait(Advice::MoreLight), Step::Strike(CaptureFailure::NotSamePerson)] {
        assert_eq!(step_at(&ground, &capture, 2, late, at(999)).await.unwrap(), done);
    }
}

#[tokio::test]
async fn what_was_judged_before_another_pose_was_taken_only_counts() {
    let (ground, person) = scene().await;
    let capture = begin(&ground, new_capture(&ground, person)).await;
    let stepped = step(&ground, &capture, 0, Step::Wait(Advice::ComeCloser)).await;
    assert_eq!((stepped.advice, stepped.looks), (Some(Advice::ComeCloser), 1));
    step(&ground, &capture, 0, Step::Take).await;
    for late in [Step::Take, Step::Wait(Advice::LookAhead)] {
        let stepped = step(&ground, &capture, 0, late).await;
        assert_eq!((stepped.taken, stepped.advice), (1, Some(Advice::NextPose)));
    }
    let stepped = step(&ground, &capture, 5, Step::Take).await;
    assert_eq!((stepped.taken, stepped.looks), (1, 5), "nor does one from the future");
}

#[tokio::test]
async fn what_speaks_against_it_fails_it_and_leaves_no_pose() {
    let (ground, person) = scene().await;
    let capture = begin(&ground, new_capture(&ground, person)).await;
    step(&ground, &capture, 0, Step::Take).await;
    for strikes in 1..MAX_STRIKES {
        // Also one that was judged against fewer poses.
        let stepped = step(&ground, &capture, 0, Step::Strike(CaptureFailure::SpoofSuspected)).await;
        assert_eq!((stepped.state, stepped.strikes, stepped.taken), (CaptureState::Open, strikes, 1));
        assert_eq!(stepped.advice, Some(Advice::TurnLeft), "what is wanted");
    }
    let failed = step(&ground, &capture, 1, Step::Strike(CaptureFailure::NotSamePerson)).await;
    assert_eq!((failed.state, failed.failure), (CaptureState::Failed, Some(CaptureFailure::NotSamePerson)));
    assert_eq!((failed.taken, failed.advice, failed.enrollment_id), (0, None, None));
    assert_eq!(load(&ground, &capture).await, (failed, Vec::new()));
    let listed = enrollments::list(&mut *ground.conn().await, ground.organization, None, None, 9).await.unwrap();
    assert_eq!(listed, []);
}

#[tokio::test]
async fn the_last_frame_may_still_complete_it_but_there_is_none_after() {
    let (ground, person) = scene().await;
    let nearly = GuidedCapture { looks: MAX_LOOKS - 2, ..new_capture(&ground, person) };
    let capture = begin(&ground, nearly.clone()).await;
    assert_eq!(step(&ground, &capture, 0, Step::Wait(Advice::MoreLight)).await.state, CaptureState::Open);
    let failed = step(&ground, &capture, 0, Step::Take).await;
    assert_eq!((failed.state, failed.failure), (CaptureState::Failed, Some(CaptureFailure::TooManyTries)));
    assert_eq!(load(&ground, &capture).await.1, Vec::new());

    let in_time = GuidedCapture { id: Id::new(), looks: MAX_LOOKS - 3, ..nearly };
    let capture = begin(&ground, in_time).await;
    for position in 0..3 {
        step(&ground, &capture, position, Step::Take).await;
    }
    let (done, _) = load(&ground, &capture).await;
    assert_eq!((done.state, done.looks), (CaptureState::Completed, MAX_LOOKS));
}

#[tokio::test]
async fn past_its_time_it_fails_by_its_next_frame_or_by_the_sweep() {
    let (ground, person) = scene().await;
    let (first, second) = (new_capture(&ground, person), new_capture(&ground, person));
    let (first, second) = (begin(&ground, first).await, begin(&ground, second).await);
    let later = GuidedCapture { expires_at: at(300), ..new_capture(&ground, person) };
    let later = begin(&ground, later).await;
    step(&ground, &first, 0, Step::Take).await;
    step(&ground, &second, 0, Step::Take).await;
    assert_eq!(step_at(&ground, &first, 1, Step::Take, at(180)).await.unwrap().taken, 2, "just in time");
    let failed = step_at(&ground, &first, 2, Step::Take, at(180) + TimeDelta::microseconds(1)).await.unwrap();
    assert_eq!((failed.state, failed.failure), (CaptureState::Failed, Some(CaptureFailure::Expired)));

    let mut conn = ground.conn().await;
    assert_eq!(guided::expire(&mut conn, at(180), 9).await.unwrap(), []);
    assert_eq!(guided::expire(&mut conn, at(181), 9).await.unwrap(), [second.id]);
    assert_eq!(guided::expire(&mut conn, at(181), 9).await.unwrap(), []);
    let (found, taken) = load(&ground, &second).await;
    assert_eq!((found.state, found.failure), (CaptureState::Failed, Some(CaptureFailure::Expired)));
    assert_eq!((found.advice, taken), (None, Vec::new()));
    assert_eq!(load(&ground, &later).await.0, later);
    let more = begin(&ground, GuidedCapture { expires_at: at(299), ..new_capture(&ground, person) }).await;
    assert_eq!(guided::expire(&mut conn, at(400), 1).await.unwrap(), [more.id], "oldest first");
    assert_eq!(guided::expire(&mut conn, at(400), 1).await.unwrap(), [later.id]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn workers_at_once_take_each_pose_once_and_make_one_enrollment() {
    let (ground, person) = scene().await;
    for round in 1..=5 {
        let capture = begin(&ground, new_capture(&ground, person)).await;
        for position in 0..3 {
            let steps = (0..4).map(|_| step_at(&ground, &capture, position, Step::Take, at(10)));
            let stepped: Vec<GuidedCapture> = join_all(steps).await.into_iter().map(Result::unwrap).collect();
            assert!(stepped.iter().all(|capture| capture.taken == position + 1), "{stepped:?}");
        }
        let (done, taken) = load(&ground, &capture).await;
        assert_eq!((done.state, taken), (CaptureState::Completed, Vec::new()));
        let mut conn = ground.conn().await;
        let made = enrollments::list(&mut conn, ground.organization, None, None, 99).await.unwrap();
        assert_eq!(made.len(), round, "one of each capture");
        assert!(made.iter().any(|enrollment| Some(enrollment.id) == done.enrollment_id));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn steps_expiry_and_deletion_of_the_person_do_not_deadlock() {
    let ground = Ground::new().await;
    let (_, everyone) = class(&ground, 6).await;
    for person in everyone {
        let mut open = Vec::new();
        for _ in 0..3 {
            let capture = begin(&ground, new_capture(&ground, person)).await;
            step(&ground, &capture, 0, Step::Take).await;
            step(&ground, &capture, 1, Step::Take).await;
            open.push(capture);
        }
        let stepping =
            join_all(open.iter().map(async |capture| match step_at(&ground, capture, 2, Step::Take, at(10)).await {
                Ok(_) | Err(StoreError::NotFound) => {}
                Err(error) => panic!("{error:?}"),
            }));
        let deleting = async { people::delete(&mut *ground.conn().await, ground.organization, person).await.unwrap() };
        let expiring = async { guided::expire(&mut *ground.conn().await, at(200), 9).await.unwrap() };
        tokio::join!(stepping, deleting, expiring);
        for capture in open {
            let loaded = guided::load(&mut *ground.conn().await, &ground.sealer, ground.organization, capture.id).await;
            assert!(loaded.unwrap().is_none(), "gone with its person");
        }
    }
    let left = enrollments::list(&mut *ground.conn().await, ground.organization, None, None, 9).await.unwrap();
    assert_eq!(left, []);
}

#[tokio::test]
async fn a_pose_that_is_not_there_changes_nothing_and_nobody_steps_from_elsewhere() {
    let (ground, person) = scene().await;
    let capture = begin(&ground, new_capture(&ground, person)).await;
    let (mut conn, sealer) = (ground.conn().await, &ground.sealer);
    let stepped = guided::step(&mut conn, sealer, ground.organization, capture.id, 0, Step::Take, None, at(10)).await;
    assert!(matches!(stepped, Err(StoreError::Corrupt { .. })));
    assert_eq!(load(&ground, &capture).await.0, capture);

    let elsewhere = ground.another("Elsewhere").await;
    let foreign = step_at(&elsewhere, &capture, 0, Step::Wait(Advice::MoreLight), at(10)).await;
    assert!(matches!(foreign, Err(StoreError::NotFound)));
    let found = guided::find(&mut conn, elsewhere.organization, capture.id).await;
    assert!(matches!(found, Err(StoreError::NotFound)));
    assert_eq!(guided::load(&mut conn, sealer, elsewhere.organization, capture.id).await.unwrap(), None);
    let stolen = GuidedCapture { organization_id: elsewhere.organization, ..new_capture(&ground, person) };
    assert!(matches!(guided::insert(&mut conn, &stolen).await, Err(StoreError::NotFound)));
}
