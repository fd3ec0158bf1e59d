use std::sync::Arc;

use domain::id::{CourseId, PersonId};
use messaging::Redis;
use testkit::network::Proxy;
use tokio_util::sync::DropGuard;

use super::Watching;
use crate::campus::Campus;
use crate::globals::tests::Stage;
use crate::rosters::CourseRoster;
use crate::rosters::tests::rosters_by;

/// What a worker holds of a campus, with a Redis of its own choice.
struct Holder<'a> {
    stage: &'a Stage,
    watching: Watching,
    _following: DropGuard,
}

impl<'a> Holder<'a> {
    fn new(stage: &'a Stage, redis: Redis) -> Self {
        let campus = &stage.campus;
        let (globals, following) = stage.globals_by(campus.pool.clone(), redis.clone());
        let rosters = Arc::new(rosters_by(campus, campus.pool.clone(), redis.clone(), usize::MAX));
        let watching = Watching { pool: campus.pool.clone(), redis, rosters, globals };
        Self { stage, watching, _following: following }
    }

    async fn roster(&self, campus: &Campus, course: CourseId) -> Arc<CourseRoster> {
        self.watching.rosters.current(campus.organization, course).await.expect("a roster")
    }

    async fn closest(&self, angle: f32) -> Option<PersonId> {
        self.stage.closest(&self.watching.globals, angle).await
    }
}

/// Whoever committed has died before they told: the next look finds it.
#[tokio::test]
async fn a_commit_that_nobody_told_of_is_seen_by_the_next_look() {
    let stage = Stage::new().await;
    let campus = &stage.campus;
    let course = campus.course(&[campus.enrolled(0.0).await]).await;
    let holder = Holder::new(&stage, campus.redis.clone());
    let before = holder.roster(campus, course).await;
    campus.raise().await;
    assert!(holder.closest(1.0).await.is_some());

    // Their template raises the roster's version, too.
    let person = campus.enrolled(1.0).await;
    store::rosters::add(&mut *campus.conn().await, campus.organization, course, &[person], chrono::Utc::now())
        .await
        .expect("a roster");
    assert!(Arc::ptr_eq(&before, &holder.roster(campus, course).await), "Redis says that nothing happened");
    assert_ne!(holder.closest(1.0).await, Some(person));

    holder.watching.look().await.expect("a look");
    assert_eq!(holder.roster(campus, course).await.index.people(), 2);
    assert_eq!(holder.closest(1.0).await, Some(person));
    // Everybody else was told, too.
    let version = store::rosters::version(&mut *campus.conn().await, campus.organization, course).await.expect("one");
    assert_eq!(campus.redis.course_version(course).await.expect("redis"), version);
    let revision = store::templates::revision(&mut *campus.conn().await, campus.organization).await.expect("one");
    assert_eq!(campus.redis.template_revision(campus.organization).await.expect("redis"), Some(revision));
}

#[tokio::test]
async fn a_key_that_is_too_high_is_lowered_and_what_it_named_is_let_go() {
    let stage = Stage::new().await;
    let campus = &stage.campus;
    let course = campus.course(&[campus.enrolled(0.0).await]).await;
    let holder = Holder::new(&stage, campus.redis.clone());
    campus.raise().await;
    let loaded = holder.roster(campus, course).await;
    holder.closest(0.0).await;
    let (version, revision) = (loaded.index.version(), 2);
    // As a database leaves it that was restored to an earlier day.
    campus.redis.raise_course_version(course, version + 90).await.expect("redis");
    campus.redis.raise_template_revision(campus.organization, revision + 90).await.expect("redis");
    let (one, other) = (holder.roster(campus, course).await, holder.roster(campus, course).await);
    assert!(!Arc::ptr_eq(&one, &other), "each frame loads it, in the hope of a newer one");

    holder.watching.look().await.expect("a look");
    assert_eq!(campus.redis.course_version(course).await.expect("redis"), Some(version));
    assert_eq!(campus.redis.template_revision(campus.organization).await.expect("redis"), Some(revision));
    let (one, other) = (holder.roster(campus, course).await, holder.roster(campus, course).await);
    assert!(Arc::ptr_eq(&one, &other));
    // What a worker holds may be from before the restoration: then it is no better.
    let set = |version: i64| format!("UPDATE courses SET roster_version = {version}");
    campus.execute(&set(version - 1)).await;
    holder.watching.look().await.expect("a look");
    assert_eq!(holder.roster(campus, course).await.index.version(), version - 1);
}

#[tokio::test]
async fn a_flushed_redis_is_filled_again() {
    let stage = Stage::new().await;
    let campus = &stage.campus;
    let (first, second) = (campus.enrolled(0.0).await, campus.enrolled(1.0).await);
    let course = campus.course(&[first]).await;
    let holder = Holder::new(&stage, campus.redis.clone());
    let before = holder.roster(campus, course).await;
    assert_eq!(holder.closest(0.0).await, Some(first));

    campus.flush_redis().await;
    assert!(Arc::ptr_eq(&before, &holder.roster(campus, course).await), "it is as new as Postgres says");
    campus.delete(first).await;
    campus.flush_redis().await;
    assert_eq!(holder.roster(campus, course).await.index.people(), 0, "the first to ask learns of it");
    assert_eq!(holder.closest(0.0).await, Some(second));

    campus.flush_redis().await;
    holder.watching.look().await.expect("a look");
    assert!(campus.redis.course_version(course).await.expect("redis").is_some());
    assert!(campus.redis.template_revision(campus.organization).await.expect("redis").is_some());
}

#[tokio::test]
async fn without_redis_the_answer_stays_right() {
    let stage = Stage::new().await;
    let campus = &stage.campus;
    let (first, second) = (campus.enrolled(0.0).await, campus.enrolled(1.0).await);
    let course = campus.course(&[first]).await;
    let (network, url) = Proxy::in_front_of(&campus.redis_url).await.expect("a network");
    let holder = Holder::new(&stage, campus.redis_at(&url));
    assert_eq!(holder.closest(0.0).await, Some(first));
    assert_eq!(holder.roster(campus, course).await.index.people(), 1);
    network.cut();
    campus.delete(first).await;
    assert_eq!(holder.roster(campus, course).await.index.people(), 0);
    assert_eq!(holder.closest(0.0).await, Some(second));
    // Nor does a look need it, even where it is only silent.
    network.freeze();
    let before = holder.watching.rosters.held();
    campus.add_to_roster(course, second).await;
    holder.watching.look().await.expect("a look");
    assert_eq!((before.len(), holder.watching.rosters.held().len()), (1, 0), "it was let go");
}
