//! Frames whose sender waits for the result. The tests stand for the worker: they announce what it would.

use domain::event::PersonLabel;
use domain::frame::FrameHeader;
use domain::id::FrameId;
use domain::organization::LivenessPolicy;
use domain::sighting::{Outcome, Sighting};
use insta::assert_snapshot;
use serde_json::json;

use crate::app::{TestApp, TestOrganization, TestSession, in_time};
use crate::client::{Answer, Client, send};
use crate::pictures::jpeg;
use crate::worker::{recognized, record, result, sighting};

fn label(session: &TestSession) -> PersonLabel {
    let person_id = session.person_id.parse().expect("an id");
    PersonLabel { person_id, external_id: "BIO".to_owned(), name: "Person BIO".to_owned() }
}

async fn send_frame(client: &Client, session: &TestSession, query: &str) -> Answer {
    let path = format!("/sessions/{}/frames{query}", session.id);
    let request = client.request(reqwest::Method::POST, &path).header("content-type", "image/jpeg");
    send(request.body(jpeg(64, 64))).await
}

/// The answer to a frame, while `work` does what a worker would with it.
async fn answered(
    app: &TestApp,
    client: &Client,
    session: &TestSession,
    work: impl AsyncFnOnce(FrameHeader),
) -> (FrameId, Answer) {
    let working = async {
        let (header, _) = app.next_frame().await;
        let frame_id = header.frame_id;
        work(header).await;
        frame_id
    };
    in_time(Box::pin(async { tokio::join!(working, send_frame(client, session, "?wait=10")) })).await
}

#[tokio::test]
async fn the_result_is_the_answer() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let session = organization.active_session("BIO").await;
    let seen = sighting(0, Some(label(&session).person_id), Outcome::Present);
    let (frame_id, answer) = answered(&app, &organization.teacher, &session, async |header| {
        let redis = app.redis();
        // Neither another frame nor another organization's is the answer.
        let other = FrameHeader { frame_id: FrameId::new(), ..header.clone() };
        redis.announce(&recognized(&other, result(Vec::new()), Vec::new())).await.expect("Redis");
        let foreign = FrameHeader { organization_id: domain::id::OrganizationId::new(), ..header.clone() };
        redis.announce(&recognized(&foreign, result(Vec::new()), Vec::new())).await.expect("Redis");
        let found = recognized(&header, result(vec![seen.clone()]), vec![label(&session)]);
        redis.announce(&found).await.expect("Redis");
    })
    .await;
    assert_eq!(answer.body["frame_id"], json!(frame_id));
    assert_snapshot!(answer, @r#"
    200 OK
    {
      "contract": "test-2/1",
      "decided_at": "[time]",
      "frame_id": "[id]",
      "people": [
        {
          "external_id": "BIO",
          "name": "Person BIO",
          "person_id": "[id]"
        }
      ],
      "sightings": [
        {
          "box": {
            "x_max": 33.0,
            "x_min": 1.0,
            "y_max": 44.0,
            "y_min": 2.0
          },
          "detection_score": 0.875,
          "face_index": 0,
          "false_match_rate": 0.25,
          "liveness": 0.125,
          "outcome": "present",
          "person_id": "[id]",
          "quality": 80,
          "similarity": 0.75,
          "threshold": 0.5
        }
      ],
      "times": {
        "decode_ms": 0.0,
        "detect_ms": 0.0,
        "embed_ms": 0.0,
        "queue_ms": 0.0,
        "search_ms": 0.0
      }
    }
    "#);
}

#[tokio::test]
async fn a_camera_may_wait_too() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let session = organization.active_session("BIO").await;
    let camera = app.anonymous().bearing(&organization.camera_key("Door").await);
    let (frame_id, answer) = answered(&app, &camera, &session, async |header| {
        app.redis().announce(&recognized(&header, result(Vec::new()), Vec::new())).await.expect("Redis");
    })
    .await;
    assert_eq!((answer.status.as_u16(), &answer.body["frame_id"]), (200, &json!(frame_id)));
    assert_eq!(answer.body["sightings"], json!([]));
}

#[tokio::test]
async fn without_a_result_in_time_it_is_accepted() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let session = organization.active_session("BIO").await;
    let answer = send_frame(&organization.teacher, &session, "?wait=1").await;
    assert_snapshot!(answer, @r#"
    202 Accepted
    {
      "frame_id": "[id]"
    }
    "#);
    assert_eq!(app.next_frame().await.0.frame_id.to_string(), answer.text("frame_id"));
}

#[tokio::test]
async fn a_result_that_was_recorded_but_not_heard_of_is_the_answer() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let session = organization.active_session("BIO").await;
    let seen = sighting(0, Some(label(&session).person_id), Outcome::Present);
    let working = async {
        let (header, _) = app.next_frame().await;
        record(&app, &header, &result(vec![seen])).await;
    };
    let sending = send_frame(&organization.teacher, &session, "?wait=3");
    let ((), answer) = in_time(Box::pin(async { tokio::join!(working, sending) })).await;
    assert_eq!(answer.status, 200, "{answer}");
    assert_eq!(answer.body["sightings"][0]["outcome"], json!("present"));
    assert_eq!(answer.body["people"], json!([label(&session)]));
    assert_eq!(answer.body["times"], json!(null));
}

