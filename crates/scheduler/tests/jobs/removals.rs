//! Snapshots that hold somebody who is gone.

use domain::enrollment::Gallery;
use domain::id::{OrganizationId, PersonId};
use domain::index::BuildCause::{Nightly, Removal};
use scheduler::builder::Built;
use scheduler::indexes::{Indexes, Round};
use store::Sealer;

use crate::fixtures::{Ground, done, face, look};

/// Whether any file of a snapshot names the person or holds the face at `angle`.
fn is_in_a_file(ground: &Ground, person: PersonId, angle: f32) -> bool {
    let files = ground.opened_files();
    let values: Vec<u8> = face(angle).as_slice().iter().flat_map(|value| value.to_le_bytes()).collect();
    let holds = |bytes: &[u8]| files.windows(bytes.len()).any(|window| window == bytes);
    holds(person.uuid().as_bytes()) || holds(&values)
}

/// How many snapshots were replaced because of somebody who is gone.
async fn replaced(indexes: &mut Indexes, day: i64) -> usize {
    match look(indexes, day).await {
        Round::Done { built, failed: 0 } => built.iter().filter(|(cause, _)| *cause == Removal).count(),
        other => panic!("{other:?}"),
    }
}

async fn erase(ground: &Ground, organization: OrganizationId, person: PersonId) {
    store::erasures::erase(&mut *ground.conn().await, organization, person).await.unwrap();
}

#[tokio::test]
async fn after_the_next_look_no_file_holds_who_was_erased() {
    let ground = Ground::new().await;
    let (organization, other) = (ground.organization("School").await, ground.organization("Other").await);
    let gone = ground.enrolled(organization, 0.25).await;
    ground.enrolled(other, 2.0).await;
    let mut indexes = ground.indexes();
    let mut stays = Vec::new();
    for day in 1..=3 {
        stays.push(ground.enrolled(organization, day as f32).await);
        look(&mut indexes, day).await;
    }
    assert_eq!((ground.files(), replaced(&mut ground.indexes(), 3).await), (4, 0), "nobody is gone");
    assert!(is_in_a_file(&ground, gone, 0.25));

    erase(&ground, organization, gone).await;
    assert!(is_in_a_file(&ground, gone, 0.25), "until the next look");
    assert_eq!(replaced(&mut ground.indexes(), 3).await, 1);
    assert!(!is_in_a_file(&ground, gone, 0.25));
    assert_eq!(ground.files(), 2, "one of each organization");
    let newest = ground.newest(organization).await.unwrap();
    assert_eq!((newest.templates, ground.read(&newest).await.len()), (3, 3));
    assert!(is_in_a_file(&ground, stays[0], 1.0));
    assert_eq!(look(&mut ground.indexes(), 3).await, done([]), "once");
}

#[tokio::test]
async fn the_last_one_takes_all_files_along() {
    let ground = Ground::new().await;
    let organization = ground.organization("School").await;
    let gone = ground.enrolled(organization, 0.25).await;
    look(&mut ground.indexes(), 1).await;
    erase(&ground, organization, gone).await;
    assert_eq!(replaced(&mut ground.indexes(), 1).await, 1);
    assert_eq!((ground.files(), ground.newest(organization).await), (0, None));
}

#[tokio::test]
async fn a_file_that_a_broken_build_left_goes_too() {
    let ground = Ground::new().await;
    let organization = ground.organization("School").await;
    let gone = ground.enrolled(organization, 0.25).await;
    ground.enrolled(organization, 1.0).await;
    look(&mut ground.indexes(), 1).await;
    let newest = ground.newest(organization).await.unwrap();
    let folder = ground.snapshots.join(organization.to_string());
    let left = folder.join(format!("{}.pooled.index", uuid::Uuid::now_v7()));
    std::fs::copy(ground.snapshots.join(&newest.path), &left).unwrap();
    erase(&ground, organization, gone).await;
    replaced(&mut ground.indexes(), 1).await;
    assert!(!left.exists());
    assert_eq!(ground.files(), 1);
}

#[tokio::test]
async fn a_file_that_cannot_be_deleted_is_tried_again() {
    let ground = Ground::new().await;
    let organization = ground.organization("School").await;
    let gone = ground.enrolled(organization, 0.25).await;
    ground.enrolled(organization, 1.0).await;
    look(&mut ground.indexes(), 1).await;
    let old = ground.snapshots.join(ground.newest(organization).await.unwrap().path);
    // A folder in its place cannot be deleted as a file.
    std::fs::remove_file(&old).unwrap();
    std::fs::create_dir(&old).unwrap();
    erase(&ground, organization, gone).await;
    assert_eq!(replaced(&mut ground.indexes(), 1).await, 1);
    let on_record = async || store::index_versions::list(&mut *ground.conn().await, organization).await.unwrap().len();
    assert_eq!((replaced(&mut ground.indexes(), 1).await, on_record().await), (0, 2), "as long as it is there");
    std::fs::remove_dir(&old).unwrap();
    assert_eq!((replaced(&mut ground.indexes(), 1).await, on_record().await), (0, 1));
}

#[tokio::test]
async fn snapshots_of_an_earlier_key_are_replaced() {
    let mut ground = Ground::new().await;
    let organization = ground.organization("School").await;
    ground.enrolled(organization, 0.25).await;
    look(&mut ground.indexes(), 1).await;
    let old = ground.newest(organization).await.unwrap();
    ground.settings.database.old_template_keys = ground.settings.database.template_key.clone();
    ground.settings.database.template_key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=".to_owned().into();
    ground.sealer = Sealer::of(&ground.settings.database).unwrap();
    assert_eq!(replaced(&mut ground.indexes(), 1).await, 1);
    let new = ground.newest(organization).await.unwrap();
    assert_ne!((new.id, new.sealed_with.as_deref()), (old.id, old.sealed_with.as_deref()));
    assert_eq!((ground.files(), ground.read(&new).await.len()), (1, 1));
    assert_eq!(look(&mut ground.indexes(), 2).await, done([(Nightly, Built::Unchanged)]));
    assert_eq!(ground.folder(Gallery::Pooled).gallery(), Gallery::Pooled);
}

#[tokio::test]
async fn two_schedulers_replace_one_after_the_other() {
    let ground = Ground::new().await;
    let organization = ground.organization("School").await;
    let gone = ground.enrolled(organization, 0.25).await;
    ground.enrolled(organization, 1.0).await;
    look(&mut ground.indexes(), 1).await;
    erase(&ground, organization, gone).await;
    let (mut one, mut two) = (ground.indexes(), ground.indexes());
    let rounds = tokio::join!(look(&mut one, 1), look(&mut two, 1));
    let is_new =
        |round: &Round| matches!(round, Round::Done { built, .. } if matches!(&built[..], [(Removal, Built::New(_))]));
    assert_ne!(is_new(&rounds.0), is_new(&rounds.1), "{rounds:?}");
    assert!(!is_in_a_file(&ground, gone, 0.25));
    assert_eq!(ground.files(), 1);
}
