//! Frames are recorded once, while their session runs, and read back in order.

use domain::sighting::Outcome;
use store::sightings::{RecordedSighting, SightingCursor, list, record};
use store::{StoreError, attendance, people, sessions};

use crate::fixtures::{Ground, active_session, at, class, evidence, frame, new_session, seen, sighting};

#[tokio::test]
async fn a_frame_delivered_again_changes_nothing_and_says_the_same() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    let (course, everyone) = class(&ground, 2).await;
    let session = active_session(&mut conn, ground.organization, course).await;
    let header = frame(&session, at(5));
    let mut result = seen(&everyone, at(6));
    result.sightings.push(sighting(2, None, Outcome::Unknown));
    let first = record(&mut conn, &header, &result, &evidence()).await.unwrap();
    assert!(!first.already_recorded);
    assert_eq!(first.sightings, result.sightings);
    let marked = attendance::list(&mut conn, ground.organization, session.id).await.unwrap();

    // Another worker may even have decided otherwise: what stands, stands.
    let fewer = seen(&everyone[1..], at(9));
    for again in [&result, &fewer, &seen(&[], at(9))] {
        let second = record(&mut conn, &header, again, &evidence()).await.unwrap();
        assert!(second.already_recorded);
        assert_eq!(second.sightings, first.sightings);
    }
    sessions::close(&mut conn, ground.organization, session.id, at(100)).await.unwrap();
    let late = record(&mut conn, &header, &result, &evidence()).await.unwrap();
    assert!(late.already_recorded);
    assert_eq!(attendance::list(&mut conn, ground.organization, session.id).await.unwrap(), marked);
}

#[tokio::test]
async fn a_second_frame_finds_people_already_marked() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    let (course, everyone) = class(&ground, 2).await;
    let session = active_session(&mut conn, ground.organization, course).await;
    record(&mut conn, &frame(&session, at(5)), &seen(&everyone[..1], at(6)), &evidence()).await.unwrap();
    let second = record(&mut conn, &frame(&session, at(7)), &seen(&everyone, at(8)), &evidence()).await.unwrap();
    let outcomes: Vec<Outcome> = second.sightings.iter().map(|s| s.outcome).collect();
    assert_eq!(outcomes, [Outcome::Already, Outcome::Present]);

    // Two faces of one frame that are one person: a mistake of the caller, who still counts once.
    let twice =
        record(&mut conn, &frame(&session, at(9)), &seen(&[everyone[0]; 2], at(10)), &evidence()).await.unwrap();
    assert_eq!(twice.sightings.len(), 2);
    let list = attendance::list(&mut conn, ground.organization, session.id).await.unwrap();
    assert_eq!(list.iter().map(|a| a.sightings).collect::<Vec<_>>(), [3, 1]);
}

#[tokio::test]
async fn a_session_that_is_not_active_takes_no_frame() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    let (course, everyone) = class(&ground, 1).await;
    let scheduled = new_session(ground.organization, course);
    sessions::insert(&mut conn, &scheduled).await.unwrap();
    let closed = active_session(&mut conn, ground.organization, course).await;
    sessions::close(&mut conn, ground.organization, closed.id, at(100)).await.unwrap();
    for session in [scheduled, closed] {
        let result = record(&mut conn, &frame(&session, at(5)), &seen(&everyone, at(6)), &evidence()).await;
        assert!(matches!(result, Err(StoreError::NotActive)), "{result:?}");
        assert!(list(&mut conn, ground.organization, session.id, None, 10).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_frame_without_a_face_leaves_no_trace() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    let (course, _) = class(&ground, 1).await;
    let session = active_session(&mut conn, ground.organization, course).await;
    let header = frame(&session, at(5));
    for _ in 0..2 {
        let recorded = record(&mut conn, &header, &seen(&[], at(6)), &evidence()).await.unwrap();
        assert_eq!((recorded.sightings.len(), recorded.already_recorded), (0, false));
    }
}

#[tokio::test]
async fn somebody_deleted_meanwhile_is_unknown() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    let (course, everyone) = class(&ground, 2).await;
    let session = active_session(&mut conn, ground.organization, course).await;
    people::delete(&mut conn, ground.organization, everyone[0]).await.unwrap();
    let recorded = record(&mut conn, &frame(&session, at(5)), &seen(&everyone, at(6)), &evidence()).await.unwrap();
    let found: Vec<_> = recorded.sightings.iter().map(|s| (s.person_id, s.outcome)).collect();
    assert_eq!(found, [(None, Outcome::Unknown), (Some(everyone[1]), Outcome::Present)]);
}

#[tokio::test]
async fn lists_in_pages_in_the_order_of_decisions() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    let (course, everyone) = class(&ground, 3).await;
    let session = active_session(&mut conn, ground.organization, course).await;
    let frames = [frame(&session, at(1)), frame(&session, at(2)), frame(&session, at(3))];
    // The last two were decided at one moment; the first was recorded last.
    for (header, decided) in [(&frames[1], 20), (&frames[2], 20), (&frames[0], 10)] {
        record(&mut conn, header, &seen(&everyone, at(decided)), &evidence()).await.unwrap();
    }
    let mut all: Vec<RecordedSighting> = Vec::new();
    loop {
        let after: Option<SightingCursor> = all.last().map(RecordedSighting::cursor);
        let page = list(&mut conn, ground.organization, session.id, after, 2).await.unwrap();
        if page.is_empty() {
            break;
        }
        all.extend(page);
    }
    let order: Vec<_> = all.iter().map(|s| (s.frame_id, s.sighting.face_index)).collect();
    let expected: Vec<_> = frames.iter().flat_map(|f| (0..3).map(|index| (f.frame_id, index))).collect();
    assert_eq!(order, expected);
    assert_eq!((all[0].received_at, all[0].decided_at), (at(1), at(10)));
}
