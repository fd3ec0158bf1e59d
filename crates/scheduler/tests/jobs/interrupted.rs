//! A build that does not get to its end.

use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use scheduler::builder::Built;
use scheduler::nightly::Round;
use tokio_util::sync::CancellationToken;

use crate::fixtures::{Ground, build, night};

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
    let nightly = ground.nightly();
    build(&nightly, 1).await;
    let old = ground.newest(organization).await.unwrap();
    ground.enrolled(organization, 1.0).await;

    let stop = CancellationToken::new();
    let mut broken_off = 0;
    for polls in 1.. {
        let round = break_off_after(polls, nightly.build_due(night(2), &stop)).await;
        match round {
            Some(Ok(Round::Done { built, failed: 0 })) => {
                assert!(matches!(&built[..], [Built::New(_)]) || built.is_empty(), "{built:?}");
                break;
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
    assert_eq!(ground.read(&newest).await.len(), 2);
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_leaves_the_old_one() {
    let ground = Ground::new().await;
    let organization = ground.organization("School").await;
    ground.enrolled(organization, 0.0).await;
    let nightly = ground.nightly();
    build(&nightly, 1).await;
    let old = ground.newest(organization).await.unwrap();
    ground.enrolled(organization, 1.0).await;

    let folder = ground.snapshots.join(organization.to_string());
    let away = ground.snapshots.with_extension("away");
    std::fs::rename(&folder, &away).unwrap();
    std::fs::write(&folder, "no folder").unwrap();
    assert_eq!(build(&nightly, 2).await, Round::Done { built: Vec::new(), failed: 1 });
    std::fs::remove_file(&folder).unwrap();
    std::fs::rename(&away, &folder).unwrap();

    assert_eq!(ground.newest(organization).await, Some(old.clone()));
    assert_eq!(ground.read(&old).await.len(), 1);
    build(&nightly, 2).await;
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
    let round = ground.nightly().build_due(night(1), &stop).await.unwrap();
    assert_eq!(round, Round::Done { built: Vec::new(), failed: 0 });
    let running = tokio::time::timeout(Duration::from_secs(10), ground.nightly().run(stop)).await;
    running.expect("it stops").unwrap();
}
