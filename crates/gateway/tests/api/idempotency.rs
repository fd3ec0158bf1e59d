//! Requests that are sent again.

use insta::assert_snapshot;
use reqwest::Method;
use serde_json::json;

use crate::app::TestApp;
use crate::client::send;
use crate::pictures::jpeg;

#[tokio::test]
async fn the_same_request_under_the_same_key_is_answered_again() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let new = json!({"kind": "student", "external_id": "S1", "name": "Ada"});
    let first = organization.admin.post_once("/people", "key-1", &new).await;
    let again = organization.admin.post_once("/people", "key-1", &new).await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    assert_eq!(again.header("location"), first.header("location"));
    assert_eq!(organization.admin.get("/people").await.body["items"], json!([first.body]));

    // Keys are each user's own.
    let other = organization.teacher.post_once("/people", "key-1", &new).await;
    assert_eq!(other.code(), "already_exists");
}

#[tokio::test]
async fn a_key_belongs_to_one_request() {
    let app = TestApp::start().await;
    let admin = app.organization().await.admin;
    let new = json!({"code": "BIO", "title": "Biology"});
    assert_eq!(admin.post_once("/courses", "key-1", &new).await.status, 201);
    let other = json!({"code": "ART", "title": "Art"});
    assert_snapshot!(admin.post_once("/courses", "key-1", &other).await, @r#"
    422 Unprocessable Entity
    {
      "code": "idempotency_mismatch",
      "detail": "this Idempotency-Key was used for another request",
      "instance": "/api/v1/courses",
      "request_id": "[id]",
      "status": 422,
      "title": "Idempotency key reused",
      "type": "/docs/errors.md#idempotency_mismatch"
    }
    "#);
    let elsewhere = json!({"kind": "student", "external_id": "S1", "name": "Ada"});
    assert_eq!(admin.post_once("/people", "key-1", &elsewhere).await.code(), "idempotency_mismatch");
    assert_snapshot!(admin.post_once("/courses", &"k".repeat(256), &new).await, @r#"
    400 Bad Request
    {
      "code": "invalid_header",
      "detail": "the header `Idempotency-Key` must have 1 to 255 visible ASCII characters",
      "instance": "/api/v1/courses",
      "request_id": "[id]",
      "status": 400,
      "title": "Invalid header",
      "type": "/docs/errors.md#invalid_header"
    }
    "#);
}

#[tokio::test]
async fn a_failure_leaves_the_key_free() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    organization.person("S1").await;
    let new = json!({"kind": "student", "external_id": "S1", "name": "Ada"});
    assert_eq!(organization.admin.post_once("/people", "key-1", &new).await.code(), "already_exists");
    let people = organization.admin.get("/people").await;
    organization.admin.delete(&format!("/people/{}", people.body["items"][0]["id"].as_str().expect("an id"))).await;
    assert_eq!(organization.admin.post_once("/people", "key-1", &new).await.status, 201);
}

#[tokio::test]
async fn of_many_at_once_one_is_carried_out() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let course_id = organization.course("BIO").await;
    let new = json!({"course_id": course_id, "starts_at": "2026-11-21T08:00:00Z"});
    let sending = (0..8).map(|_| organization.teacher.post_once("/sessions", "key-1", &new));
    let answers = futures_util::future::join_all(sending).await;
    let listed = organization.teacher.get("/sessions").await;
    assert_eq!(listed.body["items"].as_array().map(Vec::len), Some(1));
    for answer in answers {
        assert_eq!((answer.status.as_u16(), &answer.body), (201, &listed.body["items"][0]));
    }
}

#[tokio::test]
async fn photos_sent_again_make_one_enrollment() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let person = organization.person("S1").await;
    let (front, left) = (jpeg(640, 480), jpeg(320, 240));
    let send_photos = async |photos: &[(&str, &[u8])]| {
        send(organization.teacher.enrollment(&person, photos).header("Idempotency-Key", "key-1")).await
    };
    let first = send_photos(&[("front.jpg", &front)]).await;
    let again = send_photos(&[("front.jpg", &front)]).await;
    assert_eq!((again.status.as_u16(), again.id()), (202, first.id()));
    assert_eq!(send_photos(&[("front.jpg", &left)]).await.code(), "idempotency_mismatch");
    let path = format!("/people/{person}/enrollments");
    let listed = send(organization.teacher.request(Method::GET, &path)).await;
    assert_eq!(listed.body["items"].as_array().map(Vec::len), Some(1));
}
