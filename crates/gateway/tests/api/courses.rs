//! Courses and their rosters.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::app::{TestApp, TestOrganization};

#[tokio::test]
async fn a_course_is_made_and_shown() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let made = organization.admin.post("/courses", &json!({"code": "BIO-3A", "title": "Biology, class 3A"})).await;
    assert_snapshot!(made, @r#"
    201 Created
    {
      "code": "BIO-3A",
      "created_at": "[time]",
      "id": "[id]",
      "is_active": true,
      "organization_id": "[id]",
      "policy": {
        "closes_after_minutes": null,
        "cool_down_seconds": null,
        "false_match_rate": null,
        "late_after_minutes": null,
        "left_early_minutes": null,
        "liveness": null,
        "minimum_stay_minutes": null,
        "mode": "presence",
        "once_per_session": false,
        "opens_minutes_before": null
      },
      "roster_version": 1,
      "section": "",
      "time_zone": null,
      "title": "Biology, class 3A"
    }
    "#);
    assert_eq!(organization.teacher.get(&format!("/courses/{}", made.id())).await.body, made.body);
    assert_eq!(organization.teacher.get("/courses").await.body["items"], json!([made.body]));
    let again = organization.admin.post("/courses", &json!({"code": "BIO-3A", "title": "Another"})).await;
    assert_snapshot!(again, @r#"
    409 Conflict
    {
      "code": "already_exists",
      "detail": "another one has the same `code`",
      "instance": "/api/v1/courses",
      "request_id": "[id]",
      "status": 409,
      "title": "Already exists",
      "type": "/docs/errors.md#already_exists"
    }
    "#);
}

async fn roster(organization: &TestOrganization, course_id: &str) -> Vec<Value> {
    let listed = organization.teacher.get(&format!("/courses/{course_id}/roster")).await;
    listed.body["items"].as_array().expect("a page").iter().map(|person| person["id"].clone()).collect()
}

#[tokio::test]
async fn a_roster_changes_and_its_version_is_told() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let course_id = organization.course("BIO").await;
    let (ada, ben) = (organization.person("S1").await, organization.person("S2").await);
    let path = format!("/courses/{course_id}/roster");

    let added = organization.admin.post(&path, &json!({"person_ids": [ada, ben]})).await;
    assert_snapshot!(added, @r#"
    200 OK
    {
      "course_id": "[id]",
      "roster_version": 2
    }
    "#);
    assert_eq!(roster(&organization, &course_id).await, [json!(ada), json!(ben)]);
    let removed = organization.admin.delete(&format!("{path}/{ada}")).await;
    assert_snapshot!(removed, @r#"
    200 OK
    {
      "course_id": "[id]",
      "roster_version": 3
    }
    "#);
    assert_eq!(roster(&organization, &course_id).await, [json!(ben)]);
    let again = organization.admin.put(&format!("{path}/{ada}")).await;
    let version = again.body["roster_version"].as_i64();
    let known = app.redis().course_version(course_id.parse().expect("an id")).await.expect("Redis");
    assert_eq!(known, version);
}

#[tokio::test]
async fn a_roster_takes_all_or_none() {
    let app = TestApp::start().await;
    let (ours, theirs) = (app.organization().await, app.organization().await);
    let (course_id, person, stranger) = (ours.course("BIO").await, ours.person("S1").await, theirs.person("S1").await);
    let path = format!("/courses/{course_id}/roster");
    let mixed = ours.admin.post(&path, &json!({"person_ids": [person, stranger]})).await;
    assert_eq!(mixed.code(), "not_found");
    assert_snapshot!(ours.admin.post(&path, &json!({"person_ids": []})).await, @r#"
    422 Unprocessable Entity
    {
      "code": "invalid_request",
      "detail": "the request is well formed, but not valid",
      "errors": [
        {
          "code": "count",
          "detail": "must name 1 to 1000 people",
          "pointer": "/person_ids"
        }
      ],
      "instance": "/api/v1/courses/[id]/roster",
      "request_id": "[id]",
      "status": 422,
      "title": "Invalid request",
      "type": "/docs/errors.md#invalid_request"
    }
    "#);
    assert!(roster(&ours, &course_id).await.is_empty());
}

#[tokio::test]
async fn deleting_a_person_changes_the_rosters_that_they_were_on() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let session = organization.planned_session("BIO").await;
    let course_id = session.course_id.parse().expect("an id");
    let before = app.redis().course_version(course_id).await.expect("Redis");
    let deleted = organization.admin.delete(&format!("/people/{}", session.person_id)).await;
    assert_eq!(deleted.status, 204);
    assert!(app.redis().course_version(course_id).await.expect("Redis") > before);
    assert!(roster(&organization, &session.course_id).await.is_empty());
}
