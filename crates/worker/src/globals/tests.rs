use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use domain::embedding::Embedding;
use domain::enrollment::Gallery;
use domain::id::{Id, PersonId};
use index::snapshot::{self, SnapshotFolder, SnapshotSettings};
use index::{Builder, Factory};
use messaging::Redis;
use store::Pool;
use store::index_versions::IndexVersion;
use tempfile::TempDir;
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;

use super::{Globals, Sources};
use crate::campus::{Campus, DIMENSION, contract, face};
use crate::replica::Replica;

mod faults;
mod lasting;
mod searching;

const HOUR: Duration = Duration::from_secs(3600);

/// A campus with a folder of snapshots.
pub(crate) struct Stage {
    pub(crate) campus: Campus,
    snapshots: SnapshotFolder,
    root: TempDir,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let root = TempDir::new().expect("a folder");
        let settings = SnapshotSettings {
            snapshots: root.path().display().to_string(),
            keep: 3,
            gallery: Gallery::Pooled,
            exhaustive_templates: index::EXHAUSTIVE,
        };
        let snapshots = SnapshotFolder::open(&settings).expect("the folder");
        Self { campus: Campus::new().await, snapshots, root }
    }

    /// Indexes that are followed until the guard is dropped.
    fn globals(&self) -> (Arc<Globals>, DropGuard) {
        self.globals_by(self.campus.pool.clone(), self.campus.redis.clone())
    }

    /// The same by other ways.
    pub(crate) fn globals_by(&self, pool: Pool, redis: Redis) -> (Arc<Globals>, DropGuard) {
        followed(self.unfollowed(pool, redis, HOUR))
    }

    fn unfollowed(&self, pool: Pool, redis: Redis, idle: Duration) -> Globals {
        self.unfollowed_for(Duration::from_secs(30), pool, redis, idle)
    }

    fn unfollowed_for(&self, patience: Duration, pool: Pool, redis: Redis, idle: Duration) -> Globals {
        let (sealer, snapshots) = (self.campus.sealer.clone(), self.snapshots.clone());
        let sources = Sources { pool, sealer, redis, snapshots, contracts: vec![contract()] };
        Globals::new(sources, patience, idle)
    }

    /// What the nightly build does, of these templates.
    async fn write_snapshot(&self, people: &[(PersonId, Embedding)], watermark: i64) -> IndexVersion {
        self.write_snapshot_of(people, watermark, Factory::Flat).await
    }

    async fn write_snapshot_of(
        &self,
        people: &[(PersonId, Embedding)],
        watermark: i64,
        factory: Factory,
    ) -> IndexVersion {
        let mut builder = Builder::new(contract(), factory, DIMENSION, watermark, people.len()).expect("a builder");
        if factory != Factory::Flat {
            builder.train(&people.iter().map(|(_, face)| face.clone()).collect::<Vec<_>>()).expect("training");
        }
        let rows: Vec<_> = people.iter().map(|(person, face)| (Id::new(), *person, face.clone())).collect();
        builder.add(&rows).expect("templates");
        self.write(builder.finish().expect("an index")).await
    }

    /// What the nightly build does, of the templates that there are.
    async fn build_snapshot(&self, factory: Factory) -> IndexVersion {
        let mut conn = self.campus.conn().await;
        let (sealer, organization, of) = (&self.campus.sealer, self.campus.organization, contract());
        let mut reading = store::galleries::Reading::begin(&mut conn, sealer, organization, &of, Gallery::Pooled)
            .await
            .expect("a reading");
        let (watermark, all) = (reading.watermark(), reading.page(None, 10_000).await.expect("templates"));
        reading.end().await.expect("an end");
        let mut builder = Builder::new(of, factory, DIMENSION, watermark, all.len()).expect("a builder");
        if factory != Factory::Flat {
            builder.train(&all.iter().map(|one| one.embedding.clone()).collect::<Vec<_>>()).expect("training");
        }
        let rows: Vec<_> = all.into_iter().map(|one| (one.template_id, one.person_id, one.embedding)).collect();
        builder.add(&rows).expect("templates");
        self.write(builder.finish().expect("an index")).await
    }

    async fn write(&self, index: index::GlobalIndex) -> IndexVersion {
        let (id, sealer) = (Uuid::now_v7(), self.campus.sealer.clone());
        let seal = move |plain: &[u8]| sealer.seal(id, plain);
        let written =
            snapshot::write(&self.snapshots, self.campus.organization, id, index, seal).await.expect("a snapshot");
        let version = IndexVersion {
            id,
            organization_id: self.campus.organization,
            contract: contract(),
            watermark: written.watermark,
            templates: written.templates as i64,
            factory: written.factory,
            path: written.path,
            sha256: written.sha256,
            bytes: written.bytes as i64,
            build_ms: 1,
            created_at: chrono::Utc::now(),
            sealed_with: Some(self.campus.sealer.fingerprint().to_owned()),
            probes: None,
            recall: written.recall,
            stages: [].into(),
        };
        store::index_versions::insert(&mut *self.campus.conn().await, &version).await.expect("a record");
        version
    }

    fn file(&self, version: &IndexVersion) -> PathBuf {
        self.root.path().join(&version.path)
    }

    /// Whom a face at `angle` is most like.
    pub(crate) async fn closest(&self, globals: &Globals, angle: f32) -> Option<PersonId> {
        let index = globals.current(self.campus.organization, &contract()).await;
        let found = index.search(&[&face(angle)], 1).expect("a search");
        found[0].first().map(|best| best.person_id)
    }

    fn replica(&self, globals: &Globals) -> Arc<Replica> {
        globals.replica(&(self.campus.organization, contract()))
    }

    /// What `versions` does again and again.
    async fn compare(&self, globals: &Globals) {
        let asked = globals.followed();
        let truth = store::versions::read(&mut *self.campus.conn().await, &[], &asked).await.expect("versions");
        globals.compare(&asked, &truth);
    }

    /// Waits until the index is the one of this snapshot (`None`: of Postgres).
    async fn swapped(&self, globals: &Globals, version: Option<Uuid>) {
        until("the index is of another snapshot", || {
            let replica = self.replica(globals);
            replica.is_there() && replica.facts().version == version
        })
        .await;
    }
}

