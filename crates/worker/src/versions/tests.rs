use std::sync::Arc;
use std::time::Duration;

use domain::enrollment::Gallery;
use domain::id::{CourseId, PersonId};
use index::snapshot::{SnapshotFolder, SnapshotSettings};
use tempfile::TempDir;
use testkit::network::Proxy;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::Watching;
use crate::campus::{Campus, contract, face};
use crate::globals::{Globals, Sources};
use crate::rosters::CourseRoster;
use crate::rosters::tests::rosters_by;

/// What a worker holds of a campus, with a Redis of its own choice.
struct Holder {
    watching: Watching,
    _following: DropGuard,
    _root: TempDir,
}

impl Holder {
    fn new(campus: &Campus, redis: messaging::Redis) -> Self {
        let root = TempDir::new().expect("a folder");
        let settings =
            SnapshotSettings { snapshots: root.path().display().to_string(), keep: 3, gallery: Gallery::Pooled };
        let sources = Sources {
            pool: campus.pool.clone(),
            sealer: campus.sealer.clone(),
            redis: redis.clone(),
            gallery: Gallery::Pooled,
            snapshots: SnapshotFolder::open(&settings).expect("the folder"),
        };
        let (globals, woken) = Globals::new(sources, Duration::from_secs(30));
        let (globals, shutdown) = (Arc::new(globals), CancellationToken::new());
        let (following, told) = (Arc::clone(&globals), shutdown.clone());
        tokio::spawn(async move { following.follow(woken, told).await });
        let rosters = Arc::new(rosters_by(campus, campus.pool.clone(), redis.clone(), usize::MAX));
        let watching = Watching { pool: campus.pool.clone(), redis, rosters, globals };
        Self { watching, _following: shutdown.drop_guard(), _root: root }
    }

    async fn roster(&self, campus: &Campus, course: CourseId) -> Arc<CourseRoster> {
        self.watching.rosters.current(campus.organization, course).await.expect("a roster")
    }

    async fn closest(&self, campus: &Campus, angle: f32) -> Option<PersonId> {
        let replica = self.watching.globals.current(campus.organization, &contract()).await;
        let found = replica.search(&[&face(angle)], 1).expect("a search");
        found.candidates[0].first().map(|best| best.person_id)
    }
}

/// Whoever committed has died before they told: the next look finds it.
#[tokio::test]
async fn a_commit_that_nobody_told_of_is_seen_by_the_next_look() {
    let campus = Campus::new().await;
    let course = campus.course(&[campus.enrolled(0.0).await]).await;
    let holder = Holder::new(&campus, campus.redis.clone());
    let before = holder.roster(&campus, course).await;
    campus.raise().await;
    assert!(holder.closest(&campus, 1.0).await.is_some());

    // Their template raises the roster's version, too.
    let person = campus.enrolled(1.0).await;
    store::rosters::add(&mut *campus.conn().await, campus.organization, course, &[person], chrono::Utc::now())
        .await
        .expect("a roster");
    assert!(Arc::ptr_eq(&before, &holder.roster(&campus, course).await), "Redis says that nothing happened");
    assert_ne!(holder.closest(&campus, 1.0).await, Some(person));

    holder.watching.look().await.expect("a look");
    assert_eq!(holder.roster(&campus, course).await.index.people(), 2);
    assert_eq!(holder.closest(&campus, 1.0).await, Some(person));
    // Everybody else was told, too.
    let version = store::rosters::version(&mut *campus.conn().await, campus.organization, course).await.expect("one");
    assert_eq!(campus.redis.course_version(course).await.expect("redis"), version);
    let revision = store::templates::revision(&mut *campus.conn().await, campus.organization).await.expect("one");
    assert_eq!(campus.redis.template_revision(campus.organization).await.expect("redis"), Some(revision));
}

#[tokio::test]
async fn a_key_that_is_too_high_is_lowered_and_what_it_named_is_let_go() {
    let campus = Campus::new().await;
    let course = campus.course(&[campus.enrolled(0.0).await]).await;
    let holder = Holder::new(&campus, campus.redis.clone());
    campus.raise().await;
    let loaded = holder.roster(&campus, course).await;
    holder.closest(&campus, 0.0).await;
    let (version, revision) = (loaded.index.version(), 2);
    // As a database leaves it that was restored to an earlier day.
    campus.redis.raise_course_version(course, version + 90).await.expect("redis");
    campus.redis.raise_template_revision(campus.organization, revision + 90).await.expect("redis");
    let (one, other) = (holder.roster(&campus, course).await, holder.roster(&campus, course).await);
    assert!(!Arc::ptr_eq(&one, &other), "each frame loads it, in the hope of a newer one");

    holder.watching.look().await.expect("a look");
    assert_eq!(campus.redis.course_version(course).await.expect("redis"), Some(version));
    assert_eq!(campus.redis.template_revision(campus.organization).await.expect("redis"), Some(revision));
    let (one, other) = (holder.roster(&campus, course).await, holder.roster(&campus, course).await);
    assert!(Arc::ptr_eq(&one, &other));
    // What a worker holds may be from before the restoration: then it is no better.
    let set = |version: i64| format!("UPDATE courses SET roster_version = {version}");
    campus.execute(&set(version - 1)).await;
    holder.watching.look().await.expect("a look");
    assert_eq!(holder.roster(&campus, course).await.index.version(), version - 1);
}

#[tokio::test]
async fn a_flushed_redis_is_filled_again() {
    let campus = Campus::new().await;
    let (first, second) = (campus.enrolled(0.0).await, campus.enrolled(1.0).await);
    let course = campus.course(&[first]).await;
    let holder = Holder::new(&campus, campus.redis.clone());
    let before = holder.roster(&campus, course).await;
    assert_eq!(holder.closest(&campus, 0.0).await, Some(first));

    campus.flush_redis().await;
    assert!(Arc::ptr_eq(&before, &holder.roster(&campus, course).await), "it is as new as Postgres says");
    campus.delete(first).await;
    campus.flush_redis().await;
    assert_eq!(holder.roster(&campus, course).await.index.people(), 0, "the first to ask learns of it");
    assert_eq!(holder.closest(&campus, 0.0).await, Some(second));

    campus.flush_redis().await;
    holder.watching.look().await.expect("a look");
    assert!(campus.redis.course_version(course).await.expect("redis").is_some());
    assert!(campus.redis.template_revision(campus.organization).await.expect("redis").is_some());
}

#[tokio::test]
async fn without_redis_the_answer_stays_right() {
    let campus = Campus::new().await;
    let (first, second) = (campus.enrolled(0.0).await, campus.enrolled(1.0).await);
    let course = campus.course(&[first]).await;
    let (network, url) = Proxy::in_front_of(&campus.redis_url).await.expect("a network");
    let holder = Holder::new(&campus, campus.redis_at(&url));
    assert_eq!(holder.closest(&campus, 0.0).await, Some(first));
    assert_eq!(holder.roster(&campus, course).await.index.people(), 1);
    network.cut();
    campus.delete(first).await;
    assert_eq!(holder.roster(&campus, course).await.index.people(), 0);
    assert_eq!(holder.closest(&campus, 0.0).await, Some(second));
    // Nor does a look need it, even where it is only silent.
    network.freeze();
    let before = holder.watching.rosters.held();
    campus.add_to_roster(course, second).await;
    holder.watching.look().await.expect("a look");
    assert_eq!((before.len(), holder.watching.rosters.held().len()), (1, 0), "it was let go");
}
