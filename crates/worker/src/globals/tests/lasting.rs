//! Which indexes are held, from when on and until when, and who is told.

use std::sync::Arc;
use std::time::Duration;

use domain::index::ReplicaState;
use tokio_util::sync::CancellationToken;

use super::{HOUR, Stage, contract, until};

#[tokio::test]
async fn where_a_session_runs_the_index_is_there_before_anybody_asks() {
    let stage = Stage::new().await;
    let person = stage.campus.enrolled(0.0).await;
    let course = stage.campus.course(&[person]).await;
    let globals = stage.unfollowed(stage.campus.pool.clone(), stage.campus.redis.clone(), HOUR);
    assert_eq!(globals.readiness(), Err("it is not known yet which are needed".to_owned()));
    globals.go_round().await;
    assert_eq!(globals.readiness(), Ok(()), "none is");

    stage.campus.session(course).await;
    let globals = stage.unfollowed(stage.campus.pool.clone(), stage.campus.redis.clone(), HOUR);
    globals.go_round().await;
    assert_eq!(globals.readiness(), Err("0 of 1 are loaded".to_owned()));
    let (globals, shutdown) = (Arc::new(globals), CancellationToken::new());
    let _stop = shutdown.clone().drop_guard();
    let following = Arc::clone(&globals);
    tokio::spawn(async move { following.follow(shutdown).await });
    until("it is loaded", || globals.readiness() == Ok(())).await;
    let detail = globals.detail();
    let (one, index) = (&detail[0], stage.replica(&globals).index());
    assert_eq!((&one["state"], &one["templates"], &one["people"]), (&"following".into(), &1.into(), &1.into()));
    assert_eq!((&one["lag"], &one["watermark"], &one["bytes"]), (&0.into(), &2.into(), &index.bytes().into()));
}

#[tokio::test]
async fn an_index_that_nobody_asks_for_is_given_up() {
    let stage = Stage::new().await;
    let person = stage.campus.enrolled(0.0).await;
    let globals = stage.unfollowed(stage.campus.pool.clone(), stage.campus.redis.clone(), Duration::ZERO);
    let (globals, shutdown) = (Arc::new(globals), CancellationToken::new());
    let (following, told) = (Arc::clone(&globals), shutdown.clone());
    tokio::spawn(async move { following.follow(told).await });
    let telling = Arc::clone(&globals);
    let told = shutdown.clone();
    tokio::spawn(async move { telling.tell(told).await });
    until("it is loaded and given up again", || globals.replica(&(stage.campus.organization, contract())).is_there())
        .await;
    assert_eq!(stage.closest(&globals, 0.0).await, Some(person));
    globals.go_round().await;
    assert!(globals.followed().is_empty());
    assert_eq!(stage.closest(&globals, 0.0).await, Some(person), "until somebody asks again");
    shutdown.cancel();
}

#[tokio::test]
async fn everybody_is_told_how_it_stands_until_the_worker_stops() {
    let stage = Stage::new().await;
    stage.campus.enrolled(0.0).await;
    let version = stage.build_snapshot(index::Factory::Flat).await;
    let globals = stage.unfollowed(stage.campus.pool.clone(), stage.campus.redis.clone(), HOUR);
    let (globals, shutdown) = (Arc::new(globals), CancellationToken::new());
    let (following, told) = (Arc::clone(&globals), shutdown.clone());
    let followed = tokio::spawn(async move { following.follow(told).await });
    let (telling, told) = (Arc::clone(&globals), shutdown.clone());
    let telling = tokio::spawn(async move { telling.tell(told).await });
    stage.closest(&globals, 0.0).await;
    let report = loop {
        let told = stage.campus.redis.replicas(stage.campus.organization).await.expect("redis");
        if let Some(report) = told.into_iter().find(|report| report.state == ReplicaState::Following) {
            break report;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!((report.version_id, report.watermark, report.templates), (Some(version.id), 2, 1));
    assert_eq!((report.contract, report.factory.as_str(), report.people), (contract(), "Flat", 1));
    shutdown.cancel();
    followed.await.expect("no panic");
    telling.await.expect("no panic");
    assert_eq!(stage.campus.redis.replicas(stage.campus.organization).await.expect("redis"), []);
}

#[tokio::test]
async fn an_organization_that_is_gone_is_forgotten() {
    let stage = Stage::new().await;
    let (globals, _running) = stage.globals();
    stage.closest(&globals, 0.0).await;
    assert_eq!(globals.followed(), [stage.campus.organization]);
    stage.campus.execute("DELETE FROM organizations").await;
    stage.compare(&globals).await;
    until("it is forgotten", || globals.followed().is_empty()).await;
}
