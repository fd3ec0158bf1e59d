use chrono::Utc;
use domain::class_photo::{ClassPhoto, ClassPhotoFailure, ClassPhotoState};
use domain::id::{ClassPhotoId, FrameId, Id};
use domain::sighting::Outcome;
use messaging::ClassPhotoJob;
use store::class_photos::NewClassPhoto;

use crate::photos::{BEN, ELTON, MINDY, enrolling, nobody, seen, side_by_side, torn};
use crate::school::{Lesson, School, eventually};
use crate::watch::Watch;

impl School {
    async fn send_class_photo(&self, lesson: Lesson, image: Vec<u8>, annotate: bool) -> anyhow::Result<ClassPhotoId> {
        let new = NewClassPhoto {
            id: Id::new(),
            organization_id: self.organization,
            session_id: lesson.session,
            file_name: "class.jpg".to_owned(),
            image,
            annotate,
        };
        let made = store::class_photos::insert(&mut *self.conn().await?, &self.sealer, new, Utc::now()).await?;
        self.publish_class_photo(made.id).await?;
        Ok(made.id)
    }

    async fn publish_class_photo(&self, id: ClassPhotoId) -> anyhow::Result<()> {
        self.broker.wait_until_ready(crate::school::LIMIT).await?;
        Ok(self.broker.publish_class_photo(&ClassPhotoJob::new(self.organization, id)).await?)
    }

    async fn looked_at(&self, id: ClassPhotoId) -> anyhow::Result<ClassPhoto> {
        eventually("the class photo is looked at", async || {
            let found = store::class_photos::find(&mut *self.conn().await?, self.organization, id).await?;
            Ok((found.state != ClassPhotoState::Pending).then_some(found))
        })
        .await
    }
}

#[tokio::test]
async fn everybody_in_a_class_photo_is_marked_once() -> anyhow::Result<()> {
    let school = School::open().await?;
    let worker = school.worker().await?;
    let mut watch = Watch::begin(&school.redis).await?;
    let mindy = school.enrolled("S001", enrolling(MINDY, 6)?).await?;
    let ben = school.enrolled("S002", enrolling(BEN, 6)?).await?;
    let lesson = school.lesson(&[mindy, ben]).await?;
    // Each twice: the same person is found once all the same.
    let picture = side_by_side(&[seen(MINDY)?, seen(BEN)?, seen(ELTON)?, seen(MINDY)?])?;
    let id = school.send_class_photo(lesson, picture, true).await?;

    let recognised = watch.recognised(FrameId::from_uuid(id.uuid())).await?;
    let marked = recognised.faces().into_iter().filter(|(outcome, _)| *outcome == Outcome::Present);
    let mut marked: Vec<_> = marked.filter_map(|(_, person)| person).collect();
    marked.sort();
    let mut expected = vec![mindy, ben];
    expected.sort();
    assert_eq!(marked, expected);
    assert_eq!(recognised.result.sightings.len(), 4);
    let photo = school.looked_at(id).await?;
    assert_eq!((photo.state, photo.failure), (ClassPhotoState::Completed, None));

    let sealed = eventually("the annotated picture is there", async || Ok(school.redis.picture(id.uuid()).await?));
    let jpeg = school.sealer.open(id.uuid(), &sealed.await?)?;
    assert!(jpeg.starts_with(&[0xff, 0xd8, 0xff]), "a JPEG");

    // A job that comes again changes nothing.
    school.publish_class_photo(id).await?;
    eventually("nothing waits", async || Ok((school.broker.depths().await?.photos == 0).then_some(()))).await?;
    let listed = store::attendance::list(&mut *school.conn().await?, school.organization, lesson.session).await?;
    assert!(listed.iter().all(|row| row.sightings == 1), "{listed:?}");
    worker.stop().await
}

#[tokio::test]
async fn a_class_photo_that_marks_nobody_says_why() -> anyhow::Result<()> {
    let school = School::open().await?;
    let worker = school.worker().await?;
    let lesson = school.lesson(&[]).await?;
    let empty = school.send_class_photo(lesson, nobody(), false).await?;
    let broken = school.send_class_photo(lesson, torn(MINDY)?, false).await?;
    assert_eq!(school.looked_at(empty).await?.failure, Some(ClassPhotoFailure::FaceNotFound));
    assert_eq!(school.looked_at(broken).await?.failure, Some(ClassPhotoFailure::ImageDamaged));
    worker.stop().await?;

    // Sent while the session ran, and looked at after it was closed.
    let late = school.send_class_photo(lesson, seen(MINDY)?, false).await?;
    store::sessions::close(&mut *school.conn().await?, school.organization, lesson.session, Utc::now()).await?;
    let worker = school.worker().await?;
    assert_eq!(school.looked_at(late).await?.failure, Some(ClassPhotoFailure::SessionNotActive));
    worker.stop().await
}
