//! Which snapshots there are.

use domain::contract::ContractId;
use domain::id::{Id, OrganizationId};
use store::StoreError;
use store::index_versions::{IndexVersion, contracts, insert, keep_newest, newest};
use uuid::Uuid;

use crate::fixtures::{Ground, at, contract};

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
    let mut gone = keep_newest(&mut conn, organization, &contract(), 3).await.unwrap();
    gone.sort();
    assert_eq!(gone, ["1.index", "2.index"]);
    assert!(keep_newest(&mut conn, organization, &contract(), 3).await.unwrap().is_empty());
    assert_eq!(newest(&mut conn, organization, &contract()).await.unwrap(), Some(found));
    assert!(newest(&mut conn, organization, &other).await.unwrap().is_some());
    assert_eq!(contracts(&mut conn, organization).await.unwrap(), [contract(), other]);
    assert!(contracts(&mut conn, Id::new()).await.unwrap().is_empty());
    assert!(matches!(insert(&mut conn, &version(Id::new(), 1)).await, Err(StoreError::NotFound)));
}
