//! Which snapshots there are.

use std::collections::BTreeMap;

use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::contract::ContractId;
use domain::enrollment::Gallery;
use domain::id::{Id, OrganizationId};
use domain::index::BuildStage;
use store::index_versions::{
    IndexVersion, beyond_newest, contracts, forget, insert, list, newest, outgrown, outlived, paths,
};
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
        probes: Some(16),
        recall: Some(0.998),
        stages: [(BuildStage::Reading, 3), (BuildStage::Writing, 9)].into(),
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
async fn what_was_measured_at_the_build_is_kept() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    let searched = version(ground.organization, 1);
    let exact = IndexVersion {
        contract: ContractId::new("a/1"),
        probes: None,
        recall: None,
        stages: BTreeMap::new(),
        ..version(ground.organization, 2)
    };
    let newer = version(ground.organization, 3);
    for one in [&searched, &exact, &newer] {
        insert(&mut conn, one).await.unwrap();
    }
    assert_eq!(list(&mut conn, ground.organization).await.unwrap(), [exact, newer, searched]);
    assert!(list(&mut conn, Id::new()).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_organization_outgrows_its_snapshot() {
    let ground = Ground::new().await;
    let organization = ground.organization;
    let mut conn = ground.conn().await;
    let (_, everyone) = class(&ground, 1).await;
    enroll(&ground, everyone[0], 1).await;
    let grow = async |templates: i64, origin: &str| {
        // Sealed bytes are not looked at.
        let added = "WITH last AS (UPDATE organizations SET template_revision = template_revision + $2 WHERE id = $1 \
                 RETURNING template_revision - $2 AS revision), \
             new AS (SELECT gen_random_uuid() AS id, number FROM generate_series(1, $2) AS number), \
             added AS (INSERT INTO templates \
                     (id, organization_id, person_id, contract, embedding, quality, origin, created_at) \
                 SELECT new.id, $1, $3, $4, '', 50, $5, now() FROM new) \
             INSERT INTO template_changes (organization_id, revision, contract, template_id, person_id, removed) \
                 SELECT $1, last.revision + new.number, $4, new.id, $3, false FROM new, last";
        let mut conn = ground.conn().await;
        let rows = diesel::sql_query(added)
            .bind::<SqlUuid, _>(organization.uuid())
            .bind::<BigInt, _>(templates)
            .bind::<SqlUuid, _>(everyone[0].uuid())
            .bind::<Text, _>(contract().as_str().to_owned())
            .bind::<Text, _>(origin.to_owned())
            .execute(&mut conn);
        assert_eq!(rows.await.unwrap(), usize::try_from(templates).unwrap());
    };
    let ours = [(organization, contract())];
    grow(4_999, "pooled").await;
    assert_eq!(outgrown(&mut conn, Gallery::Pooled).await.unwrap(), [], "5,000 are not too many");
    grow(1, "pooled").await;
    assert_eq!(outgrown(&mut conn, Gallery::Pooled).await.unwrap(), ours);
    assert_eq!(outgrown(&mut conn, Gallery::Samples).await.unwrap(), []);

    let watermark = templates::revision(&mut conn, organization).await.unwrap();
    let held = IndexVersion { watermark, templates: 24_000, ..version(organization, 1) };
    insert(&mut conn, &held).await.unwrap();
    assert_eq!(outgrown(&mut conn, Gallery::Pooled).await.unwrap(), []);
    grow(6_000, "pooled").await;
    grow(6_000, "original").await;
    assert_eq!(outgrown(&mut conn, Gallery::Pooled).await.unwrap(), [], "a quarter is not too much");
    grow(1, "pooled").await;
    assert_eq!(outgrown(&mut conn, Gallery::Pooled).await.unwrap(), ours);
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
