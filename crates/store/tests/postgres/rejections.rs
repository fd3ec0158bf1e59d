//! "Not this person": what follows for attendance, and what is remembered for how long.

use chrono::TimeDelta;
use diesel_async::SimpleAsyncConnection;
use domain::assignment::Candidate;
use domain::attendance::AttendanceState;
use domain::enrollment::Gallery;
use domain::evidence::EvidencePolicy;
use domain::id::{CourseId, FrameId, Id, PersonId, RejectionId, UserId};
use domain::session::Session;
use domain::sighting::{FrameResult, Outcome, Sighting};
use domain::user::{Role, User};
use store::rejections::{self, NewRejection, Rejected, RejectedSighting};
use store::sightings::{self, FaceKeeping, forget_expired, record_with_faces};
use store::{StoreError, attendance, people, rosters, users};

use crate::fixtures::{
    Ground, active_session, at, class, course, evidence, face, frame, person, roster, seen, sighting, stored_bytes,
};

/// A class of three whose first two have been seen, with faces at 0.5 and 0.6.
struct Scene {
    ground: Ground,
    course: CourseId,
    session: Session,
    everyone: Vec<PersonId>,
    frame: FrameId,
    user: UserId,
}

impl Scene {
    async fn new() -> Self {
        let ground = Ground::new().await;
        let (course, everyone) = class(&ground, 3).await;
        let mut conn = ground.conn().await;
        let session = active_session(&mut conn, ground.organization, course).await;
        let user = User {
            id: Id::new(),
            organization_id: Some(ground.organization),
            email: "teacher@example.org".to_owned(),
            role: Role::Teacher,
            person_id: None,
            created_at: at(0),
        };
        users::insert(&mut conn, &user, "").await.expect("the database");
        // The contract that faces are compared with.
        crate::fixtures::enroll(&ground, everyone[2], 1).await;
        drop(conn);
        let found = vec![
            sighting(0, Some(everyone[0]), Outcome::Present),
            sighting(1, Some(everyone[1]), Outcome::Likely),
            sighting(2, None, Outcome::Unknown),
            sighting(3, Some(everyone[2]), Outcome::NotOnRoster),
        ];
        let mut scene = Self { ground, course, session, everyone, frame: Id::new(), user: user.id };
        scene.frame = scene.see(found, 60).await;
        scene
    }

    /// Records these sightings, each with a face at 0.5, 0.6, 0.7…
    async fn see(&self, sightings: Vec<Sighting>, second: i64) -> FrameId {
        let header = frame(&self.session, at(second));
        let faces: Vec<_> =
            sightings.iter().map(|s| (s.face_index, face(0.5 + f32::from(s.face_index) / 10.0))).collect();
        let result = FrameResult { sightings, ..seen(&[], at(second)) };
        let keeping = FaceKeeping { sealer: &self.ground.sealer, faces: &faces, until: at(1000) };
        record_with_faces(&mut *self.ground.conn().await, &header, &result, &evidence(), keeping)
            .await
            .expect("the database");
        header.frame_id
    }

    fn new_rejection(&self, face_index: i16, actual_person_id: Option<PersonId>) -> NewRejection {
        NewRejection {
            id: RejectionId::new(),
            organization_id: self.ground.organization,
            sighting: RejectedSighting { session_id: self.session.id, frame_id: self.frame, face_index },
            actual_person_id,
            reason: "It is her sister".to_owned(),
            rejected_by: self.user,
            at: at(120),
        }
    }

    async fn reject(&self, new: &NewRejection) -> Result<Rejected, StoreError> {
        rejections::reject(&mut *self.ground.conn().await, &self.ground.sealer, new).await
    }

    async fn undo(&self, id: RejectionId) -> Result<Rejected, StoreError> {
        rejections::undo(&mut *self.ground.conn().await, self.ground.organization, id, self.user, at(180)).await
    }

    async fn states(&self) -> Vec<Option<AttendanceState>> {
        let conn = &mut *self.ground.conn().await;
        let list = attendance::list(conn, self.ground.organization, self.session.id).await.expect("the database");
        list.iter().map(|row| row.state).collect()
    }

    /// Whether a face is still taken for somebody in a course, going by what was rejected.
    async fn is_taken_for(&self, course: CourseId, angle: f32, person_id: PersonId) -> bool {
        let roster = roster(&self.ground, course, Gallery::Pooled).await;
        !roster.rejected.tell_apart(&face(angle), &Candidate { person_id, similarity: 0.9 }, 0.95)
    }
}

