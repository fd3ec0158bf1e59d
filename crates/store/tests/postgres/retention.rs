//! What is too old goes, and nothing else.

use chrono::TimeDelta;
use domain::enrollment::PhotoRejection;
use domain::id::{Id, OrganizationId, SessionId};
use domain::organization::{Organization, OrganizationSettings, RecognitionPolicy, Retention};
use domain::sighting::Outcome;
use store::class_photos::NewClassPhoto;
use store::retention::{Expired, expire};
use store::templates::retained_photos;
use store::{Conn, attendance, class_photos, organizations, sessions, sightings};

use crate::fixtures::{Ground, active_session, at, class, enroll, evidence, frame, seen, sighting};

/// An organization with one retained photo, one retained class photo, one closed session with somebody present, and three
/// sightings of nobody, all from the first minutes.
async fn full(ground: &Ground) -> SessionId {
    let organization = ground.organization;
    let mut conn = ground.conn().await;
    let (course, everyone) = class(ground, 1).await;
    let policy = RecognitionPolicy { retain_photos: true, ..RecognitionPolicy::default() };
    organizations::set_policy(&mut conn, organization, &policy).await.expect("the database");
    enroll(ground, everyone[0], 1).await;
    let session = active_session(&mut conn, organization, course).await;
    let mut result = seen(&everyone, at(2));
    for (index, outcome) in (1..).zip([Outcome::Unknown, Outcome::SpoofSuspected, Outcome::TooPoor]) {
        result.sightings.push(sighting(index, None, outcome));
    }
    sightings::record(&mut conn, &frame(&session, at(1)), &result, &evidence()).await.expect("the database");
    let new = NewClassPhoto {
        id: Id::new(),
        organization_id: organization,
        session_id: session.id,
        file_name: "class.jpg".to_owned(),
        image: vec![1; 100],
        annotate: false,
    };
    let photo = class_photos::insert(&mut conn, &ground.sealer, new, at(3)).await.expect("the database").id;
    class_photos::finish(&mut conn, organization, photo, Ok(()), at(4)).await.expect("the database");
    sessions::close(&mut conn, organization, session.id, at(100)).await.expect("the database");
    session.id
}

async fn organization(conn: &mut Conn, id: OrganizationId, retention: Retention) -> Organization {
    let found = organizations::find(conn, id).await.expect("the database");
    Organization { settings: OrganizationSettings { retention, ..found.settings }, ..found }
}

/// What is too old so many days later.
async fn check(retention: Retention, days: i64, expected: Expired) {
    let ground = Ground::new().await;
    full(&ground).await;
    let mut conn = ground.conn().await;
    let organization = organization(&mut conn, ground.organization, retention).await;
    let now = at(200) + TimeDelta::days(days);
    assert_eq!(
        expire(&mut conn, &organization, now, 100).await.expect("the database"),
        expected,
        "{retention:?} after {days} days"
    );
    assert!(expire(&mut conn, &organization, now, 100).await.expect("the database").is_nothing());
}

#[tokio::test]
async fn each_kind_has_its_time() {
    let nothing = Expired::default();
    let all = Retention { photos_days: Some(30), attendance_days: Some(365), logs_days: Some(7) };
    check(Retention::default(), 10_000, nothing).await;
    check(all, 6, nothing).await;
    check(all, 7, Expired { sightings: 3, ..nothing }).await;
    check(all, 30, Expired { sightings: 3, enrollment_photos: 1, class_photos: 1, ..nothing }).await;
    // The session takes its sightings and class photos along.
    check(all, 365, Expired { enrollment_photos: 1, sessions: 1, ..nothing }).await;
    let longest = Retention { photos_days: Some(u32::MAX), attendance_days: Some(u32::MAX), logs_days: Some(u32::MAX) };
    check(longest, 10_000, nothing).await;
}

#[tokio::test]
async fn what_is_left_is_as_it_was() {
    let ground = Ground::new().await;
    let session = full(&ground).await;
    let other = ground.another("Other").await;
    let theirs = full(&other).await;
    let mut conn = ground.conn().await;
    let ours = ground.organization;
    let person = attendance::list(&mut conn, ours, session).await.unwrap()[0].person_id;
    let logs = Retention { photos_days: Some(1), logs_days: Some(1), ..Retention::default() };
    let settled = organization(&mut conn, ours, logs).await;
    let expired = expire(&mut conn, &settled, at(200) + TimeDelta::days(1), 2).await.unwrap();
    assert_eq!(expired.sightings, 2, "a batch");
    expire(&mut conn, &settled, at(200) + TimeDelta::days(1), 2).await.unwrap();

    let left = sightings::list(&mut conn, ours, session, None, 9).await.unwrap();
    assert_eq!(left.iter().map(|s| s.sighting.outcome).collect::<Vec<_>>(), [Outcome::Present]);
    assert_eq!(attendance::list(&mut conn, ours, session).await.unwrap().len(), 1);
    assert!(retained_photos(&mut conn, &ground.sealer, ours, person).await.unwrap().is_empty());
    let enrollment = store::enrollments::list(&mut conn, ours, Some(person), None, 9).await.unwrap().remove(0);
    assert_eq!(enrollment.photos[0].rejection, None::<PhotoRejection>);
    assert_eq!(sightings::list(&mut conn, other.organization, theirs, None, 9).await.unwrap().len(), 4);
}
