//! What is damaged, missing or away.

use std::path::Path;
use std::time::Duration;

use index::Factory;

use super::{HOUR, Stage, contract, face, followed, until};
use crate::campus::Campus;

type Damage = fn(&Path);

fn flip_the_last_byte(file: &Path) {
    let mut bytes = std::fs::read(file).expect("the snapshot");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(file, bytes).expect("a damaged snapshot");
}

fn flip_a_byte_in_the_middle(file: &Path) {
    let mut bytes = std::fs::read(file).expect("the snapshot");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(file, bytes).expect("a damaged snapshot");
}

fn truncate(file: &Path) {
    let bytes = std::fs::read(file).expect("the snapshot");
    std::fs::write(file, &bytes[..bytes.len() * 2 / 3]).expect("a damaged snapshot");
}

fn empty(file: &Path) {
    std::fs::write(file, []).expect("a damaged snapshot");
}

fn remove(file: &Path) {
    std::fs::remove_file(file).expect("a snapshot");
}

const DAMAGES: [Damage; 5] = [flip_the_last_byte, flip_a_byte_in_the_middle, truncate, empty, remove];

#[tokio::test]
async fn without_a_good_snapshot_the_templates_are_read() {
    for damage in DAMAGES {
        let stage = Stage::new().await;
        let person = stage.campus.enrolled(0.0).await;
        // Were it read, it would give somebody else.
        let version = stage.write_snapshot(&[(domain::id::PersonId::new(), face(0.0))], 2).await;
        damage(&stage.file(&version));
        let (globals, _running) = stage.globals();
        assert_eq!(stage.closest(&globals, 0.0).await, Some(person));
        let replica = stage.replica(&globals);
        assert_eq!(replica.facts().version, None);
        let settled = replica.facts().settled;
        assert!(settled.is_some_and(|(id, again_at)| id == version.id && again_at.is_some()), "it is tried again");
    }
}

#[tokio::test]
async fn an_older_snapshot_is_better_than_none() {
    for damage in DAMAGES {
        let stage = Stage::new().await;
        stage.campus.enrolled(0.0).await;
        let only_there = domain::id::PersonId::new();
        let older = stage.write_snapshot(&[(only_there, face(2.0))], 1).await;
        let newer = stage.write_snapshot(&[(only_there, face(2.0))], 2).await;
        damage(&stage.file(&newer));
        let (globals, _running) = stage.globals();
        assert_eq!(stage.closest(&globals, 2.0).await, Some(only_there));
        assert_eq!(stage.replica(&globals).facts().version, Some(older.id));
    }
}

#[tokio::test]
async fn what_is_searched_stays_when_a_newer_snapshot_is_no_good() {
    for damage in DAMAGES {
        let stage = Stage::new().await;
        let person = stage.campus.enrolled(0.0).await;
        let good = stage.build_snapshot(Factory::Flat).await;
        let (globals, _running) = stage.globals();
        assert_eq!(stage.closest(&globals, 0.0).await, Some(person));
        let next = stage.campus.enrolled(1.0).await;
        stage.campus.raise().await;
        let bad = stage.build_snapshot(Factory::Flat).await;
        damage(&stage.file(&bad));
        stage.compare(&globals).await;
        until("it was refused", || stage.replica(&globals).facts().settled.is_some_and(|(id, _)| id == bad.id)).await;
        assert_eq!(stage.closest(&globals, 0.0).await, Some(person));
        assert_eq!(stage.closest(&globals, 1.0).await, Some(next));
        assert_eq!(stage.replica(&globals).facts().version, Some(good.id));
        // The next one is taken at once, or as soon as the pause is over.
        stage.campus.enrolled(2.0).await;
        let better = stage.build_snapshot(Factory::Flat).await;
        let replica = stage.replica(&globals);
        until("the better one is searched", || {
            replica.wake();
            replica.facts().version == Some(better.id)
        })
        .await;
    }
}

