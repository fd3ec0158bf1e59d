//! Enrollments of people who look like somebody else.

use domain::enrollment::{Duplicate, Enrollment, EnrollmentState, Gallery, PhotoRejection, PhotoState, PhotoVerdict};
use domain::id::{EnrollmentId, Id, PersonId, PhotoId};
use store::enrollments::{self, Finished, NewEnrollment, NewPhoto};
use store::{StoreError, people, rosters, templates};

use crate::fixtures::{Ground, accepted, at, class, enroll, face, judge, roster, stored_bytes};

/// Somebody with three photos, of which one is no picture and one shows nobody, and who looks like another person.
struct Scene {
    ground: Ground,
    course: domain::id::CourseId,
    somebody: PersonId,
    lookalike: PersonId,
    id: EnrollmentId,
}

async fn scene() -> Scene {
    let ground = Ground::new().await;
    let (course, everyone) = class(&ground, 2).await;
    enroll(&ground, everyone[1], 1).await;
    let photo = |name: &str, image| NewPhoto { file_name: name.to_owned(), image };
    let photos = vec![
        photo("good.jpg", Ok(vec![1; 100])),
        photo("broken.jpg", Err(PhotoRejection::NotAnImage)),
        photo("empty.jpg", Ok(vec![2; 100])),
    ];
    let new = NewEnrollment { id: Id::new(), organization_id: ground.organization, person_id: everyone[0], photos };
    let made = enrollments::insert(&mut *ground.conn().await, &ground.sealer, new, at(0)).await.expect("an enrollment");
    Scene { ground, course, somebody: everyone[0], lookalike: everyone[1], id: made.id }
}

impl Scene {
    async fn found(&self) -> Enrollment {
        enrollments::find(&mut *self.ground.conn().await, self.ground.organization, self.id).await.expect("it is there")
    }

    async fn waiting(&self) -> Vec<(PhotoId, Vec<u8>)> {
        let (mut conn, sealer) = (self.ground.conn().await, &self.ground.sealer);
        let load = enrollments::load_job(&mut conn, sealer, self.ground.organization, self.id).await;
        load.expect("a database").expect("a job").images
    }

    async fn judge(&self, duplicate: Option<PersonId>) -> Result<Finished, StoreError> {
        let photos = self.found().await.photos;
        let nobody = PhotoVerdict::Rejected { reason: PhotoRejection::FaceNotFound, quality: None };
        let verdicts = [(photos[0].id, accepted(face(0.0))), (photos[2].id, nobody)];
        let duplicate = duplicate.map(|person_id| Duplicate { person_id, similarity: 0.75 });
        judge(&self.ground, self.id, &verdicts, duplicate).await
    }

    async fn confirm(&self) -> Result<(), StoreError> {
        let organization = self.ground.organization;
        enrollments::confirm_distinct(&mut *self.ground.conn().await, organization, self.id, at(100)).await
    }

    async fn dismiss(&self) -> Result<(), StoreError> {
        enrollments::dismiss(&mut *self.ground.conn().await, self.ground.organization, self.id, at(100)).await
    }

    /// Which of the three photos have a picture in the database.
    async fn pictures(&self) -> Vec<bool> {
        let mut found = Vec::new();
        for photo in self.found().await.photos {
            let query = "SELECT image AS bytes FROM enrollment_photos WHERE id = $1";
            found.push(stored_bytes(&self.ground, query, photo.id.uuid()).await.is_some());
        }
        found
    }

    async fn templates(&self) -> usize {
        let loaded = roster(&self.ground, self.course, Gallery::Samples).await.templates;
        loaded.iter().filter(|template| template.person_id == self.somebody).count()
    }
}

#[tokio::test]
async fn photos_that_are_no_pictures_are_rejected_from_the_start() {
    let scene = scene().await;
    let made = scene.found().await;
    let states: Vec<_> = made.photos.iter().map(|photo| (photo.state, photo.rejection, photo.quality)).collect();
    let waits = (PhotoState::Pending, None, None);
    assert_eq!(states, [waits, (PhotoState::Rejected, Some(PhotoRejection::NotAnImage), None), waits]);
    assert_eq!(scene.pictures().await, [true, false, true]);
    assert_eq!(
        scene.waiting().await.iter().map(|(id, _)| *id).collect::<Vec<_>>(),
        [made.photos[0].id, made.photos[2].id]
    );
    assert_eq!(scene.judge(None).await.unwrap().state, EnrollmentState::Completed);
    let states: Vec<_> = scene.found().await.photos.iter().map(|photo| (photo.state, photo.quality)).collect();
    assert_eq!(states, [(PhotoState::Accepted, Some(90)), (PhotoState::Rejected, None), (PhotoState::Rejected, None)]);
}

