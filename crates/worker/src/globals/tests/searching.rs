//! Searching while everything changes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use index::Factory;

use super::{Stage, face, until};

/// Somebody is enrolled again and again (the old pooled template goes, another comes), snapshots are written, read and
/// swapped in, and whoever searches never sees them missing, twice, or with fewer people around.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_searches_never_waits_and_never_sees_half_an_index() {
    let stage = Stage::new().await;
    let again = stage.campus.enrolled(0.0).await;
    for number in 0..40 {
        stage.campus.enrolled(1.0 + number as f32 / 20.0).await;
    }
    let (globals, _running) = stage.globals();
    assert_eq!(stage.closest(&globals, 0.0).await, Some(again));
    let (replica, stop, searches) =
        (stage.replica(&globals), Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let searchers: Vec<_> = (0..8)
        .map(|_| {
            let (replica, stop, searches) = (Arc::clone(&replica), Arc::clone(&stop), Arc::clone(&searches));
            std::thread::spawn(move || {
                let mut watermark = 0;
                while !stop.load(Ordering::Relaxed) {
                    let index = replica.index();
                    let found = index.search(&[&face(0.0)], 50).expect("a search");
                    let theirs = found[0].iter().filter(|candidate| candidate.person_id == again).count();
                    assert_eq!((theirs, found[0][0].person_id), (1, again), "at {}", index.watermark());
                    assert_eq!((index.people(), index.len()), (41, 41));
                    assert!(index.watermark() >= watermark, "never back");
                    watermark = index.watermark();
                    searches.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    let factories = [Factory::Flat, Factory::Inverted { lists: 2 }];
    for (round, factory) in factories.into_iter().cycle().take(6).enumerate() {
        for _ in 0..5 {
            stage.campus.enroll_again(again, 0.0).await;
            stage.campus.raise().await;
            stage.closest(&globals, 0.0).await;
        }
        let version = stage.build_snapshot(factory).await;
        stage.campus.enroll_again(again, 0.0).await;
        stage.compare(&globals).await;
        stage.swapped(&globals, Some(version.id)).await;
        let before = searches.load(Ordering::Relaxed);
        until("they go on searching", || searches.load(Ordering::Relaxed) > before + 8).await;
        assert!(searchers.iter().all(|searcher| !searcher.is_finished()), "in round {round}");
    }
    stop.store(true, Ordering::Relaxed);
    searchers.into_iter().for_each(|searcher| searcher.join().expect("no panic"));
}
