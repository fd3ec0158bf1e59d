//! "Not this person", with real faces.

use chrono::Utc;
use domain::id::{FrameId, Id, UserId};
use domain::organization::RecognitionPolicy;
use domain::rejection::Rejection;
use domain::sighting::Outcome;
use domain::user::{Role, User};
use store::rejections::{NewRejection, Rejected, RejectedSighting};

use crate::photos::{BEN, MINDY, enrolling, seen};
use crate::school::{Lesson, School};
use crate::watch::Watch;

impl School {
    async fn teacher(&self) -> anyhow::Result<UserId> {
        let user = User {
            id: Id::new(),
            organization_id: Some(self.organization),
            email: "teacher@example.org".to_owned(),
            role: Role::Teacher,
            person_id: None,
            created_at: Utc::now(),
        };
        store::users::insert(&mut *self.conn().await?, &user, "").await?;
        Ok(user.id)
    }

    /// As the gateway does it: commit, then raise.
    async fn reject(&self, lesson: Lesson, frame_id: FrameId, rejected_by: UserId) -> anyhow::Result<Rejection> {
        let new = NewRejection {
            id: Id::new(),
            organization_id: self.organization,
            sighting: RejectedSighting { session_id: lesson.session, frame_id, face_index: 0 },
            actual_person_id: None,
            reason: "It is Ben".to_owned(),
            rejected_by,
            at: Utc::now(),
        };
        let rejected = store::rejections::reject(&mut *self.conn().await?, &self.sealer, &new).await?;
        self.raise_all(rejected).await
    }

    async fn raise_all(&self, rejected: Rejected) -> anyhow::Result<Rejection> {
        for (course, version) in rejected.bumped {
            self.redis.raise_course_version(course, version).await?;
        }
        Ok(rejected.rejection)
    }
}

#[tokio::test]
async fn who_was_rejected_is_not_taken_for_that_person_again_and_the_person_is() -> anyhow::Result<()> {
    let school = School::open().await?;
    let worker = school.worker().await?;
    let mut watch = Watch::begin(&school.redis).await?;
    let mindy = school.enrolled("S001", enrolling(MINDY, 5)?).await?;
    // Whoever comes is taken for somebody.
    let policy = RecognitionPolicy { forced_threshold: Some(-1.0), ..RecognitionPolicy::default() };
    let (lesson, elsewhere) = (school.lesson(&[mindy]).await?, school.lesson(&[]).await?);
    school.set_policy(policy).await?;
    let ben = enrolling(BEN, 2)?;
    let mut look = async |lesson: Lesson, picture: Vec<u8>| -> anyhow::Result<_> {
        let frame = school.send(lesson, picture).await?;
        let faces = watch.recognised(frame).await?.faces();
        anyhow::ensure!(faces.len() == 1, "{faces:?}");
        Ok((frame, faces[0]))
    };
    let (frame, found) = look(lesson, ben[0].clone()).await?;
    assert_eq!(found, (Outcome::Present, Some(mindy)));
    assert_eq!(look(elsewhere, ben[1].clone()).await?.1, (Outcome::NotOnRoster, Some(mindy)));

    let teacher = school.teacher().await?;
    let rejection = school.reject(lesson, frame, teacher).await?;
    assert!(rejection.is_remembered);
    let list = store::attendance::list(&mut *school.conn().await?, school.organization, lesson.session).await?;
    assert_eq!(list[0].state, None);
    for picture in [ben[0].clone(), ben[1].clone(), seen(BEN)?] {
        assert_eq!(look(lesson, picture.clone()).await?.1, (Outcome::Unknown, None), "he is not she");
        assert_eq!(look(elsewhere, picture).await?.1, (Outcome::Unknown, None), "nor where she is not on the roster");
    }
    assert_eq!(look(lesson, seen(MINDY)?).await?.1, (Outcome::Present, Some(mindy)));

    let conn = &mut *school.conn().await?;
    let undone = store::rejections::undo(conn, school.organization, rejection.id, teacher, Utc::now()).await?;
    school.raise_all(undone).await?;
    assert_eq!(look(lesson, seen(BEN)?).await?.1, (Outcome::Already, Some(mindy)));
    worker.stop().await
}

#[tokio::test]
async fn where_faces_are_not_kept_attendance_is_put_right_and_nothing_learned() -> anyhow::Result<()> {
    let mut school = School::open().await?;
    school.settings.recognition.keep_faces_days = 0;
    let worker = school.worker().await?;
    let mut watch = Watch::begin(&school.redis).await?;
    let mindy = school.enrolled("S001", enrolling(MINDY, 5)?).await?;
    let lesson = school.lesson(&[mindy]).await?;
    let frame = school.send(lesson, seen(MINDY)?).await?;
    assert_eq!(watch.recognised(frame).await?.faces(), [(Outcome::Present, Some(mindy))]);
    let rejection = school.reject(lesson, frame, school.teacher().await?).await?;
    assert!(!rejection.is_remembered);
    let again = school.send(lesson, seen(MINDY)?).await?;
    assert_eq!(watch.recognised(again).await?.faces(), [(Outcome::Present, Some(mindy))]);
    worker.stop().await
}
