//! What is no request of ours.

use insta::assert_snapshot;
use reqwest::Method;
use serde_json::json;

use crate::app::TestApp;
use crate::client::send;

#[tokio::test]
async fn an_unknown_address_and_a_wrong_method_are_problems() {
    let app = TestApp::start().await;
    let nobody = app.anonymous();
    let unknown = nobody.get("/nowhere").await;
    assert_snapshot!(unknown, @r#"
    404 Not Found
    {
      "code": "unknown_route",
      "detail": "there is nothing at this address",
      "instance": "/api/v1/nowhere",
      "request_id": "[id]",
      "status": 404,
      "title": "Unknown address",
      "type": "/docs/errors.md#unknown_route"
    }
    "#);
    assert_eq!(unknown.header("content-type"), "application/problem+json");
    let method = nobody.delete("/people").await;
    assert_snapshot!(method, @r#"
    405 Method Not Allowed
    {
      "code": "method_not_allowed",
      "detail": "this address does not take this method",
      "instance": "/api/v1/people",
      "request_id": "[id]",
      "status": 405,
      "title": "Method not allowed",
      "type": "/docs/errors.md#method_not_allowed"
    }
    "#);
    let allowed = method.header("allow");
    assert!(allowed.contains("GET") && allowed.contains("POST"), "{allowed}");
    let outside = send(reqwest::Client::new().get(format!("{}/index.php", app.base))).await;
    assert_eq!(outside.code(), "unknown_route");
}

#[tokio::test]
async fn an_id_that_is_none_names_nothing() {
    let app = TestApp::start().await;
    let teacher = app.organization().await.teacher;
    assert_snapshot!(teacher.get("/people/42").await, @r#"
    404 Not Found
    {
      "code": "not_found",
      "detail": "there is nothing with this id in this organization",
      "instance": "/api/v1/people/42",
      "request_id": "[id]",
      "status": 404,
      "title": "Not found",
      "type": "/docs/errors.md#not_found"
    }
    "#);
}

#[tokio::test]
async fn bodies_that_are_not_json_are_problems() {
    let app = TestApp::start().await;
    let teacher = app.organization().await.teacher;
    let post = |kind: &str, body: String| {
        send(teacher.request(Method::POST, "/people").header("content-type", kind).body(body))
    };
    assert_snapshot!(post("application/json", "{\"kind\":".to_owned()).await, @r#"
    400 Bad Request
    {
      "code": "invalid_json",
      "detail": "the body is not JSON: EOF while parsing a value at line 1 column 8",
      "instance": "/api/v1/people",
      "request_id": "[id]",
      "status": 400,
      "title": "Invalid JSON",
      "type": "/docs/errors.md#invalid_json"
    }
    "#);
    assert_snapshot!(post("text/plain", "{}".to_owned()).await, @r#"
    415 Unsupported Media Type
    {
      "code": "unsupported_media_type",
      "detail": "the body must be application/json",
      "instance": "/api/v1/people",
      "request_id": "[id]",
      "status": 415,
      "title": "Unsupported media type",
      "type": "/docs/errors.md#unsupported_media_type"
    }
    "#);
    assert_snapshot!(post("application/json", String::new()).await, @r#"
    400 Bad Request
    {
      "code": "invalid_json",
      "detail": "the body is not JSON: EOF while parsing a value at line 1 column 0",
      "instance": "/api/v1/people",
      "request_id": "[id]",
      "status": 400,
      "title": "Invalid JSON",
      "type": "/docs/errors.md#invalid_json"
    }
    "#);
    assert_snapshot!(post("application/json", "[]".to_owned()).await, @r#"
    422 Unprocessable Entity
    {
      "code": "invalid_request",
      "detail": "the request is well formed, but not valid",
      "errors": [
        {
          "code": "invalid",
          "detail": "invalid length 0, expected struct NewPerson with 10 elements at line 1 column 2",
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
    let large = format!("{{\"name\": \"{}\"}}", "x".repeat(70_000));
    assert_snapshot!(post("application/json", large).await, @r#"
    413 Payload Too Large
    {
      "code": "payload_too_large",
      "detail": "the body has more than the 65536 bytes allowed",
      "instance": "/api/v1/people",
      "request_id": "[id]",
      "status": 413,
      "title": "Body too large",
      "type": "/docs/errors.md#payload_too_large"
    }
    "#);
}

#[tokio::test]
async fn a_request_id_is_kept_or_made_and_named_in_problems() {
    let app = TestApp::start().await;
    let ask = |id: &'static str| send(app.anonymous().request(Method::GET, "/users/me").header("x-request-id", id));
    let kept = ask("trace-42").await;
    assert_eq!((kept.header("x-request-id"), &kept.body["request_id"]), ("trace-42", &json!("trace-42")));
    let replaced = ask("not an id").await;
    assert_ne!(replaced.header("x-request-id"), "not an id");
    assert_eq!(replaced.body["request_id"], json!(replaced.header("x-request-id")));
    let made = send(reqwest::Client::new().get(format!("{}/livez", app.base))).await;
    assert!(made.header("x-request-id").parse::<uuid::Uuid>().is_ok());
}
