//! Schedulers that are killed while they build, or build at the same time.

use domain::id::OrganizationId;
use domain::index::{BuildStage, BuildState};
use uuid::Uuid;

use crate::fixtures::Ground;
use crate::running::Running;

/// More than are searched exhaustively, so that there is training.
const MANY: usize = 20_100;
const DIMENSION: usize = 32;

/// Holds back whoever would record a snapshot.
async fn hold_records(ground: &Ground) {
    ground.execute("BEGIN; LOCK TABLE index_versions IN EXCLUSIVE MODE; SELECT pg_sleep(600)").await;
}

async fn let_records_go(ground: &Ground) {
    let those = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE datname = current_database() AND query LIKE '%pg_sleep(600)' AND pid <> pg_backend_pid()";
    ground.execute(those).await;
}

/// Does `work`, and meanwhile lets what was broken off be long ago: again and again, it rests.
async fn rested<T>(ground: &Ground, work: impl Future<Output = T>) -> T {
    let long_ago = "UPDATE index_builds SET ended_at = ended_at - interval '1 hour' \
         WHERE ended_at > now() - interval '10 minutes'";
    let mut looks = tokio::time::interval(std::time::Duration::from_millis(500));
    let resting = async {
        loop {
            looks.tick().await;
            ground.execute(long_ago).await;
        }
    };
    tokio::select! { done = work => done, () = resting => panic!("it never ends") }
}

/// Kills a scheduler in this stage of a build. Answers with the build.
async fn kill_in(ground: &Ground, organization: OrganizationId, stage: BuildStage, last: Option<Uuid>) -> Uuid {
    let mut scheduler = Running::start(ground);
    // From where on it goes slowly, so that no stage passes unseen.
    let slow_from = match stage {
        BuildStage::Reading => None,
        BuildStage::Training => Some(BuildStage::Reading),
        BuildStage::Adding | BuildStage::Checking | BuildStage::Writing => Some(BuildStage::Adding),
        BuildStage::Verifying | BuildStage::Recording => Some(BuildStage::Writing),
    };
    let id = ground
        .eventually(organization, |builds| {
            let build = builds.first().filter(|build| Some(build.id) > last)?;
            assert!(!build.state.is_over(), "{stage:?} passed unseen: {build:?}");
            let now = build.stage?;
            if slow_from.is_some_and(|from| now >= from) {
                scheduler.slow_down();
            }
            (now == stage).then_some(build.id)
        })
        .await;
    scheduler.kill().await;
    id
}

#[tokio::test]
async fn a_scheduler_killed_in_any_stage_leaves_the_old_snapshot_and_another_one_makes_the_new() {
    let ground = Ground::new().await;
    let organization = ground.organization("University").await;
    ground.crowd(organization, 100, DIMENSION).await;
    ground.ask(organization).await;
    let first = Running::start(&ground);
    ground.settled(organization).await;
    first.kill().await;
    let old = ground.newest(organization).await.unwrap();

    ground.crowd(organization, MANY, DIMENSION).await;
    ground.ask(organization).await;
    use BuildStage::{Adding, Checking, Reading, Recording, Training, Verifying, Writing};
    let (stages, mut killed) = ([Reading, Training, Adding, Checking, Writing, Verifying, Recording], Vec::new());
    for stage in stages {
        let kill = rested(&ground, kill_in(&ground, organization, stage, killed.last().copied()));
        let id = if stage == Recording {
            // Dropped, but not over, when the kill is.
            tokio::select! { id = kill => id, () = hold_records(&ground) => panic!("the lock was not held") }
        } else {
            kill.await
        };
        killed.push(id);
        let_records_go(&ground).await;
        assert_eq!(ground.newest(organization).await.as_ref(), Some(&old), "killed while {stage:?}");
        assert_eq!(ground.read(&old).await.people(), 100);
    }
    let _last = Running::start(&ground);
    let builds = rested(&ground, ground.settled_after(organization, stages.len() + 2)).await;
    let broken_off = builds.iter().rev().filter(|build| build.state == BuildState::Interrupted);
    let told: Vec<_> = broken_off.map(|build| (build.id, build.stage.unwrap())).collect();
    assert_eq!(told, killed.into_iter().zip(stages).collect::<Vec<_>>(), "each build says where it was");
    assert_eq!(builds[0].state, BuildState::New);
    ground.assert_whole(organization, MANY + 100).await;
}

#[tokio::test]
async fn two_schedulers_build_one_at_a_time() {
    let ground = Ground::new().await;
    let mut organizations = Vec::new();
    for name in ["One", "Two", "Three"] {
        let organization = ground.organization(name).await;
        ground.crowd(organization, 1000, DIMENSION).await;
        organizations.push(organization);
    }
    // Two that run at the same time clash.
    ground.execute("CREATE UNIQUE INDEX one_at_a_time ON index_builds (state) WHERE state = 'running'").await;
    let _both = (Running::start(&ground), Running::start(&ground));
    for round in 0..2 {
        for organization in &organizations {
            ground.crowd(*organization, 1, DIMENSION).await;
            ground.ask(*organization).await;
        }
        for organization in &organizations {
            let builds = ground.settled(*organization).await;
            assert!(builds.iter().all(|build| build.state == BuildState::New), "{builds:?}");
            assert_eq!(builds.len(), round + 1);
            ground.assert_whole(*organization, 1001 + round).await;
        }
    }
}
