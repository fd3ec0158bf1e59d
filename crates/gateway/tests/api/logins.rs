//! Staying logged in, and logging out.

use domain::user::Role;
use insta::assert_snapshot;
use serde_json::json;
use uuid::Uuid;

use crate::app::{PASSWORD, TestApp, TestOrganization};
use crate::client::Answer;
use crate::pictures::jpeg;
use crate::socket::Socket;

/// Somebody's tokens, as they are answered.
async fn log_in(app: &TestApp, organization: &TestOrganization) -> Answer {
    let email = organization.teacher.get("/users/me").await.text("email");
    app.anonymous().post("/auth/login", &json!({"email": email, "password": PASSWORD})).await
}

async fn refresh(app: &TestApp, token: &str) -> Answer {
    app.anonymous().post("/auth/refresh", &json!({"refresh_token": token})).await
}

async fn actions(app: &TestApp, organization: &TestOrganization, user: &str) -> Vec<String> {
    let (log, user) = (app.audit(Some(organization.id)).await, user.parse::<Uuid>().ok());
    log.into_iter().filter(|(_, subject)| *subject == user).map(|(action, _)| action).collect()
}

#[tokio::test]
async fn json_logs_in_as_the_form_does() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let answer = log_in(&app, &organization).await;
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
    let email = organization.teacher.get("/users/me").await.text("email").to_uppercase();
    let nobody = app.anonymous();
    let by_name = nobody.post("/auth/login", &json!({"username": email, "password": PASSWORD})).await;
    assert_eq!(by_name.status, 200, "{by_name}");
    let wrong = nobody.post("/auth/login", &json!({"email": email, "password": "a guess"})).await;
    assert_eq!((wrong.status.as_u16(), wrong.code()), (401, "invalid_credentials"));
    for body in [
        json!({"password": PASSWORD}),
        json!({"email": email, "username": email, "password": PASSWORD}),
        json!({"email": "a\0b", "password": PASSWORD}),
        json!({"email": email}),
    ] {
        let answer = nobody.post("/auth/login", &body).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (422, "invalid_request"), "{body}: {answer}");
    }
}

#[tokio::test]
async fn a_refresh_token_brings_the_next_pair() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let first = log_in(&app, &organization).await;
    let second = refresh(&app, &first.text("refresh_token")).await;
    assert_eq!(second.status, 200, "{second}");
    assert_ne!(second.text("refresh_token"), first.text("refresh_token"));
    let third = refresh(&app, &second.text("refresh_token")).await;
    for answer in [&first, &second, &third] {
        let me = app.anonymous().bearing(&answer.text("access_token")).get("/users/me").await;
        assert_eq!(me.status, 200, "access tokens stay good until they are too old");
    }
    let unknown = refresh(&app, "rrt_unknown").await;
    assert_snapshot!(unknown, @r#"
    401 Unauthorized
    {
      "code": "invalid_refresh_token",
      "detail": "the refresh token is unknown or too old, or its login has ended",
      "instance": "/api/v1/auth/refresh",
      "request_id": "[id]",
      "status": 401,
      "title": "Invalid refresh token",
      "type": "/docs/errors.md#invalid_refresh_token"
    }
    "#);
    // An access token is no refresh token, and the other way round.
    assert_eq!(refresh(&app, &third.text("access_token")).await.code(), "invalid_refresh_token");
    let wrong = app.anonymous().bearing(&third.text("refresh_token")).get("/users/me").await;
    assert_eq!(wrong.code(), "unauthenticated");
}

#[tokio::test]
async fn a_used_refresh_token_ends_the_login_and_no_other() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let stolen = log_in(&app, &organization).await;
    let next = refresh(&app, &stolen.text("refresh_token")).await;
    let reused = refresh(&app, &stolen.text("refresh_token")).await;
    assert_snapshot!(reused, @r#"
    401 Unauthorized
    {
      "code": "refresh_reused",
      "detail": "the refresh token was used before: its login has ended for everybody who has a token of it",
      "instance": "/api/v1/auth/refresh",
      "request_id": "[id]",
      "status": 401,
      "title": "Refresh token reused",
      "type": "/docs/errors.md#refresh_reused"
    }
    "#);
    assert_eq!(refresh(&app, &stolen.text("refresh_token")).await.code(), "refresh_reused");
    assert_eq!(refresh(&app, &next.text("refresh_token")).await.code(), "invalid_refresh_token");
    let holder = app.anonymous().bearing(&next.text("access_token"));
    assert_eq!(holder.get("/users/me").await.code(), "unauthenticated", "access tokens end with their login");
    let me = organization.teacher.get("/users/me").await;
    assert_eq!(me.status, 200, "the other login goes on");
    let told = actions(&app, &organization, &me.id()).await;
    assert_eq!(told, ["user_logged_in", "user_logged_in", "session_family_revoked"]);
}