/// The answer to a frame with these faces, where the organization has this policy.
async fn with_faces(app: &TestApp, liveness: LivenessPolicy, faces: Vec<Sighting>) -> (TestOrganization, Answer) {
    let organization = app.organization().await;
    let policy = format!("/organizations/{}/recognition-policy", organization.id);
    organization.admin.put_json(&policy, &json!({"liveness": liveness})).await;
    let session = organization.active_session("BIO").await;
    let (_, answer) = answered(app, &organization.teacher, &session, async |header| {
        app.redis().announce(&recognized(&header, result(faces), Vec::new())).await.expect("Redis");
    })
    .await;
    (organization, answer)
}

#[tokio::test]
async fn a_picture_of_a_face_is_a_problem_where_liveness_is_required() {
    let app = TestApp::start().await;
    let spoof = || vec![sighting(0, None, Outcome::Unknown), sighting(1, None, Outcome::SpoofSuspected)];
    let (_, answer) = with_faces(&app, LivenessPolicy::Required, spoof()).await;
    assert_snapshot!(answer, @r#"
    422 Unprocessable Entity
    {
      "code": "spoof_suspected",
      "detail": "a face looks like a picture of a face",
      "instance": "/api/v1/sessions/[id]/frames",
      "request_id": "[id]",
      "result": {
        "contract": "test-2/1",
        "decided_at": "[time]",
        "frame_id": "[id]",
        "people": [],
        "sightings": [
          {
            "box": {
              "x_max": 33.0,
              "x_min": 1.0,
              "y_max": 44.0,
              "y_min": 2.0
            },
            "detection_score": 0.875,
            "face_index": 0,
            "false_match_rate": 0.25,
            "liveness": 0.125,
            "outcome": "unknown",
            "person_id": null,
            "quality": 80,
            "similarity": 0.75,
            "threshold": 0.5
          },
          {
            "box": {
              "x_max": 33.0,
              "x_min": 1.0,
              "y_max": 44.0,
              "y_min": 2.0
            },
            "detection_score": 0.875,
            "face_index": 1,
            "false_match_rate": 0.25,
            "liveness": 0.125,
            "outcome": "spoof_suspected",
            "person_id": null,
            "quality": 80,
            "similarity": 0.75,
            "threshold": 0.5
          }
        ],
        "times": {
          "decode_ms": 0.0,
          "detect_ms": 0.0,
          "embed_ms": 0.0,
          "queue_ms": 0.0,
          "search_ms": 0.0
        }
      },
      "status": 422,
      "title": "Spoof suspected",
      "type": "/docs/errors.md#spoof_suspected"
    }
    "#);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    for liveness in [LivenessPolicy::Off, LivenessPolicy::Warn] {
        let (_, answer) = with_faces(&app, liveness, spoof()).await;
        assert_eq!((answer.status.as_u16(), &answer.body["sightings"][1]["outcome"]), (200, &json!("spoof_suspected")));
    }
    let (_, answer) = with_faces(&app, LivenessPolicy::Required, vec![sighting(0, None, Outcome::Unknown)]).await;
    assert_eq!(answer.status, 200, "{answer}");
}

#[tokio::test]
async fn a_wait_has_a_range() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let session = organization.active_session("BIO").await;
    for query in ["?wait=0", "?wait=11", "?wait=-1", "?wait=1.5", "?wait=", "?wait=soon", "?wait=1&wait=2", "?weight=1"]
    {
        let answer = send_frame(&organization.teacher, &session, query).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (400, "invalid_query"), "{query}");
    }
    // None of them was sent on: the next frame is the first.
    let good = send_frame(&organization.teacher, &session, "").await;
    assert_eq!(app.next_frame().await.0.frame_id.to_string(), good.text("frame_id"));
}

#[tokio::test]
async fn who_waits_takes_a_place_among_the_sockets() {
    let app = TestApp::start_with(|settings| settings.live.sockets = 1).await;
    let organization = app.organization().await;
    let session = organization.active_session("BIO").await;
    let (_, first) = answered(&app, &organization.teacher, &session, async |header| {
        let second = send_frame(&organization.teacher, &session, "?wait=1").await;
        assert_eq!((second.status.as_u16(), second.code()), (503, "overloaded"));
        app.redis().announce(&recognized(&header, result(Vec::new()), Vec::new())).await.expect("Redis");
    })
    .await;
    assert_eq!(first.status, 200, "{first}");
    // The place is given back.
    assert_eq!(send_frame(&organization.teacher, &session, "?wait=1").await.status, 202);
}
