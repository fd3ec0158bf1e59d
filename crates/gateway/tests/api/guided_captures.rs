//! Enrollment before a camera, step by step. The tests stand for the worker: they judge frames through the store.

use chrono::{TimeDelta, Utc};
use domain::event::{Event, EventBody};
use domain::geometry::Point;
use domain::guided::{Advice, CaptureFailure, CaptureState, Facing, GuidedCapture, Step, TakenPose, poses};
use domain::id::GuidedCaptureId;
use insta::assert_snapshot;
use messaging::LookHeader;
use serde_json::{Value, json};

use crate::app::{TestApp, TestOrganization, in_time, taken};
use crate::client::Answer;
use crate::pictures::{jpeg, png, truncated_jpeg};
use crate::socket::Socket;
use crate::worker::face;

async fn begin(organization: &TestOrganization, external_id: &str) -> Answer {
    let person = organization.person(external_id).await;
    organization.teacher.post(&format!("/people/{person}/guided-captures"), &json!({})).await
}

async fn next_look(app: &TestApp) -> (LookHeader, Vec<u8>) {
    let look = taken(app.broker().await.consume_looks(1)).await;
    (look.header, look.jpeg.to_vec())
}

/// Takes note of a frame and announces it, as a worker does.
async fn judge(app: &TestApp, header: &LookHeader, position: usize, step: Step) -> GuidedCapture {
    let (organization, id) = (header.organization_id, header.guided_capture_id);
    let pose = TakenPose { landmarks: [Point { x: 1.0, y: 2.0 }; 5], embedding: face(0.0) };
    let pose = (step == Step::Take).then(|| (pose, jpeg(64, 64)));
    let (mut conn, sealer) = (app.connection().await, app.sealer());
    let stepping = store::guided::step(&mut conn, &sealer, organization, id, position, step, pose, Utc::now());
    let capture = stepping.await.expect("a step");
    let body = EventBody::CaptureProgressed {
        guided_capture_id: capture.id,
        person_id: capture.person_id,
        state: capture.state,
        wanted: capture.wanted(),
        taken: capture.taken,
        advice: capture.advice,
        failure: capture.failure,
        enrollment_id: capture.enrollment_id,
    };
    app.redis().announce(&Event { organization_id: organization, body }).await.expect("Redis");
    capture
}

/// The answer to a frame that is waited for, while a worker judges it.
async fn look(app: &TestApp, organization: &TestOrganization, id: &str, position: usize, step: Step) -> Answer {
    let working = async {
        let (header, _) = next_look(app).await;
        judge(app, &header, position, step).await
    };
    let picture = jpeg(64, 64);
    let sending = organization.teacher.send_look(id, "?wait=10", "image/jpeg", &picture);
    in_time(Box::pin(async { tokio::join!(working, sending) })).await.1
}

#[tokio::test]
async fn it_begins_by_looking_ahead() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let answer = begin(&organization, "S1").await;
    assert_snapshot!(answer, @r#"
    201 Created
    {
      "advice": "look_ahead",
      "advice_text": "Look straight at the camera.",
      "created_at": "[time]",
      "enrollment_id": null,
      "expires_at": "[time]",
      "failure": null,
      "id": "[id]",
      "person_id": "[id]",
      "poses": 3,
      "state": "open",
      "taken": 0,
      "wanted": "centre"
    }
    "#);
    let path = format!("/guided-captures/{}", answer.id());
    assert_eq!(answer.header("location"), format!("/api/v1{path}"));
    assert_eq!(organization.teacher.get(&path).await.body, answer.body);
    let time = |field: &str| chrono::DateTime::parse_from_rfc3339(&answer.text(field)).expect("a time");
    assert_eq!(time("expires_at") - time("created_at"), TimeDelta::minutes(3));
}

#[tokio::test]
async fn a_frame_reaches_the_workers() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let capture = begin(&organization, "S1").await;
    let answer = organization.teacher.send_look(&capture.id(), "", "image/jpeg", &jpeg(640, 480)).await;
    assert_eq!((answer.status.as_u16(), &answer.body), (202, &capture.body));
    let (header, bytes) = next_look(&app).await;
    assert_eq!((header.organization_id, header.guided_capture_id.to_string()), (organization.id, capture.id()));
    assert_eq!(bytes, jpeg(640, 480));
}

#[tokio::test]
async fn it_goes_from_pose_to_pose_to_an_enrollment() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let capture = begin(&organization, "S1").await;
    let id = capture.id();
    let ticket = organization.teacher.post("/live/tickets", &json!({})).await.text("ticket");
    let mut live = Socket::open(&app, &format!("/live?ticket={ticket}"), &[]).await.expect("an open socket");

    let answer = look(&app, &organization, &id, 0, Step::Wait(Advice::ComeCloser)).await;
    assert_eq!((answer.status.as_u16(), &answer.body["advice"]), (200, &json!("come_closer")), "{answer}");
    assert_eq!(answer.body["advice_text"], json!("Come closer to the camera."));
    let event = live.next_of("capture_progressed").await;
    assert_eq!((&event["guided_capture_id"], &event["advice"]), (&json!(id), &json!("come_closer")));

    let answer = look(&app, &organization, &id, 0, Step::Take).await;
    assert_eq!((&answer.body["taken"], &answer.body["advice"]), (&json!(1), &json!("next_pose")));
    let first_side = answer.text("wanted");
    let answer = look(&app, &organization, &id, 1, Step::Take).await;
    let second_side = answer.text("wanted");
    let mut sides = [first_side, second_side];
    sides.sort();
    assert_eq!(sides, ["left", "right"]);
    let answer = look(&app, &organization, &id, 2, Step::Take).await;
    assert_eq!((&answer.body["state"], &answer.body["wanted"]), (&json!("completed"), &Value::Null), "{answer}");
    assert!(!answer.body.to_string().contains("landmarks") && !answer.body.to_string().contains("embedding"));
    let enrollment = organization.teacher.get(&format!("/enrollments/{}", answer.text("enrollment_id"))).await;
    assert_eq!(enrollment.body["photos"].as_array().map(Vec::len), Some(3));
    assert_eq!(enrollment.body["person_id"], capture.body["person_id"]);

    let after = organization.teacher.send_look(&id, "", "image/jpeg", &jpeg(64, 64)).await;
    assert_snapshot!(after, @r#"
    409 Conflict
    {
      "code": "capture_finished",
      "detail": "the guided capture takes no more frames",
      "instance": "/api/v1/guided-captures/[id]/frames",
      "request_id": "[id]",
      "status": 409,
      "title": "Guided capture finished",
      "type": "/docs/errors.md#capture_finished"
    }
    "#);
}

