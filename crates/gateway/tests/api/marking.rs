//! Saying how somebody stands, taking it back, and following both.

use domain::audit::AuditActor;
use domain::id::{FrameId, Id};
use domain::sighting::Outcome;
use domain::user::Role;
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::app::{TestApp, TestOrganization, TestSession};
use crate::pictures::jpeg;
use crate::socket::Socket;
use crate::worker::{header, record, result, sighting};

async fn mark(organization: &TestOrganization, session: &TestSession, state: Value, reason: Value) -> Value {
    let body = json!({"person_id": session.person_id, "state": state, "reason": reason});
    let answer = organization.teacher.post(&format!("/sessions/{}/attendance", session.id), &body).await;
    assert_eq!(answer.status, 200, "{answer}");
    answer.body
}

async fn void(organization: &TestOrganization, event_id: &Value) -> Value {
    let path = format!("/attendance-events/{}/void", event_id.as_str().expect("an id"));
    let answer = organization.teacher.post(&path, &json!({"reason": "a mistake"})).await;
    assert_eq!(answer.status, 200, "{answer}");
    answer.body
}

#[tokio::test]
async fn a_mark_holds_until_it_is_void_also_after_the_close() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let session = organization.active_session("BIO").await;
    let path = format!("/sessions/{}/attendance", session.id);
    let excused = organization
        .teacher
        .post(&path, &json!({"person_id": session.person_id, "state": "excused", "reason": "at the dentist"}))
        .await;
    assert_snapshot!(excused, @r#"
    200 OK
    {
      "attendance": {
        "best_similarity": null,
        "checked_out_at": null,
        "external_id": "BIO",
        "first_seen_at": null,
        "is_corrected": true,
        "last_seen_at": null,
        "name": "Person BIO",
        "person_id": "[id]",
        "sightings": 0,
        "state": "excused",
        "stay_seconds": 0
      },
      "event_id": "[id]"
    }
    "#);
    // Whatever the cameras say.
    let seen = result(vec![sighting(0, Some(session.person_id.parse().expect("an id")), Outcome::Present)]);
    record(&app, &header(&organization, &session, FrameId::new()), &seen).await;
    let row = organization.teacher.get(&path).await.body["items"][0].clone();
    assert_eq!((&row["state"], &row["sightings"]), (&json!("excused"), &json!(1)));

    organization.teacher.post(&format!("/sessions/{}/close", session.id), &json!({})).await;
    let late = mark(&organization, &session, json!("late"), json!(null)).await;
    assert_eq!(late["attendance"]["state"], json!("late"));
    assert_eq!(void(&organization, &late["event_id"]).await["attendance"]["state"], json!("excused"));
    let again = organization
        .teacher
        .post(&format!("/attendance-events/{}/void", late["event_id"].as_str().expect("an id")), &json!({}))
        .await;
    assert_eq!((again.status.as_u16(), again.code()), (409, "not_voidable"));
    assert_eq!(void(&organization, &excused.body["event_id"]).await["attendance"]["state"], json!("present"));
}

#[tokio::test]
async fn history_and_changes_tell_of_all_of_it() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let session = organization.active_session("BIO").await;
    let excused = mark(&organization, &session, json!("excused"), json!("ill")).await;
    mark(&organization, &session, json!("absent"), json!(null)).await;
    void(&organization, &excused["event_id"]).await;
    let path = format!("/sessions/{}/attendance", session.id);
    let history = organization.admin.get(&format!("{path}/{}/history", session.person_id)).await;
    let told: Vec<(Value, Value)> = history.body["events"]
        .as_array()
        .expect("events")
        .iter()
        .map(|event| (event["kind"].clone(), event["is_void"].clone()))
        .collect();
    let expected = [("correction", true), ("correction", false), ("void", false)];
    assert_eq!(told, expected.map(|(kind, is_void)| (json!(kind), json!(is_void))));
    assert_eq!(history.body["events"][0]["reason"], json!("ill"));
    assert_eq!(history.body["events"][0]["actor"]["kind"], json!("user"));
    assert_eq!(history.body["changes"].as_array().map(Vec::len), Some(2), "the void changed nothing");

    assert_snapshot!(organization.admin.get(&format!("{path}/changes?limit=1")).await, @r#"
    200 OK
    {
      "has_more": true,
      "items": [
        {
          "at": "[time]",
          "cause": "correction",
          "from": null,
          "is_present": false,
          "number": 1,
          "person_id": "[id]",
          "to": "excused"
        }
      ],
      "last": 1
    }
    "#);
    let rest = organization.admin.get(&format!("{path}/changes?after=1")).await.body;
    assert_eq!(
        (&rest["last"], &rest["has_more"], &rest["items"][0]["to"]),
        (&json!(2), &json!(false), &json!("absent"))
    );
    let none = organization.admin.get(&format!("{path}/changes?after=2")).await.body;
    assert_eq!(none, json!({"items": [], "last": 2, "has_more": false}));
    for query in ["after=-1", "limit=0", "limit=201", "cursor=1"] {
        assert_eq!(organization.admin.get(&format!("{path}/changes?{query}")).await.code(), "invalid_query", "{query}");
    }
}

