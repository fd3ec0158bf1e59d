//! Who holds which index, through Redis.

use chrono::{TimeDelta, Utc};
use deadpool_redis::redis::{Client, cmd};
use domain::contract::ContractId;
use domain::id::{Id, OrganizationId};
use domain::index::{ReplicaReport, ReplicaState};
use testkit::TestNamespace;
use uuid::Uuid;

use crate::redis;

fn report(organization: OrganizationId, contract: &str) -> ReplicaReport {
    ReplicaReport {
        worker_id: Uuid::now_v7(),
        host: "north-1".to_owned(),
        organization_id: organization,
        contract: ContractId::new(contract),
        version_id: Some(Uuid::now_v7()),
        factory: "IVF512,Flat".to_owned(),
        watermark: 41,
        templates: 1_000_000,
        people: 90_000,
        bytes: 1 << 33,
        state: ReplicaState::Loading,
        // A worker whose clock is an hour ahead.
        at: Utc::now() + TimeDelta::hours(1),
    }
}

/// Reports without the times.
fn timeless(reports: Vec<ReplicaReport>) -> Vec<ReplicaReport> {
    reports.into_iter().map(|report| ReplicaReport { at: chrono::DateTime::UNIX_EPOCH, ..report }).collect()
}

#[tokio::test]
async fn the_last_word_of_each_worker_counts() -> anyhow::Result<()> {
    let namespace = TestNamespace::create()?;
    let redis = redis(&namespace, namespace.redis_url())?;
    let organization = Id::new();
    assert_eq!(redis.replicas(organization).await?, []);
    let first = report(organization, "a/1");
    let second = report(organization, "a/1");
    let other_contract = ReplicaReport { worker_id: first.worker_id, ..report(organization, "b/1") };
    let elsewhere = report(Id::new(), "a/1");
    for told in [&other_contract, &second, &first, &elsewhere] {
        redis.tell_replica(told).await?;
    }
    let follows = ReplicaReport { watermark: 42, state: ReplicaState::Following, ..first.clone() };
    redis.tell_replica(&follows).await?;

    let before = Utc::now() - TimeDelta::seconds(15);
    let heard = redis.replicas(organization).await?;
    assert!(
        heard.iter().all(|report| report.at > before && report.at <= Utc::now()),
        "by the reader's clock: {heard:?}"
    );
    assert_eq!(timeless(heard), timeless(vec![follows.clone(), second.clone(), other_contract.clone()]));

    redis.forget_replica(first.worker_id, organization, &first.contract).await?;
    redis.forget_replica(first.worker_id, organization, &first.contract).await?;
    assert_eq!(timeless(redis.replicas(organization).await?), timeless(vec![second, other_contract]));
    assert_eq!(redis.replicas(elsewhere.organization_id).await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn what_was_told_long_ago_is_forgotten() -> anyhow::Result<()> {
    let namespace = TestNamespace::create()?;
    let redis = redis(&namespace, namespace.redis_url())?;
    let organization = Id::new();
    let told = report(organization, "a/1");
    redis.tell_replica(&told).await?;
    let mut stranger = Client::open(namespace.redis_url())?.get_multiplexed_async_connection().await?;
    let key = format!("{}.organization.{organization}.replicas", namespace.name());
    let lifetime: i64 = cmd("PTTL").arg(&key).query_async(&mut stranger).await?;
    assert!((1..=15_000).contains(&lifetime), "{lifetime}");

    // What others told at other times, and what is no report at all.
    let (seconds, _): (i64, i64) = cmd("TIME").query_async(&mut stranger).await?;
    let text = |report: &ReplicaReport| serde_json::to_string(report).expect("JSON");
    let (late, old) = (report(organization, "b/1"), report(organization, "c/1"));
    let mut put = cmd("HSET");
    put.arg(&key).arg("late").arg(format!("{} {}", (seconds - 10) * 1000, text(&late)));
    put.arg("old").arg(format!("{} {}", (seconds - 15) * 1000, text(&old)));
    put.arg("noise").arg("noise").arg("untimed").arg(text(&old));
    put.query_async::<()>(&mut stranger).await?;
    let heard = redis.replicas(organization).await?;
    let age = Utc::now() - heard[1].at;
    assert!((TimeDelta::seconds(10)..TimeDelta::seconds(15)).contains(&age), "{age}");
    assert_eq!(timeless(heard), timeless(vec![told, late]));
    let left: i64 = cmd("HLEN").arg(&key).query_async(&mut stranger).await?;
    assert_eq!(left, 2);
    Ok(())
}
