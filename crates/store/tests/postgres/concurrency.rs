//! What many processes do at once comes out as if one had followed the other.

use std::collections::BTreeSet;

use domain::enrollment::{Duplicate, Gallery};
use domain::id::{EnrollmentId, PersonId};
use domain::organization::RecognitionPolicy;
use domain::sighting::Outcome;
use futures_util::future::join_all;
use store::enrollments::Finished;
use store::{StoreError, attendance, enrollments, organizations, people, rosters, sessions, sightings, templates};

use crate::fixtures::{
    Ground, accept, accepted, active_session, at, changes, class, contract, course, enroll, enrollment, evidence, face,
    frame, judge, roster, seen,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_cameras_at_once_mark_a_person_once() {
    let ground = Ground::new().await;
    let (course, everyone) = class(&ground, 3).await;
    let reversed: Vec<_> = everyone.iter().rev().copied().collect();
    for round in 0..10 {
        let session = active_session(&mut *ground.conn().await, ground.organization, course).await;
        let frames = (0..6).map(async |camera| {
            let order = if camera % 2 == 0 { &everyone } else { &reversed };
            let mut conn = ground.conn().await;
            sightings::record(&mut conn, &frame(&session, at(camera)), &seen(order, at(10)), &evidence()).await.unwrap()
        });
        let recorded = join_all(frames).await;
        for person in &everyone {
            let of_person = recorded.iter().flat_map(|r| &r.sightings).filter(|s| s.person_id == Some(*person));
            let present = of_person.clone().filter(|s| s.outcome == Outcome::Present).count();
            let already = of_person.filter(|s| s.outcome == Outcome::Already).count();
            assert_eq!((present, already), (1, 5), "round {round}");
        }
        let list = attendance::list(&mut *ground.conn().await, ground.organization, session.id).await.unwrap();
        assert!(
            list.iter().all(|a| a.sightings == 6 && a.first_seen_at == Some(at(0)) && a.last_seen_at == Some(at(5)))
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_frame_at_two_workers_is_recorded_once() {
    let ground = Ground::new().await;
    let (course, everyone) = class(&ground, 3).await;
    let session = active_session(&mut *ground.conn().await, ground.organization, course).await;
    for round in 0..10 {
        let header = frame(&session, at(round));
        let deliveries = (0..4).map(async |_| {
            let mut conn = ground.conn().await;
            sightings::record(&mut conn, &header, &seen(&everyone, at(round)), &evidence()).await.unwrap()
        });
        let recorded = join_all(deliveries).await;
        assert_eq!(recorded.iter().filter(|r| !r.already_recorded).count(), 1);
        assert!(recorded.iter().all(|r| r.sightings == recorded[0].sightings));
    }
    let list = attendance::list(&mut *ground.conn().await, ground.organization, session.id).await.unwrap();
    assert!(list.iter().all(|a| a.sightings == 10));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn revisions_have_no_gap_and_nobody_is_bumped_less() {
    let ground = Ground::new().await;
    let (course, everyone) = class(&ground, 8).await;
    let mut waiting = Vec::new();
    for (number, person) in everyone.iter().enumerate() {
        waiting.push(enrollment(&ground, *person, 1 + number % 3).await);
    }
    let twice: Vec<_> = waiting.iter().chain(&waiting).copied().collect();
    let finished: Vec<_> = join_all(twice.iter().map(|id| accept(&ground, *id))).await;
    let finished: Vec<_> = finished.into_iter().map(|f| f.expect("finished")).collect();
    assert_eq!(finished.iter().filter(|f| !f.already).count(), 8);

    let mut conn = ground.conn().await;
    let log = changes(&ground, Gallery::Samples, 0, 100).await;
    let revisions: Vec<i64> = log.iter().map(|c| c.revision).collect();
    assert_eq!(revisions, (1..=23).collect::<Vec<_>>());
    assert_eq!(templates::revision(&mut conn, ground.organization).await.unwrap(), 23);
    let versions: BTreeSet<i64> = finished.iter().filter(|f| !f.already).map(|f| f.bumped[0].1).collect();
    assert_eq!(versions, (3..=10).collect(), "each finish had a version of its own");
    assert_eq!(rosters::version(&mut conn, ground.organization, course).await.unwrap(), Some(10));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_roster_is_what_it_was_at_its_version() {
    let ground = Ground::new().await;
    let (course, everyone) = class(&ground, 6).await;
    // Version 2 has no template, and each enrollment of two photos makes the next version.
    let enrolling = async {
        for person in &everyone {
            enroll(&ground, *person, 2).await;
        }
    };
    let loading = async {
        loop {
            let roster = roster(&ground, course, Gallery::Samples).await;
            assert_eq!(roster.templates.len() as i64, (roster.version - 2) * 2);
            if roster.version == 8 {
                break;
            }
        }
    };
    tokio::join!(enrolling, loading);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_joins_while_being_enrolled_is_on_a_roster_with_the_templates() {
    let ground = Ground::new().await;
    let (_, everyone) = class(&ground, 6).await;
    for (round, person) in everyone.iter().enumerate() {
        let joined = course(&mut *ground.conn().await, ground.organization, &format!("J-{round}")).await;
        let id = enrollment(&ground, *person, 1).await;
        let joining = async {
            let mut conn = ground.conn().await;
            rosters::add(&mut conn, ground.organization, joined, &[*person], at(0)).await.unwrap()
        };
        let (added, finished) = tokio::join!(joining, accept(&ground, id));
        let finished = finished.unwrap();
        // Whichever came second, its version has the person and the template.
        let bumped = finished.bumped.iter().find(|(course, _)| *course == joined).map(|(_, version)| *version);
        assert!(bumped.is_none_or(|version| version == added + 1), "{added} {bumped:?}");
        let roster = roster(&ground, joined, Gallery::Samples).await;
        assert_eq!((roster.version, roster.templates.len()), (bumped.unwrap_or(added), 1));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_deadlocks() {
    let ground = Ground::new().await;
    let organization = ground.organization;
    let (first, everyone) = class(&ground, 8).await;
    let second = course(&mut *ground.conn().await, organization, "B").await;
    rosters::add(&mut *ground.conn().await, organization, second, &everyone, at(0)).await.unwrap();
    for doomed in &everyone[..4] {
        let session = active_session(&mut *ground.conn().await, organization, first).await;
        enroll(&ground, *doomed, 1).await;
        let mut waiting = Vec::new();
        for person in &everyone[..4] {
            match people::find(&mut *ground.conn().await, organization, *person).await {
                Ok(_) => waiting.push(enrollment(&ground, *person, 1).await),
                Err(_) => continue,
            }
        }
        let recording = join_all((0..4).map(async |n| {
            let mut conn = ground.conn().await;
            let mut result = seen(&everyone, at(9));
            if n % 2 == 1 {
                result.sightings.reverse();
                result.sightings.iter_mut().for_each(|sighting| sighting.outcome = Outcome::Likely);
            }
            check(sightings::record(&mut conn, &frame(&session, at(n)), &result, &evidence()).await);
        }));
        // Everybody looks like the one who is being deleted, or like the next.
        let finishing = join_all(waiting.iter().enumerate().map(async |(n, id)| {
            let like = if n % 2 == 0 { *doomed } else { everyone[(n + 1) % 4] };
            check(accept_like(&ground, *id, like).await);
            let mut conn = ground.conn().await;
            match enrollments::confirm_distinct(&mut conn, organization, *id, at(70)).await {
                Err(StoreError::Conflict { .. }) => {}
                answer => check(answer),
            }
            check(enrollments::fail(&mut conn, organization, *id, at(80)).await);
        }));
        let deciding = async {
            let policy = RecognitionPolicy { retain_photos: true, ..RecognitionPolicy::default() };
            check(organizations::set_policy(&mut *ground.conn().await, organization, &policy).await);
            let (mut conn, of) = (ground.conn().await, contract());
            let (sealer, last) = (&ground.sealer, everyone[7]);
            check(templates::replace(&mut conn, sealer, organization, last, &of, &[], at(9)).await);
        };
        let deleting = async { check(people::delete(&mut *ground.conn().await, organization, *doomed).await) };
        let closing =
            async { check(sessions::close(&mut *ground.conn().await, organization, session.id, at(9)).await) };
        let leaving = async {
            check(rosters::remove(&mut *ground.conn().await, organization, second, &everyone[3..6], at(9)).await);
            check(rosters::add(&mut *ground.conn().await, organization, second, &everyone[4..], at(9)).await);
        };
        let sweeping = async { check(enrollments::stuck(&mut *ground.conn().await, at(1), at(1), 9).await) };
        tokio::join!(recording, finishing, deciding, deleting, closing, leaving, sweeping);
    }
}

/// Accepts all photos of an enrollment of somebody who looks like another person.
async fn accept_like(ground: &Ground, id: EnrollmentId, like: PersonId) -> Result<Finished, StoreError> {
    let found = enrollments::find(&mut *ground.conn().await, ground.organization, id).await?;
    let verdicts: Vec<_> = found.photos.iter().map(|photo| (photo.id, accepted(face(0.0)))).collect();
    judge(ground, id, &verdicts, Some(Duplicate { person_id: like, similarity: 0.9 })).await
}

/// Others may have been faster, but nothing else goes wrong.
fn check<T>(result: Result<T, StoreError>) {
    match result {
        Ok(_) | Err(StoreError::NotFound | StoreError::NotActive) => {}
        Err(error) => panic!("{error:?}"),
    }
}