#[tokio::test]
async fn marks_are_checked() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let session = organization.planned_session("BIO").await;
    let path = format!("/sessions/{}/attendance", session.id);
    let check = async |body: Value, expected: &str| {
        let mut body = body;
        body["person_id"] = body.get("person_id").cloned().unwrap_or(json!(session.person_id));
        assert_eq!(organization.teacher.post(&path, &body).await.code(), expected, "{body}");
    };
    for wrong in [
        json!({}),
        json!({"state": "present", "direction": "in"}),
        json!({"state": "excused"}),
        json!({"state": "excused", "reason": " "}),
        json!({"state": "present", "reason": "x".repeat(501)}),
        json!({"state": "present", "at": "2100-01-01T00:00:00Z"}),
        json!({"state": "there"}),
    ] {
        check(wrong, "invalid_request").await;
    }
    check(json!({"direction": "in"}), "session_not_active").await;
    check(json!({"state": "present", "person_id": Id::<domain::person::Person>::new()}), "not_found").await;
    // An excuse may come before the session.
    let excused = mark(&organization, &session, json!("excused"), json!("ill")).await;
    assert_eq!(excused["attendance"]["state"], json!("excused"));
    organization.teacher.post(&format!("/sessions/{}/start", session.id), &json!({})).await;
    check(json!({"direction": "out"}), "not_checked_in").await;
}

#[tokio::test]
async fn whoever_watches_hears_of_it_and_the_audit_log_names_no_reason() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let session = organization.active_session("BIO").await;
    let ticket = organization.admin.post("/live/tickets", &json!({"session_id": session.id})).await.text("ticket");
    let mut socket = Socket::open(&app, &format!("/live?ticket={ticket}"), &[]).await.expect("an open socket");
    mark(&organization, &session, json!("excused"), json!("ill")).await;
    let told = socket.next_of("attendance_changed").await;
    assert_eq!((&told["session_id"], &told["changes"][0]["to"]), (&json!(session.id), &json!("excused")));

    let mut conn = app.connection().await;
    let person = session.person_id.parse().expect("an id");
    let entries = store::audit::list(&mut conn, Some(organization.id), Some(person), 0, 99).await.expect("the log");
    let last = entries.last().expect("an entry");
    assert_eq!(last.action, "attendance_marked");
    assert!(matches!(last.actor, AuditActor::User(_)) && !last.details.contains("ill"), "{}", last.details);
}

#[tokio::test]
async fn a_teacher_sees_only_what_is_taught_but_marks_everywhere() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let session = organization.active_session("BIO").await;
    let substitute = app.user(Some(organization.id), Role::Teacher).await;
    let body = json!({"person_id": session.person_id, "state": "present"});
    let path = format!("/sessions/{}", session.id);
    assert_eq!(substitute.post(&format!("{path}/attendance"), &body).await.status, 200);
    for path in [
        format!("{path}/attendance/{}/history", session.person_id),
        format!("{path}/attendance/changes"),
        format!("{path}/present"),
    ] {
        assert_eq!(substitute.get(&path).await.code(), "forbidden", "{path}");
        assert_eq!(organization.teacher.get(&path).await.status, 200, "{path}");
        assert_eq!(organization.admin.get(&path).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn a_class_photo_is_in_the_audit_log() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let session = organization.active_session("BIO").await;
    let photo = organization.teacher.send_class_photo(&session.id, "", "image/jpeg", &jpeg(64, 64)).await.id();
    let (mut conn, subject) = (app.connection().await, photo.parse().expect("an id"));
    let entries = store::audit::list(&mut conn, Some(organization.id), Some(subject), 0, 9).await.expect("the log");
    let told: Vec<_> =
        entries.iter().map(|entry| (entry.action.as_str(), entry.details.contains(&session.id))).collect();
    assert_eq!(told, [("class_photo_created", true)]);
}
