//! What goes with a person who is erased, and what is left.

use std::collections::{BTreeMap, BTreeSet};

use diesel::sql_types::Text;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use domain::erasure::{ErasureReceipt, ErasureRequestState};
use domain::id::Id;
use domain::organization::RecognitionPolicy;
use domain::user::{Role, User};
use store::class_photos::NewClassPhoto;
use store::erasures::{COUNTED, erase};
use store::{Signer, StoreError, class_photos, erasure_requests, organizations, receipts, sightings, users};

use crate::fixtures::{Ground, active_session, at, class, enroll, enrollment, evidence, frame, seen};

fn counts(expected: &[(&str, i64)]) -> BTreeMap<String, i64> {
    expected.iter().map(|(table, rows)| ((*table).to_owned(), *rows)).collect()
}

#[tokio::test]
async fn all_that_goes_is_counted() {
    let ground = Ground::new().await;
    let organization = ground.organization;
    let mut conn = ground.conn().await;
    let (course, everyone) = class(&ground, 2).await;
    let person = everyone[0];
    enroll(&ground, person, 2).await;
    enrollment(&ground, person, 1).await;
    enroll(&ground, everyone[1], 1).await;
    let session = active_session(&mut conn, organization, course).await;
    sightings::record(&mut conn, &frame(&session, at(5)), &seen(&everyone, at(6)), &evidence()).await.unwrap();
    erasure_requests::insert(&mut conn, organization, person, at(7)).await.unwrap();
    for (role, email) in [(Role::Member, "a@b.example"), (Role::Teacher, "c@d.example")] {
        let person_id = (role == Role::Member).then_some(person);
        let (id, email) = (Id::new(), email.to_owned());
        let user = User { id, organization_id: Some(organization), email, role, person_id, created_at: at(0) };
        users::insert(&mut conn, &user, "hash").await.unwrap();
    }

    let erased = erase(&mut conn, organization, person).await.unwrap();
    assert_eq!((erased.external_id.as_str(), erased.requested_at), ("1", Some(at(7))));
    assert_eq!(erased.bumped.iter().map(|(course, _)| *course).collect::<Vec<_>>(), [course]);
    let expected = [
        ("attendance", 1),
        ("enrollment_photos", 3),
        ("enrollments", 2),
        ("attendance_changes", 1),
        ("erasure_requests", 1),
        ("person_keys", 1),
        ("roster_entries", 1),
        ("roster_periods", 1),
        ("sightings", 1),
        ("templates", 3),
        ("users", 1),
    ];
    assert_eq!(erased.deleted, counts(&expected));
    assert!(users::find_login(&mut conn, "a@b.example").await.unwrap().is_none());
    assert!(users::find_login(&mut conn, "c@d.example").await.unwrap().is_some());
    assert!(matches!(erase(&mut conn, organization, person).await, Err(StoreError::NotFound)));
    let other = ground.another("Other").await;
    assert!(matches!(erase(&mut conn, other.organization, everyone[1]).await, Err(StoreError::NotFound)));
}

#[tokio::test]
async fn every_table_of_people_is_counted() {
    #[derive(diesel::QueryableByName)]
    struct Found {
        #[diesel(sql_type = Text)]
        name: String,
    }
    let ground = Ground::new().await;
    let query = "SELECT DISTINCT conrelid::regclass::text AS name FROM pg_constraint \
                 WHERE contype = 'f' AND confrelid = 'people'::regclass AND confdeltype = 'c'";
    let found: Vec<Found> = diesel::sql_query(query).load(&mut *ground.conn().await).await.unwrap();
    let counted: BTreeSet<&str> = COUNTED.iter().map(|(table, _)| *table).collect();
    for Found { name } in &found {
        assert!(counted.contains(name.as_str()), "add `{name}` to store::erasures::COUNTED");
    }
    assert!(found.len() > 5);
}

