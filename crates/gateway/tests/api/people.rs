//! Those whose attendance is taken.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::app::{TestApp, TestOrganization};

#[tokio::test]
async fn a_person_is_registered_shown_and_deleted() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let new = json!({"kind": "student", "external_id": " S001 ", "name": "Ada Lovelace", "email": "ada@example.org"});
    let made = organization.teacher.post("/people", &new).await;
    assert_snapshot!(made, @r#"
    201 Created
    {
      "class": null,
      "consent": null,
      "created_at": "[time]",
      "email": "ada@example.org",
      "external_id": "S001",
      "id": "[id]",
      "is_active": true,
      "kind": "student",
      "name": "Ada Lovelace",
      "notes": null,
      "organization_id": "[id]",
      "phone": null,
      "second_id": null,
      "section": null,
      "updated_at": "[time]"
    }
    "#);
    let path = format!("/people/{}", made.id());
    assert_eq!(made.header("location"), format!("/api/v1{path}"));
    assert_eq!(organization.teacher.get(&path).await.body, made.body);

    assert_eq!(organization.teacher.delete(&path).await.code(), "forbidden");
    assert_snapshot!(organization.admin.delete(&path).await, @"204 No Content");
    assert_snapshot!(organization.admin.delete(&path).await, @r#"
    404 Not Found
    {
      "code": "not_found",
      "detail": "there is nothing with this id in this organization",
      "instance": "/api/v1/people/[id]",
      "request_id": "[id]",
      "status": 404,
      "title": "Not found",
      "type": "/docs/errors.md#not_found"
    }
    "#);
}

#[tokio::test]
async fn an_external_id_is_unique_in_its_organization() {
    let app = TestApp::start().await;
    let (one, other) = (app.organization().await, app.organization().await);
    one.person("S001").await;
    other.person("S001").await;
    let new = json!({"kind": "employee", "external_id": "S001", "name": "Grace Hopper"});
    assert_snapshot!(one.admin.post("/people", &new).await, @r#"
    409 Conflict
    {
      "code": "already_exists",
      "detail": "another one has the same `external_id`",
      "instance": "/api/v1/people",
      "request_id": "[id]",
      "status": 409,
      "title": "Already exists",
      "type": "/docs/errors.md#already_exists"
    }
    "#);
}

#[tokio::test]
async fn all_that_is_wrong_is_said_at_once() {
    let app = TestApp::start().await;
    let admin = app.organization().await.admin;
    let wrong = json!({"kind": "student", "external_id": "", "name": "x".repeat(201), "email": "nowhere"});
    assert_snapshot!(admin.post("/people", &wrong).await, @r#"
    422 Unprocessable Entity
    {
      "code": "invalid_request",
      "detail": "the request is well formed, but not valid",
      "errors": [
        {
          "code": "required",
          "detail": "must not be empty",
          "pointer": "/external_id"
        },
        {
          "code": "too_long",
          "detail": "must have at most 200 characters",
          "pointer": "/name"
        },
        {
          "code": "invalid",
          "detail": "must be an e-mail address",
          "pointer": "/email"
        }
      ],
      "instance": "/api/v1/people",
      "request_id": "[id]",
      "status": 422,
      "title": "Invalid request",
      "type": "/docs/errors.md#invalid_request"
    }
    "#);
    let unknown_field = json!({"kind": "student", "external_id": "S1", "name": "A", "nickname": "B"});
    assert_snapshot!(admin.post("/people", &unknown_field).await, @r#"
    422 Unprocessable Entity
    {
      "code": "invalid_request",
      "detail": "the request is well formed, but not valid",
      "errors": [
        {
          "code": "invalid",
          "detail": "unknown field `nickname`, expected one of `kind`, `external_id`, `second_id`, `name`, `email`, `phone`, `class`, `section`, `is_active`, `notes` at line 1 column 58",
          "pointer": ""
        }
      ],
      "instance": "/api/v1/people",
      "request_id": "[id]",
      "status": 422,
      "title": "Invalid request",
      "type": "/docs/errors.md#invalid_request"
    }
    "#);
    let unknown_word = json!({"kind": "robot", "external_id": "S1", "name": "A"});
    assert_eq!(admin.post("/people", &unknown_word).await.code(), "invalid_request");
    assert_eq!(admin.get("/people").await.body["items"], json!([]));
}

/// The external ids of all people, asked for `limit` at a time.
async fn walk(organization: &TestOrganization, limit: usize) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut path = format!("/people?limit={limit}");
    loop {
        let page = organization.teacher.get(&path).await;
        let rows = page.body["items"].as_array().expect("a page");
        pages.push(rows.iter().map(|row| row["external_id"].as_str().expect("an id").to_owned()).collect());
        match &page.body["next"] {
            Value::String(next) => path = format!("/people?limit={limit}&cursor={next}"),
            _ => return pages,
        }
    }
}

#[tokio::test]
async fn a_list_is_walked_page_by_page() {
    let app = TestApp::start().await;
    let (ours, theirs) = (app.organization().await, app.organization().await);
    for number in 1..=5 {
        ours.person(&format!("S{number}")).await;
        theirs.person(&format!("T{number}")).await;
    }
    assert_eq!(walk(&ours, 2).await, [vec!["S1", "S2"], vec!["S3", "S4"], vec!["S5"]]);
    assert_eq!(walk(&ours, 5).await, [vec!["S1", "S2", "S3", "S4", "S5"]]);

    assert_snapshot!(ours.teacher.get("/people?limit=0").await, @r#"
    400 Bad Request
    {
      "code": "invalid_query",
      "detail": "the query is not what this address takes: `limit` must be in 1..=200",
      "instance": "/api/v1/people",
      "request_id": "[id]",
      "status": 400,
      "title": "Invalid query",
      "type": "/docs/errors.md#invalid_query"
    }
    "#);
    assert_snapshot!(ours.teacher.get("/people?cursor=guess").await, @r#"
    400 Bad Request
    {
      "code": "invalid_cursor",
      "detail": "the cursor was not made by this listing",
      "instance": "/api/v1/people",
      "request_id": "[id]",
      "status": 400,
      "title": "Invalid cursor",
      "type": "/docs/errors.md#invalid_cursor"
    }
    "#);
    assert_snapshot!(ours.teacher.get("/people?page=2").await, @r#"
    400 Bad Request
    {
      "code": "invalid_query",
      "detail": "the query is not what this address takes: unknown field `page`, expected one of `q`, `kind`, `class`, `section`, `is_active`, `course_id`, `enrolled`, `consent`, `limit`, `cursor`",
      "instance": "/api/v1/people",
      "request_id": "[id]",
      "status": 400,
      "title": "Invalid query",
      "type": "/docs/errors.md#invalid_query"
    }
    "#);
}
