//! Planning sessions one by one: their policy, changes, and which are found.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::app::TestApp;
use crate::courses::audited;

#[tokio::test]
async fn a_session_has_its_courses_policy_but_for_what_is_said() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let course_id = organization.course("BIO").await;
    let policy = json!({"late_after_minutes": 10, "left_early_minutes": 5, "liveness": "required"});
    organization.admin.put_json(&format!("/courses/{course_id}/policy"), &policy).await;
    let plan = async |extra: Value| {
        let mut body = json!({"course_id": course_id, "starts_at": "2026-11-23T08:00:00Z"});
        body.as_object_mut().expect("an object").extend(extra.as_object().expect("an object").clone());
        organization.teacher.post("/sessions", &body).await
    };
    let plain = plan(json!({"ends_at": "2026-11-23T09:30:00Z", "automatic": true})).await;
    assert_eq!((&plain.body["policy"]["late_after_minutes"], &plain.body["automatic"]), (&json!(10), &json!(true)));
    let changed = plan(json!({"late_after_minutes": 3, "policy": {"left_early_minutes": null}})).await;
    let policy = &changed.body["policy"];
    assert_eq!(
        [&policy["late_after_minutes"], &policy["left_early_minutes"], &policy["liveness"]],
        [&json!(3), &json!(null), &json!("required")]
    );
    organization.admin.put_json(&format!("/courses/{course_id}/policy"), &json!({})).await;
    let later = organization.teacher.get(&format!("/sessions/{}", plain.id())).await;
    assert_eq!(later.body, plain.body, "what was planned by hand keeps its policy");

    let wrong = async |extra: Value| {
        let answer = plan(extra).await;
        assert_eq!(answer.code(), "invalid_request", "{answer}");
        answer.body["errors"][0]["pointer"].as_str().expect("a pointer").to_owned()
    };
    assert_eq!(wrong(json!({"policy": {"late": 3}})).await, "/policy");
    assert_eq!(wrong(json!({"policy": {"closes_after_minutes": 0}})).await, "/policy/closes_after_minutes");
    assert_eq!(wrong(json!({"late_after_minutes": 1441})).await, "/policy/late_after_minutes");
    assert_eq!(wrong(json!({"ends_at": "2026-11-23T08:00:00Z"})).await, "/ends_at");
    assert_eq!(wrong(json!({"ends_at": "2026-11-24T08:00:01Z"})).await, "/ends_at");
    assert_eq!(wrong(json!({"automatic": true})).await, "/ends_at");
    assert_eq!(wrong(json!({"starts_at": "2201-01-01T00:00:00Z"})).await, "/starts_at");

    organization.admin.patch(&format!("/courses/{course_id}"), &json!({"is_active": false})).await;
    assert_snapshot!(plan(json!({})).await, @r#"
    409 Conflict
    {
      "code": "course_inactive",
      "detail": "the course is not held any more",
      "instance": "/api/v1/sessions",
      "request_id": "[id]",
      "status": 409,
      "title": "Course inactive",
      "type": "/docs/errors.md#course_inactive"
    }
    "#);
}

#[tokio::test]
async fn a_planned_session_is_changed_or_cancelled() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let course_id = organization.course("BIO").await;
    let new = json!({"course_id": course_id, "starts_at": "2026-11-23T08:00:00Z", "ends_at": "2026-11-23T09:00:00Z"});
    let session = organization.teacher.post("/sessions", &new).await;
    let path = format!("/sessions/{}", session.id());
    assert_eq!(organization.teacher.patch(&path, &json!({})).await.body, session.body);
    let change = json!({"starts_at": "2026-11-23T08:30:00Z", "policy": {"late_after_minutes": 5}, "automatic": true});
    let changed = organization.teacher.patch(&path, &change).await;
    assert_eq!((&changed.body["starts_at"], &changed.body["automatic"]), (&change["starts_at"], &json!(true)));
    assert_eq!(changed.body["ends_at"], session.body["ends_at"], "what is left out stays");
    let endless = organization.teacher.patch(&path, &json!({"ends_at": null})).await;
    assert_eq!(endless.body["errors"][0]["code"], "required", "it is automatic");

    organization.teacher.post(&format!("{path}/start"), &json!({})).await;
    let longer = organization.teacher.patch(&path, &json!({"ends_at": null, "automatic": false})).await;
    assert_eq!(longer.body["ends_at"], json!(null), "{longer}");
    assert_eq!(organization.teacher.patch(&path, &change).await.code(), "session_state");
    assert_eq!(organization.teacher.delete(&path).await.code(), "session_state");
    organization.teacher.post(&format!("{path}/close"), &json!({})).await;
    assert_eq!(organization.teacher.patch(&path, &json!({"automatic": false})).await.code(), "session_state");

    let other = organization.teacher.post("/sessions", &new).await;
    let path = format!("/sessions/{}", other.id());
    assert_eq!(organization.teacher.delete(&path).await.status, 204);
    assert_eq!(organization.teacher.get(&path).await.code(), "not_found");
    assert_eq!(organization.teacher.delete(&path).await.code(), "not_found");

    let actions = async |id: &str| -> Vec<String> {
        audited(&app, &organization, id).await.into_iter().map(|(action, _)| action).collect()
    };
    let whole = ["session_created", "session_updated", "session_started", "session_updated", "session_closed"];
    assert_eq!(actions(&session.id()).await, whole);
    assert_eq!(actions(&other.id()).await, ["session_created", "session_cancelled"]);
}

#[tokio::test]
async fn sessions_are_found_by_time_and_state_in_the_order_in_which_they_begin() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let course_id = organization.course("BIO").await;
    let mut ids = Vec::new();
    for day in ["25", "23", "24"] {
        let starts_at = format!("2026-11-{day}T08:00:00Z");
        ids.push(
            organization.teacher.made("/sessions", &json!({"course_id": course_id, "starts_at": starts_at})).await,
        );
    }
    let [wednesday, monday, tuesday] = ids.try_into().expect("three of them");
    organization.teacher.post(&format!("/sessions/{tuesday}/start"), &json!({})).await;
    let found = async |query: &str| -> Vec<Value> {
        let page = organization.teacher.get(&format!("/sessions?{query}")).await;
        page.body["items"].as_array().expect("a page").iter().map(|session| session["id"].clone()).collect()
    };
    assert_eq!(found("").await, [&monday, &tuesday, &wednesday].map(|id| json!(id)));
    assert_eq!(found("state=active").await, [json!(tuesday)]);
    let between = "from=2026-11-24T08:00:00Z&to=2026-11-25T08:00:00Z";
    assert_eq!(found(between).await, [json!(tuesday)], "from inclusive, to exclusive");
    let first = organization.teacher.get("/sessions?limit=2").await;
    assert_eq!(found(&format!("limit=2&cursor={}", first.text("next"))).await, [json!(wednesday)]);
    assert_eq!(organization.teacher.get("/sessions?from=9999-01-01T00:00:00Z").await.code(), "invalid_query");
    assert_eq!(organization.teacher.get("/sessions?state=open").await.code(), "invalid_query");
}
