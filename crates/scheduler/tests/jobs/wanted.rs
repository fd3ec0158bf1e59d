//! Builds that somebody asked for, or that an organization has outgrown its snapshot for.

use std::time::Duration;

use domain::event::EventBody;
use domain::id::OrganizationId;
use domain::index::BuildCause::{Growth, Nightly, Requested};
use domain::index::{BuildStage, BuildState};
use futures_util::StreamExt;
use messaging::Live;
use scheduler::builder::Built;
use scheduler::indexes::{LOCK, Round};
use store::index_versions::IndexVersion;
use store::locks;

use crate::fixtures::{Ground, contract, done, look, night};

const LIMIT: Duration = Duration::from_secs(30);

async fn ask(ground: &Ground, organization: OrganizationId) -> uuid::Uuid {
    let mut conn = ground.conn().await;
    store::index_builds::request(&mut conn, organization, &contract(), Requested, night(0)).await.unwrap().id
}

#[tokio::test]
async fn what_is_asked_for_is_built_told_of_and_kept_on_record() {
    let ground = Ground::new().await;
    let organization = ground.organization("School").await;
    ground.enrolled(organization, 0.0).await;
    let redis = ground.redis();
    let mut events = Box::pin(redis.subscribe());
    let first = tokio::time::timeout(LIMIT, events.next()).await.unwrap();
    assert_eq!(first, Some(Live::Gap));
    let mut indexes = ground.indexes();
    assert_eq!(look(&mut indexes, 0).await, done([]));

    let id = ask(&ground, organization).await;
    assert_eq!(ask(&ground, organization).await, id, "it waits already");
    let round = look(&mut indexes, 0).await;
    let version = ground.newest(organization).await.unwrap();
    assert_eq!(round, done([(Requested, Built::New(version.clone()))]));
    let builds = ground.builds(organization).await;
    let [build] = &builds[..] else { panic!("{builds:?}") };
    assert_eq!((build.id, build.state, build.version_id), (id, BuildState::New, Some(version.id)));
    let IndexVersion { id, watermark, templates, stages, probes, recall, .. } = version;
    use BuildStage::{Adding, Checking, Reading, Recording, Verifying, Writing};
    assert_eq!(
        stages.into_keys().collect::<Vec<_>>(),
        [Reading, Adding, Checking, Writing, Verifying, Recording],
        "nothing is trained"
    );
    assert_eq!((probes, recall), (None, None));
    let Some(Live::Event(event)) = tokio::time::timeout(LIMIT, events.next()).await.unwrap() else { panic!("a gap") };
    assert_eq!(event.organization_id, organization);
    assert_eq!(event.body, EventBody::IndexBuilt { contract: contract(), version_id: id, watermark, templates });

    ask(&ground, organization).await;
    assert_eq!(look(&mut indexes, 0).await, done([(Requested, Built::Unchanged)]));
    assert_eq!(look(&mut indexes, 0).await, done([]));
}

async fn check_lost(lose: impl FnOnce(&std::path::Path)) {
    let ground = Ground::new().await;
    let organization = ground.organization("School").await;
    ground.enrolled(organization, 0.0).await;
    ask(&ground, organization).await;
    let mut indexes = ground.indexes();
    look(&mut indexes, 0).await;
    let old = ground.newest(organization).await.unwrap();
    lose(&ground.snapshots.join(&old.path));
    ask(&ground, organization).await;
    let round = look(&mut indexes, 0).await;
    let new = ground.newest(organization).await.unwrap();
    assert_eq!(round, done([(Requested, Built::New(new.clone()))]), "though nothing has changed");
    assert_eq!((new.watermark, ground.read(&new).await.len()), (old.watermark, 1));
}

#[tokio::test]
async fn a_snapshot_that_is_lost_or_damaged_is_made_anew() {
    check_lost(|path| std::fs::remove_file(path).unwrap()).await;
    check_lost(|path| std::fs::write(path, "something else").unwrap()).await;
}

