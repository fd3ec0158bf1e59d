//! The life of a session.

use domain::attendance::AttendanceState;
use domain::contract::ContractId;
use domain::session::SessionState;
use domain::sighting::{FrameResult, Outcome, Sighting};
use store::sessions::{SessionFilter, UsedThreshold};
use store::{StoreError, attendance, rosters, sessions, sightings};

use crate::fixtures::{
    Ground, active_session, at, class, contract, course, evidence, frame, new_session, person, seen, sighting,
};

#[tokio::test]
async fn a_session_is_started_once_and_closed_once() {
    let ground = Ground::new().await;
    let organization = ground.organization;
    let mut conn = ground.conn().await;
    let course = course(&mut conn, organization, "A").await;
    let new = new_session(organization, course);
    sessions::insert(&mut conn, &new).await.unwrap();
    assert_eq!(sessions::find(&mut conn, organization, new.id).await.unwrap(), new);

    let started = sessions::start(&mut conn, organization, new.id, at(1)).await.unwrap();
    assert_eq!((started.state, started.started_at), (SessionState::Active, Some(at(1))));
    let again = sessions::start(&mut conn, organization, new.id, at(2)).await;
    assert!(matches!(again, Err(StoreError::Conflict { what: "state" })));

    let closed = sessions::close(&mut conn, organization, new.id, at(3)).await.unwrap();
    assert_eq!((closed.state, closed.started_at, closed.closed_at), (SessionState::Closed, Some(at(1)), Some(at(3))));
    for result in [
        sessions::start(&mut conn, organization, new.id, at(4)).await,
        sessions::close(&mut conn, organization, new.id, at(4)).await,
    ] {
        assert!(matches!(result, Err(StoreError::Conflict { what: "state" })));
    }
    assert_eq!(sessions::find(&mut conn, organization, new.id).await.unwrap(), closed);
}

#[tokio::test]
async fn sessions_are_listed_by_course() {
    let ground = Ground::new().await;
    let organization = ground.organization;
    let mut conn = ground.conn().await;
    let (a, b) = (course(&mut conn, organization, "A").await, course(&mut conn, organization, "B").await);
    let mut made = Vec::new();
    for on in [a, b, a] {
        let new = new_session(organization, on);
        sessions::insert(&mut conn, &new).await.unwrap();
        made.push(new);
    }
    let (all, of_a) = (SessionFilter::default(), SessionFilter { course: Some(a), ..SessionFilter::default() });
    assert_eq!(sessions::list(&mut conn, organization, &all, None, 10).await.unwrap(), made);
    let after = Some((made[0].starts_at, made[0].id.uuid()));
    let of_a = sessions::list(&mut conn, organization, &of_a, after, 10).await.unwrap();
    assert_eq!(of_a, [made[2].clone()]);
}

#[tokio::test]
async fn a_session_knows_what_its_sightings_were_held_against() {
    let ground = Ground::new().await;
    let organization = ground.organization;
    let mut conn = ground.conn().await;
    let (course, everyone) = class(&ground, 2).await;
    let session = active_session(&mut conn, organization, course).await;
    assert_eq!(sessions::thresholds(&mut conn, organization, session.id).await.unwrap(), []);
    let other = ContractId::new("another/1");
    for (second, threshold, of) in [(1, Some(0.5), contract()), (2, Some(0.5), contract()), (3, Some(0.6), other)] {
        let mut result = FrameResult { contract: of, ..seen(&everyone[..1], at(9)) };
        result.sightings[0].threshold = threshold;
        // Nobody was compared with a face like this.
        let poor = Sighting { similarity: None, threshold: None, ..sighting(1, None, Outcome::TooPoor) };
        result.sightings.push(poor);
        sightings::record(&mut conn, &frame(&session, at(second)), &result, &evidence()).await.unwrap();
    }
    let used = |contract, threshold, sightings, marked| UsedThreshold { contract, threshold, sightings, marked };
    let found = sessions::thresholds(&mut conn, organization, session.id).await.unwrap();
    assert_eq!(found, [used(ContractId::new("another/1"), 0.6, 1, 0), used(contract(), 0.5, 2, 1)]);
    let foreign = ground.another("Elsewhere").await.organization;
    let answer = sessions::thresholds(&mut conn, foreign, session.id).await;
    assert!(matches!(answer, Err(StoreError::NotFound)));
}

#[tokio::test]
async fn closing_marks_the_unmarked_absent() {
    let ground = Ground::new().await;
    let organization = ground.organization;
    let mut conn = ground.conn().await;
    let (course, everyone) = class(&ground, 3).await;
    let session = active_session(&mut conn, organization, course).await;
    sightings::record(&mut conn, &frame(&session, at(5)), &seen(&everyone[..1], at(6)), &evidence()).await.unwrap();
    sightings::record(&mut conn, &frame(&session, at(600)), &seen(&everyone[1..2], at(601)), &evidence())
        .await
        .unwrap();
    sessions::close(&mut conn, organization, session.id, at(900)).await.unwrap();

    // Whoever joins the course later was not absent.
    let newcomer = person(&mut conn, organization, "9").await;
    rosters::add(&mut conn, organization, course, &[newcomer], at(1000)).await.unwrap();

    let list = attendance::list(&mut conn, organization, session.id).await.unwrap();
    let states: Vec<_> = list.iter().map(|a| (a.external_id.as_str(), a.state)).collect();
    let expected = [
        ("1", Some(AttendanceState::Present)),
        ("2", Some(AttendanceState::Late)),
        ("3", Some(AttendanceState::Absent)),
        ("9", None),
    ];
    assert_eq!(states, expected);
    assert_eq!((list[2].sightings, list[2].first_seen_at), (0, None));
}