#[tokio::test]
async fn what_speaks_against_it_fails_it() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let id = begin(&organization, "S1").await.id();
    let strike = Step::Strike(CaptureFailure::SpoofSuspected);
    for strikes in 1..=3 {
        let answer = look(&app, &organization, &id, 0, strike).await;
        let state = if strikes == 3 { "failed" } else { "open" };
        assert_eq!((answer.status.as_u16(), &answer.body["state"]), (200, &json!(state)), "{strikes}: {answer}");
    }
    let shown = organization.teacher.get(&format!("/guided-captures/{id}")).await;
    assert_eq!((&shown.body["failure"], &shown.body["wanted"]), (&json!("spoof_suspected"), &Value::Null));
    let after = organization.teacher.send_look(&id, "?wait=1", "image/jpeg", &jpeg(64, 64)).await;
    assert_eq!((after.status.as_u16(), after.code()), (409, "capture_finished"));
}

#[tokio::test]
async fn past_its_time_it_takes_no_frames() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let person_id = organization.person("S1").await.parse().expect("an id");
    let created_at = Utc::now() - TimeDelta::minutes(4);
    let old = GuidedCapture {
        id: GuidedCaptureId::new(),
        organization_id: organization.id,
        person_id,
        state: CaptureState::Open,
        poses: poses(true),
        taken: 0,
        looks: 0,
        strikes: 0,
        advice: Some(Advice::LookAhead),
        failure: None,
        enrollment_id: None,
        created_at,
        expires_at: created_at + TimeDelta::minutes(3),
    };
    assert_eq!(old.wanted(), Some(Facing::Centre));
    store::guided::insert(&mut *app.connection().await, &old).await.expect("a capture");
    let id = old.id.to_string();
    let answer = organization.teacher.send_look(&id, "", "image/jpeg", &jpeg(64, 64)).await;
    assert_eq!((answer.status.as_u16(), answer.code()), (409, "capture_finished"));
    let path = format!("/guided-captures/{id}");
    let before = organization.teacher.get(&path).await;
    assert_eq!((&before.body["state"], &before.body["failure"]), (&json!("failed"), &json!("expired")), "{before}");
    // The sweep says the same.
    store::guided::expire(&mut *app.connection().await, Utc::now(), 10).await.expect("a sweep");
    assert_eq!(organization.teacher.get(&path).await.body, before.body);
}

#[tokio::test]
async fn without_a_look_in_time_it_is_accepted() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let capture = begin(&organization, "S1").await;
    let answer = organization.teacher.send_look(&capture.id(), "?wait=1", "image/jpeg", &jpeg(64, 64)).await;
    assert_eq!((answer.status.as_u16(), &answer.body), (202, &capture.body));
}

#[tokio::test]
async fn only_whole_jpegs_are_looked_at() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let id = begin(&organization, "S1").await.id();
    let cases = [
        ("", "image/png", png(64, 64), 415, "unsupported_media_type"),
        ("", "image/jpeg", png(64, 64), 415, "unsupported_media_type"),
        ("", "image/jpeg", truncated_jpeg(), 422, "image_damaged"),
        ("", "image/jpeg", Vec::new(), 422, "image_empty"),
        ("", "image/jpeg", jpeg(30_000, 30_000), 413, "image_too_large"),
        ("", "image/jpeg", vec![0; 11 * 1024 * 1024], 413, "payload_too_large"),
        ("?wait=0", "image/jpeg", jpeg(64, 64), 400, "invalid_query"),
        ("?wait=11", "image/jpeg", jpeg(64, 64), 400, "invalid_query"),
    ];
    for (query, kind, bytes, status, code) in cases {
        let answer = organization.teacher.send_look(&id, query, kind, &bytes).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (status, code), "{query} {kind} {}", bytes.len());
    }
    // None of them was sent on: the next look is the first.
    organization.teacher.send_look(&id, "", "image/jpeg", &jpeg(99, 99)).await;
    assert_eq!(next_look(&app).await.1, jpeg(99, 99));
}

#[tokio::test]
async fn the_order_of_the_sides_is_drawn() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let person = organization.person("S1").await;
    let path = format!("/people/{person}/guided-captures");
    let mut seen = std::collections::BTreeSet::new();
    // Forty that are all alike would be a coin that fell on one side forty times.
    for _ in 0..40 {
        let id = organization.teacher.made(&path, &json!({})).await.parse().expect("an id");
        let capture = store::guided::find(&mut *app.connection().await, organization.id, id).await.expect("a capture");
        seen.insert(format!("{:?}", capture.poses));
    }
    assert_eq!(seen.len(), 2, "{seen:?}");
}