#[tokio::test]
async fn what_there_is_nothing_of_is_said_to_be_empty() {
    let ground = Ground::new().await;
    let organization = ground.organization("School").await;
    ask(&ground, organization).await;
    assert_eq!(look(&mut ground.indexes(), 0).await, done([(Requested, Built::Emptied)]));
    assert_eq!(ground.builds(organization).await[0].state, BuildState::Emptied);
}

#[tokio::test]
async fn what_fails_is_not_begun_again_by_itself() {
    let ground = Ground::new().await;
    let organization = ground.organization("School").await;
    ground.enrolled_unreadably(organization).await;
    ask(&ground, organization).await;
    let mut indexes = ground.indexes();
    assert_eq!(look(&mut indexes, 0).await, Round::Done { built: Vec::new(), failed: 1 });
    assert_eq!(look(&mut indexes, 0).await, done([]));
    let build = &ground.builds(organization).await[0];
    assert_eq!((build.state, build.stage), (BuildState::Failed, Some(BuildStage::Reading)));
    insta::assert_snapshot!(build.problem.as_deref().unwrap(), @"a template cannot be read: a seal that does not open");
}

#[tokio::test]
async fn whoever_has_not_got_the_lock_builds_nothing() {
    let ground = Ground::new().await;
    let organization = ground.organization("School").await;
    ground.enrolled(organization, 0.0).await;
    ask(&ground, organization).await;
    let mut other = ground.conn().await;
    assert!(locks::try_lock(&mut other, LOCK).await.unwrap());
    let mut indexes = ground.indexes();
    assert_eq!(look(&mut indexes, 0).await, Round::Elsewhere);
    assert!(locks::unlock(&mut other, LOCK).await.unwrap());
    assert!(matches!(look(&mut indexes, 0).await, Round::Done { built, failed: 0 } if built.len() == 1));
}

#[tokio::test]
async fn whoever_outgrows_a_snapshot_gets_another_before_the_night() {
    let ground = Ground::new().await;
    let organization = ground.organization("School").await;
    let mut indexes = ground.indexes();
    ground.crowd(organization, 5_000, 2).await;
    assert_eq!(look(&mut indexes, 0).await, done([]), "so many are searched without");
    ground.enrolled(organization, 0.0).await;
    let round = look(&mut ground.indexes(), 0).await;
    let version = ground.newest(organization).await.unwrap();
    assert_eq!((version.templates, version.watermark), (5_001, 5_002));
    assert_eq!(round, done([(Growth, Built::New(version))]));

    ground.crowd(organization, 5_000, 2).await;
    assert_eq!(look(&mut ground.indexes(), 0).await, done([]));
    ground.crowd(organization, 1, 2).await;
    let round = look(&mut ground.indexes(), 0).await;
    assert!(
        matches!(&round, Round::Done { built, .. } if matches!(&built[..], [(Growth, Built::New(_))])),
        "{round:?}"
    );
    assert_eq!(look(&mut ground.indexes(), 1).await, done([(Nightly, Built::Unchanged)]));
    assert_eq!(look(&mut ground.indexes(), 1).await, done([]), "that is on record");
}

#[tokio::test]
async fn very_many_become_an_inverted_file_that_finds_them() {
    let ground = Ground::new().await;
    let organization = ground.organization("University").await;
    ground.crowd(organization, 20_500, 16).await;
    ask(&ground, organization).await;
    look(&mut ground.indexes(), 0).await;
    let version = ground.newest(organization).await.unwrap();
    assert_eq!((version.factory.as_str(), version.templates), ("IVF512,Flat", 20_500));
    assert!(version.probes.is_some() && version.recall.is_some_and(|recall| recall >= 0.99), "{version:?}");
    assert!(version.stages.contains_key(&BuildStage::Training));
    assert_eq!(ground.read(&version).await.people(), 20_500);
}
