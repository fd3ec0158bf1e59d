//! Logging in, and being somebody.

use domain::user::Role;
use insta::assert_snapshot;
use reqwest::Method;
use serde_json::json;

use crate::app::{PASSWORD, TestApp};
use crate::client::send;
use crate::pictures::jpeg;

#[tokio::test]
async fn a_user_logs_in_and_is_who_it_says() {
    let app = TestApp::start().await;
    let admin = app.installation_admin().await;
    let me = admin.get("/users/me").await;
    let email = me.text("email");
    assert_eq!(me.body["role"], "admin");
    assert_eq!(me.body["organization_id"], serde_json::Value::Null);

    let answer = app.anonymous().log_in(&email.to_uppercase(), PASSWORD).await;
    assert_snapshot!(answer, @r#"
    200 OK
    {
      "access_token": "[access_token]",
      "expires_in": 900,
      "password_change_required": false,
      "refresh_expires_in": 2592000,
      "refresh_token": "[refresh_token]",
      "token_type": "bearer"
    }
    "#);
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_user_get_the_same_answer() {
    let app = TestApp::start().await;
    let email = app.installation_admin().await.get("/users/me").await.text("email");
    let wrong = app.anonymous().log_in(&email, "a guess").await;
    let unknown = app.anonymous().log_in("nobody@example.org", PASSWORD).await;
    assert_snapshot!(wrong, @r#"
    401 Unauthorized
    {
      "code": "invalid_credentials",
      "detail": "the e-mail address or the password is wrong",
      "instance": "/api/v1/auth/token",
      "request_id": "[id]",
      "status": 401,
      "title": "Invalid credentials",
      "type": "/docs/errors.md#invalid_credentials"
    }
    "#);
    assert_eq!((wrong.status, wrong.code()), (unknown.status, unknown.code()));
    // Bcrypt would cut a longer password: 72 bytes of it must not be enough.
    let cut = app.anonymous().log_in(&email, &PASSWORD.repeat(10)).await;
    assert_eq!(cut.code(), "invalid_credentials");
}

#[tokio::test]
async fn only_the_form_of_the_password_grant_is_taken() {
    let app = TestApp::start().await;
    let nobody = app.anonymous();
    let json = nobody.post("/auth/token", &serde_json::json!({"username": "a", "password": "b"})).await;
    assert_snapshot!(json, @r#"
    415 Unsupported Media Type
    {
      "code": "unsupported_media_type",
      "detail": "the body must be application/x-www-form-urlencoded",
      "instance": "/api/v1/auth/token",
      "request_id": "[id]",
      "status": 415,
      "title": "Unsupported media type",
      "type": "/docs/errors.md#unsupported_media_type"
    }
    "#);
    let grant = [("grant_type", "client_credentials"), ("username", "a"), ("password", "b")];
    let other = send(nobody.request(Method::POST, "/auth/token").form(&grant)).await;
    assert_snapshot!(other, @r#"
    422 Unprocessable Entity
    {
      "code": "invalid_request",
      "detail": "the request is well formed, but not valid",
      "errors": [
        {
          "code": "invalid",
          "detail": "must be `password`",
          "pointer": "/grant_type"
        }
      ],
      "instance": "/api/v1/auth/token",
      "request_id": "[id]",
      "status": 422,
      "title": "Invalid request",
      "type": "/docs/errors.md#invalid_request"
    }
    "#);
    let missing = send(nobody.request(Method::POST, "/auth/token").form(&[("username", "a")])).await;
    assert_snapshot!(missing, @r#"
    422 Unprocessable Entity
    {
      "code": "invalid_request",
      "detail": "the request is well formed, but not valid",
      "errors": [
        {
          "code": "invalid",
          "detail": "missing field `password`",
          "pointer": ""
        }
      ],
      "instance": "/api/v1/auth/token",
      "request_id": "[id]",
      "status": 422,
      "title": "Invalid request",
      "type": "/docs/errors.md#invalid_request"
    }
    "#);
}

#[tokio::test]
async fn without_a_good_token_nobody_is_anybody() {
    let app = TestApp::start().await;
    let nobody = app.anonymous();
    let answer = nobody.get("/users/me").await;
    assert_snapshot!(answer, @r#"
    401 Unauthorized
    {
      "code": "unauthenticated",
      "detail": "send `Authorization: Bearer` with a valid token or camera key",
      "instance": "/api/v1/users/me",
      "request_id": "[id]",
      "status": 401,
      "title": "Not authenticated",
      "type": "/docs/errors.md#unauthenticated"
    }
    "#);
    assert_eq!(answer.header("www-authenticate"), "Bearer");

    let token = app.installation_admin().await.bearer().to_owned();
    let forged = format!("{token}x");
    for bad in ["", "nonsense", &forged, "rck_not-a-camera"] {
        assert_eq!(nobody.bearing(bad).get("/users/me").await.code(), "unauthenticated", "{bad}");
    }
    let basic = nobody.request(Method::GET, "/users/me").basic_auth("a", Some("b"));
    assert_eq!(send(basic).await.code(), "unauthenticated");
}

#[tokio::test]
async fn tokens_of_another_gateway_with_another_secret_are_none() {
    let app = TestApp::start().await;
    let other = TestApp::start_with(|settings| {
        settings.auth.jwt_secret = "another secret, of another installation".to_owned().into();
    })
    .await;
    let token = other.user(None, Role::Admin).await.bearer().to_owned();
    assert_eq!(app.anonymous().bearing(&token).get("/organizations").await.code(), "unauthenticated");
}

#[tokio::test]
async fn a_name_that_no_database_holds_is_refused() {
    let app = TestApp::start().await;
    let answer = app.anonymous().log_in("ada\0@example.org", PASSWORD).await;
    assert_eq!((answer.status.as_u16(), answer.code()), (422, "invalid_request"), "{answer}");
}

#[tokio::test]
async fn texts_with_nul_are_refused_everywhere() {
    let app = TestApp::start().await;
    let (installation, organization) = (app.installation_admin().await, app.organization().await);
    let course = organization.course("BIO").await;
    let text = "a\0b";
    let bodies = [
        (&installation, "/organizations", json!({"name": text, "time_zone": "UTC"})),
        (&installation, "/organizations", json!({"name": "School", "time_zone": text})),
        (&organization.admin, "/people", json!({"kind": "student", "external_id": text, "name": "A"})),
        (&organization.admin, "/people", json!({"kind": "student", "external_id": "S1", "name": text})),
        (
            &organization.admin,
            "/people",
            json!({"kind": "student", "external_id": "S1", "name": "A", "email": "a\0@b"}),
        ),
        (&organization.admin, "/people", json!({"kind": text, "external_id": "S1", "name": "A"})),
        (&organization.admin, "/courses", json!({"code": text, "title": "A"})),
        (&organization.admin, "/courses", json!({"code": "A", "title": text})),
        (&organization.admin, "/cameras", json!({"name": text, "course_id": course})),
        (&organization.admin, "/sessions", json!({"course_id": text})),
        (&organization.admin, "/live/tickets", json!({"session_id": text})),
    ];
    for (client, path, body) in bodies {
        let answer = client.post(path, &body).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (422, "invalid_request"), "{path} {body}: {answer}");
    }
    // Where a text is looked up by its address or query, nothing has it.
    for path in ["/people/a%00b", "/people?cursor=a%00b", "/sessions?course_id=a%00b", "/live?ticket=a%00b"] {
        let answer = organization.admin.get(path).await;
        assert!(answer.status.is_client_error(), "{path}: {answer}");
    }
    // A file's name loses it.
    let person = organization.person("S9").await;
    let photo = organization.teacher.enroll(&person, &[("a\0b.jpg", &jpeg(64, 64))]).await;
    assert!(photo.status.is_success() || photo.status.is_client_error(), "{photo}");
}
