//! Whole rosters out of files.

use domain::user::Role;
use insta::assert_snapshot;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::app::{TestApp, TestOrganization};
use crate::archives::archive;
use crate::client::{Answer, Client, send};

/// Sends a file, and a mapping where there is one.
pub(crate) async fn upload(client: &Client, path: &str, file: &[u8], mapping: Option<&Value>) -> Answer {
    let mut form = Form::new().part("file", Part::bytes(file.to_vec()).file_name("file"));
    if let Some(mapping) = mapping {
        form = form.text("mapping", mapping.to_string());
    }
    send(client.request(Method::POST, path).multipart(form)).await
}

async fn table(organization: &TestOrganization, query: &str, text: &str) -> Answer {
    upload(&organization.admin, &format!("/people/imports{query}"), text.as_bytes(), None).await
}

/// The external ids and names of all people.
async fn people(organization: &TestOrganization) -> Vec<(String, String)> {
    let page = organization.admin.get("/people?limit=200").await;
    let text = |row: &Value, field: &str| row[field].as_str().unwrap_or_default().to_owned();
    page.body["items"]
        .as_array()
        .expect("a page")
        .iter()
        .map(|row| (text(row, "external_id"), text(row, "name")))
        .collect()
}

fn named(rows: &[(&str, &str)]) -> Vec<(String, String)> {
    rows.iter().map(|(id, name)| ((*id).to_owned(), (*name).to_owned())).collect()
}

#[tokio::test]
async fn a_table_is_rehearsed_imported_and_imported_again() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    organization.person("17").await;
    let course = organization.course("BIO").await;
    let known = organization.admin.get("/people").await.body["items"][0]["id"].as_str().expect("an id").to_owned();
    organization.admin.put(&format!("/courses/{course}/roster/{known}")).await;
    let text = "\u{feff}Roll No;Name;E-mail;PRN\r\n17;Ada Lovelace;;P17\r\n18;\"Byron;\nGeorge\";g@example.org;P18\r\n";
    let wrong = table(&organization, "?dry_run=true", text).await;
    assert_eq!(wrong.body["problems"][0]["line"], 3, "a name does not go over two lines: {wrong}");

    let text = "\u{feff}Roll No;Name;E-mail;PRN\r\n17;Ada Lovelace;;P17\r\n18;\"Byron; George\";g@example.org;P18\r\n";
    assert_snapshot!(table(&organization, "?dry_run=true", text).await, @r#"
    200 OK
    {
      "created": 1,
      "dry_run": true,
      "problems": [],
      "unchanged": 0,
      "updated": 1
    }
    "#);
    assert_eq!(people(&organization).await, named(&[("17", "Person 17")]));
    let version = organization.admin.get(&format!("/courses/{course}")).await.body["roster_version"].clone();
    assert_eq!(version, 2);

    assert_snapshot!(table(&organization, "", text).await, @r#"
    200 OK
    {
      "created": 1,
      "dry_run": false,
      "problems": [],
      "unchanged": 0,
      "updated": 1
    }
    "#);
    assert_eq!(people(&organization).await, named(&[("17", "Ada Lovelace"), ("18", "Byron; George")]));
    assert_eq!(organization.admin.get(&format!("/courses/{course}")).await.body["roster_version"], 3);
    let again = table(&organization, "", text).await;
    assert_eq!((&again.body["unchanged"], &again.body["updated"]), (&json!(2), &json!(0)));
    let entries = store::audit::list(&mut *app.connection().await, Some(organization.id), None, 0, 99).await;
    let last = entries.expect("a log").into_iter().rfind(|entry| entry.action == "people_imported").expect("an entry");
    assert_eq!(last.details, r#"{"format":"table","people":{"created":0,"unchanged":2,"updated":0}}"#);
}

#[tokio::test]
async fn where_something_is_wrong_nothing_is_imported() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let taken = json!({"kind": "student", "external_id": "9", "name": "Nina", "second_id": "P9"});
    organization.admin.made("/people", &taken).await;
    let text = "id,name,email,prn\n1,Ada,nowhere,\n2,Bob,,\n2,Bob,,\n,Cy,,\n3,,,\n4,Dan,,P9\n";
    assert_snapshot!(table(&organization, "", text).await, @r#"
    422 Unprocessable Entity
    {
      "code": "import_refused",
      "detail": "something is wrong with the file; nothing was imported",
      "errors": [
        {
          "code": "invalid",
          "detail": "must be an e-mail address",
          "pointer": "/2/email"
        },
        {
          "code": "duplicate",
          "detail": "line 3 has the same",
          "pointer": "/4/id"
        },
        {
          "code": "required",
          "detail": "must not be empty",
          "pointer": "/5/id"
        },
        {
          "code": "required",
          "detail": "somebody new must have a name",
          "pointer": "/6/name"
        },
        {
          "code": "already_exists",
          "detail": "`9` has the same",
          "pointer": "/7/second_id"
        }
      ],
      "instance": "/api/v1/people/imports",
      "request_id": "[id]",
      "status": 422,
      "title": "Import refused",
      "type": "/docs/errors.md#import_refused"
    }
    "#);
    let rehearsed = table(&organization, "?dry_run=true", text).await;
    assert_eq!(rehearsed.body["problems"].as_array().map(Vec::len), Some(5));
    assert_eq!(rehearsed.body["created"], 0);
    assert_eq!(people(&organization).await, named(&[("9", "Nina")]));
    for (text, code) in [("", "empty"), ("name\nAda\n", "missing_column"), ("id\n\"1\n", "unclosed_quote")] {
        let refused = table(&organization, "", text).await;
        assert_eq!((refused.code(), &refused.body["errors"][0]["code"]), ("import_refused", &json!(code)), "{text:?}");
    }
}

#[tokio::test]
async fn ids_change_hands_and_people_go_and_come_back() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    assert_eq!(table(&organization, "", "id,name,prn,active\n1,A,P1,yes\n2,B,P2,yes\n").await.status, 200);
    let swapped = table(&organization, "", "id,prn,active\n1,P2,no\n2,P1,\n").await;
    assert_eq!(swapped.body["updated"], 2, "{swapped}");
    let page = organization.admin.get("/people").await;
    let told: Vec<_> = page.body["items"]
        .as_array()
        .expect("a page")
        .iter()
        .map(|row| (&row["second_id"], &row["is_active"]))
        .collect();
    assert_eq!(told, [(&json!("P2"), &json!(false)), (&json!("P1"), &json!(true))]);
}

#[tokio::test]
async fn a_mapping_says_which_column_is_what() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let mapping = json!({
        "columns": {"external_id": "Nr", "name": "Wer"}, "defaults": {"kind": "employee"}, "encoding": "windows-1252",
    });
    let made = upload(&organization.admin, "/people/imports", b"Nr,Wer\n7,M\xfcller\n", Some(&mapping)).await;
    assert_eq!(made.body["created"], 1, "{made}");
    let shown = organization.admin.get("/people?kind=employee").await;
    assert_eq!(shown.body["items"][0]["name"], "Müller");
    let wrong = upload(&organization.admin, "/people/imports", b"id\n", Some(&json!({"column": {}}))).await;
    assert_eq!((wrong.code(), &wrong.body["errors"][0]["pointer"]), ("invalid_request", &json!("/mapping")));
}

