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

/// Has the organization's teacher teach a course.
pub(crate) async fn teach(organization: &TestOrganization, course_id: &str) -> String {
    let user_id = organization.teacher.get("/users/me").await.id();
    let added = organization.admin.put(&format!("/courses/{course_id}/teachers/{user_id}")).await;
    assert_eq!(added.status, 204, "{added}");
    user_id
}

/// What the audit log says was done about a subject, with the details.
pub(crate) async fn audited(app: &TestApp, organization: &TestOrganization, subject: &str) -> Vec<(String, Value)> {
    let subject = subject.parse().expect("an id");
    let mut conn = app.connection().await;
    let entries = store::audit::list(&mut conn, Some(organization.id), Some(subject), 0, 100).await.expect("the log");
    entries.into_iter().map(|e| (e.action, serde_json::from_str(&e.details).expect("JSON"))).collect()
}

#[tokio::test]
async fn a_course_is_changed_by_admins_and_by_those_who_teach_it() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let new = json!({"code": "BIO", "section": "A", "title": "Biology", "time_zone": "Asia/Kolkata",
        "policy": {"late_after_minutes": 10}});
    let made = organization.admin.post("/courses", &new).await;
    assert_eq!((&made.body["section"], &made.body["time_zone"]), (&json!("A"), &json!("Asia/Kolkata")));
    assert_eq!(made.body["policy"]["late_after_minutes"], 10);
    let path = format!("/courses/{}", made.id());
    let other_section = organization.admin.post("/courses", &json!({"code": "BIO", "title": "Biology"})).await;
    assert_eq!(other_section.status, 201, "{other_section}");

    let change = json!({"title": "Biology, advanced", "time_zone": null});
    assert_eq!(organization.teacher.patch(&path, &change).await.code(), "forbidden");
    teach(&organization, &made.id()).await;
    let changed = organization.teacher.patch(&path, &change).await;
    assert_eq!((&changed.body["title"], &changed.body["time_zone"]), (&change["title"], &json!(null)));
    assert_eq!(changed.body["policy"], made.body["policy"], "what is left out stays");
    assert_eq!(organization.teacher.patch(&path, &json!({})).await.body, changed.body);
    assert_eq!(organization.admin.patch(&path, &json!({"section": ""})).await.code(), "already_exists");
    assert_snapshot!(organization.admin.patch(&path, &json!({"code": " ", "time_zone": "Bombay"})).await, @r#"
    422 Unprocessable Entity
    {
      "code": "invalid_request",
      "detail": "the request is well formed, but not valid",
      "errors": [
        {
          "code": "required",
          "detail": "must not be empty",
          "pointer": "/code"
        },
        {
          "code": "invalid",
          "detail": "must be an IANA time zone, such as Europe/Zurich",
          "pointer": "/time_zone"
        }
      ],
      "instance": "/api/v1/courses/[id]",
      "request_id": "[id]",
      "status": 422,
      "title": "Invalid request",
      "type": "/docs/errors.md#invalid_request"
    }
    "#);
    assert_eq!(
        audited(&app, &organization, &made.id()).await[2..3],
        [("course_updated".to_owned(), json!({"title": "changed", "time_zone": null}))]
    );
}

#[tokio::test]
async fn courses_are_found_by_words_teacher_and_whether_they_are_held() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let (bio, art) = (organization.course("BIO_1").await, organization.course("ART").await);
    let teacher = teach(&organization, &art).await;
    organization.admin.patch(&format!("/courses/{bio}"), &json!({"is_active": false})).await;
    let found = async |query: &str| -> Vec<Value> {
        let page = organization.teacher.get(&format!("/courses?{query}")).await;
        page.body["items"].as_array().expect("a page").iter().map(|course| course["id"].clone()).collect()
    };
    assert_eq!(found("q=course%20bio").await, [json!(bio)], "titles in whatever case");
    assert_eq!(found("q=o_1").await, [json!(bio)]);
    assert!(found("q=%25").await.is_empty() && found("q=B_O").await.is_empty(), "no wildcards");
    assert_eq!(found("is_active=true").await, [json!(art)]);
    assert_eq!(found("is_active=false").await, [json!(bio)]);
    assert_eq!(found(&format!("teacher_id={teacher}")).await, [json!(art)]);
    assert_eq!(organization.teacher.get("/courses?q=%00").await.code(), "invalid_query");
}

