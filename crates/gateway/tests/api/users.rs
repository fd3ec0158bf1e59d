//! Those who log in.

use domain::user::Role;
use insta::assert_snapshot;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::{PASSWORD, TestApp, TestOrganization};
use crate::client::Client;

const NEW: &str = "another long password";

async fn make(organization: &TestOrganization, email: &str, role: &str) -> String {
    let new = json!({"email": email, "role": role, "password": PASSWORD, "must_change_password": false});
    organization.admin.made("/users", &new).await
}

async fn told_of(app: &TestApp, organization: &TestOrganization, id: &str) -> Vec<String> {
    let (log, id) = (app.audit(Some(organization.id)).await, id.parse::<Uuid>().ok());
    log.into_iter().filter(|(_, subject)| *subject == id).map(|(action, _)| action).collect()
}

#[tokio::test]
async fn an_admin_makes_changes_and_deletes_users() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let admin = &organization.admin;
    let person = organization.person("S1").await;
    let new = json!({"email": "Ada@Example.org", "role": "member", "password": PASSWORD, "person_id": person});
    let made = admin.post_once("/users", "key-1", &new).await;
    assert_snapshot!(made, @r#"
    201 Created
    {
      "created_at": "[time]",
      "disabled_at": null,
      "email": "ada@example.org",
      "id": "[id]",
      "must_change_password": true,
      "organization_id": "[id]",
      "person_id": "[id]",
      "role": "member"
    }
    "#);
    assert_eq!(made.header("location"), format!("/api/v1/users/{}", made.id()));
    assert_eq!(admin.post_once("/users", "key-1", &new).await.body, made.body);
    let path = format!("/users/{}", made.id());
    assert_eq!(admin.get(&path).await.body, made.body);

    let change = json!({"email": "ada.l@example.org", "role": "teacher", "person_id": null, "disabled": true});
    let changed = admin.patch(&path, &change).await;
    assert_snapshot!(changed, @r#"
    200 OK
    {
      "created_at": "[time]",
      "disabled_at": "[time]",
      "email": "ada.l@example.org",
      "id": "[id]",
      "must_change_password": true,
      "organization_id": "[id]",
      "person_id": null,
      "role": "teacher"
    }
    "#);
    assert_eq!(admin.patch(&path, &json!({})).await.body, changed.body, "what is left out stays");
    assert_eq!(admin.patch(&path, &json!({"disabled": false})).await.body["disabled_at"], Value::Null);
    assert_eq!(admin.delete(&path).await.status, 204);
    assert_eq!(admin.get(&path).await.code(), "not_found");
    let told = told_of(&app, &organization, &made.id()).await;
    assert_eq!(told, ["user_created", "user_updated", "user_disabled", "user_enabled", "user_deleted"]);
    let mut conn = app.connection().await;
    let entries = store::audit::list(&mut conn, Some(organization.id), None, 0, 100).await.expect("a log");
    assert!(entries.iter().all(|entry| !entry.details.contains('@')), "no address is in the log");
}

#[tokio::test]
async fn users_are_listed_and_searched() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let id = make(&organization, "grace.hopper@navy.example", "teacher").await;
    let found = async |query: &str| {
        let listed = organization.admin.get(&format!("/users{query}")).await;
        let items = listed.body["items"].as_array().unwrap_or_else(|| panic!("no list but {listed}")).clone();
        items.iter().map(|user| user["id"].as_str().expect("an id").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found("").await.len(), 4);
    assert_eq!(found("?q=HOPPER").await, [id.as_str()]);
    assert_eq!(found("?q=hopper&role=admin").await, [""; 0]);
    assert_eq!(found("?role=teacher").await.len(), 2);
    assert_eq!(found("?limit=3").await.len(), 3);
    for query in ["?role=owner", "?limit=0", "?q=%00", "?name=x"] {
        assert_eq!(organization.admin.get(&format!("/users{query}")).await.code(), "invalid_query", "{query}");
    }
    let elsewhere = app.organization().await;
    assert_eq!(elsewhere.admin.get("/users?q=hopper").await.body["items"], json!([]));
    let installation = app.installation_admin().await;
    assert_eq!(installation.get("/users").await.code(), "organization_required");
    let within = installation.within(organization.id).get("/users?q=hopper").await;
    assert_eq!(within.body["items"][0]["id"], json!(id));
}

#[tokio::test]
async fn what_no_user_can_be_is_refused() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let admin = &organization.admin;
    let bad = admin.post("/users", &json!({"email": "nobody", "role": "member", "password": "short"})).await;
    assert_snapshot!(bad, @r#"
    422 Unprocessable Entity
    {
      "code": "invalid_request",
      "detail": "the request is well formed, but not valid",
      "errors": [
        {
          "code": "invalid",
          "detail": "must be an e-mail address",
          "pointer": "/email"
        },
        {
          "code": "too_short",
          "detail": "must have at least 12 characters",
          "pointer": "/password"
        }
      ],
      "instance": "/api/v1/users",
      "request_id": "[id]",
      "status": 422,
      "title": "Invalid request",
      "type": "/docs/errors.md#invalid_request"
    }
    "#);
    let id = make(&organization, "a@example.org", "member").await;
    let new = json!({"email": "A@example.org", "role": "member", "password": PASSWORD});
    let taken = admin.post("/users", &new).await;
    assert_eq!((taken.code(), taken.text("detail").contains("email")), ("already_exists", true));
    let strange = app.organization().await.person("S1").await;
    let new = json!({"email": "b@example.org", "role": "member", "password": PASSWORD, "person_id": strange});
    assert_eq!(admin.post("/users", &new).await.code(), "not_found");
    let path = format!("/users/{id}");
    for body in
        [json!({"email": "x"}), json!({"role": "owner"}), json!({"role": null, "x": 1}), json!({"password": "x"})]
    {
        assert_eq!(admin.patch(&path, &body).await.code(), "invalid_request", "{body}");
    }
    assert_eq!(admin.patch(&path, &json!({"person_id": strange})).await.code(), "not_found");
}

#[tokio::test]
async fn an_organization_keeps_an_admin() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let path = format!("/users/{}", organization.admin.get("/users/me").await.id());
    for change in [json!({"role": "teacher"}), json!({"disabled": true})] {
        assert_eq!(organization.admin.patch(&path, &change).await.code(), "last_admin", "{change}");
    }
    assert_snapshot!(organization.admin.delete(&path).await, @r#"
    409 Conflict
    {
      "code": "last_admin",
      "detail": "nobody would be left to administer the organization",
      "instance": "/api/v1/users/[id]",
      "request_id": "[id]",
      "status": 409,
      "title": "Last admin",
      "type": "/docs/errors.md#last_admin"
    }
    "#);
    let other = app.user(Some(organization.id), Role::Admin).await;
    assert_eq!(other.delete(&path).await.status, 204);
}

/// Everything else than what concerns the password is closed.
async fn check_only_the_password_is_open(client: &Client) {
    assert_eq!(client.get("/users/me").await.body["must_change_password"], json!(true));
    for path in ["/people", "/organizations", "/courses", "/users", "/cameras"] {
        let answer = client.get(path).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (403, "password_change_required"), "{path}");
    }
    let made = client.post("/organizations", &json!({"name": "Mine", "time_zone": "UTC"})).await;
    assert_eq!(made.code(), "password_change_required");
}

