//! How new things are, of many at once.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use domain::contract::ContractId;
use domain::id::{Id, OrganizationId};
use domain::session::Session;
use store::index_versions::IndexVersion;
use store::versions::{in_session, read};
use store::{index_versions, organizations, sessions};
use uuid::Uuid;

use crate::fixtures::{Ground, active_session, at, class, contract, course, enroll, new_session};

fn snapshot(organization: OrganizationId, contract: ContractId, seconds: i64) -> IndexVersion {
    IndexVersion {
        id: Uuid::now_v7(),
        organization_id: organization,
        contract,
        watermark: 1,
        templates: 1,
        factory: "Flat".to_owned(),
        path: format!("{seconds}.index"),
        sha256: "00".repeat(32),
        bytes: 1,
        build_ms: 1,
        created_at: at(seconds),
        sealed_with: None,
        probes: None,
        recall: None,
        stages: BTreeMap::new(),
    }
}

#[tokio::test]
async fn rosters_templates_and_snapshots_are_told_of_at_once() {
    let ground = Ground::new().await;
    let other = ground.another("Other College").await;
    let mut conn = ground.conn().await;
    let (first, everyone) = class(&ground, 1).await;
    let second = course(&mut conn, ground.organization, "B").await;
    course(&mut conn, ground.organization, "not asked about").await;
    enroll(&ground, everyone[0], 1).await;
    let elsewhere = ContractId::new("other/1");
    let versions = [(contract(), 2), (contract(), 5), (contract(), 3), (elsewhere.clone(), 1)];
    let versions = versions.map(|(contract, seconds)| snapshot(ground.organization, contract, seconds));
    for version in &versions {
        index_versions::insert(&mut conn, version).await.unwrap();
    }
    let (organizations, gone) = ([ground.organization, other.organization, Id::new()], Id::new());
    let found = read(&mut conn, &[first, second, gone], &organizations).await.unwrap();
    assert_eq!(found.rosters, [(first, 3), (second, 1)].into());
    assert_eq!(found.templates, [(ground.organization, 2), (other.organization, 0)].into());
    let newest = [(contract(), versions[1].id), (elsewhere, versions[3].id)];
    assert_eq!(found.snapshots, newest.map(|(of, id)| ((ground.organization, of), id)).into());
    assert_eq!(read(&mut conn, &[], &[]).await.unwrap(), Default::default());
}

#[tokio::test]
async fn who_is_looked_for_now_or_soon_is_known() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    let hour = TimeDelta::hours(1);
    let (course, _) = class(&ground, 0).await;
    active_session(&mut conn, ground.organization, course).await;
    assert_eq!(in_session(&mut conn, at(0), hour).await.unwrap(), [], "nobody was enrolled");
    organizations::set_contract(&mut conn, ground.organization, &contract()).await.unwrap();
    let known = [(ground.organization, contract())];
    assert_eq!(in_session(&mut conn, at(900_000), hour).await.unwrap(), known, "as long as it runs");

    let other = ground.another("Other College").await;
    organizations::set_contract(&mut conn, other.organization, &contract()).await.unwrap();
    let (course, _) = class(&other, 0).await;
    let session = Session { starts_at: at(7200), ..new_session(other.organization, course) };
    sessions::insert(&mut conn, &session).await.unwrap();
    for (now, is_soon) in [(3599, false), (3600, true), (7200, true), (10_800, true), (10_801, false)] {
        let found = in_session(&mut conn, at(now), hour).await.unwrap();
        assert_eq!(found.contains(&(other.organization, contract())), is_soon, "{now}");
    }
    sessions::start(&mut conn, other.organization, session.id, at(7200)).await.unwrap();
    sessions::close(&mut conn, other.organization, session.id, at(7300)).await.unwrap();
    assert_eq!(in_session(&mut conn, at(7300), hour).await.unwrap(), known);
}
