//! Likely people: marked once enough was seen of them, and never otherwise.

use chrono::TimeDelta;
use domain::evidence::EvidencePolicy;
use domain::frame::FrameHeader;
use domain::id::PersonId;
use domain::session::Session;
use domain::sighting::Outcome::{self, Already, Likely, Present, Unknown};
use domain::sighting::{FrameResult, Sighting};
use futures_util::future::join_all;
use store::sightings::{list, record};
use store::{attendance, people, rosters};

use crate::fixtures::{Ground, active_session, at, class, evidence, frame, seen, sighting};

/// What a worker says of a face that is probably this person's: a stranger is taken for them at this rate.
fn likely(person: PersonId, false_match_rate: f64) -> Sighting {
    Sighting { false_match_rate: Some(false_match_rate), ..sighting(0, Some(person), Likely) }
}

fn result(header: &FrameHeader, sightings: Vec<Sighting>) -> FrameResult {
    FrameResult { sightings, ..seen(&[], header.received_at + TimeDelta::seconds(1)) }
}

async fn scene(size: usize) -> (Ground, Session, Vec<PersonId>) {
    let ground = Ground::new().await;
    let (course, everyone) = class(&ground, size).await;
    let session = active_session(&mut *ground.conn().await, ground.organization, course).await;
    (ground, session, everyone)
}

/// Records one face and answers what came of it.
async fn look(ground: &Ground, header: &FrameHeader, found: Sighting, policy: &EvidencePolicy) -> Outcome {
    let recorded =
        record(&mut *ground.conn().await, header, &result(header, vec![found]), policy).await.expect("recorded");
    recorded.sightings[0].outcome
}

/// Likely sightings at these times (milliseconds) and rates, in a session of their own, come out as these outcomes.
async fn check(ground: &Ground, session: &Session, person: PersonId, looks: &[(i64, f64)], expected: &[Outcome]) {
    let session = active_session(&mut *ground.conn().await, ground.organization, session.course_id).await;
    let mut found = Vec::new();
    for (ms, rate) in looks {
        let header = frame(&session, at(0) + TimeDelta::milliseconds(*ms));
        found.push(look(ground, &header, likely(person, *rate), &evidence()).await);
    }
    assert_eq!(found, expected, "{looks:?}");
    let marked = attendance::list(&mut *ground.conn().await, ground.organization, session.id).await.expect("a list");
    assert_eq!(marked[0].state.is_some(), expected.contains(&Present), "{looks:?}");
}

#[tokio::test]
async fn several_likely_sightings_mark_when_they_are_enough() {
    let (ground, session, everyone) = scene(1).await;
    let person = everyone[0];
    check(&ground, &session, person, &[(0, 4e-3), (1000, 4e-3)], &[Likely, Likely]).await;
    let enough = [(0, 4e-3), (1000, 4e-3), (2000, 4e-3), (3000, 4e-3)];
    check(&ground, &session, person, &enough, &[Likely, Likely, Present, Already]).await;
    // A moment apart, or long ago.
    check(&ground, &session, person, &[(0, 2e-3), (299, 2e-3), (300, 2e-3)], &[Likely, Likely, Present]).await;
    check(&ground, &session, person, &[(0, 2e-3), (10_001, 2e-3)], &[Likely, Likely]).await;
    check(&ground, &session, person, &[(0, 2e-3), (10_000, 2e-3)], &[Likely, Present]).await;
    // Frames that overtake each other.
    check(&ground, &session, person, &[(2000, 4e-3), (0, 4e-3), (1000, 4e-3)], &[Likely, Likely, Present]).await;
    check(&ground, &session, person, &[(0, 0.5), (1000, 0.5), (2000, 0.5), (3000, 0.5)], &[Likely; 4]).await;
}

#[tokio::test]
async fn only_the_same_person_in_the_same_session_counts() {
    let (ground, session, everyone) = scene(2).await;
    let other = active_session(&mut *ground.conn().await, ground.organization, session.course_id).await;
    let (first, second) = (likely(everyone[0], 2e-3), likely(everyone[1], 2e-3));
    assert_eq!(look(&ground, &frame(&session, at(0)), first.clone(), &evidence()).await, Likely);
    assert_eq!(look(&ground, &frame(&session, at(1)), second, &evidence()).await, Likely);
    assert_eq!(look(&ground, &frame(&other, at(2)), first.clone(), &evidence()).await, Likely);
    // Twice in one frame is one look.
    let header = frame(&other, at(20));
    let twice = vec![first.clone(), Sighting { face_index: 1, ..first.clone() }];
    let recorded = record(&mut *ground.conn().await, &header, &result(&header, twice), &evidence()).await.unwrap();
    assert!(recorded.sightings.iter().all(|s| s.outcome == Likely));
    assert_eq!(look(&ground, &frame(&session, at(3)), first, &evidence()).await, Present);
}

#[tokio::test]
async fn an_unknown_or_unrated_face_never_flips() {
    let (ground, session, everyone) = scene(1).await;
    let unknown = Sighting { person_id: None, outcome: Unknown, ..likely(everyone[0], 1e-9) };
    let unrated = Sighting { false_match_rate: None, ..likely(everyone[0], 1e-9) };
    for second in 0..6 {
        let header = frame(&session, at(second));
        assert_eq!(look(&ground, &header, unknown.clone(), &evidence()).await, Unknown);
        let header = frame(&session, at(second));
        assert_eq!(look(&ground, &header, unrated.clone(), &evidence()).await, Likely);
    }
    let marked = attendance::list(&mut *ground.conn().await, ground.organization, session.id).await.unwrap();
    assert!(marked.iter().all(|a| a.state.is_none()));
    // What was unrated does not help what is rated.
    assert_eq!(look(&ground, &frame(&session, at(6)), likely(everyone[0], 2e-3), &evidence()).await, Likely);
}