async fn kept(scene: &Scene) -> i64 {
    use diesel::sql_types::BigInt;
    use diesel_async::RunQueryDsl;
    #[derive(diesel::QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    let query = diesel::sql_query("SELECT count(*) AS count FROM sighting_faces");
    query.get_result::<Count>(&mut *scene.ground.conn().await).await.expect("the database").count
}

const PRESENT: Option<AttendanceState> = Some(AttendanceState::Present);
const LATE: Option<AttendanceState> = Some(AttendanceState::Late);

#[tokio::test]
async fn faces_of_those_found_on_the_roster_are_kept_sealed_and_for_a_while() {
    let scene = Scene::new().await;
    assert_eq!(kept(&scene).await, 2, "of somebody marked and of somebody likely, of no stranger");
    let query = "SELECT embedding AS bytes FROM sighting_faces WHERE frame_id = $1 AND face_index = 0";
    let sealed = stored_bytes(&scene.ground, query, scene.frame.uuid()).await.unwrap();
    let plain: Vec<u8> = face(0.5).as_slice().iter().flat_map(|value| value.to_le_bytes()).collect();
    assert!(!sealed.windows(plain.len()).any(|bytes| bytes == plain));

    // Who is marked and rests is not recorded, so neither is the face.
    let (header, again) = (frame(&scene.session, at(61)), vec![sighting(0, Some(scene.everyone[0]), Outcome::Present)]);
    let result = FrameResult { sightings: again, ..seen(&[], at(61)) };
    let (faces, sealer) = ([(0, face(0.1))], &scene.ground.sealer);
    let keeping = FaceKeeping { sealer, faces: &faces, until: at(1000) };
    let mut conn = scene.ground.conn().await;
    let resting = EvidencePolicy { cool_down: Some(TimeDelta::seconds(5)), ..evidence() };
    record_with_faces(&mut conn, &header, &result, &resting, keeping).await.unwrap();
    assert_eq!(kept(&scene).await, 2);
    // Delivered again, a frame keeps what it kept.
    let header = frame(&scene.session, at(62));
    for _ in 0..2 {
        record_with_faces(&mut conn, &header, &result, &evidence(), keeping).await.unwrap();
        assert_eq!(kept(&scene).await, 3);
    }

    assert_eq!(forget_expired(&mut conn, at(999), 9).await.unwrap(), 0);
    assert_eq!(forget_expired(&mut conn, at(1000), 2).await.unwrap(), 2, "so many at a time");
    assert_eq!(forget_expired(&mut conn, at(1000), 2).await.unwrap(), 1);
    assert_eq!(kept(&scene).await, 0);
}

#[tokio::test]
async fn a_rejected_face_marks_nobody_and_is_heeded_in_all_courses_until_that_is_undone() {
    let scene = Scene::new().await;
    let (organization, somebody) = (scene.ground.organization, scene.everyone[0]);
    let other = course(&mut *scene.ground.conn().await, organization, "B").await;
    assert_eq!(scene.states().await, [PRESENT, None, None]);
    let rejected = scene.reject(&scene.new_rejection(0, None)).await.unwrap();
    assert_eq!(scene.states().await, [None, None, None]);
    let changed: Vec<_> = rejected.changes.iter().map(|change| (change.person_id, change.from, change.to)).collect();
    assert_eq!(changed, [(somebody, PRESENT, None)]);
    let bumped: Vec<CourseId> = rejected.bumped.iter().map(|(course, _)| *course).collect();
    assert_eq!(bumped, [scene.course, other]);
    for course in [scene.course, other] {
        assert!(!scene.is_taken_for(course, 0.5, somebody).await);
        assert!(scene.is_taken_for(course, 1.5, somebody).await, "another face");
        assert!(scene.is_taken_for(course, 0.5, scene.everyone[1]).await, "another person");
    }

    let mut conn = scene.ground.conn().await;
    let found = rejections::find(&mut conn, organization, rejected.rejection.id).await.unwrap();
    assert_eq!(found, rejected.rejection);
    assert_eq!((found.person_id, found.actual_person_id, found.is_remembered), (somebody, None, true));
    assert_eq!((found.rejected_by, found.created_at), (Some(scene.user), at(120)));
    for (person, courses, expected) in [
        (somebody, None, 1),
        (somebody, Some(vec![scene.course]), 1),
        (somebody, Some(vec![other]), 0),
        (scene.everyone[1], None, 0),
    ] {
        let list = rejections::list(&mut conn, organization, person, courses.as_deref(), None, 9).await.unwrap();
        assert_eq!(list.len(), expected, "{courses:?}");
    }
    // The sighting itself stays what it was, and the face is kept by the rejection alone from now on.
    let listed = sightings::list(&mut conn, organization, scene.session.id, None, 9).await.unwrap();
    assert_eq!(listed[0].sighting.outcome, Outcome::Present);
    forget_expired(&mut conn, at(2000), 99).await.unwrap();
    assert!(!scene.is_taken_for(other, 0.5, somebody).await);

    let undone = scene.undo(rejected.rejection.id).await.unwrap();
    assert_eq!(undone.bumped.iter().map(|(course, _)| *course).collect::<Vec<_>>(), bumped);
    assert_eq!(scene.states().await, [PRESENT, None, None]);
    assert!(scene.is_taken_for(scene.course, 0.5, somebody).await);
    assert!(matches!(scene.undo(rejected.rejection.id).await, Err(StoreError::NotFound)));
    // It may be said again; but the face is no longer kept.
    let again = scene.reject(&scene.new_rejection(0, None)).await.unwrap();
    assert_eq!((again.rejection.is_remembered, again.bumped), (false, Vec::new()));
    assert_eq!(scene.states().await, [None, None, None]);
}