fn followed(globals: Globals) -> (Arc<Globals>, DropGuard) {
    let (globals, shutdown) = (Arc::new(globals), CancellationToken::new());
    let (following, told) = (Arc::clone(&globals), shutdown.clone());
    tokio::spawn(async move { following.follow(told).await });
    (globals, shutdown.drop_guard())
}

/// Waits until something is so.
async fn until(what: &str, is_so: impl Fn() -> bool) {
    let mut looks = tokio::time::interval(Duration::from_millis(5));
    let waiting = async {
        while !is_so() {
            looks.tick().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), waiting).await.unwrap_or_else(|_late| panic!("not in time: {what}"));
}

#[tokio::test]
async fn follows_the_log_as_soon_as_it_is_told() {
    let stage = Stage::new().await;
    let (globals, _running) = stage.globals();
    assert_eq!(stage.closest(&globals, 0.0).await, None);

    let first = stage.campus.enrolled(0.0).await;
    stage.campus.raise().await;
    assert_eq!(stage.closest(&globals, 0.0).await, Some(first));
    let second = stage.campus.enrolled(1.0).await;
    stage.campus.raise().await;
    assert_eq!(stage.closest(&globals, 1.0).await, Some(second));

    stage.campus.delete(second).await;
    stage.campus.raise().await;
    assert_eq!(stage.closest(&globals, 1.0).await, Some(first));
}

#[tokio::test]
async fn starts_from_the_snapshot_and_replays_what_came_after() {
    let stage = Stage::new().await;
    // Two revisions: the sample and the pooled template.
    let first = stage.campus.enrolled(0.0).await;
    // A snapshot that holds somebody whom the log does not: who is found was read from it.
    let only_there = PersonId::new();
    let version = stage.write_snapshot(&[(only_there, face(2.0))], 2).await;
    let second = stage.campus.enrolled(1.0).await;

    let (globals, _running) = stage.globals();
    assert_eq!(stage.closest(&globals, 2.0).await, Some(only_there));
    assert_eq!(stage.closest(&globals, 1.0).await, Some(second));
    assert_ne!(stage.closest(&globals, 0.0).await, Some(first), "what came before the watermark is not replayed");
    assert_eq!(stage.replica(&globals).facts().version, Some(version.id));
}

#[tokio::test]
async fn a_newer_snapshot_takes_the_place_of_what_is_searched() {
    let stage = Stage::new().await;
    let first = stage.campus.enrolled(0.0).await;
    let (globals, _running) = stage.globals();
    assert_eq!(stage.closest(&globals, 0.0).await, Some(first));
    assert_eq!(stage.replica(&globals).facts().version, None, "there was none");
    let (only_there, second) = (PersonId::new(), stage.campus.enrolled(1.0).await);
    stage.campus.raise().await;
    let version = stage.write_snapshot(&[(only_there, face(2.0)), (first, face(0.0))], 2).await;
    assert_eq!(stage.closest(&globals, 2.0).await, Some(second));

    stage.compare(&globals).await;
    stage.swapped(&globals, Some(version.id)).await;
    assert_eq!(stage.closest(&globals, 2.0).await, Some(only_there));
    assert_eq!(stage.closest(&globals, 1.0).await, Some(second), "with what came after it");
    // One that holds less than it began with, as after the newest was given up, is not worth it.
    stage.write_snapshot(&[], 0).await;
    stage.compare(&globals).await;
    until("it was passed over", || stage.replica(&globals).facts().settled.is_some_and(|(id, _)| id != version.id))
        .await;
    assert_eq!(stage.closest(&globals, 2.0).await, Some(only_there));
}

#[tokio::test]
async fn whoever_is_erased_is_found_by_nobody_though_a_snapshot_still_holds_them() {
    for factory in [Factory::Flat, Factory::Inverted { lists: 2 }] {
        let stage = Stage::new().await;
        let first = stage.campus.enrolled(0.0).await;
        for number in 1..20 {
            stage.campus.enrolled(number as f32 / 4.0).await;
        }
        let version = stage.build_snapshot(factory).await;
        assert_eq!(version.factory, factory.to_string());
        stage.campus.raise().await;
        let (running, _guard) = stage.globals();
        assert_eq!(stage.closest(&running, 0.0).await, Some(first));
        assert_eq!(stage.replica(&running).facts().version, Some(version.id));

        let mut conn = stage.campus.conn().await;
        store::erasures::erase(&mut conn, stage.campus.organization, first).await.expect("an erasure");
        stage.campus.raise().await;
        let (started, _guard) = stage.globals();
        for (globals, what) in [(&running, "one that runs"), (&started, "one that starts from the snapshot")] {
            let index = globals.current(stage.campus.organization, &contract()).await;
            let found = index.search(&[&face(0.0)], 99).expect("a search");
            assert!(found[0].iter().all(|candidate| candidate.person_id != first), "{what}");
            assert!(!found[0].is_empty(), "{what}");
            assert_eq!((index.len(), index.people(), index.factory()), (19, 19, factory), "{what}");
        }
    }
}