#[tokio::test]
async fn each_frame_delivered_again_says_what_it_said() {
    let (ground, session, everyone) = scene(1).await;
    let frames = [0, 1, 2, 3].map(|second| frame(&session, at(second)));
    let mut first = Vec::new();
    for header in &frames {
        let found = result(header, vec![likely(everyone[0], 4e-3)]);
        first.push(record(&mut *ground.conn().await, header, &found, &evidence()).await.unwrap().sightings);
    }
    let before = attendance::list(&mut *ground.conn().await, ground.organization, session.id).await.unwrap();
    for (header, said) in frames.iter().zip(&first) {
        // Even where another worker thinks better of it.
        for again in [likely(everyone[0], 4e-3), sighting(0, Some(everyone[0]), Present)] {
            let found = result(header, vec![again]);
            let recorded = record(&mut *ground.conn().await, header, &found, &evidence()).await.unwrap();
            assert_eq!((&recorded.sightings, recorded.already_recorded), (said, true));
        }
    }
    let after = attendance::list(&mut *ground.conn().await, ground.organization, session.id).await.unwrap();
    assert_eq!(after, before);
}

#[tokio::test]
async fn whoever_is_marked_rests_for_the_cool_down() {
    let (ground, session, everyone) = scene(2).await;
    let policy = EvidencePolicy { cool_down: Some(TimeDelta::seconds(5)), ..evidence() };
    let face = sighting(0, Some(everyone[0]), Present);
    let first = frame(&session, at(10));
    assert_eq!(look(&ground, &first, face.clone(), &policy).await, Present);
    for (second, found) in [(13, face.clone()), (14, likely(everyone[0], 0.5)), (7, face.clone())] {
        assert_eq!(look(&ground, &frame(&session, at(second)), found, &policy).await, Already);
    }
    let count =
        async || list(&mut *ground.conn().await, ground.organization, session.id, None, 99).await.unwrap().len();
    assert_eq!(count().await, 1, "they are not recorded");

    // Delivered again, the first frame is the one that marked, whatever has been marked since by it.
    let again = record(&mut *ground.conn().await, &first, &result(&first, vec![face.clone()]), &policy).await.unwrap();
    assert_eq!((again.sightings[0].outcome, again.already_recorded), (Present, true));

    // Somebody new in the same frame is recorded; who rests is answered all the same.
    let header = frame(&session, at(14));
    let both = vec![face.clone(), sighting(1, Some(everyone[1]), Present)];
    let recorded = record(&mut *ground.conn().await, &header, &result(&header, both), &policy).await.unwrap();
    assert_eq!(recorded.sightings.iter().map(|s| s.outcome).collect::<Vec<_>>(), [Already, Present]);
    assert!(!recorded.already_recorded);
    assert_eq!(look(&ground, &frame(&session, at(15)), face, &policy).await, Already);
    assert_eq!(count().await, 3, "the cool-down is over");
    let list = attendance::list(&mut *ground.conn().await, ground.organization, session.id).await.unwrap();
    assert_eq!(
        list.iter().map(|a| (a.sightings, a.last_seen_at)).collect::<Vec<_>>(),
        [(2, Some(at(15))), (1, Some(at(14)))]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn workers_at_once_mark_as_if_one_followed_the_other() {
    let (ground, first, everyone) = scene(3).await;
    for round in 0..10 {
        let session = active_session(&mut *ground.conn().await, ground.organization, first.course_id).await;
        let frames = (0..4).map(async |second: i64| {
            let header = frame(&session, at(second));
            let mut faces: Vec<Sighting> = everyone.iter().map(|person| likely(*person, 2e-3)).collect();
            if second % 2 == 1 {
                faces.reverse();
            }
            faces.iter_mut().zip(0..).for_each(|(face, index)| face.face_index = index);
            record(&mut *ground.conn().await, &header, &result(&header, faces), &evidence()).await.unwrap()
        });
        let recorded = join_all(frames).await;
        for person in &everyone {
            let of_person = recorded.iter().flat_map(|r| &r.sightings).filter(|s| s.person_id == Some(*person));
            let count = |outcome| of_person.clone().filter(|s| s.outcome == outcome).count();
            assert_eq!((count(Likely), count(Present), count(Already)), (1, 1, 2), "round {round}");
        }
    }
}

#[tokio::test]
async fn a_likely_person_who_left_the_roster_or_was_deleted_is_unknown_and_nameless() {
    let (ground, session, everyone) = scene(2).await;
    let (mut conn, organization) = (ground.conn().await, ground.organization);
    let faces = |header: &FrameHeader| {
        let second = Sighting { face_index: 1, ..likely(everyone[1], 2e-3) };
        result(header, vec![likely(everyone[0], 2e-3), second])
    };
    let header = frame(&session, at(0));
    record(&mut conn, &header, &faces(&header), &evidence()).await.unwrap();
    rosters::remove(&mut conn, organization, session.course_id, &everyone[..1], at(9)).await.unwrap();
    people::delete(&mut conn, organization, everyone[1]).await.unwrap();
    let header = frame(&session, at(1));
    let recorded = record(&mut conn, &header, &faces(&header), &evidence()).await.unwrap();
    let found: Vec<_> = recorded.sightings.iter().map(|s| (s.person_id, s.outcome)).collect();
    assert_eq!(found, [(None, Unknown), (None, Unknown)]);
    assert_eq!(attendance::list(&mut conn, organization, session.id).await.unwrap(), []);
}
