//! Photos of many people in one archive.

use std::io::{Cursor, Write};

use domain::organization::OrganizationSettings;
use insta::assert_snapshot;
use serde_json::{Value, json};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::app::TestApp;
use crate::imports::upload;
use crate::people_changes::audited;
use crate::pictures::{jpeg, png, truncated_jpeg};

/// A ZIP of these files.
pub(crate) fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(*name, SimpleFileOptions::default()).expect("a file");
        writer.write_all(bytes).expect("bytes");
    }
    writer.finish().expect("an archive").into_inner()
}

const PATH: &str = "/enrollments/archives";

#[tokio::test]
async fn each_folder_becomes_an_enrollment_or_says_why_not() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let known = organization.person("S1").await;
    let (good, bad) = (jpeg(64, 64), truncated_jpeg());
    let file = archive(&[
        ("class/S1_Somebody Else/front.jpg", &good),
        ("class/S2_Bob_Byron/2.png", &png(64, 64)),
        ("class/S2_Bob_Byron/1.jpg", &bad),
        ("class/S3/1.jpg", &good),
        ("class/S4_Cy/1.jpg", &bad),
        ("class/_Nobody/1.jpg", &good),
        ("class/S2_Bob_Byron/notes.txt", b"hello"),
        ("__MACOSX/class/S1_Somebody Else/front.jpg", &good),
    ]);
    let dry = upload(&organization.teacher, &format!("{PATH}?dry_run=true"), &file, None).await;
    assert_eq!((&dry.body["enrolled"], &dry.body["folders"][0]["enrollment_id"]), (&json!(2), &json!(null)), "{dry}");
    assert_eq!(organization.admin.get("/people").await.body["items"].as_array().map(Vec::len), Some(1));

    let taken = upload(&organization.teacher, PATH, &file, None).await;
    assert_snapshot!(taken, @r#"
    202 Accepted
    {
      "dry_run": false,
      "enrolled": 2,
      "folders": [
        {
          "code": null,
          "detail": null,
          "enrollment_id": "[id]",
          "external_id": "S1",
          "folder": "S1_Somebody Else",
          "person_id": "[id]",
          "photos": 1,
          "registered": false,
          "unreadable": 0
        },
        {
          "code": null,
          "detail": null,
          "enrollment_id": "[id]",
          "external_id": "S2",
          "folder": "S2_Bob_Byron",
          "person_id": "[id]",
          "photos": 2,
          "registered": true,
          "unreadable": 1
        },
        {
          "code": "name_missing",
          "detail": "nobody has this external id, and without a name after `_` nobody can be registered",
          "enrollment_id": null,
          "external_id": "S3",
          "folder": "S3",
          "person_id": null,
          "photos": 1,
          "registered": false,
          "unreadable": 0
        },
        {
          "code": "photos_unusable",
          "detail": "none of the photos can be read",
          "enrollment_id": null,
          "external_id": "S4",
          "folder": "S4_Cy",
          "person_id": null,
          "photos": 1,
          "registered": false,
          "unreadable": 1
        },
        {
          "code": "invalid_name",
          "detail": "the folder's name must be an external id of at most 64 characters, and may go on with `_` and a name",
          "enrollment_id": null,
          "external_id": null,
          "folder": "_Nobody",
          "person_id": null,
          "photos": 1,
          "registered": false,
          "unreadable": 0
        }
      ],
      "ignored_files": 1,
      "refused": 3
    }
    "#);
    let people = organization.admin.get("/people").await;
    let names: Vec<_> =
        people.body["items"].as_array().expect("a page").iter().map(|row| row["name"].clone()).collect();
    assert_eq!(names, ["Person S1", "Bob Byron"], "whoever is known keeps their name");
    let folders = taken.body["folders"].as_array().expect("folders");
    let of = |folder: &str| folders.iter().find(|f| f["folder"] == folder).expect("the folder").clone();
    let first = of("S1_Somebody Else");
    assert_eq!(first["person_id"], json!(known));
    let mut told = vec![app.next_job().await.enrollment_id.to_string(), app.next_job().await.enrollment_id.to_string()];
    told.sort();
    let id = |folder: &Value| folder["enrollment_id"].as_str().expect("an id").to_owned();
    assert_eq!(told, [id(&first), id(&of("S2_Bob_Byron"))]);
    let shown = organization.teacher.get(&format!("/enrollments/{}", told[1])).await;
    let photos: Vec<_> =
        shown.body["photos"].as_array().expect("photos").iter().map(|p| (&p["file_name"], &p["state"])).collect();
    assert_eq!(photos, [(&json!("1.jpg"), &json!("rejected")), (&json!("2.png"), &json!("pending"))]);
    assert_eq!(
        audited(&app, &organization, &told[0]).await,
        [("enrollment_created".to_owned(), json!({"person_id": known, "from": "archive"}))]
    );
}

#[tokio::test]
async fn nobody_is_registered_whose_face_may_not_be_enrolled() {
    let app = TestApp::start().await;
    let required = OrganizationSettings { consent_required: true, ..OrganizationSettings::default() };
    let organization = app.organization_with(required).await;
    let taken = upload(&organization.teacher, PATH, &archive(&[("S1_Ada/1.jpg", &jpeg(64, 64))]), None).await;
    assert_eq!((&taken.body["folders"][0]["code"], &taken.body["refused"]), (&json!("consent_required"), &json!(1)));
    assert_eq!(organization.admin.get("/people").await.body["items"], json!([]));
}

#[tokio::test]
async fn archives_that_are_none_or_worse_are_refused() {
    // 130 MiB of zeros. Packed first: a connection that waits meanwhile is closed.
    let zeros = vec![0; 10 * 1024 * 1024];
    let names: Vec<String> = (0..13).map(|n| format!("S{n}_A/1.jpg")).collect();
    let bomb: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &zeros[..])).collect();
    let bomb = archive(&bomb);
    let app = TestApp::start().await;
    let teacher = app.organization().await.teacher;
    let picture = jpeg(64, 64);
    let check = async |file: &[u8], code: &str, detail: &str| {
        let refused = upload(&teacher, PATH, file, None).await;
        assert_eq!((refused.code(), &refused.body["errors"][0]["code"]), (code, &json!(detail)), "{refused}");
    };
    check(b"no archive", "import_refused", "not_an_archive").await;
    check(&archive(&[("S1/../../1.jpg", &picture)]), "import_refused", "unsafe_name").await;
    check(&archive(&[("/S1/1.jpg", &picture)]), "import_refused", "unsafe_name").await;
    check(&archive(&[("S1.jpg", &picture)]), "invalid_request", "count").await;
    check(&bomb, "import_refused", "too_large").await;
}
