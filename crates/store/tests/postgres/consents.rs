//! Withdrawing consent against everything that happens at the same time.

use domain::consent::{Consent, ConsentPurpose};
use domain::enrollment::{EnrollmentState, Gallery};
use domain::id::{Id, PersonId};
use domain::person::ConsentState;
use store::consents::{self, Erased};
use store::enrollments::{self, NewEnrollment, NewPhoto};
use store::{StoreError, templates};

use crate::fixtures::{Ground, accept, at, changes, class, contract, enroll, enrollment, roster};

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
