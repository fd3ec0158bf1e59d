//! Global indexes, night after night.

use domain::enrollment::Gallery;
use domain::index::BuildCause::{Nightly, Removal};
use index::IndexError;
use index::snapshot::{self, Wanted};
use scheduler::builder::Built;
use scheduler::indexes::{Indexes, Round};
use store::index_versions::IndexVersion;

use crate::fixtures::{Ground, contract, done, face, look, night};

/// The one snapshot that the round made.
fn the_new(round: Round) -> IndexVersion {
    match round {
        Round::Done { mut built, failed: 0 } => match built.pop() {
            Some((Nightly, Built::New(version))) if built.is_empty() => version,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

fn nothing_was_due() -> Round {
    done([])
}

#[tokio::test]
async fn a_snapshot_reads_back_and_finds_everybody() {
    let ground = Ground::new().await;
    let organization = ground.organization("School").await;
    let (first, second) = (ground.enrolled(organization, 0.0).await, ground.enrolled(organization, 1.0).await);
    let gone = ground.enrolled(organization, 0.5).await;
    store::people::delete(&mut *ground.conn().await, organization, gone).await.unwrap();
    let mut indexes = ground.indexes();

    assert_eq!(look(&mut indexes, 0).await, nothing_was_due(), "a new organization waits for its first night");
    let version = the_new(look(&mut indexes, 1).await);
    assert_eq!((version.templates, version.watermark), (2, 8));
    assert_eq!(ground.newest(organization).await.as_ref(), Some(&version));
    let index = ground.read(&version).await;
    assert_eq!((index.contract(), index.watermark(), index.people()), (&contract(), 8, 2));
    let answers = index.search(&[&face(0.05), &face(0.95)], 1).unwrap();
    let people: Vec<_> = answers.iter().flatten().map(|candidate| candidate.person_id).collect();
    assert_eq!(people, [first, second]);
    assert_eq!(look(&mut indexes, 1).await, nothing_was_due());
}

#[tokio::test]
async fn three_are_kept_and_nothing_new_is_not_built_again() {
    let ground = Ground::new().await;
    let organization = ground.organization("School").await;
    let mut indexes = ground.indexes();
    let mut versions = Vec::new();
    for day in 1..=5 {
        ground.enrolled(organization, day as f32).await;
        versions.push(the_new(look(&mut indexes, day).await));
    }
    assert_eq!(ground.files(), 3);
    for version in &versions[2..] {
        assert_eq!(ground.read(version).await.watermark(), version.watermark);
    }
    assert_eq!(look(&mut indexes, 6).await, done([(Nightly, Built::Unchanged)]));
    assert_eq!(ground.newest(organization).await, versions.pop());
}

#[tokio::test]
async fn another_gallery_is_built_anew_though_nothing_changed() {
    let ground = Ground::new().await;
    let organization = ground.organization("School").await;
    let person = ground.enrolled(organization, 0.0).await;
    let more = ground.enrollment(organization, person, night(0)).await;
    ground.accept(organization, more, 0.2).await;
    let mut indexes = ground.indexes();
    let pooled = the_new(look(&mut indexes, 1).await);
    let index = ground.read(&pooled).await;
    assert_eq!((index.len(), index.people()), (1, 1));
    let found = index.search(&[&face(0.1)], 1).unwrap()[0][0];
    assert!(found.similarity > 0.9999, "between the samples");

    let mut other = Indexes::new(ground.parts(Gallery::Samples));
    let samples = the_new(look(&mut other, 2).await);
    assert_eq!((samples.templates, samples.watermark), (2, pooled.watermark));
    let wanted = |version: &IndexVersion| {
        let IndexVersion { organization_id, contract, path, sha256, .. } = version.clone();
        Wanted { organization_id, contract, path, sha256 }
    };
    let refused = snapshot::read(&ground.folder(Gallery::Pooled), wanted(&samples), |_| None).await;
    assert!(matches!(refused, Err(IndexError::Corrupt { problem: "it is of another gallery", .. })), "{refused:?}");
    assert_eq!(look(&mut other, 3).await, done([(Nightly, Built::Unchanged)]));
}

#[tokio::test]
async fn nights_that_were_missed_are_made_up_for_once() {
    let ground = Ground::new().await;
    let organization = ground.organization("School").await;
    ground.enrolled(organization, 0.0).await;
    let mut indexes = ground.indexes();
    the_new(look(&mut indexes, 30).await);
    assert_eq!(look(&mut indexes, 30).await, nothing_was_due());
}

#[tokio::test]
async fn two_schedulers_build_once() {
    let ground = Ground::new().await;
    let organization = ground.organization("School").await;
    ground.enrolled(organization, 0.0).await;
    let (mut one, mut two) = (ground.indexes(), ground.indexes());
    for day in 1..=5 {
        ground.enrolled(organization, day as f32).await;
        let rounds = tokio::join!(look(&mut one, day), look(&mut two, day));
        let (new, other) = match rounds {
            (Round::Done { built, failed: 0 }, other) if !built.is_empty() => (built, other),
            (other, Round::Done { built, failed: 0 }) => (built, other),
            other => panic!("{other:?}"),
        };
        assert!(matches!(&new[..], [(Nightly, Built::New(_))]), "{new:?}");
        assert!(other == Round::Elsewhere || other == nothing_was_due(), "{other:?}");
    }
    assert_eq!(ground.files(), 3);
}

#[tokio::test]
async fn snapshots_go_with_the_last_template() {
    let ground = Ground::new().await;
    let organization = ground.organization("School").await;
    let person = ground.enrolled(organization, 0.0).await;
    let mut indexes = ground.indexes();
    the_new(look(&mut indexes, 1).await);
    store::people::delete(&mut *ground.conn().await, organization, person).await.unwrap();
    assert_eq!(look(&mut indexes, 2).await, done([(Removal, Built::Emptied)]));
    assert_eq!((ground.newest(organization).await, ground.files()), (None, 0));
    assert_eq!(look(&mut indexes, 3).await, nothing_was_due());
}

#[tokio::test]
async fn what_fails_for_one_does_not_keep_the_others_waiting() {
    let ground = Ground::new().await;
    let (broken, whole) = (ground.organization("Broken").await, ground.organization("Whole").await);
    ground.enrolled_unreadably(broken).await;
    ground.enrolled(whole, 0.0).await;
    let Round::Done { built, failed: 1 } = look(&mut ground.indexes(), 1).await else { panic!("one fails") };
    assert!(matches!(&built[..], [(Nightly, Built::New(version))] if version.organization_id == whole), "{built:?}");
    assert_eq!(ground.newest(broken).await, None);
}
