//! From photos to templates.

use domain::enrollment::{EnrollmentState, Gallery, PhotoRejection, PhotoState, PhotoVerdict};
use domain::id::Id;
use store::enrollments::Judged;
use store::{StoreError, enrollments, rosters, templates};

use crate::fixtures::{Ground, accept, accepted, at, class, contract, enrollment, face, judge, roster};

#[tokio::test]
async fn photos_wait_sealed_and_go_when_it_is_finished() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    let (course, everyone) = class(&ground, 1).await;
    let id = enrollment(&ground, everyone[0], 2).await;
    let job = enrollments::load_job(&mut conn, &ground.sealer, ground.organization, id).await.unwrap().expect("a job");
    assert_eq!(job.enrollment, enrollments::find(&mut conn, ground.organization, id).await.unwrap());
    assert_eq!(job.enrollment.state, EnrollmentState::Pending);
    let photos = &job.enrollment.photos;
    assert_eq!(photos.iter().map(|p| p.file_name.as_str()).collect::<Vec<_>>(), ["0.jpg", "1.jpg"]);
    assert_eq!(job.images, [(photos[0].id, vec![0; 1000]), (photos[1].id, vec![1; 1000])]);

    let verdicts = [
        (photos[1].id, accepted(face(0.5))),
        (photos[0].id, PhotoVerdict::Rejected { reason: PhotoRejection::MultipleFaces, quality: None }),
    ];
    let finish = async |conn: &mut store::Conn| {
        let judged = Judged { contract: &contract(), verdicts: &verdicts, duplicate: None };
        enrollments::finish(conn, &ground.sealer, ground.organization, id, &judged, at(60)).await
    };
    let finished = finish(&mut conn).await.unwrap();
    assert_eq!(finished.state, EnrollmentState::Completed);
    assert_eq!((finished.bumped.clone(), finished.template_revision, finished.already), (vec![(course, 3)], 2, false));

    let found = enrollments::find(&mut conn, ground.organization, id).await.unwrap();
    assert_eq!((found.state, found.finished_at), (EnrollmentState::Completed, Some(at(60))));
    let states: Vec<_> = found.photos.iter().map(|p| (p.state, p.rejection)).collect();
    let expected = [(PhotoState::Rejected, Some(PhotoRejection::MultipleFaces)), (PhotoState::Accepted, None)];
    assert_eq!(states, expected);
    let job = enrollments::load_job(&mut conn, &ground.sealer, ground.organization, id).await.unwrap().expect("a job");
    assert!(job.images.is_empty());

    // The job is delivered again.
    let again = finish(&mut conn).await.unwrap();
    assert!(again.already);
    assert_eq!((again.state, again.bumped, again.template_revision), (finished.state, finished.bumped, 2));
    let roster = roster(&ground, course, Gallery::Samples).await;
    assert_eq!((roster.version, roster.templates.len()), (3, 1));
    assert!(roster.templates[0].embedding.similarity(&face(0.5)) > 0.999_999);
}

#[tokio::test]
async fn without_one_usable_photo_it_fails() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    let (course, everyone) = class(&ground, 1).await;
    let id = enrollment(&ground, everyone[0], 1).await;
    let photo = enrollments::find(&mut conn, ground.organization, id).await.unwrap().photos[0].id;
    let verdicts = [(photo, PhotoVerdict::Rejected { reason: PhotoRejection::FaceNotFound, quality: None })];
    for already in [false, true] {
        let finished = judge(&ground, id, &verdicts, None).await.unwrap();
        assert_eq!((finished.state, finished.already), (EnrollmentState::Failed, already));
        assert_eq!((finished.bumped.len(), finished.template_revision), (0, 0));
    }
    assert_eq!(rosters::version(&mut conn, ground.organization, course).await.unwrap(), Some(2));
    assert_eq!(templates::revision(&mut conn, ground.organization).await.unwrap(), 0);
}

#[tokio::test]
async fn verdicts_are_about_its_photos_each_once() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    let (_, everyone) = class(&ground, 1).await;
    let id = enrollment(&ground, everyone[0], 2).await;
    let photos = enrollments::find(&mut conn, ground.organization, id).await.unwrap().photos;
    let reject = |photo| (photo, PhotoVerdict::Rejected { reason: PhotoRejection::FaceNotFound, quality: None });
    for wrong in [vec![], vec![photos[0].id], vec![photos[0].id; 2], vec![photos[0].id, photos[1].id, Id::new()]] {
        let verdicts: Vec<_> = wrong.into_iter().map(reject).collect();
        assert!(matches!(judge(&ground, id, &verdicts, None).await, Err(StoreError::Corrupt { .. })));
    }
    let found = enrollments::find(&mut conn, ground.organization, id).await.unwrap();
    assert_eq!(found.state, EnrollmentState::Pending, "nothing was written");
}

#[tokio::test]
async fn what_is_stuck_is_handed_out_once_per_sweep() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    let (_, everyone) = class(&ground, 1).await;
    let mut waiting = Vec::new();
    for _ in 0..3 {
        waiting.push((ground.organization, enrollment(&ground, everyone[0], 1).await));
    }
    let done = enrollment(&ground, everyone[0], 1).await;
    accept(&ground, done).await.unwrap();

    assert!(enrollments::stuck(&mut conn, at(0), at(30), 10).await.unwrap().is_empty(), "all are young");
    assert_eq!(enrollments::stuck(&mut conn, at(1), at(30), 2).await.unwrap(), waiting[..2]);
    assert_eq!(enrollments::stuck(&mut conn, at(1), at(30), 2).await.unwrap(), waiting[2..]);
    assert!(enrollments::stuck(&mut conn, at(1), at(30), 2).await.unwrap().is_empty());
    assert_eq!(enrollments::stuck(&mut conn, at(31), at(60), 10).await.unwrap().len(), 3);
}

#[tokio::test]
async fn enrollments_are_listed_by_person() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    let (_, everyone) = class(&ground, 2).await;
    let (a, b) = (enrollment(&ground, everyone[0], 1).await, enrollment(&ground, everyone[1], 3).await);
    let all = enrollments::list(&mut conn, ground.organization, None, None, 10).await.unwrap();
    assert_eq!(all.iter().map(|e| (e.id, e.photos.len())).collect::<Vec<_>>(), [(a, 1), (b, 3)]);
    let of_second = enrollments::list(&mut conn, ground.organization, Some(everyone[1]), None, 10).await.unwrap();
    assert_eq!(of_second, all[1..]);
    let rest = enrollments::list(&mut conn, ground.organization, None, Some(b.uuid()), 10).await.unwrap();
    assert!(rest.is_empty());
}
