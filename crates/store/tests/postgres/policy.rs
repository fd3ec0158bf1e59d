//! How an organization wants its people recognised, and what follows from it.

use chrono::TimeDelta;
use domain::contract::ContractId;
use domain::enrollment::{Gallery, PhotoRejection, PhotoVerdict};
use domain::id::Id;
use domain::organization::{LivenessPolicy, RecognitionPolicy};
use store::{StoreError, enrollments, organizations, rosters};

use crate::fixtures::{
    Ground, accepted, at, class, contract, course, enroll, enrollment, face, judge, roster, stored_bytes,
};

fn retaining() -> RecognitionPolicy {
    RecognitionPolicy { retain_photos: true, ..RecognitionPolicy::default() }
}

#[tokio::test]
async fn a_policy_is_kept_and_raises_the_versions_of_all_rosters_of_its_organization() {
    let ground = Ground::new().await;
    let organization = ground.organization;
    let (first, _) = class(&ground, 1).await;
    let mut conn = ground.conn().await;
    let second = course(&mut conn, organization, "B").await;
    let elsewhere = ground.another("Elsewhere").await;
    let (foreign, _) = class(&elsewhere, 1).await;
    let policy = RecognitionPolicy {
        false_match_rate: Some(1e-5),
        forced_threshold: Some(0.25),
        liveness: LivenessPolicy::Required,
        retain_photos: true,
    };
    assert_eq!(organizations::set_policy(&mut conn, organization, &policy).await.unwrap(), [(first, 3), (second, 2)]);
    assert_eq!(organizations::find(&mut conn, organization).await.unwrap().policy, policy);
    assert_eq!(roster(&ground, first, Gallery::Pooled).await.organization.policy, policy);

    let other = ContractId::new("other/1");
    let bumped = organizations::set_contract(&mut conn, organization, &other).await.unwrap();
    assert_eq!(bumped, [(first, 4), (second, 3)]);
    let found = organizations::find(&mut conn, organization).await.unwrap();
    assert_eq!((found.contract, found.policy), (Some(other.clone()), policy));

    let untouched = organizations::find(&mut conn, elsewhere.organization).await.unwrap();
    assert_eq!((untouched.contract, untouched.policy), (None, RecognitionPolicy::default()));
    assert_eq!(rosters::version(&mut conn, elsewhere.organization, foreign).await.unwrap(), Some(2));
    for answer in [
        organizations::set_policy(&mut conn, Id::new(), &policy).await,
        organizations::set_contract(&mut conn, Id::new(), &other).await,
    ] {
        assert!(matches!(answer, Err(StoreError::NotFound)));
    }
}

#[tokio::test]
async fn the_first_templates_decide_the_contract_and_a_roster_is_loaded_with_it() {
    let ground = Ground::new().await;
    let (on, everyone) = class(&ground, 1).await;
    let mut conn = ground.conn().await;
    let load = async |conn: &mut store::Conn| {
        let of = (ground.organization, on);
        rosters::load(conn, &ground.sealer, of.0, of.1, None, Gallery::Pooled).await.unwrap().expect("a roster")
    };
    assert_eq!(load(&mut conn).await.templates.len(), 0, "nobody is enrolled, and no contract is chosen");
    enroll(&ground, everyone[0], 1).await;
    let loaded = load(&mut conn).await;
    assert_eq!((loaded.organization.contract, loaded.templates.len()), (Some(contract()), 1));

    // A worker with another encoder does not change it.
    let id = enrollment(&ground, everyone[0], 1).await;
    let photo = enrollments::find(&mut conn, ground.organization, id).await.unwrap().photos[0].id;
    let (other, verdicts) = (ContractId::new("other/1"), [(photo, accepted(face(1.0)))]);
    let judged = enrollments::Judged { contract: &other, verdicts: &verdicts, duplicate: None };
    enrollments::finish(&mut conn, &ground.sealer, ground.organization, id, &judged, at(60)).await.unwrap();
    let loaded = load(&mut conn).await;
    assert_eq!((loaded.organization.contract, loaded.templates[0].contract.clone()), (Some(contract()), contract()));
    organizations::set_contract(&mut conn, ground.organization, &other).await.unwrap();
    assert_eq!(load(&mut conn).await.templates[0].contract, other);
}

/// Which of an enrollment's two photos, one accepted and one not, have a picture once it is finished.
async fn pictures_left(policy: RecognitionPolicy) -> Vec<bool> {
    let ground = Ground::new().await;
    let (_, everyone) = class(&ground, 1).await;
    let mut conn = ground.conn().await;
    organizations::set_policy(&mut conn, ground.organization, &policy).await.expect("it is there");
    let id = enrollment(&ground, everyone[0], 2).await;
    let photos = enrollments::find(&mut conn, ground.organization, id).await.expect("it is there").photos;
    let refused = PhotoVerdict::Rejected { reason: PhotoRejection::FaceBlurred, quality: Some(12) };
    judge(&ground, id, &[(photos[0].id, accepted(face(0.0))), (photos[1].id, refused)], None)
        .await
        .expect("it is there");
    let found = enrollments::find(&mut conn, ground.organization, id).await.expect("it is there").photos;
    assert_eq!((found[1].rejection, found[1].quality), (Some(PhotoRejection::FaceBlurred), Some(12)));
    let theirs =
        store::keys::of_person(&mut conn, &ground.sealer, ground.organization, everyone[0]).await.expect("a key");
    let mut left = Vec::new();
    for photo in photos {
        let query = "SELECT image AS bytes FROM enrollment_photos WHERE id = $1";
        let sealed = stored_bytes(&ground, query, photo.id.uuid()).await;
        assert!(sealed.as_ref().is_none_or(|bytes| theirs.open(photo.id.uuid(), bytes).is_ok()), "sealed");
        left.push(sealed.is_some());
    }
    left
}

#[tokio::test]
async fn accepted_photos_are_retained_only_where_the_policy_says_so() {
    assert_eq!(pictures_left(RecognitionPolicy::default()).await, [false, false]);
    assert_eq!(pictures_left(retaining()).await, [true, false]);
}

#[tokio::test]
async fn without_an_accepted_photo_none_is_retained() {
    let ground = Ground::new().await;
    let (_, everyone) = class(&ground, 1).await;
    let mut conn = ground.conn().await;
    organizations::set_policy(&mut conn, ground.organization, &retaining()).await.unwrap();
    let id = enrollment(&ground, everyone[0], 1).await;
    let photo = enrollments::find(&mut conn, ground.organization, id).await.unwrap().photos[0].id;
    let refused = PhotoVerdict::Rejected { reason: PhotoRejection::FaceNotFound, quality: None };
    judge(&ground, id, &[(photo, refused)], None).await.unwrap();
    let query = "SELECT image AS bytes FROM enrollment_photos WHERE id = $1";
    assert_eq!(stored_bytes(&ground, query, photo.uuid()).await, None);
}

#[tokio::test]
async fn an_enrollment_is_answered_as_it_is_read_back_whatever_the_clock_says() {
    let ground = Ground::new().await;
    let (_, everyone) = class(&ground, 1).await;
    let mut conn = ground.conn().await;
    let precise = at(1) + TimeDelta::nanoseconds(123_456_789);
    let new = enrollments::NewEnrollment {
        id: Id::new(),
        organization_id: ground.organization,
        person_id: everyone[0],
        photos: Vec::new(),
    };
    let made = enrollments::insert(&mut conn, &ground.sealer, new, precise).await.unwrap();
    assert_eq!(enrollments::find(&mut conn, ground.organization, made.id).await.unwrap(), made);
}
