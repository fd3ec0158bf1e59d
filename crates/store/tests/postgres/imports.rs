//! Whole rosters out of files: all of a file or nothing, whatever happens at the same time.

use domain::enrollment::Gallery;
use domain::id::Id;
use domain::import::people::{Mapping, read};
use domain::import::photos::Owner;
use domain::person::PersonKind;
use proptest::prelude::*;
use store::enrollments::NewPhoto;
use store::imports::{FolderPhotos, FolderRefusal, PeopleImport};
use store::people::PeopleFilter;
use store::{Conn, StoreError, imports, people, transaction};

use crate::fixtures::{Ground, at, class, enroll, roster};

async fn import(ground: &Ground, conn: &mut Conn, text: &str) -> Result<PeopleImport, StoreError> {
    let table = read(text.as_bytes(), &Mapping::default());
    transaction::run(conn, async |tx| imports::people(tx, ground.organization, table, at(9)).await).await
}

/// Everybody's ids and names, by id.
async fn everybody(ground: &Ground, conn: &mut Conn) -> Vec<(String, String, Option<String>)> {
    let all = people::list(conn, ground.organization, &PeopleFilter::default(), None, 999).await.expect("the database");
    let mut all: Vec<_> = all.into_iter().map(|p| (p.external_id, p.name, p.second_id)).collect();
    all.sort();
    all
}

#[tokio::test]
async fn whoever_a_table_makes_inactive_is_not_recognised() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    let (course, everyone) = class(&ground, 2).await;
    for person in &everyone {
        enroll(&ground, *person, 1).await;
    }
    let version = store::rosters::version(&mut conn, ground.organization, course).await.unwrap().unwrap();
    let gone = import(&ground, &mut conn, "id,active\n1,no\n").await.unwrap();
    assert_eq!((gone.updated, gone.bumped), (1, vec![(course, version + 1)]));
    assert!(roster(&ground, course, Gallery::Pooled).await.templates.iter().all(|t| t.person_id == everyone[1]));
    import(&ground, &mut conn, "id,active\n1,yes\n").await.unwrap();
    assert_eq!(roster(&ground, course, Gallery::Pooled).await.templates.len(), 2);
}

#[tokio::test]
async fn a_rehearsal_changes_nothing() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    let table = read(b"id,name\n1,A\n", &Mapping::default());
    let work = async |tx: &mut Conn| imports::people(tx, ground.organization, table, at(9)).await;
    let rehearsed: Result<PeopleImport, StoreError> = transaction::rehearse(&mut conn, work).await;
    assert_eq!(rehearsed.unwrap().created, 1);
    assert_eq!(everybody(&ground, &mut conn).await, []);
}

#[tokio::test]
async fn two_imports_of_the_same_people_at_once_make_them_once() {
    let ground = Ground::new().await;
    let text: String =
        ["id,name\n".to_owned()].into_iter().chain((0..500).map(|n| format!("{n},Person {n}\n"))).collect();
    let run = async || {
        let mut conn = ground.conn().await;
        import(&ground, &mut conn, &text).await
    };
    let (one, other) = tokio::join!(run(), run());
    let created = [&one, &other].map(|done| done.as_ref().map_or(0, |done| done.created));
    // The slower one is refused as a whole, or finds everybody there.
    assert_eq!(created.iter().sum::<usize>(), 500, "{one:?} {other:?}");
    for done in [one, other] {
        assert!(matches!(done, Ok(_) | Err(StoreError::Conflict { .. } | StoreError::Unavailable(_))), "{done:?}");
    }
    assert_eq!(everybody(&ground, &mut *ground.conn().await).await.len(), 500);
}

#[tokio::test]
async fn a_folder_that_is_refused_leaves_nobody_behind() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    let folder = |id: &str, name: Option<&str>| FolderPhotos {
        owner: Owner { external_id: id.to_owned(), name: name.map(str::to_owned) },
        kind: PersonKind::Employee,
        photos: vec![NewPhoto { file_name: "1.jpg".to_owned(), image: Ok(vec![1; 100]) }],
    };
    let mut take = async |folder: FolderPhotos| {
        imports::folder(&mut conn, &ground.sealer, ground.organization, folder, at(1)).await.unwrap()
    };
    assert_eq!(take(folder("7", None)).await, Err(FolderRefusal::NameMissing));
    let taken = take(folder("7", Some("Ada"))).await.unwrap();
    let again = take(folder("7", None)).await.unwrap();
    assert_eq!((taken.is_new, again.is_new, again.person_id), (true, false, taken.person_id));
    let unreadable = FolderPhotos { photos: Vec::new(), ..folder("8", Some("Bob")) };
    assert_eq!(take(unreadable).await, Err(FolderRefusal::PhotosUnusable));
    assert_eq!(everybody(&ground, &mut *ground.conn().await).await.len(), 1);
}

/// Tables that are often wrong: few ids, few second ids, names that are missing.
fn tables() -> impl Strategy<Value = Vec<String>> {
    let row = ("[a-d]?", "[A-Z]?", "[p-r]?", prop::sample::select(vec!["", "yes", "no", "perhaps"]));
    let text = prop::collection::vec(row, 0..5).prop_map(|rows| {
        let lines = rows.into_iter().map(|(id, name, prn, active)| format!("{id},{name},{prn},{active}\n"));
        ["id,name,prn,active\n".to_owned()].into_iter().chain(lines).collect()
    });
    prop::collection::vec(text, 1..4)
}

#[test]
fn a_table_is_imported_whole_or_not_at_all() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let ground = runtime.block_on(Ground::new());
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(40));
    let checked = runner.run(&tables(), |tables| {
        runtime.block_on(async {
            let ground = ground.another(&format!("School {}", Id::<()>::new())).await;
            let mut conn = ground.conn().await;
            for table in tables {
                let before = everybody(&ground, &mut conn).await;
                let done = import(&ground, &mut conn, &table)
                    .await
                    .map_err(|error| TestCaseError::fail(format!("{error}: {table}")))?;
                let after = everybody(&ground, &mut conn).await;
                if done.problems.is_empty() {
                    prop_assert_eq!(after.len(), before.len() + done.created);
                    let again = import(&ground, &mut conn, &table).await.unwrap();
                    prop_assert_eq!((again.created, again.updated, again.problems.len()), (0, 0, 0), "{}", table);
                } else {
                    prop_assert_eq!(&after, &before, "{}", table);
                    prop_assert_eq!((done.created, done.updated), (0, 0));
                }
            }
            Ok(())
        })
    });
    checked.unwrap();
}
