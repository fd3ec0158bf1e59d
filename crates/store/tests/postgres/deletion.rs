//! A deleted person is in no answer.

use domain::enrollment::Gallery;
use domain::id::Id;
use store::{StoreError, attendance, enrollments, people, rosters, sightings};

use crate::fixtures::{Ground, active_session, at, class, course, enroll, enrollment, evidence, frame, roster, seen};

#[tokio::test]
async fn a_deleted_person_is_in_no_answer() {
    let ground = Ground::new().await;
    let organization = ground.organization;
    let mut conn = ground.conn().await;
    let (first, everyone) = class(&ground, 2).await;
    let second = course(&mut conn, organization, "B").await;
    let untouched = course(&mut conn, organization, "C").await;
    rosters::add(&mut conn, organization, second, &everyone[..1], at(0)).await.unwrap();
    enroll(&ground, everyone[0], 2).await;
    let pending = enrollment(&ground, everyone[0], 1).await;
    let session = active_session(&mut conn, organization, first).await;
    sightings::record(&mut conn, &frame(&session, at(5)), &seen(&everyone, at(6)), &evidence()).await.unwrap();

    let bumped = people::delete(&mut conn, organization, everyone[0]).await.unwrap();
    assert_eq!(bumped, [(first, 4), (second, 4)]);
    assert_eq!(rosters::version(&mut conn, organization, untouched).await.unwrap(), Some(1));

    assert!(matches!(people::find(&mut conn, organization, everyone[0]).await, Err(StoreError::NotFound)));
    assert!(matches!(enrollments::find(&mut conn, organization, pending).await, Err(StoreError::NotFound)));
    assert!(enrollments::load_job(&mut conn, &ground.sealer, organization, pending).await.unwrap().is_none());
    let roster = roster(&ground, first, Gallery::Samples).await;
    assert_eq!((roster.people.len(), roster.templates.len()), (1, 0));
    assert!(
        sightings::list(&mut conn, organization, session.id, None, 9)
            .await
            .unwrap()
            .iter()
            .all(|s| { s.sighting.person_id == Some(everyone[1]) })
    );
    let list = attendance::list(&mut conn, organization, session.id).await.unwrap();
    assert_eq!(list.iter().map(|a| a.person_id).collect::<Vec<_>>(), everyone[1..]);
    for gone in [everyone[0], Id::new()] {
        assert!(matches!(people::delete(&mut conn, organization, gone).await, Err(StoreError::NotFound)));
    }
}

#[tokio::test]
async fn somebody_without_templates_leaves_no_gap_in_the_log() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    let (_, everyone) = class(&ground, 2).await;
    people::delete(&mut conn, ground.organization, everyone[0]).await.unwrap();
    assert_eq!(enroll(&ground, everyone[1], 1).await.template_revision, 2);
}