#[tokio::test]
async fn two_who_look_the_same_are_enrolled_once_somebody_says_that_they_are_two() {
    let scene = scene().await;
    let version = scene.version().await;
    let suspected = scene.judge(Some(scene.lookalike)).await.unwrap();
    assert_eq!((suspected.state, suspected.already), (EnrollmentState::DuplicateSuspected, false));
    assert_eq!((suspected.bumped.len(), scene.templates().await, scene.version().await), (0, 0, version));
    let duplicate = Some(Duplicate { person_id: scene.lookalike, similarity: 0.75 });
    let found = scene.found().await;
    assert_eq!((found.duplicate, found.distinct_confirmed), (duplicate, false));
    assert_eq!(found.finished_at, Some(at(60)));
    assert_eq!(scene.pictures().await, [true, false, true], "until somebody decides");
    assert_eq!(scene.waiting().await, [], "but no worker is to look at them");
    // The job is delivered again; nor does the sweep take it up, nor may it be given up as one that no worker can do.
    let again = scene.judge(Some(scene.lookalike)).await.unwrap();
    assert_eq!((again.state, again.already), (EnrollmentState::DuplicateSuspected, true));
    let mut conn = scene.ground.conn().await;
    assert_eq!(enrollments::stuck(&mut conn, at(9999), at(9999), 9).await.unwrap(), []);
    enrollments::fail(&mut conn, scene.ground.organization, scene.id, at(99)).await.unwrap();
    assert_eq!(scene.found().await, found);

    scene.confirm().await.unwrap();
    let found = scene.found().await;
    assert_eq!((found.state, found.distinct_confirmed), (EnrollmentState::Pending, true));
    assert_eq!((found.duplicate, found.finished_at), (duplicate, None));
    let states: Vec<_> = found.photos.iter().map(|photo| (photo.state, photo.quality)).collect();
    assert_eq!(states, [(PhotoState::Pending, None), (PhotoState::Rejected, None), (PhotoState::Pending, None)]);
    assert_eq!(
        scene.waiting().await.into_iter().map(|(_, image)| image).collect::<Vec<_>>(),
        [vec![1; 100], vec![2; 100]]
    );
    for answer in [scene.confirm().await, scene.dismiss().await] {
        assert!(matches!(answer, Err(StoreError::Conflict { what: "state" })), "decided already");
    }

    let done = scene.judge(Some(scene.lookalike)).await.unwrap();
    assert_eq!((done.state, done.already, scene.templates().await), (EnrollmentState::Completed, false, 1));
    let found = scene.found().await;
    assert_eq!((found.duplicate, found.distinct_confirmed), (duplicate, true), "it stays on record");
    assert_eq!(scene.pictures().await, [false; 3]);
}

#[tokio::test]
async fn one_who_is_somebody_else_is_dismissed() {
    let scene = scene().await;
    assert!(matches!(scene.dismiss().await, Err(StoreError::Conflict { what: "state" })), "nothing is suspected");
    scene.judge(Some(scene.lookalike)).await.unwrap();
    scene.dismiss().await.unwrap();
    let found = scene.found().await;
    assert_eq!((found.state, found.finished_at), (EnrollmentState::Failed, Some(at(100))));
    assert!(found.photos.iter().all(|photo| photo.state == PhotoState::Rejected && photo.rejection.is_some()));
    assert_eq!((scene.pictures().await, scene.templates().await), (vec![false; 3], 0));
    for answer in [scene.confirm().await, scene.dismiss().await] {
        assert!(matches!(answer, Err(StoreError::Conflict { what: "state" })));
    }
}

#[tokio::test]
async fn whom_they_look_like_may_be_gone_or_nobody_else() {
    let deleted = scene().await;
    people::delete(&mut *deleted.ground.conn().await, deleted.ground.organization, deleted.lookalike).await.unwrap();
    assert_eq!(deleted.judge(Some(deleted.lookalike)).await.unwrap().state, EnrollmentState::Completed);
    assert_eq!(deleted.found().await.duplicate, None);

    let themselves = scene().await;
    assert_eq!(themselves.judge(Some(themselves.somebody)).await.unwrap().state, EnrollmentState::Completed);

    let foreign = scene().await;
    let elsewhere = foreign.ground.another("Elsewhere").await;
    let (_, strangers) = class(&elsewhere, 1).await;
    assert_eq!(foreign.judge(Some(strangers[0])).await.unwrap().state, EnrollmentState::Completed);

    let later = scene().await;
    later.judge(Some(later.lookalike)).await.unwrap();
    people::delete(&mut *later.ground.conn().await, later.ground.organization, later.lookalike).await.unwrap();
    let found = later.found().await;
    assert_eq!((found.state, found.duplicate), (EnrollmentState::DuplicateSuspected, None), "somebody still decides");
    later.confirm().await.unwrap();
    assert_eq!(later.judge(None).await.unwrap().state, EnrollmentState::Completed);
}

#[tokio::test]
async fn an_enrollment_that_no_worker_can_carry_out_ends() {
    let scene = scene().await;
    let organization = scene.ground.organization;
    let mut conn = scene.ground.conn().await;
    let revision = templates::revision(&mut conn, organization).await.unwrap();
    for _ in 0..2 {
        enrollments::fail(&mut conn, organization, scene.id, at(70)).await.unwrap();
        let found = scene.found().await;
        assert_eq!((found.state, found.finished_at), (EnrollmentState::Failed, Some(at(70))));
        let reasons: Vec<_> = found.photos.iter().map(|photo| photo.rejection).collect();
        let damaged = Some(PhotoRejection::ImageDamaged);
        assert_eq!(reasons, [damaged, Some(PhotoRejection::NotAnImage), damaged]);
        assert_eq!(scene.pictures().await, [false; 3]);
    }
    let late = scene.judge(None).await.unwrap();
    assert_eq!((late.state, late.already, late.template_revision), (EnrollmentState::Failed, true, revision));
    for answer in [
        enrollments::fail(&mut conn, organization, Id::new(), at(70)).await,
        enrollments::fail(&mut conn, Id::new(), scene.id, at(70)).await,
        enrollments::confirm_distinct(&mut conn, Id::new(), scene.id, at(70)).await,
        enrollments::dismiss(&mut conn, Id::new(), scene.id, at(70)).await,
    ] {
        assert!(matches!(answer, Err(StoreError::NotFound)));
    }
}

impl Scene {
    async fn version(&self) -> Option<i64> {
        rosters::version(&mut *self.ground.conn().await, self.ground.organization, self.course)
            .await
            .expect("a version")
    }
}
