//! Class photos: pending, then completed or failed, and their pictures gone.

use chrono::TimeDelta;
use domain::class_photo::{ClassPhoto, ClassPhotoFailure, ClassPhotoState};
use domain::id::{ClassPhotoId, Id, SessionId};
use domain::organization::RecognitionPolicy;
use domain::session::Session;
use futures_util::future::join_all;
use store::class_photos::{self, NewClassPhoto};
use store::{StoreError, organizations, sessions};

use crate::fixtures::{Ground, active_session, at, class, new_session, stored_bytes};

const JPEG: &[u8] = b"a picture of everybody, which is long enough to be recognised";

async fn scene() -> (Ground, Session) {
    let ground = Ground::new().await;
    let (course, _) = class(&ground, 1).await;
    let session = active_session(&mut *ground.conn().await, ground.organization, course).await;
    (ground, session)
}

fn new_photo(ground: &Ground, session: SessionId) -> NewClassPhoto {
    NewClassPhoto {
        id: Id::new(),
        organization_id: ground.organization,
        session_id: session,
        file_name: "class.jpg".to_owned(),
        image: JPEG.to_vec(),
        annotate: true,
    }
}

async fn photo(ground: &Ground, session: SessionId) -> ClassPhoto {
    let new = new_photo(ground, session);
    class_photos::insert(&mut *ground.conn().await, &ground.sealer, new, at(1)).await.expect("a class photo")
}

/// The picture as it lies in the database.
async fn image(ground: &Ground, id: ClassPhotoId) -> Option<Vec<u8>> {
    stored_bytes(ground, "SELECT image AS bytes FROM class_photos WHERE id = $1", id.uuid()).await
}

async fn finish(
    ground: &Ground,
    id: ClassPhotoId,
    outcome: Result<(), ClassPhotoFailure>,
) -> Result<ClassPhoto, StoreError> {
    class_photos::finish(&mut *ground.conn().await, ground.organization, id, outcome, at(9)).await
}

#[tokio::test]
async fn a_photo_waits_sealed_and_loses_its_picture_when_it_is_looked_at() {
    let (ground, session) = scene().await;
    let mut conn = ground.conn().await;
    let made = photo(&ground, session.id).await;
    assert_eq!((made.state, made.created_at, made.finished_at), (ClassPhotoState::Pending, at(1), None));
    assert_eq!(class_photos::find(&mut conn, ground.organization, made.id).await.unwrap(), made);
    let sealed = image(&ground, made.id).await.expect("a picture");
    assert!(!sealed.windows(16).any(|window| window == &JPEG[..16]), "nothing of it can be read");

    let load = class_photos::load_job(&mut conn, &ground.sealer, ground.organization, made.id).await;
    let job = load.unwrap().expect("a job");
    assert_eq!((&job.photo, job.course_id, job.image.as_deref()), (&made, session.course_id, Some(JPEG)));
    let missing = class_photos::load_job(&mut conn, &ground.sealer, ground.organization, Id::new()).await;
    assert!(missing.unwrap().is_none());

    let done = finish(&ground, made.id, Ok(())).await.unwrap();
    let expected = ClassPhoto { state: ClassPhotoState::Completed, finished_at: Some(at(9)), ..made.clone() };
    assert_eq!(done, expected);
    assert_eq!(image(&ground, made.id).await, None);
    // The job is delivered again, and even fails this time.
    assert_eq!(finish(&ground, made.id, Err(ClassPhotoFailure::FaceNotFound)).await.unwrap(), expected);
    assert_eq!(class_photos::find(&mut conn, ground.organization, made.id).await.unwrap(), expected);
    let load = class_photos::load_job(&mut conn, &ground.sealer, ground.organization, made.id).await;
    assert_eq!(load.unwrap().expect("a job").image, None);
    assert!(matches!(finish(&ground, Id::new(), Ok(())).await, Err(StoreError::NotFound)));
}

