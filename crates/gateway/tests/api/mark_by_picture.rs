//! `/attendance/mark`. The tests stand for the worker: they record and announce what it would.

use domain::frame::FrameHeader;
use domain::organization::LivenessPolicy;
use domain::sighting::{Outcome, Sighting};
use insta::assert_snapshot;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::json;

use crate::app::{TestApp, TestSession, in_time};
use crate::client::{Answer, Client, send};
use crate::pictures::{gif, jpeg, png};
use crate::worker::{recognized, record, result, sighting};

async fn mark(client: &Client, query: &str) -> Answer {
    let request = client.request(Method::POST, &format!("/attendance/mark{query}"));
    send(request.header("content-type", "image/jpeg").body(jpeg(64, 64))).await
}

async fn mark_by_form(client: &Client, field: &str, bytes: Vec<u8>) -> Answer {
    let form = Form::new().part(field.to_owned(), Part::bytes(bytes).file_name("me.jpg"));
    send(client.request(Method::POST, "/attendance/mark?wait=1").multipart(form)).await
}

/// Does what a worker does with the next frame in which these faces are.
async fn work(app: &TestApp, faces: Vec<Sighting>) -> FrameHeader {
    let (header, _) = app.next_frame().await;
    let found = result(faces);
    record(app, &header, &found).await;
    app.redis().announce(&recognized(&header, found, Vec::new())).await.expect("Redis");
    header
}

fn face_of(session: &TestSession) -> Sighting {
    sighting(0, Some(session.person_id.parse().expect("an id")), Outcome::Present)
}

#[tokio::test]
async fn the_answer_says_who_is_there() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let session = organization.active_session("BIO").await;
    let faces = vec![face_of(&session), sighting(1, None, Outcome::Unknown)];
    // Recorded but not announced, so that the names come from the records.
    let working = async {
        let (header, _) = app.next_frame().await;
        record(&app, &header, &result(faces)).await;
        header
    };
    let sending = mark(&organization.teacher, "?wait=3");
    let (header, answer) = in_time(Box::pin(async { tokio::join!(working, sending) })).await;
    assert_eq!((answer.text("session_id"), answer.text("course_id")), (session.id, session.course_id));
    assert_eq!(answer.text("frame_id"), header.frame_id.to_string());
    assert_snapshot!(answer, @r#"
    200 OK
    {
      "course_id": "[id]",
      "faces": [
        {
          "attendance": "present",
          "external_id": "BIO",
          "first_seen_at": "[time]",
          "name": "Person BIO",
          "person_id": "[id]",
          "similarity": 0.75,
          "status": "present",
          "threshold": 0.5,
          "timestamp": "[time]"
        },
        {
          "attendance": null,
          "external_id": null,
          "first_seen_at": null,
          "name": null,
          "person_id": null,
          "similarity": 0.75,
          "status": "unknown",
          "threshold": 0.5,
          "timestamp": "[time]"
        }
      ],
      "frame_id": "[id]",
      "session_id": "[id]",
      "timestamp": "[time]"
    }
    "#);
}

#[tokio::test]
async fn a_picture_may_come_in_a_form() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let session = organization.active_session("BIO").await;
    let form = Form::new().part("file", Part::bytes(jpeg(64, 64)).file_name("me.jpg"));
    let sending = send(organization.teacher.request(Method::POST, "/attendance/mark").multipart(form));
    let working = work(&app, vec![face_of(&session)]);
    let (_, answer) = in_time(Box::pin(async { tokio::join!(working, sending) })).await;
    assert_eq!((answer.status.as_u16(), &answer.body["faces"][0]["status"]), (200, &json!("present")));
    // A frame in which nobody is new, and one without faces.
    let again = in_time(Box::pin(async {
        tokio::join!(work(&app, vec![face_of(&session)]), mark(&organization.teacher, "?wait=3"))
    }));
    let status = &again.await.1.body["faces"][0]["attendance"];
    assert_eq!(status, &json!("present"));
    let nobody = in_time(Box::pin(async { tokio::join!(work(&app, Vec::new()), mark(&organization.teacher, "")) }));
    assert_eq!(nobody.await.1.body["faces"], json!([]));

    let wrong_field = mark_by_form(&organization.teacher, "photo", jpeg(64, 64)).await;
    assert_eq!(wrong_field.code(), "invalid_request");
    assert_eq!(mark_by_form(&organization.teacher, "file", png(64, 64)).await.code(), "unsupported_media_type");
    assert_eq!(mark_by_form(&organization.teacher, "file", gif()).await.code(), "not_an_image");
    let text = organization.teacher.request(Method::POST, "/attendance/mark").header("content-type", "text/plain");
    assert_eq!(send(text.body("me")).await.code(), "unsupported_media_type");
}

