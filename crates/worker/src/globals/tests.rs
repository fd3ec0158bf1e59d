use std::sync::Arc;
use std::time::Duration;

use domain::enrollment::Gallery;
use domain::id::PersonId;
use index::snapshot::{self, SnapshotFolder, SnapshotSettings};
use index::{GlobalIndex, TemplateChange};
use store::index_versions::IndexVersion;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Globals, Sources};
use crate::campus::{Campus, contract, face};

struct Stage {
    campus: Campus,
    snapshots: SnapshotFolder,
    root: TempDir,
}

impl Stage {
    async fn new() -> Self {
        let root = TempDir::new().expect("a folder");
        let settings =
            SnapshotSettings { snapshots: root.path().display().to_string(), keep: 3, gallery: Gallery::Pooled };
        let snapshots = SnapshotFolder::open(&settings).expect("the folder");
        Self { campus: Campus::new().await, snapshots, root }
    }

    /// Indexes that are followed until the guard is dropped.
    fn globals(&self) -> (Arc<Globals>, tokio_util::sync::DropGuard) {
        let sources = Sources {
            pool: self.campus.pool.clone(),
            sealer: self.campus.sealer.clone(),
            redis: self.campus.redis.clone(),
            gallery: Gallery::Pooled,
            snapshots: self.snapshots.clone(),
        };
        let (globals, woken) = Globals::new(sources, Duration::from_secs(30));
        let (globals, shutdown) = (Arc::new(globals), CancellationToken::new());
        let (following, told) = (Arc::clone(&globals), shutdown.clone());
        tokio::spawn(async move { following.follow(woken, told).await });
        (globals, shutdown.drop_guard())
    }

    /// What the nightly build does, of these changes.
    async fn write_snapshot(&self, changes: &[TemplateChange], watermark: i64) -> String {
        let mut index = GlobalIndex::new(contract());
        index.apply(changes).expect("changes");
        index.advance_to(watermark);
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
            factory: written.factory.to_owned(),
            path: written.path.clone(),
            sha256: written.sha256,
            bytes: written.bytes as i64,
            build_ms: 1,
            created_at: chrono::Utc::now(),
            sealed_with: Some(self.campus.sealer.fingerprint().to_owned()),
            probes: None,
            recall: None,
            stages: std::collections::BTreeMap::new(),
        };
        store::index_versions::insert(&mut *self.campus.conn().await, &version).await.expect("a record");
        written.path
    }

    /// Whom a face at `angle` is most like.
    async fn closest(&self, globals: &Globals, angle: f32) -> Option<PersonId> {
        let replica = globals.current(self.campus.organization, &contract()).await;
        let found = replica.search(&[&face(angle)], 1).expect("a search");
        found.candidates[0].first().map(|best| best.person_id)
    }
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
    let change = TemplateChange {
        revision: 1,
        template_id: domain::id::Id::new(),
        person_id: only_there,
        embedding: Some(face(2.0)),
    };
    stage.write_snapshot(&[change], 2).await;
    let second = stage.campus.enrolled(1.0).await;

    let (globals, _running) = stage.globals();
    assert_eq!(stage.closest(&globals, 2.0).await, Some(only_there));
    assert_eq!(stage.closest(&globals, 1.0).await, Some(second));
    assert_ne!(stage.closest(&globals, 0.0).await, Some(first), "what came before the watermark is not replayed");
}

#[tokio::test]
async fn a_snapshot_that_is_no_good_is_passed_over() {
    let stage = Stage::new().await;
    let person = stage.campus.enrolled(0.0).await;
    let path = stage.root.path().join(stage.write_snapshot(&[], 1).await);
    let mut bytes = std::fs::read(&path).expect("the snapshot");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&path, bytes).expect("a damaged snapshot");
    let (globals, _running) = stage.globals();
    assert_eq!(stage.closest(&globals, 0.0).await, Some(person));

    // Neither is one that is not there, nor one of a time that the database has not come to.
    std::fs::remove_file(&path).expect("a removed snapshot");
    let (globals, _running) = stage.globals();
    assert_eq!(stage.closest(&globals, 0.0).await, Some(person));
    stage.write_snapshot(&[], 1000).await;
    let (globals, _running) = stage.globals();
    assert_eq!(stage.closest(&globals, 0.0).await, Some(person));
}

#[tokio::test]
async fn whoever_is_erased_is_found_by_nobody_though_a_snapshot_still_holds_them() {
    let stage = Stage::new().await;
    let (first, second) = (stage.campus.enrolled(0.0).await, stage.campus.enrolled(1.0).await);
    let mut conn = stage.campus.conn().await;
    let (organization, of, gallery) = (stage.campus.organization, contract(), Gallery::Pooled);
    let sealer = &stage.campus.sealer;
    let log =
        store::templates::changes_since(&mut conn, sealer, organization, &of, gallery, 0, 9).await.expect("changes");
    let watermark = log.last().expect("a change").revision;
    let log: Vec<TemplateChange> = log.into_iter().map(super::change).collect();
    stage.write_snapshot(&log, watermark).await;
    stage.campus.raise().await;
    let (running, _guard) = stage.globals();
    assert_eq!(stage.closest(&running, 0.0).await, Some(first));

    store::erasures::erase(&mut conn, organization, first).await.expect("an erasure");
    stage.campus.raise().await;
    assert_eq!(stage.closest(&running, 0.0).await, Some(second), "one that runs");
    let (started, _guard) = stage.globals();
    assert_eq!(stage.closest(&started, 0.0).await, Some(second), "one that starts from the snapshot");
}
