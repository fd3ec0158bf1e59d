//! Frames by WebSocket, and their results.

use domain::event::Event;
use domain::frame::FrameHeader;
use domain::id::{CameraId, FrameId};
use serde_json::json;

use crate::app::{TestApp, TestOrganization, TestSession};
use crate::pictures::jpeg;
use crate::socket::Socket;
use crate::worker::{header, recognized, result};

/// The stream of a camera with this key.
pub(crate) async fn open_stream(app: &TestApp, session: &TestSession, key: &str) -> Socket {
    let path = format!("/sessions/{}/frames/stream", session.id);
    Socket::open(app, &path, &[("x-api-key", key)]).await.expect("an open stream")
}

/// What a worker announces when it found nobody in a frame.
fn nobody(organization: &TestOrganization, session: &TestSession, camera: CameraId, frame: FrameId) -> Event {
    let header = FrameHeader { camera_id: Some(camera), ..header(organization, session, frame) };
    recognized(&header, result(Vec::new()), Vec::new())
}

#[tokio::test]
async fn a_camera_is_told_the_results_of_its_own_frames() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let session = organization.active_session("BIO").await;
    let made = organization.admin.post("/cameras", &json!({"name": "Door"})).await;
    let camera_id: CameraId = made.id().parse().expect("an id");
    let mut stream = open_stream(&app, &session, &made.text("key")).await;

    stream.send(jpeg(640, 480)).await;
    let accepted = stream.next_of("frame_accepted").await;
    let (header, bytes) = app.next_frame().await;
    assert_eq!((json!(header.frame_id), bytes), (accepted["frame_id"].clone(), jpeg(640, 480)));
    assert_eq!(header.camera_id, Some(camera_id));

    let redis = app.redis();
    let others = nobody(&organization, &session, CameraId::new(), FrameId::new());
    redis.announce(&others).await.expect("Redis");
    redis.announce(&nobody(&organization, &session, camera_id, header.frame_id)).await.expect("Redis");
    let result = stream.next_of("frame_recognized").await;
    assert_eq!((&result["frame_id"], &result["sightings"]), (&json!(header.frame_id), &json!([])));
}

#[tokio::test]
async fn a_session_that_closes_is_told_and_takes_no_more() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let session = organization.active_session("BIO").await;
    let mut stream = open_stream(&app, &session, &organization.camera_key("door").await).await;
    organization.teacher.post(&format!("/sessions/{}/close", session.id), &json!({})).await;
    assert_eq!(stream.next_of("session_changed").await["state"], "closed");
    stream.send(jpeg(640, 480)).await;
    assert_eq!(stream.next_of("frame_refused").await["problem"]["code"], "session_not_active");
}

#[tokio::test]
async fn a_key_that_is_revoked_ends_to_count_in_an_open_stream() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let session = organization.active_session("BIO").await;
    let made = organization.admin.post("/cameras", &json!({"name": "Door"})).await;
    let mut stream = open_stream(&app, &session, &made.text("key")).await;
    organization.admin.delete(&format!("/cameras/{}", made.id())).await;
    stream.send(jpeg(640, 480)).await;
    assert_eq!(stream.next_of("frame_refused").await["problem"]["code"], "unauthenticated");
}

#[tokio::test]
async fn a_stream_that_may_not_be_is_refused_before_it_opens() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let (active, planned) = (organization.active_session("BIO").await, organization.planned_session("ART").await);
    let path = |session: &TestSession| format!("/sessions/{}/frames/stream", session.id);
    let key = organization.camera_key("door").await;
    let refusal = async |path: &str, key: &str| {
        let refused = Socket::open(&app, path, &[("x-api-key", key)]).await.err().expect("a refusal");
        (refused.0, refused.1["code"].clone())
    };
    assert_eq!(refusal(&path(&active), "rck_guess").await, (401, json!("unauthenticated")));
    assert_eq!(refusal(&path(&planned), &key).await, (409, json!("session_not_active")));
    let foreign = app.organization().await.active_session("BIO").await;
    assert_eq!(refusal(&path(&foreign), &key).await, (404, json!("not_found")));
    let plain = app.anonymous().bearing(&key).get(&path(&active)).await;
    assert_eq!(plain.code(), "websocket_required");
}