#[tokio::test]
async fn an_import_that_is_sent_again_is_answered_again() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let send_once = async |text: &str| {
        let form = Form::new().part("file", Part::bytes(text.as_bytes().to_vec()).file_name("file"));
        let request = organization.admin.request(Method::POST, "/people/imports").header("Idempotency-Key", "k");
        send(request.multipart(form)).await
    };
    let (first, again) = (send_once("id,name\n1,A\n").await, send_once("id,name\n1,A\n").await);
    assert_eq!((&first.body["created"], &first.body), (&json!(1), &again.body));
    assert_eq!(send_once("id,name\n2,B\n").await.code(), "idempotency_mismatch");
}

#[tokio::test]
async fn forms_that_are_none_are_refused() {
    let app = TestApp::start().await;
    let admin = app.organization().await.admin;
    let large = vec![b'a'; 9 * 1024 * 1024];
    assert_eq!(upload(&admin, "/people/imports", &large, None).await.code(), "payload_too_large");
    assert_eq!(admin.post("/people/imports", &json!({})).await.code(), "unsupported_media_type");
    let other = Form::new().text("files", "x");
    let answer = send(admin.request(Method::POST, "/people/imports").multipart(other)).await;
    assert_eq!(answer.code(), "invalid_request");
    let twice = Form::new().text("file", "x").text("file", "y");
    let answer = send(admin.request(Method::POST, "/people/imports").multipart(twice)).await;
    assert_eq!(answer.code(), "invalid_request");
    let none = Form::new().text("mapping", "{}");
    let answer = send(admin.request(Method::POST, "/people/imports").multipart(none)).await;
    assert_eq!(answer.body["errors"][0]["pointer"], "/file");
}

const USERS: &str = "sourcedId,status,enabledUser,givenName,familyName,identifier,email,grades\n\
                     u1,,true,Ada,Lovelace,17,ada@example.org,10\nu2,,true,Bob,Byron,18,,10\nt1,,true,Anne,T,,ANNE,\n";
