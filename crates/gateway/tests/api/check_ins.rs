//! Checking oneself in, by code and by PIN.

use domain::event::EventBody;
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::app::{TestApp, TestOrganization, TestSession};
use crate::client::{Answer, Client};
use crate::presence::user_of;

async fn code(organization: &TestOrganization, session: &TestSession) -> String {
    organization.teacher.get(&format!("/sessions/{}/qr", session.id)).await.text("qr")
}

async fn scan(me: &Client, session: &TestSession, qr: &str, device: &str, direction: &str) -> Answer {
    let body = json!({"qr": qr, "device": device, "direction": direction});
    me.post(&format!("/sessions/{}/check-in", session.id), &body).await
}

#[tokio::test]
async fn a_code_checks_in_and_out_once() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let session = organization.active_session("BIO").await;
    let me = user_of(&app, &organization, &session.person_id).await;
    // A new code each time: one is good for 15 seconds at least.
    let scan = async |device: &str, direction: &str| {
        scan(&me, &session, &code(&organization, &session).await, device, direction).await
    };
    assert_eq!(scan("my telephone", "out").await.code(), "not_checked_in");
    let came = scan("my telephone", "in").await;
    assert_snapshot!(came, @r#"
    200 OK
    {
      "attendance": {
        "best_similarity": null,
        "checked_out_at": null,
        "external_id": "BIO",
        "first_seen_at": "[time]",
        "is_corrected": false,
        "last_seen_at": "[time]",
        "name": "Person BIO",
        "person_id": "[id]",
        "sightings": 0,
        "state": "present",
        "stay_seconds": 0
      },
      "event_id": "[id]"
    }
    "#);
    let again = scan("my telephone", "in").await;
    assert_eq!((again.status.as_u16(), &again.body["event_id"]), (200, &Value::Null));
    let went = scan("my telephone", "out").await;
    assert!(went.body["attendance"]["checked_out_at"].is_string(), "{went}");
    assert_eq!(scan("my telephone", "out").await.body["event_id"], Value::Null);
    let back = scan("my telephone", "in").await;
    assert_eq!(back.body["attendance"]["checked_out_at"], Value::Null);
}

#[tokio::test]
async fn a_code_is_of_a_session_and_a_device_of_a_person() {
    let app = TestApp::start().await;
    let (organization, elsewhere) = (app.organization().await, app.organization().await);
    let (session, other) = (organization.active_session("BIO").await, organization.active_session("ART").await);
    let me = user_of(&app, &organization, &session.person_id).await;
    let friend = user_of(&app, &organization, &other.person_id).await;
    let code = async |session: &TestSession| code(&organization, session).await;
    for wrong in ["", "x.1.y", &code(&other).await] {
        assert_eq!(scan(&me, &session, wrong, "my telephone", "in").await.code(), "invalid_request", "{wrong}");
    }
    assert_eq!(scan(&me, &session, &code(&session).await, "short", "in").await.code(), "invalid_request");
    assert_eq!(scan(&friend, &session, &code(&session).await, "a friend's", "in").await.code(), "not_on_roster");
    let joins = format!("/courses/{}/roster/{}", session.course_id, other.person_id);
    organization.admin.put(&joins).await;
    assert_eq!(scan(&me, &session, &code(&session).await, "my telephone", "in").await.status, 200);
    assert_eq!(scan(&friend, &session, &code(&session).await, "my telephone", "in").await.code(), "device_shared");
    assert_eq!(scan(&friend, &session, &code(&session).await, "a friend's", "in").await.status, 200);
    // Another session is another matter, and another organization's is none.
    assert_eq!(scan(&friend, &other, &code(&other).await, "my telephone", "in").await.status, 200);
    let foreign = elsewhere.active_session("BIO").await;
    let of_foreign = super::check_ins::code(&elsewhere, &foreign).await;
    assert_eq!(scan(&me, &foreign, &of_foreign, "my telephone", "in").await.code(), "not_found");
    assert_eq!(
        scan(&organization.admin, &session, &code(&session).await, "an admin's", "in").await.code(),
        "no_person"
    );

    let last = code(&session).await;
    organization.teacher.post(&format!("/sessions/{}/close", session.id), &json!({})).await;
    assert_eq!(scan(&me, &session, &last, "my telephone", "out").await.code(), "session_not_active");
    let shown = organization.teacher.get(&format!("/sessions/{}/qr", session.id)).await;
    assert_eq!(shown.code(), "session_not_active");
}

