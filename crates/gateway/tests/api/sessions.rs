//! Sessions, their attendance and their sightings.

use domain::frame::FrameHeader;
use domain::id::{FrameId, PersonId};
use domain::sighting::Outcome;
use insta::assert_snapshot;
use serde_json::json;

use crate::app::{TestApp, TestOrganization, TestSession};
use crate::worker::{header, record, result, sighting};

#[tokio::test]
async fn a_session_is_planned_started_and_closed_in_this_order() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let course_id = organization.course("BIO").await;
    let new = json!({"course_id": course_id, "starts_at": "2026-11-21T08:00:00Z", "late_after_minutes": 10});
    let planned = organization.teacher.post("/sessions", &new).await;
    assert_snapshot!(planned, @r#"
    201 Created
    {
      "automatic": false,
      "closed_at": null,
      "course_id": "[id]",
      "created_at": "[time]",
      "ends_at": null,
      "id": "[id]",
      "organization_id": "[id]",
      "policy": {
        "closes_after_minutes": null,
        "cool_down_seconds": null,
        "false_match_rate": null,
        "late_after_minutes": 10,
        "left_early_minutes": null,
        "liveness": null,
        "minimum_stay_minutes": null,
        "mode": "presence",
        "once_per_session": false,
        "opens_minutes_before": null
      },
      "series_id": null,
      "started_at": null,
      "starts_at": "[time]",
      "state": "scheduled"
    }
    "#);
    let path = format!("/sessions/{}", planned.id());

    let started = organization.teacher.post(&format!("{path}/start"), &json!({})).await;
    assert_eq!((started.status.as_u16(), &started.body["state"]), (200, &json!("active")));
    assert_snapshot!(organization.teacher.post(&format!("{path}/start"), &json!({})).await, @r#"
    409 Conflict
    {
      "code": "session_state",
      "detail": "the session's state does not allow this",
      "instance": "/api/v1/sessions/[id]/start",
      "request_id": "[id]",
      "status": 409,
      "title": "Wrong session state",
      "type": "/docs/errors.md#session_state"
    }
    "#);
    let closed = organization.teacher.post(&format!("{path}/close"), &json!({})).await;
    assert_eq!((closed.status.as_u16(), &closed.body["state"]), (200, &json!("closed")));
    assert_eq!(organization.teacher.post(&format!("{path}/close"), &json!({})).await.code(), "session_state");
    assert_eq!(organization.teacher.post(&format!("{path}/start"), &json!({})).await.code(), "session_state");
    assert_eq!(organization.teacher.get(&path).await.body, closed.body);
}

#[tokio::test]
async fn sessions_are_listed_by_course() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let (bio, art) = (organization.planned_session("BIO").await, organization.planned_session("ART").await);
    let all = organization.teacher.get("/sessions").await;
    assert_eq!(all.body["items"].as_array().map(Vec::len), Some(2));
    let of_art = organization.teacher.get(&format!("/sessions?course_id={}&limit=1", art.course_id)).await;
    assert_eq!((&of_art.body["items"][0]["id"], &of_art.body["next"]), (&json!(art.id), &json!(null)));
    assert_ne!(bio.id, art.id);
    let bad = json!({"course_id": bio.course_id, "late_after_minutes": -1});
    assert_snapshot!(organization.teacher.post("/sessions", &bad).await, @r#"
    422 Unprocessable Entity
    {
      "code": "invalid_request",
      "detail": "the request is well formed, but not valid",
      "errors": [
        {
          "code": "invalid",
          "detail": "invalid value: integer `-1`, expected u16 at line 1 column 75",
          "pointer": ""
        }
      ],
      "instance": "/api/v1/sessions",
      "request_id": "[id]",
      "status": 422,
      "title": "Invalid request",
      "type": "/docs/errors.md#invalid_request"
    }
    "#);
    let nowhere = json!({"course_id": domain::id::CourseId::new()});
    assert_eq!(organization.teacher.post("/sessions", &nowhere).await.code(), "not_found");
}

/// Records that `person` was seen, as a worker does.
async fn see(app: &TestApp, organization: &TestOrganization, session: &TestSession, person: PersonId) {
    // Always at one time, so that nobody stays longer on a slow machine.
    let received_at = chrono::DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
    let header = FrameHeader { received_at, ..header(organization, session, FrameId::new()) };
    record(app, &header, &result(vec![sighting(0, Some(person), Outcome::Present)])).await;
}

#[tokio::test]
async fn attendance_and_sightings_are_read_back() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let session = organization.active_session("BIO").await;
    let path = format!("/sessions/{}", session.id);
    let before = organization.teacher.get(&format!("{path}/attendance")).await;
    assert_eq!(before.body["items"][0]["state"], json!(null));

    let person = session.person_id.parse().expect("an id");
    for _ in 0..3 {
        see(&app, &organization, &session, person).await;
    }
    assert_snapshot!(organization.teacher.get(&format!("{path}/attendance")).await, @r#"
    200 OK
    {
      "items": [
        {
          "best_similarity": 0.75,
          "checked_out_at": null,
          "external_id": "BIO",
          "first_seen_at": "[time]",
          "is_corrected": false,
          "last_seen_at": "[time]",
          "name": "Person BIO",
          "person_id": "[id]",
          "sightings": 3,
          "state": "present",
          "stay_seconds": 0
        }
      ],
      "next": null
    }
    "#);
    assert_snapshot!(organization.teacher.get(&format!("{path}/sightings?limit=1")).await, @r#"
    200 OK
    {
      "items": [
        {
          "box": {
            "x_max": 33.0,
            "x_min": 1.0,
            "y_max": 44.0,
            "y_min": 2.0
          },
          "camera_id": null,
          "contract": "test-2/1",
          "decided_at": "[time]",
          "detection_score": 0.875,
          "face_index": 0,
          "false_match_rate": 0.25,
          "frame_id": "[id]",
          "liveness": 0.125,
          "outcome": "present",
          "person_id": "[id]",
          "quality": 80,
          "received_at": "[time]",
          "similarity": 0.75,
          "threshold": 0.5
        }
      ],
      "next": "[next]"
    }
    "#);

    let first = organization.teacher.get(&format!("{path}/sightings?limit=2")).await;
    let rest = organization.teacher.get(&format!("{path}/sightings?limit=2&cursor={}", first.text("next"))).await;
    let outcomes = |page: &serde_json::Value| -> Vec<serde_json::Value> {
        page["items"].as_array().expect("a page").iter().map(|row| row["outcome"].clone()).collect()
    };
    assert_eq!(outcomes(&first.body), ["present", "already"]);
    assert_eq!(outcomes(&rest.body), ["already"]);
    assert_eq!(rest.body["next"], json!(null));
}

#[tokio::test]
async fn at_close_whoever_was_not_seen_is_absent() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let session = organization.active_session("BIO").await;
    organization.teacher.post(&format!("/sessions/{}/close", session.id), &json!({})).await;
    let attendance = organization.teacher.get(&format!("/sessions/{}/attendance", session.id)).await;
    assert_eq!(attendance.body["items"][0]["state"], json!("absent"));
}