#[tokio::test]
async fn a_snapshot_that_comes_back_is_read_after_a_pause() {
    let stage = Stage::new().await;
    stage.campus.enrolled(0.0).await;
    let version = stage.build_snapshot(Factory::Flat).await;
    let bytes = std::fs::read(stage.file(&version)).expect("the snapshot");
    remove(&stage.file(&version));
    let (globals, _running) = stage.globals();
    stage.closest(&globals, 0.0).await;
    stage.swapped(&globals, None).await;
    std::fs::write(stage.file(&version), bytes).expect("a snapshot");
    let replica = stage.replica(&globals);
    until("it is read", || {
        replica.compare(2, Some(version.id));
        replica.facts().version == Some(version.id)
    })
    .await;
}

#[tokio::test]
async fn a_database_that_was_restored_to_an_earlier_day_is_believed() {
    let stage = Stage::new().await;
    let (first, second) = (stage.campus.enrolled(0.0).await, stage.campus.enrolled(1.0).await);
    let (globals, _running) = stage.globals();
    assert_eq!(stage.closest(&globals, 1.0).await, Some(second));
    let ahead = stage.build_snapshot(Factory::Flat).await;
    stage.campus.execute("UPDATE organizations SET template_revision = 2").await;
    stage
        .campus
        .execute("DELETE FROM templates WHERE id IN (SELECT template_id FROM template_changes WHERE revision > 2)")
        .await;
    stage.campus.execute("DELETE FROM template_changes WHERE revision > 2").await;
    stage.campus.flush_redis().await;
    stage.compare(&globals).await;
    let replica = stage.replica(&globals);
    until("it begins anew", || replica.watermark() == 2).await;
    assert_eq!(stage.closest(&globals, 1.0).await, Some(first));
    assert_ne!(replica.facts().version, Some(ahead.id), "a snapshot that is ahead of the log is passed over");
}

#[tokio::test]
async fn an_index_that_cannot_be_had_is_not_waited_for_again_and_again() {
    let stage = Stage::new().await;
    let (network, pool) = stage.campus.pool_by_a_network().await;
    network.cut();
    let patience = Duration::from_millis(300);
    let (globals, _running) = followed(stage.unfollowed_for(patience, pool, stage.campus.redis.clone(), HOUR));
    stage.campus.raise().await;
    let asking = async {
        for _ in 0..2000 {
            assert_eq!(stage.closest(&globals, 0.0).await, None);
        }
    };
    tokio::time::timeout(Duration::from_secs(60), asking).await.expect("ten minutes, did each wait");
}

#[tokio::test]
async fn while_the_database_is_away_what_is_there_is_searched() {
    let stage = Stage::new().await;
    let Campus { redis, .. } = &stage.campus;
    let (network, pool) = stage.campus.pool_by_a_network().await;
    let (globals, _running) = stage.globals_by(pool, redis.clone());
    network.cut();
    let first = stage.campus.enrolled(0.0).await;
    let waiting = tokio::time::timeout(Duration::from_millis(300), stage.closest(&globals, 0.0));
    assert!(waiting.await.is_err() || !stage.replica(&globals).is_there());
    network.heal();
    stage.compare(&globals).await;
    stage.campus.raise().await;
    assert_eq!(stage.closest(&globals, 0.0).await, Some(first));

    network.cut();
    let second = stage.campus.enrolled(1.0).await;
    stage.compare(&globals).await;
    let replica = stage.replica(&globals);
    until("it has failed", || replica.facts().failing_since.is_some()).await;
    let found = replica.index().search(&[&face(1.0)], 1).expect("a search");
    assert_eq!(found[0][0].person_id, first, "as it was");
    network.heal();
    stage.compare(&globals).await;
    stage.campus.raise().await;
    assert_eq!(stage.closest(&globals, 1.0).await, Some(second));
    until("it is well again", || replica.facts().failing_since.is_none()).await;
    assert_eq!(replica.standing().index.contract(), &contract());
}
