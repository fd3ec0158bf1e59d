//! What belongs to another organization is not there.

use domain::enrollment::Gallery;
use domain::id::{Id, OrganizationId};
use domain::session::Camera;
use store::class_photos::{self, NewClassPhoto};
use store::courses::CourseFilter;
use store::enrollments::{Judged, NewEnrollment};
use store::sessions::SessionFilter;
use store::statistics::WantedSessions;
use store::{
    StoreError, attendance, attendance_events, cameras, check_ins, courses, enrollments, people, rosters, sessions,
    sightings, statistics, templates,
};

use crate::fixtures::{
    Ground, active_session, at, class, contract, enroll, enrollment, evidence, frame, new_session, organization,
    person, seen,
};

fn check<T: std::fmt::Debug>(result: Result<T, StoreError>) {
    match result {
        Err(StoreError::NotFound) => {}
        other => panic!("{other:?} is there"),
    }
}

#[tokio::test]
async fn nothing_is_found_from_elsewhere() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    let (course, everyone) = class(&ground, 2).await;
    let session = active_session(&mut conn, ground.organization, course).await;
    enroll(&ground, everyone[0], 1).await;
    let pending = enrollment(&ground, everyone[0], 1).await;
    let camera = Camera {
        id: Id::new(),
        organization_id: ground.organization,
        name: "Door".to_owned(),
        course_id: None,
        session_id: None,
        created_at: at(0),
        revoked_at: None,
        last_seen_at: None,
    };
    cameras::insert(&mut conn, &camera, &[1; 32]).await.unwrap();
    sightings::record(&mut conn, &frame(&session, at(1)), &seen(&everyone, at(2)), &evidence()).await.unwrap();

    let foreign = organization(&mut conn, "Foreign").await;
    check(people::find(&mut conn, foreign, everyone[0]).await);
    check(people::delete(&mut conn, foreign, everyone[0]).await);
    check(courses::find(&mut conn, foreign, course).await);
    check(rosters::add(&mut conn, foreign, course, &[], at(0)).await);
    check(rosters::remove(&mut conn, foreign, course, &everyone, at(9)).await);
    check(sessions::find(&mut conn, foreign, session.id).await);
    check(sessions::start(&mut conn, foreign, session.id, at(0)).await);
    check(sessions::close(&mut conn, foreign, session.id, at(0)).await);
    check(attendance::list(&mut conn, foreign, session.id).await);
    check(attendance::find(&mut conn, foreign, session.id, everyone[0]).await);
    check(attendance::lock_session(&mut conn, foreign, session.id).await);
    check(attendance::recompute(&mut conn, foreign, session.id, at(9)).await);
    check(attendance::of_person(&mut conn, foreign, everyone[0], &Default::default(), None, 9).await);
    check(attendance_events::find(&mut conn, foreign, Id::new()).await);
    check(check_ins::set_pin(&mut conn, &ground.sealer, foreign, everyone[0], "1234", at(9)).await);
    check(check_ins::remove_pin(&mut conn, foreign, everyone[0]).await);
    assert!(attendance::changes(&mut conn, foreign, session.id, 0, 9).await.unwrap().is_empty());
    assert!(attendance::changes_of(&mut conn, foreign, session.id, everyone[0]).await.unwrap().is_empty());
    assert!(attendance_events::list(&mut conn, foreign, session.id, None).await.unwrap().is_empty());
    let came = attendance::who_came(&mut conn, foreign, &[session.id], attendance::Came::AtAll, None, 9).await;
    assert!(came.unwrap().is_empty());
    assert!(attendance::sessions_of(&mut conn, foreign).await.unwrap().is_empty());
    let day = at(0).date_naive();
    let of_day = WantedSessions { days: &(day..=day), courses: None, person: None, state: None };
    assert_eq!(statistics::sessions_on(&mut conn, foreign, &of_day).await.unwrap(), Some(Vec::new()));
    check(cameras::revoke(&mut conn, foreign, camera.id, at(0)).await);
    check(enrollments::find(&mut conn, foreign, pending).await);
    let judged = Judged { contract: &contract(), verdicts: &[], duplicate: None };
    check(enrollments::finish(&mut conn, &ground.sealer, foreign, pending, &judged, at(0)).await);
    check(templates::revision(&mut conn, OrganizationId::new()).await);
    let mut header = frame(&session, at(3));
    header.organization_id = foreign;
    check(sightings::record(&mut conn, &header, &seen(&everyone, at(3)), &evidence()).await);

    let of = contract();
    check(templates::replace(&mut conn, &ground.sealer, foreign, everyone[0], &of, &[], at(0)).await);
    check(sessions::thresholds(&mut conn, foreign, session.id).await);
    let photo = |organization_id| NewClassPhoto {
        id: Id::new(),
        organization_id,
        session_id: session.id,
        file_name: String::new(),
        image: Vec::new(),
        annotate: false,
    };
    let ours = class_photos::insert(&mut conn, &ground.sealer, photo(ground.organization), at(0)).await.unwrap();
    check(class_photos::insert(&mut conn, &ground.sealer, photo(foreign), at(0)).await);
    check(class_photos::find(&mut conn, foreign, ours.id).await);
    check(class_photos::finish(&mut conn, foreign, ours.id, Ok(()), at(0)).await);
    assert!(class_photos::load_job(&mut conn, &ground.sealer, foreign, ours.id).await.unwrap().is_none());
    assert!(class_photos::list(&mut conn, foreign, session.id, None, 9).await.unwrap().is_empty());

    assert!(enrollments::load_job(&mut conn, &ground.sealer, foreign, pending).await.unwrap().is_none());
    assert!(
        rosters::load(&mut conn, &ground.sealer, foreign, course, Some(&contract()), Gallery::Samples)
            .await
            .unwrap()
            .is_none()
    );
    assert_eq!(rosters::version(&mut conn, foreign, course).await.unwrap(), None);
    assert!(rosters::members(&mut conn, foreign, course, None, 9).await.unwrap().is_empty());
    assert!(people::list(&mut conn, foreign, &people::PeopleFilter::default(), None, 9).await.unwrap().is_empty());
    assert!(people::labels(&mut conn, foreign, &everyone).await.unwrap().is_empty());
    let of_course = SessionFilter { course: Some(course), ..SessionFilter::default() };
    assert!(courses::list(&mut conn, foreign, &CourseFilter::default(), None, 9).await.unwrap().is_empty());
    assert!(sessions::list(&mut conn, foreign, &of_course, None, 9).await.unwrap().is_empty());
    assert!(cameras::list(&mut conn, foreign, None, 9).await.unwrap().is_empty());
    assert!(enrollments::list(&mut conn, foreign, Some(everyone[0]), None, 9).await.unwrap().is_empty());
    assert!(sightings::list(&mut conn, foreign, session.id, None, 9).await.unwrap().is_empty());
    assert!(templates::contracts(&mut conn, foreign).await.unwrap().is_empty());
    let changes =
        templates::changes_since(&mut conn, &ground.sealer, foreign, &contract(), Gallery::Samples, 0, 9).await;
    assert!(changes.unwrap().is_empty());
}

