//! What changes about people, and finding them by what is known.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::app::{TestApp, TestOrganization};
use crate::pictures::jpeg;
use crate::worker::{accepted, finish};

/// What the audit log has about something, in its order: action and details.
pub(crate) async fn audited(app: &TestApp, organization: &TestOrganization, subject: &str) -> Vec<(String, Value)> {
    let (mut conn, subject) = (app.connection().await, subject.parse().expect("an id"));
    let entries = store::audit::list(&mut conn, Some(organization.id), Some(subject), 0, 99).await.expect("a log");
    let details = |text: &str| serde_json::from_str(text).expect("JSON");
    entries.into_iter().map(|entry| (entry.action, details(&entry.details))).collect()
}

#[tokio::test]
async fn what_is_left_out_stays_and_null_clears() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let new = json!({
        "kind": "student", "external_id": "17", "second_id": "PRN-17", "name": "Ada Lovelace", "phone": "+44 20 7946",
        "email": "ada@example.org", "class": "10", "section": "B", "notes": "sits\nin front",
    });
    let id = organization.teacher.made("/people", &new).await;
    let path = format!("/people/{id}");
    let change = json!({"name": " Ada King ", "phone": null, "section": "A"});
    assert_snapshot!(organization.teacher.patch(&path, &change).await, @r#"
    200 OK
    {
      "class": "10",
      "consent": null,
      "created_at": "[time]",
      "email": "ada@example.org",
      "external_id": "17",
      "id": "[id]",
      "is_active": true,
      "kind": "student",
      "name": "Ada King",
      "notes": "sits\nin front",
      "organization_id": "[id]",
      "phone": null,
      "second_id": "PRN-17",
      "section": "A",
      "updated_at": "[time]"
    }
    "#);
    let same = organization.teacher.patch(&path, &json!({"section": "A"})).await;
    assert_eq!(same.body, organization.teacher.get(&path).await.body);
    assert_eq!(
        audited(&app, &organization, &id).await,
        [
            ("person_created".to_owned(), json!({})),
            ("person_updated".to_owned(), json!({"fields": ["name", "phone", "section"], "is_active": true})),
        ]
    );
    let wrong = json!({"name": "", "email": "nowhere", "class": "x".repeat(65), "external_id": null, "kind": null});
    let refused = organization.teacher.patch(&path, &wrong).await;
    let pointers: Vec<_> = refused.body["errors"].as_array().expect("errors").iter().map(|e| &e["pointer"]).collect();
    assert_eq!(pointers, ["/name", "/email", "/class"], "null is as good as nothing where there must be something");
    assert_eq!(organization.teacher.patch(&path, &json!({"consent": "given"})).await.code(), "invalid_request");
}

#[tokio::test]
async fn both_ids_are_unique() {
    let app = TestApp::start().await;
    let (one, other) = (app.organization().await, app.organization().await);
    let new = |id: &str| json!({"kind": "student", "external_id": id, "second_id": format!("P{id}"), "name": "A"});
    let first = one.admin.made("/people", &new("1")).await;
    other.admin.made("/people", &new("1")).await;
    one.admin.made("/people", &new("2")).await;
    for clash in [json!({"second_id": "P2"}), json!({"external_id": "2"})] {
        let answer = one.admin.patch(&format!("/people/{first}"), &clash).await;
        assert_eq!(answer.code(), "already_exists", "{answer}");
    }
    let taken = json!({"kind": "student", "external_id": "3", "second_id": "P1", "name": "A"});
    let answer = one.admin.post("/people", &taken).await;
    assert_eq!(
        (answer.code(), &answer.body["detail"]),
        ("already_exists", &json!("another one has the same `second_id`"))
    );
}

#[tokio::test]
async fn people_are_found_by_what_is_known_of_them() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let add = async |body: Value| organization.admin.made("/people", &body).await;
    let ada =
        add(json!({"kind": "student", "external_id": "S1", "name": "Ada Lovelace", "class": "10", "section": "A",
        "second_id": "PRN_9", "email": "countess@example.org"}))
        .await;
    let bob =
        add(json!({"kind": "student", "external_id": "S2", "name": "Bob 100%", "class": "10", "section": "B"})).await;
    let cy =
        add(json!({"kind": "employee", "external_id": "E1", "name": "Cy", "class": "Physics", "is_active": false}))
            .await;
    let course = organization.course("BIO").await;
    organization.admin.put(&format!("/courses/{course}/roster/{bob}")).await;
    organization.teacher.post(&format!("/people/{bob}/consents"), &json!({"version": "1"})).await;
    organization.teacher.post(&format!("/people/{cy}/consents/withdraw"), &json!({})).await;
    let enrolled = organization.teacher.enroll(&ada, &[("a.jpg", &jpeg(64, 64))]).await;
    assert_eq!(enrolled.status, 202, "{enrolled}");
    finish(&app, &app.next_job().await, vec![accepted(90)], None).await;

    let check = async |query: &str, expected: &[&String]| {
        let page = organization.teacher.get(&format!("/people?{query}")).await;
        let rows = page.body["items"].as_array().unwrap_or_else(|| panic!("{query}: {page}"));
        let ids: Vec<&str> = rows.iter().map(|row| row["id"].as_str().expect("an id")).collect();
        assert_eq!(ids, expected, "{query}");
    };
    check("q=LOVE", &[&ada]).await;
    check("q=countess", &[&ada]).await;
    check("q=prn_9", &[&ada]).await;
    check("q=s", &[&ada, &bob, &cy].map(|id| id)[..2]).await;
    check("q=PRNx9", &[]).await;
    check("q=0%25", &[&bob]).await;
    check("q=_", &[&ada]).await;
    check("kind=employee", &[&cy]).await;
    check("class=10", &[&ada, &bob]).await;
    check("class=10&section=B", &[&bob]).await;
    check("is_active=false", &[&cy]).await;
    check(&format!("course_id={course}"), &[&bob]).await;
    check("enrolled=true", &[&ada]).await;
    check("enrolled=false&is_active=true", &[&bob]).await;
    check("consent=given", &[&bob]).await;
    check("consent=withdrawn", &[&cy]).await;
    check("consent=none", &[&ada]).await;
    check("kind=student&limit=1", &[&ada]).await;
    assert_eq!(organization.teacher.get("/people?q=").await.code(), "invalid_query");
    assert_eq!(organization.teacher.get("/people?kind=robot").await.code(), "invalid_query");
}