#[tokio::test]
async fn a_new_user_chooses_another_password_first() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let new = json!({"email": "new@example.org", "role": "admin", "password": PASSWORD});
    let id = organization.admin.made("/users", &new).await;
    let answer = app.anonymous().log_in("new@example.org", PASSWORD).await;
    assert_eq!(answer.body["password_change_required"], json!(true));
    let client = app.anonymous().bearing(&answer.text("access_token"));
    check_only_the_password_is_open(&client).await;

    let change = async |current: &str, new: &str| {
        client.post("/users/me/password", &json!({"current_password": current, "new_password": new})).await
    };
    for (new, code) in [("short", "too_short"), (PASSWORD, "unchanged"), (&"x".repeat(72), "too_long")] {
        let refused = change(PASSWORD, new).await;
        assert_eq!(refused.body["errors"][0]["code"], json!(code), "{refused}");
    }
    // The longest that can be is one.
    let longest = "x".repeat(71);
    let other = format!("/users/{}/reset-password", organization.member.get("/users/me").await.id());
    assert_eq!(organization.admin.post(&other, &json!({"new_password": longest})).await.status, 204);
    let changed = change(PASSWORD, NEW).await;
    assert_eq!((changed.status.as_u16(), &changed.body["password_change_required"]), (200, &json!(false)), "{changed}");
    assert_eq!(client.get("/users/me").await.code(), "unauthenticated", "the login from before has ended");
    let refreshed = json!({"refresh_token": answer.text("refresh_token")});
    assert_eq!(app.anonymous().post("/auth/refresh", &refreshed).await.code(), "invalid_refresh_token");
    let client = app.anonymous().bearing(&changed.text("access_token"));
    assert_eq!(client.get("/people").await.status, 200);
    assert_eq!(app.anonymous().log_in("new@example.org", PASSWORD).await.code(), "invalid_credentials");
    assert_eq!(app.anonymous().log_in("new@example.org", NEW).await.status, 200);
    let told = told_of(&app, &organization, &id).await;
    assert_eq!(told, ["user_created", "user_logged_in", "password_changed", "user_logged_in"]);
}

#[tokio::test]
async fn a_password_that_an_admin_resets_is_to_be_changed() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let me = organization.teacher.get("/users/me").await;
    let path = format!("/users/{}/reset-password", me.id());
    let short = organization.admin.post(&path, &json!({"new_password": "short"})).await;
    assert_eq!(short.body["errors"][0]["pointer"], json!("/new_password"), "{short}");
    let own = format!("/users/{}/reset-password", organization.admin.get("/users/me").await.id());
    assert_eq!(organization.admin.post(&own, &json!({"new_password": NEW})).await.code(), "forbidden");
    assert_eq!(organization.admin.post(&path, &json!({"new_password": NEW})).await.status, 204);
    assert_eq!(organization.teacher.get("/users/me").await.code(), "unauthenticated");
    let answer = app.anonymous().log_in(&me.text("email"), NEW).await;
    let client = app.anonymous().bearing(&answer.text("access_token"));
    check_only_the_password_is_open(&client).await;
    assert_eq!(client.post("/auth/logout", &json!({})).await.status, 204);
    let told = told_of(&app, &organization, &me.id()).await;
    assert_eq!(told, ["user_logged_in", "password_reset", "user_logged_in", "user_logged_out"]);
}
