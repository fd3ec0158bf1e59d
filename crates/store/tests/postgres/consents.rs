//! Withdrawing consent against everything that happens at the same time.

use domain::consent::{Consent, ConsentPurpose};
use domain::enrollment::{EnrollmentState, Gallery};
use domain::id::{Id, PersonId};
use domain::person::ConsentState;
use domain::sighting::Outcome;
use store::consents::{self, Erased};
use store::enrollments::{self, NewEnrollment, NewPhoto};
use store::{StoreError, sightings, templates};

use crate::fixtures::{
    Ground, accept, active_session, at, changes, class, contract, enroll, enrollment, evidence, frame, roster, seen,
};

fn said(ground: &Ground, person: PersonId, state: ConsentState) -> Consent {
    Consent {
        id: Id::new(),
        organization_id: ground.organization,
        person_id: person,
        purpose: ConsentPurpose::FaceRecognition,
        state,
        version: (state == ConsentState::Given).then(|| "1".to_owned()),
        at: at(1),
        recorded_at: at(2),
        guardian: None,
        recorded_by: None,
    }
}

#[tokio::test]
async fn a_withdrawal_forgets_this_face_and_no_other() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    let (course, everyone) = class(&ground, 2).await;
    enroll(&ground, everyone[0], 2).await;
    enroll(&ground, everyone[1], 1).await;
    let withdrawn = said(&ground, everyone[0], ConsentState::Withdrawn);
    let withdrawal = consents::record(&mut conn, &withdrawn).await.unwrap();
    assert_eq!(withdrawal.erased, Erased { templates: 3, photos: 0, enrollments: 0, captures: 0 });
    assert_eq!(withdrawal.bumped.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [course]);
    let left = roster(&ground, course, Gallery::Samples).await;
    assert_eq!(left.people.len(), 2, "the person stays");
    assert!(left.templates.iter().all(|template| template.person_id == everyone[1]));
    let found: Vec<_> = changes(&ground, Gallery::Samples, 0, 99).await;
    assert!(found.iter().all(|change| change.embedding.is_none() || change.person_id == everyone[1]));
    assert_eq!(consents::list(&mut conn, ground.organization, everyone[0], None, 9).await.unwrap(), [withdrawn]);

    let unknown = said(&ground, Id::new(), ConsentState::Given);
    assert!(matches!(consents::record(&mut conn, &unknown).await, Err(StoreError::NotFound)));
}

#[tokio::test]
async fn a_job_that_ends_after_the_withdrawal_enrolls_nobody() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    let (course, everyone) = class(&ground, 1).await;
    let pending = enrollment(&ground, everyone[0], 1).await;
    consents::record(&mut conn, &said(&ground, everyone[0], ConsentState::Withdrawn)).await.unwrap();
    let finished = accept(&ground, pending).await.unwrap();
    assert_eq!((finished.state, finished.already), (EnrollmentState::Failed, true));
    assert!(roster(&ground, course, Gallery::Samples).await.templates.is_empty());
    // Nor does a move to another encoder that has read their photos before.
    let (organization, sealer) = (ground.organization, &ground.sealer);
    let replaced = templates::replace(&mut conn, sealer, organization, everyone[0], &contract(), &[], at(9)).await;
    assert!(matches!(replaced, Err(StoreError::NotFound)));
}

#[tokio::test]
async fn an_enrollment_and_a_withdrawal_at_once_leave_nothing_pending() {
    let ground = Ground::new().await;
    let (_, everyone) = class(&ground, 8).await;
    for person in everyone {
        let enrolling = async {
            let mut conn = ground.conn().await;
            let photos = vec![NewPhoto { file_name: "a.jpg".to_owned(), image: Ok(vec![1; 100]) }];
            let new = NewEnrollment { id: Id::new(), organization_id: ground.organization, person_id: person, photos };
            store::transaction::run(&mut conn, async |tx| {
                consents::require(tx, ground.organization, person).await?;
                enrollments::insert(tx, &ground.sealer, new, at(0)).await
            })
            .await
        };
        let withdrawing = async {
            let mut conn = ground.conn().await;
            consents::record(&mut conn, &said(&ground, person, ConsentState::Withdrawn)).await.unwrap()
        };
        let (enrolled, _) = tokio::join!(enrolling, withdrawing);
        let mut conn = ground.conn().await;
        let found = enrollments::list(&mut conn, ground.organization, Some(person), None, 9).await.unwrap();
        match enrolled {
            Ok(_) => assert_eq!(found[0].state, EnrollmentState::Failed),
            Err(error) => {
                assert!(matches!(error, StoreError::Conflict { what: "consent" }), "{error}");
                assert!(found.is_empty());
            }
        }
    }
}

/// A worker's index may be a moment behind; what is recorded is not.
#[tokio::test]
async fn whoever_gave_their_templates_up_is_not_named_whatever_a_worker_found() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    let (course, everyone) = class(&ground, 3).await;
    // The third never had a template, and is known by what this test says.
    for person in &everyone[..2] {
        enroll(&ground, *person, 1).await;
    }
    let session = active_session(&mut conn, ground.organization, course).await;
    let (gone, other, third) = (everyone[0], Some(everyone[1]), Some(everyone[2]));
    consents::record(&mut conn, &said(&ground, gone, ConsentState::Withdrawn)).await.unwrap();
    let of_another = domain::contract::ContractId::new("mobilefacenet-192/1");
    let present = |person| (person, Outcome::Present);
    for (of, first) in [(contract(), (None, Outcome::Unknown)), (of_another, present(Some(gone)))] {
        let result = domain::sighting::FrameResult { contract: of, ..seen(&everyone, at(6)) };
        let recorded = sightings::record(&mut conn, &frame(&session, at(5)), &result, &evidence()).await.unwrap();
        let found: Vec<_> = recorded.sightings.iter().map(|s| (s.person_id, s.outcome)).collect();
        assert_eq!((found[0], found[1].0, found[2].0), (first, other, third));
    }
    // They come back, and are named again.
    consents::record(&mut conn, &said(&ground, gone, ConsentState::Given)).await.unwrap();
    enroll(&ground, gone, 1).await;
    let again = sightings::record(&mut conn, &frame(&session, at(7)), &seen(&[gone], at(8)), &evidence()).await;
    assert_eq!(again.unwrap().sightings[0].person_id, Some(gone));
}
