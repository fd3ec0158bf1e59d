//! Rosters and their versions.

use domain::contract::ContractId;
use domain::enrollment::Gallery;
use domain::id::Id;
use store::{StoreError, rosters};

use crate::fixtures::{Ground, at, class, contract, course, enroll, face, person, roster};

#[tokio::test]
async fn the_version_counts_changes_and_only_changes() {
    let ground = Ground::new().await;
    let organization = ground.organization;
    let mut conn = ground.conn().await;
    let on = course(&mut conn, organization, "A").await;
    let one = person(&mut conn, organization, "1").await;
    let two = person(&mut conn, organization, "2").await;

    assert_eq!(rosters::version(&mut conn, organization, on).await.unwrap(), Some(1));
    assert_eq!(rosters::add(&mut conn, organization, on, &[two, one, two], at(0)).await.unwrap(), 2);
    assert_eq!(rosters::add(&mut conn, organization, on, &[one], at(0)).await.unwrap(), 2);
    assert_eq!(rosters::add(&mut conn, organization, on, &[], at(0)).await.unwrap(), 2);
    let members = rosters::members(&mut conn, organization, on, None, 10).await.unwrap();
    assert_eq!(members.iter().map(|p| p.id).collect::<Vec<_>>(), [one, two]);
    let page = rosters::members(&mut conn, organization, on, Some(one.uuid()), 10).await.unwrap();
    assert_eq!(page.iter().map(|p| p.id).collect::<Vec<_>>(), [two]);

    assert_eq!(rosters::remove(&mut conn, organization, on, &[one, Id::new()], at(9)).await.unwrap(), 3);
    assert_eq!(rosters::remove(&mut conn, organization, on, &[one], at(9)).await.unwrap(), 3);
    let unknown = rosters::add(&mut conn, organization, on, &[one, Id::new()], at(0)).await;
    assert!(matches!(unknown, Err(StoreError::NotFound)));
    assert_eq!(rosters::version(&mut conn, organization, on).await.unwrap(), Some(3), "nobody was added");
}

#[tokio::test]
async fn loads_everybody_with_the_templates_of_one_contract() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    let (course, everyone) = class(&ground, 3).await;
    let outsider = person(&mut conn, ground.organization, "outsider").await;
    enroll(&ground, everyone[0], 2).await;
    enroll(&ground, outsider, 1).await;

    let roster = roster(&ground, course, Gallery::Samples).await;
    assert_eq!(roster.version, 3);
    assert_eq!(roster.people.iter().map(|p| p.person_id).collect::<Vec<_>>(), everyone);
    assert_eq!(roster.people[0].name, "Person 1");
    assert_eq!(roster.templates.iter().map(|t| t.person_id).collect::<Vec<_>>(), [everyone[0]; 2]);
    for (template, angle) in roster.templates.iter().zip([0.0, 0.1]) {
        assert!(template.embedding.similarity(&face(angle)) > 0.999_999);
        assert_eq!((template.contract.clone(), template.quality), (contract(), 90.0));
    }

    let other = ContractId::new("other/1");
    let load =
        rosters::load(&mut conn, &ground.sealer, ground.organization, course, Some(&other), Gallery::Samples).await;
    let roster = load.unwrap().expect("a roster");
    assert_eq!((roster.people.len(), roster.templates.len()), (3, 0));
    let nowhere =
        rosters::load(&mut conn, &ground.sealer, ground.organization, Id::new(), Some(&other), Gallery::Samples).await;
    assert_eq!(nowhere.unwrap(), None);
}