#[tokio::test]
async fn no_row_may_point_into_another_organization() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    let (course, everyone) = class(&ground, 1).await;
    let foreign = organization(&mut conn, "Foreign").await;
    let stranger = person(&mut conn, foreign, "1").await;

    check(sessions::insert(&mut conn, &new_session(foreign, course)).await);
    check(rosters::add(&mut conn, ground.organization, course, &[everyone[0], stranger], at(0)).await);
    let camera = Camera {
        id: Id::new(),
        organization_id: foreign,
        name: "Door".to_owned(),
        course_id: Some(course),
        session_id: None,
        created_at: at(0),
        revoked_at: None,
        last_seen_at: None,
    };
    check(cameras::insert(&mut conn, &camera, &[1; 32]).await);
    let new = NewEnrollment { id: Id::new(), organization_id: foreign, person_id: everyone[0], photos: Vec::new() };
    check(enrollments::insert(&mut conn, &ground.sealer, new, at(0)).await);

    let session = active_session(&mut conn, ground.organization, course).await;
    let recorded =
        sightings::record(&mut conn, &frame(&session, at(1)), &seen(&[stranger], at(1)), &evidence()).await.unwrap();
    assert_eq!(recorded.sightings[0].person_id, None);
    let count = attendance::list(&mut conn, ground.organization, session.id).await.unwrap().len();
    assert_eq!(count, 1, "only the roster");
}