#[tokio::test]
async fn logging_out_ends_one_login() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let answer = log_in(&app, &organization).await;
    let client = app.anonymous().bearing(&answer.text("access_token"));
    assert_eq!(client.post("/auth/logout", &json!({})).await.status, 204);
    assert_eq!(client.post("/auth/logout", &json!({})).await.code(), "unauthenticated");
    assert_eq!(client.get("/people").await.code(), "unauthenticated");
    assert_eq!(refresh(&app, &answer.text("refresh_token")).await.code(), "invalid_refresh_token");
    let me = organization.teacher.get("/users/me").await;
    assert_eq!(me.status, 200, "the other login goes on");
    let told = actions(&app, &organization, &me.id()).await;
    assert_eq!(told, ["user_logged_in", "user_logged_in", "user_logged_out"]);
}

#[tokio::test]
async fn who_is_disabled_changed_or_gone_is_so_at_once() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let answer = log_in(&app, &organization).await;
    let teacher = app.anonymous().bearing(&answer.text("access_token"));
    let id = teacher.get("/users/me").await.id();
    let path = format!("/users/{id}");

    assert_eq!(organization.admin.patch(&path, &json!({"role": "member"})).await.status, 200);
    assert_eq!(teacher.get("/people").await.code(), "forbidden");
    assert_eq!(organization.admin.patch(&path, &json!({"role": "teacher"})).await.status, 200);
    assert_eq!(teacher.get("/people").await.status, 200);

    let disabled = organization.admin.patch(&path, &json!({"disabled": true})).await;
    assert_eq!(disabled.status, 200, "{disabled}");
    assert_eq!(teacher.get("/people").await.code(), "unauthenticated");
    assert_eq!(refresh(&app, &answer.text("refresh_token")).await.code(), "invalid_refresh_token");
    assert_eq!(log_in_as(&app, &disabled.text("email")).await.code(), "invalid_credentials");
    organization.admin.patch(&path, &json!({"disabled": false})).await;
    assert_eq!(teacher.get("/people").await.code(), "unauthenticated", "its logins have ended");
    let again = log_in_as(&app, &disabled.text("email")).await;
    assert_eq!(again.status, 200, "{again}");

    assert_eq!(organization.admin.delete(&path).await.status, 204);
    let again = app.anonymous().bearing(&again.text("access_token"));
    assert_eq!(again.get("/users/me").await.code(), "unauthenticated");
}

#[tokio::test]
async fn frames_on_an_open_socket_end_with_the_login() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let session = organization.active_session("BIO").await;
    let path = format!("/sessions/{}/frames/stream", session.id);
    let bearer = format!("Bearer {}", organization.teacher.bearer());
    let mut socket = Socket::open(&app, &path, &[("authorization", &bearer)]).await.expect("an open socket");
    socket.send(jpeg(64, 64)).await;
    socket.next_of("frame_accepted").await;
    assert_eq!(organization.teacher.post("/auth/logout", &json!({})).await.status, 204);
    socket.send(jpeg(64, 64)).await;
    assert_eq!(socket.next_of("frame_refused").await["problem"]["code"], json!("unauthenticated"));
}

async fn log_in_as(app: &TestApp, email: &str) -> Answer {
    app.anonymous().log_in(email, PASSWORD).await
}

#[tokio::test]
async fn an_installation_admin_logs_in_and_out_too() {
    let app = TestApp::start().await;
    let admin = app.user(None, Role::Admin).await;
    assert_eq!(admin.post("/auth/logout", &json!({})).await.status, 204);
    let log: Vec<String> = app.audit(None).await.into_iter().map(|(action, _)| action).collect();
    assert_eq!(log, ["user_logged_in", "user_logged_out"]);
}