const CLASSES: &str = "sourcedId,status,title,classCode\nk1,,Biology 10 A,BIO-10A\n";
const ENROLLMENTS: &str = "sourcedId,status,classSourcedId,userSourcedId,role\n\
                           e1,,k1,u1,student\ne2,,k1,u2,student\ne3,,k1,t1,teacher\n";

fn roster(users: &str, enrollments: &str) -> Vec<u8> {
    archive(&[
        ("manifest.csv", b"propertyName,value\nmanifest.version,1.0\n"),
        ("users.csv", users.as_bytes()),
        ("classes.csv", CLASSES.as_bytes()),
        ("enrollments.csv", enrollments.as_bytes()),
    ])
}

#[tokio::test]
async fn a_oneroster_archive_becomes_people_courses_rosters_and_teachers() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let anne = app.user(Some(organization.id), Role::Teacher).await;
    let address = anne.get("/users/me").await.text("email");
    let users = USERS.replace("ANNE", &address.to_uppercase());
    let file = roster(&users, ENROLLMENTS);
    let path = "/people/imports/oneroster";
    assert_snapshot!(upload(&organization.admin, &format!("{path}?dry_run=true"), &file, None).await, @r#"
    200 OK
    {
      "courses": {
        "created": 1,
        "unchanged": 0,
        "updated": 0
      },
      "dry_run": true,
      "people": {
        "created": 2,
        "unchanged": 0,
        "updated": 0
      },
      "problems": [],
      "roster_added": 2,
      "roster_removed": 0,
      "teachers_added": 1,
      "teachers_removed": 0,
      "teachers_unknown": 0
    }
    "#);
    assert_eq!(people(&organization).await, []);
    let imported = upload(&organization.admin, path, &file, None).await;
    assert_eq!((imported.status.as_u16(), &imported.body["roster_added"]), (200, &json!(2)), "{imported}");
    assert_eq!(people(&organization).await, named(&[("u1", "Ada Lovelace"), ("u2", "Bob Byron")]));
    let course = organization.admin.get("/courses").await.body["items"][0].clone();
    assert_eq!((&course["code"], &course["title"]), (&json!("BIO-10A"), &json!("Biology 10 A")));
    let course_id = course["id"].as_str().expect("an id");
    let on_it = organization.admin.get(&format!("/courses/{course_id}/roster")).await;
    assert_eq!(on_it.body["items"].as_array().map(Vec::len), Some(2));
    let mut conn = app.connection().await;
    let teachers =
        store::teachers::list(&mut conn, organization.id, course_id.parse().expect("an id")).await.expect("teachers");
    assert_eq!(teachers.len(), 1);

    let later = ENROLLMENTS.replace("e2,,k1", "e2,tobedeleted,k1").replace("e3,,k1", "e3,tobedeleted,k1");
    let again = upload(&organization.admin, path, &roster(&users.replace("Bob,", "Rob,"), &later), None).await;
    let told = |field: &str| again.body[field].clone();
    assert_eq!((told("roster_removed"), told("teachers_removed")), (json!(1), json!(1)), "{again}");
    assert_eq!((&again.body["people"]["updated"], &again.body["courses"]["unchanged"]), (&json!(1), &json!(1)));
    let on_it = organization.admin.get(&format!("/courses/{course_id}/roster")).await;
    assert_eq!(on_it.body["items"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_oneroster_archive_with_mistakes_or_worse_is_refused_as_a_whole() {
    // 40 MiB of zeros are 40 KiB. Packed first: a connection that waits meanwhile is closed.
    let bomb = archive(&[("users.csv", &vec![0; 40 * 1024 * 1024])]);
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let path = "/people/imports/oneroster";
    let mistaken = roster(USERS, &ENROLLMENTS.replace("k1,u2", "k9,u2"));
    let refused = upload(&organization.admin, path, &mistaken, None).await;
    assert_eq!(refused.code(), "import_refused", "{refused}");
    let pointers: Vec<_> =
        refused.body["errors"].as_array().expect("errors").iter().map(|e| e["pointer"].clone()).collect();
    assert_eq!(pointers, ["/enrollments.csv/3/classSourcedId"]);
    assert_eq!(
        (people(&organization).await, organization.admin.get("/courses").await.body["items"].clone()),
        (vec![], json!([]))
    );

    let check = async |file: &[u8], code: &str| {
        let refused = upload(&organization.admin, path, file, None).await;
        assert_eq!((refused.code(), &refused.body["errors"][0]["code"]), ("import_refused", &json!(code)), "{refused}");
    };
    check(b"no archive", "not_an_archive").await;
    check(&archive(&[("../users.csv", USERS.as_bytes())]), "unsafe_name").await;
    check(&archive(&[("classes.csv", CLASSES.as_bytes())]), "missing_file").await;
    check(&bomb, "too_large").await;
}
