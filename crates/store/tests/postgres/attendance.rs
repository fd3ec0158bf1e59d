//! Attendance follows from sightings, in whatever order they are recorded.

use domain::attendance::{Attendance, AttendanceState};
use domain::sighting::Outcome;
use store::{attendance, rosters, sightings};

use crate::fixtures::{Ground, active_session, at, class, evidence, frame, seen, sighting};

#[tokio::test]
async fn the_earliest_sighting_decides_and_the_best_is_kept() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    let (course, everyone) = class(&ground, 1).await;
    let session = active_session(&mut conn, ground.organization, course).await;
    let mut record = async |received: i64, similarity: f32| {
        let mut result = seen(&everyone, at(received + 1));
        result.sightings[0].similarity = Some(similarity);
        sightings::record(&mut conn, &frame(&session, at(received)), &result, &evidence()).await.unwrap();
        attendance::list(&mut conn, ground.organization, session.id).await.unwrap().remove(0)
    };

    let mut expected = Attendance {
        session_id: session.id,
        person_id: everyone[0],
        external_id: "1".to_owned(),
        name: "Person 1".to_owned(),
        state: Some(AttendanceState::Late),
        first_seen_at: Some(at(700)),
        last_seen_at: Some(at(700)),
        sightings: 1,
        best_similarity: Some(0.7),
        stay_seconds: 0,
        checked_out_at: None,
        is_corrected: false,
    };
    assert_eq!(record(700, 0.7).await, expected);

    // A frame that was received earlier, and in time, but took longer.
    expected.state = Some(AttendanceState::Present);
    expected.first_seen_at = Some(at(30));
    expected.sightings = 2;
    expected.stay_seconds = 670;
    assert_eq!(record(30, 0.6).await, expected);

    expected.last_seen_at = Some(at(800));
    expected.sightings = 3;
    expected.stay_seconds = 770;
    expected.best_similarity = Some(0.9);
    assert_eq!(record(800, 0.9).await, expected);
}

#[tokio::test]
async fn lists_the_roster_and_whoever_left_it_after_being_seen() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    let (course, everyone) = class(&ground, 3).await;
    let session = active_session(&mut conn, ground.organization, course).await;
    sightings::record(&mut conn, &frame(&session, at(5)), &seen(&everyone[1..2], at(6)), &evidence()).await.unwrap();
    rosters::remove(&mut conn, ground.organization, course, &everyone[1..], at(9)).await.unwrap();

    let list = attendance::list(&mut conn, ground.organization, session.id).await.unwrap();
    let states: Vec<_> = list.iter().map(|a| (a.external_id.as_str(), a.state)).collect();
    assert_eq!(states, [("1", None), ("2", Some(AttendanceState::Present))]);
}

#[tokio::test]
async fn only_people_on_the_roster_are_marked() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    let (course, everyone) = class(&ground, 4).await;
    rosters::remove(&mut conn, ground.organization, course, &everyone[1..2], at(9)).await.unwrap();
    let session = active_session(&mut conn, ground.organization, course).await;
    let mut result = seen(&everyone[..2], at(6));
    result.sightings.push(sighting(2, Some(everyone[2]), Outcome::NotOnRoster));
    result.sightings.push(sighting(3, None, Outcome::Unknown));
    result.sightings.push(sighting(4, None, Outcome::TooPoor));
    let recorded = sightings::record(&mut conn, &frame(&session, at(5)), &result, &evidence()).await.unwrap();
    let outcomes: Vec<Outcome> = recorded.sightings.iter().map(|s| s.outcome).collect();
    let expected = [Outcome::Present, Outcome::NotOnRoster, Outcome::NotOnRoster, Outcome::Unknown, Outcome::TooPoor];
    assert_eq!(outcomes, expected, "the second face left the roster after the worker had loaded it");

    let list = attendance::list(&mut conn, ground.organization, session.id).await.unwrap();
    let marked: Vec<_> = list.iter().filter(|a| a.state.is_some()).map(|a| a.person_id).collect();
    assert_eq!(marked, everyone[..1]);
}