#[tokio::test]
async fn class_photos_lose_their_picture_with_those_who_were_recognised_on_them() {
    let ground = Ground::new().await;
    let organization = ground.organization;
    let mut conn = ground.conn().await;
    let (course, everyone) = class(&ground, 2).await;
    let policy = RecognitionPolicy { retain_photos: true, ..RecognitionPolicy::default() };
    organizations::set_policy(&mut conn, organization, &policy).await.unwrap();
    let session = active_session(&mut conn, organization, course).await;
    let mut photos = Vec::new();
    for person in &everyone {
        let new = NewClassPhoto {
            id: Id::new(),
            organization_id: organization,
            session_id: session.id,
            file_name: "class.jpg".to_owned(),
            image: vec![1; 100],
            annotate: false,
        };
        let photo = class_photos::insert(&mut conn, &ground.sealer, new, at(1)).await.unwrap().id;
        let mut header = frame(&session, at(2));
        header.frame_id = photo.uuid().into();
        sightings::record(&mut conn, &header, &seen(&[*person], at(3)), &evidence()).await.unwrap();
        class_photos::finish(&mut conn, organization, photo, Ok(()), at(4)).await.unwrap();
        photos.push(photo);
    }
    let erased = erase(&mut conn, organization, everyone[0]).await.unwrap();
    assert_eq!(erased.deleted.get("class_photos"), Some(&1));
    for (photo, is_there) in photos.into_iter().zip([false, true]) {
        let job = class_photos::load_job(&mut conn, &ground.sealer, organization, photo).await.unwrap().unwrap();
        assert_eq!(job.image.is_some(), is_there);
    }
}

#[tokio::test]
async fn one_request_waits_at_a_time() {
    let ground = Ground::new().await;
    let organization = ground.organization;
    let mut conn = ground.conn().await;
    let (_, everyone) = class(&ground, 2).await;
    let made = erasure_requests::insert(&mut conn, organization, everyone[0], at(1)).await.unwrap();
    let again = erasure_requests::insert(&mut conn, organization, everyone[0], at(2)).await;
    assert!(matches!(again, Err(StoreError::Conflict { what: "person_id" })), "{again:?}");
    let nobody = erasure_requests::insert(&mut conn, organization, Id::new(), at(2)).await;
    assert!(matches!(nobody, Err(StoreError::NotFound)), "{nobody:?}");
    let by = Id::new();
    let declined = erasure_requests::decline(&mut conn, organization, made.id, "no", by, at(3)).await.unwrap();
    assert_eq!((declined.state, declined.decided_by), (ErasureRequestState::Declined, Some(by)));
    let twice = erasure_requests::decline(&mut conn, organization, made.id, "no", by, at(3)).await;
    assert!(matches!(twice, Err(StoreError::Conflict { what: "state" })), "{twice:?}");
    let other = ground.another("Other").await.organization;
    let foreign = erasure_requests::decline(&mut conn, other, made.id, "no", by, at(3)).await;
    assert!(matches!(foreign, Err(StoreError::NotFound)), "{foreign:?}");
    let second = erasure_requests::insert(&mut conn, organization, everyone[0], at(4)).await.unwrap();
    let all = erasure_requests::list(&mut conn, organization, None, None, 9).await.unwrap();
    assert_eq!(all, [declined, second.clone()]);
    let pending = Some(ErasureRequestState::Pending);
    let waiting = erasure_requests::list(&mut conn, organization, pending, None, 9).await.unwrap();
    assert_eq!(waiting, std::slice::from_ref(&second));
    let newest = erasure_requests::newest_of(&mut conn, organization, everyone[0]).await.unwrap();
    assert_eq!(newest, second);
}

#[tokio::test]
async fn receipts_stay_as_they_are() {
    let ground = Ground::new().await;
    let organization_id = ground.organization;
    let mut conn = ground.conn().await;
    let signer = Signer::new(&"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=".to_owned().into()).unwrap();
    let mut made = Vec::new();
    for audit_sequence in 1..=2 {
        let signed = signer.sign(ErasureReceipt {
            id: Id::new(),
            organization_id,
            person_id: Id::new(),
            external_id_hmac: "00".repeat(32),
            requested_at: None,
            erased_at: at(audit_sequence),
            deleted: counts(&[("templates", 1)]),
            audit_sequence,
            audit_hash: "0a".repeat(32),
        });
        receipts::insert(&mut conn, &signed).await.unwrap();
        made.push(signed);
    }
    assert_eq!(receipts::list(&mut conn, organization_id, None, 9).await.unwrap(), made);
    let first = made[0].receipt.id;
    assert_eq!(receipts::list(&mut conn, organization_id, Some(first.uuid()), 9).await.unwrap(), made[1..]);
    assert_eq!(receipts::find(&mut conn, organization_id, first).await.unwrap(), made[0]);
    assert_eq!(receipts::vouched(&mut conn, organization_id).await.unwrap(), [(1, [10; 32]), (2, [10; 32])]);
    let other = ground.another("Other").await.organization;
    assert!(matches!(receipts::find(&mut conn, other, first).await, Err(StoreError::NotFound)));
    let changes =
        ["UPDATE erasure_receipts SET document = '{}'", "DELETE FROM erasure_receipts", "TRUNCATE erasure_receipts"];
    for change in changes {
        let refused = conn.batch_execute(change).await.expect_err(change).to_string();
        assert!(refused.contains("append-only"), "{refused}");
    }
}
