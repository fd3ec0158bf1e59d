//! `rollcall import`.

use std::io::{Cursor, Write};

use chrono::Utc;
use domain::enrollment::EnrollmentState;
use domain::id::{Id, OrganizationId};
use domain::organization::{Organization, OrganizationSettings, RecognitionPolicy};
use domain::person::Person;
use store::people::PeopleFilter;
use store::{DatabaseSettings, PooledConn};
use testkit::TestDatabase;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::{borrowed, check_failure, check_success, rollcall, settings};

/// A JPEG that breaks off.
fn jpeg() -> Vec<u8> {
    b"\xff\xd8\xff\xe0\0\x04\0\0".to_vec()
}

/// A PNG with nothing but its header and its end, which is all that is inspected.
fn png() -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x40\0\0\0\x40".to_vec();
    bytes.extend([8, 2, 0, 0, 0, 0, 0, 0, 0]);
    bytes.extend(b"\0\0\0\0IEND\xae\x42\x60\x82");
    bytes
}

async fn connection(database: &TestDatabase) -> (store::Pool, PooledConn) {
    let url = database.url().into();
    let pool =
        store::connect(&DatabaseSettings { url, pool_size: 1, template_key: "".into(), old_template_keys: "".into() })
            .unwrap();
    let conn = store::get(&pool).await.unwrap();
    (pool, conn)
}

async fn organization(conn: &mut PooledConn) -> OrganizationId {
    let new = Organization {
        id: Id::new(),
        name: "School".to_owned(),
        time_zone: "Europe/Zurich".to_owned(),
        contract: None,
        policy: RecognitionPolicy::default(),
        settings: OrganizationSettings::default(),
        created_at: Utc::now(),
    };
    store::organizations::insert(conn, &new).await.unwrap();
    new.id
}

async fn people(conn: &mut PooledConn, organization: OrganizationId) -> Vec<Person> {
    store::people::list(conn, organization, &PeopleFilter::default(), None, 99).await.unwrap()
}

fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[tokio::test]
async fn a_table_is_imported_whole_or_not_at_all() {
    let database = TestDatabase::create().await.unwrap();
    let (_pool, mut conn) = connection(&database).await;
    let organization = organization(&mut conn).await;
    let (settings, folder, id) = (settings(&database), tempfile::tempdir().unwrap(), organization.to_string());
    let environment = borrowed(&settings);
    let path = folder.path().join("people.csv").display().to_string();
    let mapping = folder.path().join("mapping.json").display().to_string();
    std::fs::write(&mapping, r#"{"columns": {"external_id": "No", "name": "Who"}}"#).unwrap();
    let import = ["import", "people", "--organization", &id, "--mapping", &mapping, &path];

    std::fs::write(&path, "No;Who\n1;Ada\n1;Bob\n").unwrap();
    let refused = rollcall(&import, &environment, "").await;
    check_failure(&refused, "one thing is wrong; nothing was imported");
    assert!(String::from_utf8_lossy(&refused.stdout).contains("line 3: `No` line 2 has the same (duplicate)"));
    assert_eq!(people(&mut conn, organization).await, []);

    std::fs::write(&path, "No;Who\n1;Ada\n2;Bob\n").unwrap();
    let dry = [&import[..2], &["--dry-run"], &import[2..]].concat();
    check_success(&rollcall(&dry, &environment, "").await, "would have registered 2 people and changed 0");
    assert_eq!(people(&mut conn, organization).await, []);
    check_success(&rollcall(&import, &environment, "").await, "registered 2 people and changed 0; 0 were as");
    let names: Vec<String> = people(&mut conn, organization).await.into_iter().map(|person| person.name).collect();
    assert_eq!(names, ["Ada", "Bob"]);
    let entries = store::audit::list(&mut conn, Some(organization), None, 0, 9).await.unwrap();
    assert_eq!(entries.iter().map(|entry| entry.action.as_str()).collect::<Vec<_>>(), ["people_imported"]);

    let nowhere = Id::<Organization>::new().to_string();
    let elsewhere = ["import", "people", "--organization", &nowhere, &path];
    check_failure(&rollcall(&elsewhere, &environment, "").await, "there is no organization");
    let missing = ["import", "people", "--organization", &id, "/nowhere.csv"];
    check_failure(&rollcall(&missing, &environment, "").await, "/nowhere.csv cannot be read");
}

#[tokio::test]
async fn a_oneroster_archive_is_taken_over() {
    let database = TestDatabase::create().await.unwrap();
    let (_pool, mut conn) = connection(&database).await;
    let organization = organization(&mut conn).await;
    let (settings, folder, id) = (settings(&database), tempfile::tempdir().unwrap(), organization.to_string());
    let path = folder.path().join("roster.zip").display().to_string();
    let files: [(&str, &[u8]); 3] = [
        ("users.csv", b"sourcedId,givenName,familyName,identifier,role\nu1,Ada,Lovelace,17,student\n"),
        ("classes.csv", b"sourcedId,title,classCode\nk1,Biology,BIO\n"),
        ("enrollments.csv", b"sourcedId,classSourcedId,userSourcedId,role\ne1,k1,u1,student\n"),
    ];
    std::fs::write(&path, archive(&files)).unwrap();
    let import = ["import", "oneroster", "--organization", &id, "--external-id", "identifier", &path];
    let done = rollcall(&import, &borrowed(&settings), "").await;
    check_success(&done, "registered 1 people and changed 0, made 1 courses and changed 0, put 1 people on rosters");
    let found = people(&mut conn, organization).await.remove(0);
    assert_eq!((found.external_id.as_str(), found.second_id.as_deref()), ("17", Some("u1")));
    let wrong = ["import", "oneroster", "--organization", &id, "--external-id", "name", &path];
    assert_eq!(rollcall(&wrong, &borrowed(&settings), "").await.status.code(), Some(2));
}

#[tokio::test]
async fn photos_are_enrolled_folder_by_folder() {
    let database = TestDatabase::create().await.unwrap();
    let (_pool, mut conn) = connection(&database).await;
    let organization = organization(&mut conn).await;
    let (settings, folder, id) = (settings(&database), tempfile::tempdir().unwrap(), organization.to_string());
    let environment = borrowed(&settings);
    let root = folder.path().join("photos");
    for (name, bytes) in [("S1_Ada_Lovelace/1.png", png()), ("S2/1.png", png()), ("S3_Cy/1.jpg", jpeg())] {
        let file = root.join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, bytes).unwrap();
    }
    let path = root.display().to_string();
    let dry = rollcall(&["import", "photos", "--dry-run", "--organization", &id, &path], &environment, "").await;
    check_failure(&dry, "2 folders were not taken");
    assert_eq!(people(&mut conn, organization).await, []);
    let done = rollcall(&["import", "photos", "--organization", &id, &path], &environment, "").await;
    check_failure(&done, "2 folders were not taken");
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(
        said.contains("S2: nobody has this external id") && said.contains("S3_Cy: none of the photos can be read"),
        "{said}"
    );
    assert!(
        said.contains("enrolled 1 people, 1 of them new") && said.contains("the scheduler will tell them"),
        "{said}"
    );
    let found = people(&mut conn, organization).await;
    assert_eq!(found.iter().map(|person| person.name.as_str()).collect::<Vec<_>>(), ["Ada Lovelace"]);

    let zipped = folder.path().join("photos.zip").display().to_string();
    std::fs::write(&zipped, archive(&[("S1_Ada/2.png", &png())])).unwrap();
    let done = rollcall(&["import", "photos", "--organization", &id, &zipped], &environment, "").await;
    check_success(&done, "enrolled 1 people, 0 of them new");
    let enrollments = store::enrollments::list(&mut conn, organization, Some(found[0].id), None, 9).await.unwrap();
    assert_eq!(enrollments.iter().map(|e| e.state).collect::<Vec<_>>(), [EnrollmentState::Pending; 2]);
}
