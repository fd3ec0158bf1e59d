//! Whoever is not active is not recognised, and is again as soon as that changes back.

use domain::enrollment::Gallery;
use domain::person::Person;
use domain::sighting::Outcome;
use store::{people, rosters, sightings};

use crate::fixtures::{Ground, active_session, at, changes, class, enroll, evidence, frame, roster, seen};

#[tokio::test]
async fn whoever_is_not_active_is_in_no_gallery() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    let (course, everyone) = class(&ground, 2).await;
    enroll(&ground, everyone[0], 1).await;
    let version = rosters::version(&mut conn, ground.organization, course).await.unwrap().unwrap();
    let person = people::find(&mut conn, ground.organization, everyone[0]).await.unwrap();
    let away = Person { is_active: false, updated_at: at(9), ..person.clone() };
    assert_eq!(people::update(&mut conn, &away).await.unwrap(), [(course, version + 1)]);

    let found = roster(&ground, course, Gallery::Pooled).await;
    assert_eq!(found.people.iter().map(|label| label.person_id).collect::<Vec<_>>(), everyone[1..]);
    assert!(found.templates.is_empty());
    // Whoever replays from the beginning, and whoever goes on where they are, both lose the templates.
    assert!(changes(&ground, Gallery::Pooled, 0, 99).await.iter().all(|change| change.embedding.is_none()));
    let on_roster = rosters::members_at(&mut conn, ground.organization, course, at(60)).await.unwrap();
    assert_eq!(on_roster.len(), 2, "they stay on it");

    // Enrolled while away: still not found.
    let before = store::templates::revision(&mut conn, ground.organization).await.unwrap();
    enroll(&ground, everyone[0], 1).await;
    assert!(changes(&ground, Gallery::Samples, before, 99).await.iter().all(|change| change.embedding.is_none()));

    let before = store::templates::revision(&mut conn, ground.organization).await.unwrap();
    people::update(&mut conn, &person).await.unwrap();
    assert_eq!(roster(&ground, course, Gallery::Samples).await.templates.len(), 2);
    let back = changes(&ground, Gallery::Samples, before, 99).await;
    assert_eq!(back.iter().filter(|change| change.embedding.is_some()).count(), 2, "with what was enrolled meanwhile");
}

#[tokio::test]
async fn whoever_is_not_active_is_not_named_whatever_a_worker_found() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    let (course, everyone) = class(&ground, 2).await;
    let session = active_session(&mut conn, ground.organization, course).await;
    let person = people::find(&mut conn, ground.organization, everyone[0]).await.unwrap();
    people::update(&mut conn, &Person { is_active: false, ..person.clone() }).await.unwrap();
    for (at_seconds, is_active, first) in
        [(5, false, (None, Outcome::Unknown)), (6, true, (Some(everyone[0]), Outcome::Present))]
    {
        people::update(&mut conn, &Person { is_active, ..person.clone() }).await.unwrap();
        let result = seen(&everyone, at(at_seconds));
        let recorded = sightings::record(&mut conn, &frame(&session, at(at_seconds)), &result, &evidence()).await;
        let found: Vec<_> = recorded.unwrap().sightings.iter().map(|s| (s.person_id, s.outcome)).collect();
        assert_eq!((found[0], found[1].0), (first, Some(everyone[1])));
    }
}