#[tokio::test]
async fn a_policy_is_set_as_a_whole_and_told_to_workers() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let course_id = organization.course("BIO").await;
    let path = format!("/courses/{course_id}/policy");
    let policy = json!({"late_after_minutes": 10, "closes_after_minutes": 30, "mode": "check_in_out",
        "false_match_rate": 0.001, "liveness": "required"});
    assert_eq!(organization.teacher.put_json(&path, &policy).await.code(), "forbidden");
    let set = organization.admin.put_json(&path, &policy).await;
    assert_eq!((&set.body["policy"]["mode"], &set.body["roster_version"]), (&json!("check_in_out"), &json!(2)));
    let told = app.redis().course_version(course_id.parse().expect("an id")).await.expect("Redis");
    assert_eq!(told, Some(2));
    teach(&organization, &course_id).await;
    let whole = organization.teacher.put_json(&path, &json!({"late_after_minutes": 5})).await;
    assert_eq!((&whole.body["policy"]["mode"], &whole.body["policy"]["liveness"]), (&json!("presence"), &json!(null)));
    let wrong = organization.admin.put_json(&path, &json!({"late_after_minutes": 9, "closes_after_minutes": 8})).await;
    assert_eq!(wrong.body["errors"][0]["pointer"], "/closes_after_minutes");
    let log = audited(&app, &organization, &course_id).await;
    assert_eq!((log[1].0.as_str(), &log[1].1["late_after_minutes"]), ("course_policy_changed", &json!(10)));
}

#[tokio::test]
async fn teachers_are_named_by_admins() {
    let app = TestApp::start().await;
    let (organization, theirs) = (app.organization().await, app.organization().await);
    let course_id = organization.course("BIO").await;
    let path = format!("/courses/{course_id}/teachers");
    let user_id = teach(&organization, &course_id).await;
    assert_eq!(organization.admin.put(&format!("{path}/{user_id}")).await.status, 204, "again");
    let listed = organization.teacher.get(&path).await;
    assert_eq!(
        (&listed.body["items"][0]["user_id"], listed.body["items"].as_array().map(Vec::len)),
        (&json!(user_id), Some(1))
    );
    let me = async |client: &crate::client::Client| client.get("/users/me").await.id();
    let member = me(&organization.member).await;
    assert_eq!(organization.admin.put(&format!("{path}/{member}")).await.code(), "not_a_teacher");
    let stranger = me(&theirs.teacher).await;
    assert_eq!(organization.admin.put(&format!("{path}/{stranger}")).await.code(), "not_found");
    assert_eq!(organization.admin.delete(&format!("{path}/{user_id}")).await.status, 204);
    assert_eq!(organization.admin.delete(&format!("{path}/{user_id}")).await.code(), "not_found");
    let actions: Vec<String> =
        audited(&app, &organization, &course_id).await.into_iter().map(|(action, _)| action).collect();
    assert_eq!(actions, ["course_created", "course_teacher_added", "course_teacher_removed"]);
}

#[tokio::test]
async fn a_roster_is_kept_by_those_who_teach_and_remembers_who_was_on_it_when() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let course_id = organization.course("BIO").await;
    let (ada, ben) = (organization.person("S1").await, organization.person("S2").await);
    let path = format!("/courses/{course_id}/roster");
    assert_eq!(organization.teacher.put(&format!("{path}/{ada}")).await.code(), "forbidden");
    teach(&organization, &course_id).await;
    organization.teacher.post(&path, &json!({"person_ids": [ada, ben]})).await;
    organization.teacher.post(&path, &json!({"person_ids": [ada]})).await;
    organization.teacher.delete(&format!("{path}/{ada}")).await;
    organization.teacher.delete(&format!("{path}/{ada}")).await;
    organization.teacher.put(&format!("{path}/{ada}")).await;

    let of_ada = organization.teacher.get(&format!("{path}/history?person_id={ada}")).await;
    assert_snapshot!(of_ada, @r#"
    200 OK
    {
      "items": [
        {
          "added_at": "[time]",
          "external_id": "S1",
          "name": "Person S1",
          "person_id": "[id]",
          "removed_at": "[time]"
        },
        {
          "added_at": "[time]",
          "external_id": "S1",
          "name": "Person S1",
          "person_id": "[id]",
          "removed_at": null
        }
      ],
      "next": null
    }
    "#);
    let all = organization.teacher.get(&format!("{path}/history?limit=2")).await;
    let rest = organization.teacher.get(&format!("{path}/history?limit=2&cursor={}", all.text("next"))).await;
    assert_eq!((&rest.body["items"][0], &rest.body["next"]), (&of_ada.body["items"][1], &json!(null)));
    let left_at = of_ada.body["items"][0]["removed_at"].as_str().expect("a time");
    let then = organization.teacher.get(&format!("{path}/history?at={left_at}")).await;
    let people: Vec<&Value> = then.body["items"].as_array().expect("a page").iter().map(|p| &p["person_id"]).collect();
    assert_eq!(people, [&json!(ben)], "the end is not within");

    let log = audited(&app, &organization, &course_id).await;
    let of_roster: Vec<_> = log.into_iter().filter(|(action, _)| action.starts_with("roster")).collect();
    let entry = |action: &str, people: Value| (action.to_owned(), json!({"person_ids": people}));
    let expected = [
        entry("roster_added", json!([ada, ben])),
        entry("roster_removed", json!([ada])),
        entry("roster_added", json!([ada])),
    ];
    assert_eq!(of_roster, expected, "only what changed something");
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