#[tokio::test]
async fn only_completed_photos_are_retained_and_only_where_the_policy_says_so() {
    let (ground, session) = scene().await;
    let policy = RecognitionPolicy { retain_photos: true, ..RecognitionPolicy::default() };
    organizations::set_policy(&mut *ground.conn().await, ground.organization, &policy).await.unwrap();
    let kept = photo(&ground, session.id).await.id;
    finish(&ground, kept, Ok(())).await.unwrap();
    let load = class_photos::load_job(&mut *ground.conn().await, &ground.sealer, ground.organization, kept).await;
    assert_eq!(load.unwrap().expect("a job").image.as_deref(), Some(JPEG));
    for failure in [
        ClassPhotoFailure::ImageDamaged,
        ClassPhotoFailure::FaceNotFound,
        ClassPhotoFailure::SessionNotActive,
        ClassPhotoFailure::ContractMismatch,
    ] {
        let failed = photo(&ground, session.id).await.id;
        let found = finish(&ground, failed, Err(failure)).await.unwrap();
        assert_eq!((found.state, found.failure), (ClassPhotoState::Failed, Some(failure)));
        assert_eq!(class_photos::find(&mut *ground.conn().await, ground.organization, failed).await.unwrap(), found);
        assert_eq!(image(&ground, failed).await, None);
    }
}

#[tokio::test]
async fn only_an_active_session_takes_a_photo() {
    let (ground, session) = scene().await;
    let mut conn = ground.conn().await;
    let scheduled = new_session(ground.organization, session.course_id);
    sessions::insert(&mut conn, &scheduled).await.unwrap();
    sessions::close(&mut conn, ground.organization, session.id, at(5)).await.unwrap();
    for id in [scheduled.id, session.id] {
        let made = class_photos::insert(&mut conn, &ground.sealer, new_photo(&ground, id), at(6)).await;
        assert!(matches!(made, Err(StoreError::NotActive)), "{made:?}");
    }
    let made = class_photos::insert(&mut conn, &ground.sealer, new_photo(&ground, Id::new()), at(6)).await;
    assert!(matches!(made, Err(StoreError::NotFound)));
    let listed = class_photos::list(&mut conn, ground.organization, session.id, None, 9).await.unwrap();
    assert_eq!(listed, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn workers_at_once_end_a_photo_once() {
    let (ground, session) = scene().await;
    for _ in 0..5 {
        let id = photo(&ground, session.id).await.id;
        let outcomes = [Ok(()), Err(ClassPhotoFailure::FaceNotFound), Ok(()), Err(ClassPhotoFailure::ImageDamaged)];
        let ended = join_all(outcomes.map(|outcome| finish(&ground, id, outcome))).await;
        let ended: Vec<ClassPhoto> = ended.into_iter().map(Result::unwrap).collect();
        assert!(ended.iter().all(|photo| *photo == ended[0]), "{ended:?}");
        assert_eq!(image(&ground, id).await, None);
    }
}

#[tokio::test]
async fn photos_are_listed_in_pages_and_stuck_ones_handed_out_once() {
    let (ground, session) = scene().await;
    let mut conn = ground.conn().await;
    let mut made = Vec::new();
    for _ in 0..3 {
        made.push(photo(&ground, session.id).await);
    }
    let page = class_photos::list(&mut conn, ground.organization, session.id, None, 2).await.unwrap();
    assert_eq!(page, made[..2]);
    let after = Some(made[1].id.uuid());
    assert_eq!(class_photos::list(&mut conn, ground.organization, session.id, after, 2).await.unwrap(), made[2..]);

    finish(&ground, made[0].id, Ok(())).await.unwrap();
    let waiting: Vec<_> = made[1..].iter().map(|photo| (ground.organization, photo.id)).collect();
    assert_eq!(class_photos::stuck(&mut conn, at(1), at(30), 10).await.unwrap(), [], "all are young");
    assert_eq!(class_photos::stuck(&mut conn, at(2), at(30), 1).await.unwrap(), waiting[..1]);
    assert_eq!(class_photos::stuck(&mut conn, at(2), at(30), 9).await.unwrap(), waiting[1..]);
    assert_eq!(class_photos::stuck(&mut conn, at(2), at(30), 9).await.unwrap(), []);
    assert_eq!(class_photos::stuck(&mut conn, at(31), at(60), 9).await.unwrap(), waiting);
}

#[tokio::test]
async fn what_is_answered_is_what_is_read_back_whatever_the_clock_says() {
    let (ground, session) = scene().await;
    let mut conn = ground.conn().await;
    let precise = at(1) + TimeDelta::nanoseconds(123_456_789);
    let new = new_photo(&ground, session.id);
    let made = class_photos::insert(&mut conn, &ground.sealer, new, precise).await.unwrap();
    assert_eq!(class_photos::find(&mut conn, ground.organization, made.id).await.unwrap(), made);
    let done = class_photos::finish(&mut conn, ground.organization, made.id, Ok(()), precise).await.unwrap();
    assert_eq!(class_photos::find(&mut conn, ground.organization, made.id).await.unwrap(), done);
}
