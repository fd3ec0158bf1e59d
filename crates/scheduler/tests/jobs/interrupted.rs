//! A build that does not get to its end.

use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use chrono::TimeDelta;
use domain::index::BuildCause::{Nightly, Requested};
use domain::index::BuildState;
use scheduler::builder::Built;
use scheduler::indexes::Round;
use tokio_util::sync::CancellationToken;

use crate::fixtures::{Ground, contract, done, look, night};

/// Drives `work` for at most `polls` steps, then drops it.
async fn break_off_after<T>(polls: usize, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    let mut left = polls;
    std::future::poll_fn(move |context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        work.as_mut().poll(context).map(Some)
    })
    .await
}

#[tokio::test]
async fn a_build_that_breaks_off_anywhere_leaves_the_old_one() {
    let ground = Ground::new().await;
    let organization = ground.organization("School").await;
    ground.enrolled(organization, 0.0).await;
    look(&mut ground.indexes(), 1).await;
    let old = ground.newest(organization).await.unwrap();
    ground.enrolled(organization, 1.0).await;

    let stop = CancellationToken::new();
    let mut broken_off = 0;
    for polls in 1.. {
        // So late that it does not matter how often it was broken off before.
        let now = night(2) + TimeDelta::minutes(11) * polls;
        let mut indexes = ground.indexes();
        let round = break_off_after(polls as usize, Box::pin(indexes.look(now, &stop))).await;
        match round {
            Some(Ok(Round::Done { built, failed: 0 })) => {
                assert!(matches!(&built[..], [(Nightly, Built::New(_))]) || built.is_empty(), "{built:?}");
                // Else it was broken off so often that it waits.
                if ground.newest(organization).await.as_ref() != Some(&old) {
                    break;
                }
            }
            // The connection of the last try has not ended yet.
            Some(Ok(Round::Elsewhere)) => {}
            Some(other) => panic!("{other:?}"),
            None => broken_off += 1,
        }
        let newest = ground.newest(organization).await.unwrap();
        let templates = ground.read(&newest).await.len();
        assert!(newest == old && templates == 1 || templates == 2, "after {polls} steps");
    }
    assert!(broken_off > 5, "only {broken_off} times");
    let newest = ground.newest(organization).await.unwrap();
    assert_eq!((ground.read(&newest).await.len(), ground.files()), (2, 2));
    let builds = ground.builds(organization).await;
    assert!(builds.iter().all(|build| build.state.is_over()), "{builds:?}");
    assert!(builds.iter().any(|build| build.state == BuildState::Interrupted), "{builds:?}");
    assert_eq!(builds.iter().filter(|build| build.version_id == Some(newest.id)).count(), 1);
}

#[tokio::test]
async fn what_was_broken_off_is_begun_again_by_whoever_looks_next() {
    let ground = Ground::new().await;
    let organization = ground.organization("School").await;
    ground.enrolled(organization, 0.0).await;
    let mut conn = ground.conn().await;
    // A scheduler began one and is no more.
    store::index_builds::begin(&mut conn, organization, &contract(), Requested, night(0)).await.unwrap();
    let folder = ground.snapshots.join(organization.to_string());
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("half.pooled.index#1"), "half").unwrap();
    std::fs::write(folder.join(format!("{}.pooled.index", uuid::Uuid::now_v7())), "not on record").unwrap();

    let built = look(&mut ground.indexes(), 0).await;
    let newest = ground.newest(organization).await.unwrap();
    assert_eq!(built, done([(Requested, Built::New(newest))]));
    assert_eq!(ground.files(), 1);
    let states: Vec<_> = ground.builds(organization).await.into_iter().map(|build| build.state).collect();
    assert_eq!(states, [BuildState::New, BuildState::Interrupted]);
}

#[tokio::test]
async fn what_breaks_off_again_and_again_waits_before_it_is_begun_again() {
    let ground = Ground::new().await;
    let organization = ground.organization("School").await;
    ground.enrolled(organization, 0.0).await;
    let mut conn = ground.conn().await;
    for _ in 0..3 {
        store::index_builds::begin(&mut conn, organization, &contract(), Nightly, night(1)).await.unwrap();
        store::index_builds::interrupted(&mut conn, night(1)).await.unwrap();
    }
    let mut indexes = ground.indexes();
    let stop = CancellationToken::new();
    for minutes in [0, 9] {
        let round = indexes.look(night(1) + TimeDelta::minutes(minutes), &stop).await.unwrap();
        assert_eq!(round, done([]), "after {minutes} minutes");
    }
    let round = indexes.look(night(1) + TimeDelta::minutes(10), &stop).await.unwrap();
    let newest = ground.newest(organization).await.unwrap();
    assert_eq!(round, done([(Nightly, Built::New(newest))]));
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_leaves_the_old_one() {
    let ground = Ground::new().await;
    let organization = ground.organization("School").await;
    ground.enrolled(organization, 0.0).await;
    let mut indexes = ground.indexes();
    look(&mut indexes, 1).await;
    let old = ground.newest(organization).await.unwrap();
    ground.enrolled(organization, 1.0).await;

    let folder = ground.snapshots.join(organization.to_string());
    let away = ground.snapshots.with_extension("away");
    std::fs::rename(&folder, &away).unwrap();
    std::fs::write(&folder, "no folder").unwrap();
    assert_eq!(look(&mut indexes, 2).await, Round::Done { built: Vec::new(), failed: 1 });
    std::fs::remove_file(&folder).unwrap();
    std::fs::rename(&away, &folder).unwrap();

    assert_eq!(ground.newest(organization).await, Some(old.clone()));
    assert_eq!(ground.read(&old).await.len(), 1);
    let failed = &ground.builds(organization).await[0];
    assert_eq!((failed.state, failed.version_id), (BuildState::Failed, None));
    let problem = failed.problem.as_deref();
    assert_eq!(problem, Some("a snapshot cannot be read or written: Not a directory (os error 20)"));
    assert_eq!(look(&mut indexes, 2).await, done([]), "not at once");
    let stop = CancellationToken::new();
    indexes.look(night(2) + TimeDelta::minutes(11), &stop).await.unwrap();
    assert_eq!(ground.newest(organization).await.unwrap().templates, 2);
}

#[tokio::test]
async fn the_signal_to_stop_is_heard_between_two_builds() {
    let ground = Ground::new().await;
    for name in ["One", "Two"] {
        let organization = ground.organization(name).await;
        ground.enrolled(organization, 0.0).await;
    }
    let stop = CancellationToken::new();
    stop.cancel();
    let round = ground.indexes().look(night(1), &stop).await.unwrap();
    assert_eq!(round, done([]));
    let running = tokio::time::timeout(Duration::from_secs(10), ground.indexes().run(stop)).await;
    running.expect("it stops").unwrap();
}
