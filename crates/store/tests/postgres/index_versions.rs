//! Which snapshots there are.

use domain::contract::ContractId;
use domain::id::{Id, OrganizationId};
use store::index_versions::{IndexVersion, beyond_newest, contracts, forget, insert, newest, outlived, paths};
use store::{StoreError, people, templates};
use uuid::Uuid;

use crate::fixtures::{Ground, at, class, contract, enroll};

fn version(organization: OrganizationId, number: i64) -> IndexVersion {
    IndexVersion {
        id: Uuid::now_v7(),
        organization_id: organization,
        contract: contract(),
        watermark: number,
        templates: 10,
        factory: "Flat".to_owned(),
        path: format!("{number}.index"),
        sha256: "00".repeat(32),
        bytes: 1 << 33,
        build_ms: 12,
        created_at: at(number),
        sealed_with: Some("key".to_owned()),
    }
}

#[tokio::test]
async fn the_newest_are_kept() {
    let ground = Ground::new().await;
    let organization = ground.organization;
    let mut conn = ground.conn().await;
    assert_eq!(newest(&mut conn, organization, &contract()).await.unwrap(), None);
    for number in 1..=5 {
        insert(&mut conn, &version(organization, number)).await.unwrap();
    }
    let other = ContractId::new("other/1");
    insert(&mut conn, &IndexVersion { contract: other.clone(), ..version(organization, 9) }).await.unwrap();

    let found = newest(&mut conn, organization, &contract()).await.unwrap().expect("a version");
    assert_eq!((found.watermark, found.bytes), (5, 1 << 33));
    let old = beyond_newest(&mut conn, organization, &contract(), 3).await.unwrap();
    assert_eq!(old.iter().map(|(_, path)| path.as_str()).collect::<Vec<_>>(), ["2.index", "1.index"]);
    for (id, _) in old {
        forget(&mut conn, id).await.unwrap();
    }
    assert!(beyond_newest(&mut conn, organization, &contract(), 3).await.unwrap().is_empty());
    let mut there = paths(&mut conn, organization).await.unwrap();
    there.sort();
    assert_eq!(there, ["3.index", "4.index", "5.index", "9.index"]);
    assert_eq!(newest(&mut conn, organization, &contract()).await.unwrap(), Some(found));
    assert!(newest(&mut conn, organization, &other).await.unwrap().is_some());
    assert_eq!(contracts(&mut conn, organization).await.unwrap(), [contract(), other]);
    assert!(contracts(&mut conn, Id::new()).await.unwrap().is_empty());
    assert!(matches!(insert(&mut conn, &version(Id::new(), 1)).await, Err(StoreError::NotFound)));
}

#[tokio::test]
async fn snapshots_that_hold_somebody_who_is_gone_are_found() {
    let ground = Ground::new().await;
    let organization = ground.organization;
    let mut conn = ground.conn().await;
    let (_, everyone) = class(&ground, 2).await;
    let expected = [(organization, contract())];
    for person in &everyone {
        enroll(&ground, *person, 1).await;
    }
    let revision = templates::revision(&mut conn, organization).await.unwrap();
    insert(&mut conn, &version(organization, revision)).await.unwrap();
    assert_eq!(outlived(&mut conn, "key").await.unwrap(), []);
    assert_eq!(outlived(&mut conn, "another key").await.unwrap(), expected);

    // Another photo takes the old pooled template away, but nobody has gone.
    enroll(&ground, everyone[0], 1).await;
    assert_eq!(outlived(&mut conn, "key").await.unwrap(), []);
    people::delete(&mut conn, organization, everyone[0]).await.unwrap();
    assert_eq!(outlived(&mut conn, "key").await.unwrap(), expected);

    // A new one does not help while the old one is there.
    let later = templates::revision(&mut conn, organization).await.unwrap();
    let newer =
        IndexVersion { path: "new.index".to_owned(), created_at: at(later + 1), ..version(organization, later) };
    insert(&mut conn, &newer).await.unwrap();
    assert_eq!(outlived(&mut conn, "key").await.unwrap(), expected);
    for (id, _) in beyond_newest(&mut conn, organization, &contract(), 1).await.unwrap() {
        forget(&mut conn, id).await.unwrap();
    }
    assert_eq!(outlived(&mut conn, "key").await.unwrap(), []);
    let unmarked = IndexVersion { sealed_with: None, ..version(organization, later) };
    insert(&mut conn, &unmarked).await.unwrap();
    assert_eq!(outlived(&mut conn, "key").await.unwrap(), expected, "nobody knows what it is sealed with");
}