#[tokio::test]
async fn who_it_really_is_is_marked_as_of_when_they_were_seen() {
    let scene = Scene::new().await;
    let (first, second) = (scene.everyone[0], scene.everyone[1]);
    let rejected = scene.reject(&scene.new_rejection(0, Some(second))).await.unwrap();
    assert_eq!(scene.states().await, [None, PRESENT, None]);
    assert_eq!(
        rejected.changes.iter().map(|c| (c.person_id, c.to)).collect::<Vec<_>>(),
        [(first, None), (second, PRESENT)]
    );
    let undone = scene.undo(rejected.rejection.id).await.unwrap();
    assert_eq!(undone.changes.len(), 2);
    assert_eq!(scene.states().await, [PRESENT, None, None]);

    // Whoever is there anyway stays as they are: the first was seen in time, the face comes late.
    let mut late = scene.new_rejection(0, Some(first));
    late.sighting.frame_id = scene.see(vec![sighting(0, Some(second), Outcome::Present)], 700).await;
    assert_eq!(scene.states().await, [PRESENT, LATE, None]);
    let rejected = scene.reject(&late).await.unwrap();
    assert_eq!(rejected.changes.len(), 1);
    assert_eq!(scene.states().await, [PRESENT, None, None]);
    late.sighting.frame_id = scene.see(vec![sighting(0, Some(second), Outcome::Present)], 701).await;
    late.actual_person_id = Some(scene.everyone[2]);
    scene.reject(&NewRejection { id: Id::new(), ..late }).await.unwrap();
    assert_eq!(scene.states().await, [PRESENT, None, LATE], "who comes late is late");
}

#[tokio::test]
async fn only_a_match_can_be_rejected_and_only_once() {
    let scene = Scene::new().await;
    let other = scene.ground.another("Another College").await;
    let foreign = person(&mut *other.conn().await, other.organization, "1").await;
    let conflict = async |new: NewRejection| match scene.reject(&new).await {
        Err(StoreError::Conflict { what }) => what,
        other => panic!("{other:?}"),
    };
    assert_eq!(conflict(scene.new_rejection(2, None)).await, "outcome", "nobody was found");
    assert_eq!(conflict(scene.new_rejection(3, None)).await, "outcome", "nobody on the roster");
    assert_eq!(conflict(scene.new_rejection(0, Some(scene.everyone[0]))).await, "actual_person_id");
    let elsewhere = NewRejection { organization_id: other.organization, ..scene.new_rejection(0, None) };
    let nowhere = RejectedSighting { frame_id: Id::new(), ..scene.new_rejection(0, None).sighting };
    let nowhere = NewRejection { sighting: nowhere, ..scene.new_rejection(0, None) };
    for new in [scene.new_rejection(4, None), scene.new_rejection(0, Some(foreign)), elsewhere, nowhere] {
        assert!(matches!(scene.reject(&new).await, Err(StoreError::NotFound)), "{new:?}");
    }
    assert_eq!(scene.states().await, [PRESENT, None, None], "nothing has come of it");

    let made = scene.reject(&scene.new_rejection(1, None)).await.unwrap().rejection.id;
    assert_eq!(conflict(scene.new_rejection(1, None)).await, "rejection");
    let mut conn = other.conn().await;
    assert!(matches!(rejections::find(&mut conn, other.organization, made).await, Err(StoreError::NotFound)));
    let undone = rejections::undo(&mut conn, other.organization, made, scene.user, at(9)).await;
    assert!(matches!(undone, Err(StoreError::NotFound)));
    let list = rejections::list(&mut conn, other.organization, scene.everyone[1], None, None, 9).await.unwrap();
    assert_eq!(list, []);
}

