//! Frames by POST, and the cameras that send them.

use domain::id::CameraId;
use insta::assert_snapshot;
use reqwest::Method;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::app::TestApp;
use crate::client::send;
use crate::pictures::jpeg;

#[tokio::test]
async fn a_frame_of_a_user_reaches_the_workers() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let session = organization.active_session("BIO").await;
    let answer = organization.teacher.send_frame(&session.id, "image/jpeg", &jpeg(640, 480)).await;
    assert_snapshot!(answer, @r#"
    202 Accepted
    {
      "frame_id": "[id]"
    }
    "#);
    let (header, bytes) = app.next_frame().await;
    assert_eq!(bytes, jpeg(640, 480));
    assert_eq!(header.frame_id.to_string(), answer.text("frame_id"));
    assert_eq!((header.organization_id, header.camera_id), (organization.id, None));
    assert_eq!((header.session_id.to_string(), header.course_id.to_string()), (session.id, session.course_id));
}

#[tokio::test]
async fn a_camera_sends_with_its_key_in_either_header() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let session = organization.active_session("BIO").await;
    let made = organization.admin.post("/cameras", &json!({"name": "Door of room 12"})).await;
    assert_snapshot!(made, @r#"
    201 Created
    {
      "course_id": null,
      "created_at": "[time]",
      "id": "[id]",
      "key": "[key]",
      "last_seen_at": null,
      "name": "Door of room 12",
      "organization_id": "[id]",
      "revoked_at": null,
      "session_id": null
    }
    "#);
    let (camera_id, key): (CameraId, String) = (made.id().parse().expect("an id"), made.text("key"));

    let bearing = app.anonymous().bearing(&key).send_frame(&session.id, "image/jpeg", &jpeg(640, 480)).await;
    assert_eq!(bearing.status, 202, "{bearing}");
    assert_eq!(app.next_frame().await.0.camera_id, Some(camera_id));
    let request = app.anonymous().request(Method::POST, &format!("/sessions/{}/frames", session.id));
    let request = request.header("x-api-key", &key).header("content-type", "image/jpeg").body(jpeg(640, 480));
    assert_eq!(send(request).await.status, 202);

    // The key is for frames only.
    assert_eq!(app.anonymous().bearing(&key).get("/people").await.code(), "unauthenticated");
    let listed = organization.admin.get("/cameras").await;
    assert_snapshot!(listed, @r#"
    200 OK
    {
      "items": [
        {
          "course_id": null,
          "created_at": "[time]",
          "id": "[id]",
          "last_seen_at": "[time]",
          "name": "Door of room 12",
          "organization_id": "[id]",
          "revoked_at": null,
          "session_id": null
        }
      ],
      "next": null
    }
    "#);
}

#[tokio::test]
async fn a_revoked_key_and_an_unknown_one_open_nothing() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let session = organization.active_session("BIO").await;
    let made = organization.admin.post("/cameras", &json!({"name": "Door"})).await;
    let camera = app.anonymous().bearing(&made.text("key"));
    assert_snapshot!(organization.admin.delete(&format!("/cameras/{}", made.id())).await, @"204 No Content");
    let revoked = camera.send_frame(&session.id, "image/jpeg", &jpeg(640, 480)).await;
    assert_eq!(revoked.code(), "unauthenticated");
    let unknown = app.anonymous().bearing("rck_guess").send_frame(&session.id, "image/jpeg", &jpeg(640, 480)).await;
    assert_eq!(unknown.code(), "unauthenticated");
}

#[tokio::test]
async fn a_camera_of_one_course_sends_to_no_other() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let (bio, art) = (organization.active_session("BIO").await, organization.active_session("ART").await);
    let made = organization.admin.post("/cameras", &json!({"name": "Door", "course_id": bio.course_id})).await;
    let camera = app.anonymous().bearing(&made.text("key"));
    assert_eq!(camera.send_frame(&bio.id, "image/jpeg", &jpeg(64, 64)).await.status, 202);
    assert_eq!(camera.send_frame(&art.id, "image/jpeg", &jpeg(64, 64)).await.code(), "forbidden");
}

#[tokio::test]
async fn only_an_active_session_takes_frames() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let session = organization.planned_session("BIO").await;
    let planned = organization.teacher.send_frame(&session.id, "image/jpeg", &jpeg(64, 64)).await;
    assert_snapshot!(planned, @r#"
    409 Conflict
    {
      "code": "session_not_active",
      "detail": "the session is not active",
      "instance": "/api/v1/sessions/[id]/frames",
      "request_id": "[id]",
      "status": 409,
      "title": "Session not active",
      "type": "/docs/errors.md#session_not_active"
    }
    "#);
    organization.teacher.post(&format!("/sessions/{}/start", session.id), &json!({})).await;
    assert_eq!(organization.teacher.send_frame(&session.id, "image/jpeg", &jpeg(64, 64)).await.status, 202);
    organization.teacher.post(&format!("/sessions/{}/close", session.id), &json!({})).await;
    let closed = organization.teacher.send_frame(&session.id, "image/jpeg", &jpeg(64, 64)).await;
    assert_eq!(closed.code(), "session_not_active");
}

#[tokio::test]
async fn bodies_beyond_the_memory_for_them_are_refused_for_now() {
    let app = TestApp::start_with(|settings| settings.http.body_memory_mib = 64).await;
    let organization = app.organization().await;
    let session = organization.active_session("BIO").await;
    let person = organization.person("S9").await;
    // An enrollment of unknown length holds all of the memory while its body comes.
    let mut slow = TcpStream::connect(app.base.trim_start_matches("http://")).await.expect("a connection");
    let head = format!(
        "POST /api/v1/people/{person}/enrollments HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {}\r\n\
         Content-Type: multipart/form-data; boundary=x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n--x\r\n\r\n",
        organization.teacher.bearer()
    );
    slow.write_all(head.as_bytes()).await.expect("an open connection");

    let refused = crate::app::eventually(async || {
        let answer = organization.teacher.send_frame(&session.id, "image/jpeg", &jpeg(64, 64)).await;
        (answer.status == 503).then_some(answer)
    });
    let refused = refused.await;
    assert_snapshot!(refused, @r#"
    503 Service Unavailable
    {
      "code": "overloaded",
      "detail": "too much is going on at this moment",
      "instance": "/api/v1/sessions/[id]/frames",
      "request_id": "[id]",
      "status": 503,
      "title": "Overloaded",
      "type": "/docs/errors.md#overloaded"
    }
    "#);
    assert_eq!(refused.header("retry-after"), "1");
    drop(slow);
    let taken = crate::app::eventually(async || {
        let answer = organization.teacher.send_frame(&session.id, "image/jpeg", &jpeg(64, 64)).await;
        (answer.status == 202).then_some(answer)
    });
    taken.await;
}