#[tokio::test]
async fn without_a_result_in_time_it_is_accepted() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let session = organization.active_session("BIO").await;
    let answer = mark(&organization.teacher, "?wait=1").await;
    assert_eq!((answer.status.as_u16(), answer.text("session_id")), (202, session.id));
    assert_eq!(app.next_frame().await.0.frame_id.to_string(), answer.text("frame_id"));
    for query in ["?wait=0", "?wait=11", "?session=1"] {
        assert_eq!(mark(&organization.teacher, query).await.code(), "invalid_query", "{query}");
    }
}

/// Which session a picture is taken to be of, or why of none.
async fn meant(client: &Client, query: &str) -> String {
    let answer = mark(client, query).await;
    if answer.status == 202 { answer.text("session_id") } else { answer.code().to_owned() }
}

#[tokio::test]
async fn the_session_may_be_left_out_where_one_can_be_meant() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let planned = organization.planned_session("OLD").await;
    assert_eq!(meant(&organization.admin, "?wait=1").await, "session_not_active");
    let bio = organization.active_session("BIO").await;
    assert_eq!(meant(&organization.admin, "?wait=1").await, bio.id);
    let art = organization.active_session("ART").await;
    let ambiguous = mark(&organization.admin, "?wait=1").await;
    assert_snapshot!(ambiguous, @r#"
    409 Conflict
    {
      "code": "session_ambiguous",
      "detail": "several sessions are active: name one with `session_id`",
      "instance": "/api/v1/attendance/mark",
      "request_id": "[id]",
      "status": 409,
      "title": "Session ambiguous",
      "type": "/docs/errors.md#session_ambiguous"
    }
    "#);
    assert_eq!(meant(&organization.admin, &format!("?wait=1&session_id={}", art.id)).await, art.id);
    let named = format!("?wait=1&session_id={}", planned.id);
    assert_eq!(meant(&organization.admin, &named).await, "session_not_active");

    // A teacher means their own courses, a camera those that it is bound to.
    let another = app.user(Some(organization.id), domain::user::Role::Teacher).await;
    assert_eq!(meant(&another, "?wait=1").await, "session_not_active");
    organization.teaches(&another, &art.course_id).await;
    assert_eq!(meant(&another, "?wait=1").await, art.id);
    let camera = organization.admin.post("/cameras", &json!({"name": "Door", "course_id": bio.course_id})).await;
    let camera = app.anonymous().bearing(&camera.text("key"));
    assert_eq!(meant(&camera, "?wait=1").await, bio.id);
    assert_eq!(meant(&camera, &format!("?wait=1&session_id={}", art.id)).await, "forbidden");

    // Another organization's sessions are not meant, and not found.
    let other = app.organization().await;
    assert_eq!(meant(&other.admin, "?wait=1").await, "session_not_active");
    assert_eq!(meant(&other.admin, &format!("?wait=1&session_id={}", bio.id)).await, "not_found");
}

#[tokio::test]
async fn a_picture_of_a_face_is_a_problem_where_liveness_is_required() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let policy = format!("/organizations/{}/recognition-policy", organization.id);
    organization.admin.put_json(&policy, &json!({"liveness": LivenessPolicy::Required})).await;
    organization.active_session("BIO").await;
    let spoof = vec![sighting(0, None, Outcome::SpoofSuspected)];
    let sending = mark(&organization.teacher, "?wait=3");
    let (_, answer) = in_time(Box::pin(async { tokio::join!(work(&app, spoof), sending) })).await;
    assert_eq!((answer.status.as_u16(), answer.code()), (422, "spoof_suspected"));
}