#[tokio::test]
async fn a_face_goes_with_whose_it_is_and_with_whose_it_is_not() {
    let scene = Scene::new().await;
    let organization = scene.ground.organization;
    let (first, second, third) = (scene.everyone[0], scene.everyone[1], scene.everyone[2]);
    let one = scene.reject(&scene.new_rejection(0, Some(third))).await.unwrap().rejection.id;
    let two = scene.reject(&scene.new_rejection(1, None)).await.unwrap().rejection.id;
    let mut conn = scene.ground.conn().await;
    let is_remembered = async |id| {
        let found = rejections::find(&mut *scene.ground.conn().await, organization, id).await;
        found.map(|rejection| rejection.is_remembered).ok()
    };
    rejections::erase_faces_of(&mut conn, organization, third).await.unwrap();
    assert_eq!((is_remembered(one).await, is_remembered(two).await), (Some(false), Some(true)));
    assert_eq!(kept(&scene).await, 2);
    rejections::erase_faces_of(&mut conn, organization, second).await.unwrap();
    assert_eq!((is_remembered(two).await, kept(&scene).await), (Some(false), 1));
    assert!(scene.is_taken_for(scene.course, 0.5, first).await);

    people::delete(&mut conn, organization, third).await.unwrap();
    assert_eq!(is_remembered(one).await, None, "it was said to be theirs");
    people::delete(&mut conn, organization, second).await.unwrap();
    assert_eq!(is_remembered(two).await, None);
    people::delete(&mut conn, organization, first).await.unwrap();
    assert_eq!(kept(&scene).await, 0);
}

#[tokio::test]
async fn a_rejection_outlives_its_session_and_can_be_undone_all_the_same() {
    let scene = Scene::new().await;
    let made = scene.reject(&scene.new_rejection(0, None)).await.unwrap().rejection.id;
    scene.ground.conn().await.batch_execute("DELETE FROM sessions").await.unwrap();
    assert_eq!(kept(&scene).await, 0);
    assert!(!scene.is_taken_for(scene.course, 0.5, scene.everyone[0]).await);
    let undone = scene.undo(made).await.unwrap();
    assert_eq!((undone.changes, undone.bumped.len()), (Vec::new(), 1));
    assert!(scene.is_taken_for(scene.course, 0.5, scene.everyone[0]).await);
}

#[tokio::test]
async fn a_likely_sighting_that_was_rejected_is_no_evidence() {
    let scene = Scene::new().await;
    let likely = || vec![sighting(1, Some(scene.everyone[1]), Outcome::Likely)];
    scene.reject(&scene.new_rejection(1, None)).await.unwrap();
    scene.see(likely(), 61).await;
    assert_eq!(scene.states().await[1], None, "two would have been enough");
    scene.see(likely(), 62).await;
    assert_eq!(scene.states().await[1], PRESENT);
}

#[tokio::test]
async fn rosters_go_up_together() {
    let scene = Scene::new().await;
    let organization = scene.ground.organization;
    let mut conn = scene.ground.conn().await;
    let before = rosters::version(&mut conn, organization, scene.course).await.unwrap().unwrap();
    let bumped = scene.reject(&scene.new_rejection(0, None)).await.unwrap().bumped;
    assert_eq!(bumped, [(scene.course, before + 1)]);
    assert_eq!(rosters::version(&mut conn, organization, scene.course).await.unwrap(), Some(before + 1));
    assert_eq!(roster(&scene.ground, scene.course, Gallery::Pooled).await.version, before + 1);
}