#[tokio::test]
async fn a_kiosk_takes_pins() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let session = organization.active_session("BIO").await;
    let kiosk = app.anonymous().bearing(&organization.camera_key("Kiosk").await);
    let path = format!("/sessions/{}/pin-check-ins", session.id);
    let types = async |external_id: &str, pin: &str, direction: &str| {
        kiosk.post(&path, &json!({"external_id": external_id, "pin": pin, "direction": direction})).await
    };
    let of_person = format!("/people/{}/pin", session.person_id);
    for wrong in ["123", "123456789", "12a4", ""] {
        let refused = organization.teacher.put_json(&of_person, &json!({"pin": wrong})).await;
        assert_eq!(refused.code(), "invalid_request", "{wrong}");
    }
    assert_eq!(types("BIO", "1234", "in").await.code(), "wrong_pin", "there is none yet");
    assert_eq!(organization.teacher.put_json(&of_person, &json!({"pin": "1234"})).await.status, 204);
    let came = types(" BIO ", "1234", "in").await;
    assert_eq!((came.status.as_u16(), &came.body["attendance"]["state"]), (200, &json!("present")));
    assert!(types("BIO", "1234", "out").await.body["attendance"]["checked_out_at"].is_string());

    // People choose their own, and take it away.
    let me = user_of(&app, &organization, &session.person_id).await;
    assert_eq!(me.put_json("/users/me/pin", &json!({"pin": "98765432"})).await.status, 204);
    assert_eq!(types("BIO", "1234", "in").await.code(), "wrong_pin");
    assert_eq!(types("BIO", "98765432", "in").await.status, 200);
    assert_eq!(me.delete("/users/me/pin").await.status, 204);
    assert_eq!(types("BIO", "98765432", "in").await.code(), "wrong_pin");
    assert_eq!(organization.teacher.delete(&of_person).await.status, 204, "also where there is none");
}

#[tokio::test]
async fn wrong_pins_lock_whether_there_is_such_a_person_or_not() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let session = organization.active_session("BIO").await;
    let path = format!("/sessions/{}/pin-check-ins", session.id);
    let kiosk = app.anonymous().bearing(&organization.camera_key("Kiosk").await);
    organization.admin.put_json(&format!("/people/{}/pin", session.person_id), &json!({"pin": "1234"})).await;
    let mut answers = Vec::new();
    for external_id in ["BIO", "nobody"] {
        for _ in 0..5 {
            let wrong = kiosk.post(&path, &json!({"external_id": external_id, "pin": "0000"})).await;
            answers.push(wrong.to_string());
        }
        let locked = kiosk.post(&path, &json!({"external_id": external_id, "pin": "1234"})).await;
        assert_eq!((locked.status.as_u16(), locked.code()), (429, "too_many_attempts"), "{external_id}");
        let seconds: u64 = locked.header("retry-after").parse().expect("seconds");
        assert!((880..=900).contains(&seconds), "{seconds}");
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    let mut conn = app.connection().await;
    let stored = store::attendance::changes(&mut conn, organization.id, session.id.parse().expect("an id"), 0, 9);
    assert_eq!(stored.await.expect("changes"), []);
}

#[tokio::test]
async fn a_frame_that_marks_somebody_is_a_change() {
    use crate::worker::{header, record, result, sighting};
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let session = organization.active_session("BIO").await;
    let person = session.person_id.parse().expect("an id");
    let seen = result(vec![sighting(0, Some(person), domain::sighting::Outcome::Present)]);
    for _ in 0..3 {
        record(&app, &header(&organization, &session, domain::id::FrameId::new()), &seen).await;
    }
    let changes = organization.admin.get(&format!("/sessions/{}/attendance/changes", session.id)).await;
    assert_eq!((&changes.body["last"], &changes.body["items"][0]["cause"]), (&json!(1), &json!("sighting")));
    let body = EventBody::AttendanceChanged { session_id: session.id.parse().expect("an id"), changes: Vec::new() };
    assert_eq!(body.session_id().map(|id| id.to_string()), Some(session.id));
}
