//! Tenants.

use insta::assert_snapshot;
use serde_json::json;

use crate::app::TestApp;

#[tokio::test]
async fn an_installation_admin_makes_and_sees_organizations() {
    let app = TestApp::start().await;
    let admin = app.installation_admin().await;
    let made = admin.post("/organizations", &json!({"name": "Kantonsschule", "time_zone": "Europe/Zurich"})).await;
    assert_snapshot!(made, @r#"
    201 Created
    {
      "contract": null,
      "created_at": "[time]",
      "id": "[id]",
      "name": "Kantonsschule",
      "policy": {
        "false_match_rate": null,
        "forced_threshold": null,
        "liveness": "off",
        "retain_photos": false
      },
      "settings": {
        "consent_required": false,
        "members_may_enroll": false,
        "retention": {
          "attendance_days": null,
          "logs_days": null,
          "photos_days": null
        }
      },
      "time_zone": "Europe/Zurich"
    }
    "#);
    assert_eq!(made.header("location"), format!("/api/v1/organizations/{}", made.id()));
    assert_eq!(admin.get(&format!("/organizations/{}", made.id())).await.body, made.body);

    let again = admin.post("/organizations", &json!({"name": "Kantonsschule", "time_zone": "UTC"})).await;
    assert_snapshot!(again, @r#"
    409 Conflict
    {
      "code": "already_exists",
      "detail": "another one has the same `name`",
      "instance": "/api/v1/organizations",
      "request_id": "[id]",
      "status": 409,
      "title": "Already exists",
      "type": "/docs/errors.md#already_exists"
    }
    "#);
    let bad = admin.post("/organizations", &json!({"name": "", "time_zone": "Mars/Olympus"})).await;
    assert_snapshot!(bad, @r#"
    422 Unprocessable Entity
    {
      "code": "invalid_request",
      "detail": "the request is well formed, but not valid",
      "errors": [
        {
          "code": "required",
          "detail": "must not be empty",
          "pointer": "/name"
        },
        {
          "code": "invalid",
          "detail": "must be an IANA time zone, such as Europe/Zurich",
          "pointer": "/time_zone"
        }
      ],
      "instance": "/api/v1/organizations",
      "request_id": "[id]",
      "status": 422,
      "title": "Invalid request",
      "type": "/docs/errors.md#invalid_request"
    }
    "#);
    assert_eq!(admin.get("/organizations").await.body["items"], json!([made.body]));
}

#[tokio::test]
async fn other_users_see_only_their_own() {
    let app = TestApp::start().await;
    let (ours, theirs) = (app.organization().await, app.organization().await);
    for user in [&ours.admin, &ours.teacher, &ours.member] {
        let listed = user.get("/organizations").await;
        assert_eq!(listed.body["items"].as_array().map(Vec::len), Some(1));
        assert_eq!(listed.body["items"][0]["id"], json!(ours.id));
        assert_eq!(user.get(&format!("/organizations/{}", theirs.id)).await.code(), "not_found");
        let made = user.post("/organizations", &json!({"name": "Mine", "time_zone": "UTC"})).await;
        assert_eq!(made.code(), "forbidden");
    }
}

#[tokio::test]
async fn an_installation_admin_says_which_organization_it_means() {
    let app = TestApp::start().await;
    let (admin, organization) = (app.installation_admin().await, app.organization().await);
    let person = organization.person("S001").await;

    assert_snapshot!(admin.get("/people").await, @r#"
    400 Bad Request
    {
      "code": "organization_required",
      "detail": "this account belongs to no organization: name one in the header X-Organization-Id",
      "instance": "/api/v1/people",
      "request_id": "[id]",
      "status": 400,
      "title": "Organization required",
      "type": "/docs/errors.md#organization_required"
    }
    "#);
    assert_snapshot!(admin.within("not-an-id").get("/people").await, @r#"
    400 Bad Request
    {
      "code": "invalid_header",
      "detail": "the header `X-Organization-Id` is not a UUID",
      "instance": "/api/v1/people",
      "request_id": "[id]",
      "status": 400,
      "title": "Invalid header",
      "type": "/docs/errors.md#invalid_header"
    }
    "#);
    assert_eq!(admin.within(domain::id::OrganizationId::new()).get("/people").await.code(), "not_found");
    let people = admin.within(organization.id).get("/people").await;
    assert_eq!(people.body["items"][0]["id"], json!(person));
}

#[tokio::test]
async fn a_user_may_name_its_own_organization_and_no_other() {
    let app = TestApp::start().await;
    let (ours, theirs) = (app.organization().await, app.organization().await);
    assert_eq!(ours.teacher.within(ours.id).get("/people").await.status, 200);
    assert_eq!(ours.teacher.within(theirs.id).get("/people").await.code(), "not_found");
}
