//! Pictures that no model should ever see: each is refused with its own code, as a frame and as a photo, and nothing
//! is stored or sent.

use serde_json::json;

use crate::app::TestApp;
use crate::client::Answer;
use crate::frame_stream::open_stream;
use crate::pictures::{animated_webp, eleven_mebibytes, gif, jpeg, truncated_jpeg};

struct BadPicture {
    what: &'static str,
    bytes: Vec<u8>,
    status: u16,
    code: &'static str,
}

fn bad_pictures() -> Vec<BadPicture> {
    let bad = |what, bytes, status, code| BadPicture { what, bytes, status, code };
    vec![
        bad("empty", Vec::new(), 422, "image_empty"),
        bad("text", b"hello, this is no picture".to_vec(), 415, "not_an_image"),
        bad("gif", gif(), 415, "not_an_image"),
        bad("animated webp", animated_webp(), 415, "not_an_image"),
        bad("truncated", truncated_jpeg(), 422, "image_damaged"),
        bad("1x1", jpeg(1, 1), 422, "image_too_small"),
        bad("30000x30000", jpeg(30_000, 30_000), 413, "image_too_large"),
    ]
}

fn check(answer: &Answer, bad: &BadPicture) {
    assert_eq!((answer.status.as_u16(), answer.code()), (bad.status, bad.code), "{}: {answer}", bad.what);
    assert_eq!(answer.header("content-type"), "application/problem+json", "{}", bad.what);
}

#[tokio::test]
async fn as_frames() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let session = organization.active_session("BIO").await;
    for bad in bad_pictures() {
        check(&organization.teacher.send_frame(&session.id, "image/jpeg", &bad.bytes).await, &bad);
    }
    let large = organization.teacher.send_frame(&session.id, "image/jpeg", &eleven_mebibytes()).await;
    assert_eq!((large.status.as_u16(), large.code()), (413, "payload_too_large"));
    for kind in ["image/png", "application/octet-stream", "text/plain"] {
        let answer = organization.teacher.send_frame(&session.id, kind, &jpeg(640, 480)).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (415, "unsupported_media_type"), "{kind}");
    }
    let png = organization.teacher.send_frame(&session.id, "image/jpeg", &crate::pictures::png(640, 480)).await;
    assert_eq!((png.status.as_u16(), png.code()), (415, "unsupported_media_type"));

    // Had any of them been sent on, it would come before this one.
    let good = organization.teacher.send_frame(&session.id, "image/jpeg", &jpeg(640, 480)).await;
    assert_eq!(app.next_frame().await.0.frame_id.to_string(), good.text("frame_id"));
}

#[tokio::test]
async fn as_frames_of_a_stream_that_stays_open() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let session = organization.active_session("BIO").await;
    let mut stream = open_stream(&app, &session, &organization.camera_key("door").await).await;
    let mut all = bad_pictures();
    all.push(BadPicture { what: "11 MiB", bytes: eleven_mebibytes(), status: 413, code: "image_too_large" });
    for bad in all.into_iter().filter(|bad| bad.bytes.len() <= 11 * 1024 * 1024) {
        stream.send(bad.bytes.clone()).await;
        let problem = stream.next_of("frame_refused").await["problem"].clone();
        assert_eq!((&problem["status"], &problem["code"]), (&json!(bad.status), &json!(bad.code)), "{}", bad.what);
    }
    stream.send(jpeg(640, 480)).await;
    let frame_id = stream.next_of("frame_accepted").await["frame_id"].clone();
    assert_eq!(json!(app.next_frame().await.0.frame_id), frame_id);
}

#[tokio::test]
async fn as_the_only_photos_of_an_enrollment() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let person = organization.person("S1").await;
    let mut all = bad_pictures();
    all.push(BadPicture { what: "11 MiB", bytes: eleven_mebibytes(), status: 422, code: "image_too_large" });
    for bad in &all {
        let answer = organization.teacher.enroll(&person, &[("bad.jpg", &bad.bytes)]).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (422, "photos_unusable"), "{}: {answer}", bad.what);
        let errors = answer.body["errors"].as_array().expect("what is wrong");
        assert_eq!(errors.len(), 1, "{}: {answer}", bad.what);
        let found = (&errors[0]["pointer"], &errors[0]["code"]);
        assert_eq!(found, (&json!("/photos/0"), &json!(bad.code)), "{}", bad.what);
    }
    let together: Vec<(&str, &[u8])> = all.iter().map(|bad| (bad.what, &bad.bytes[..])).collect();
    let answer = organization.teacher.enroll(&person, &together).await;
    assert_eq!(answer.code(), "photos_unusable", "{answer}");
    let codes: Vec<&str> = answer.body["errors"]
        .as_array()
        .expect("what is wrong")
        .iter()
        .map(|error| error["code"].as_str().expect("a code"))
        .collect();
    assert_eq!(codes, all.iter().map(|bad| bad.code).collect::<Vec<_>>());
    let listed = organization.teacher.get(&format!("/people/{person}/enrollments")).await;
    assert_eq!(listed.body["items"], json!([]));
}

#[tokio::test]
async fn as_class_photos() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let session = organization.active_session("BIO").await;
    for bad in bad_pictures() {
        check(&organization.teacher.send_class_photo(&session.id, "", "image/jpeg", &bad.bytes).await, &bad);
        check(&organization.teacher.class_photo_form(&session.id, "photo", &[("bad.jpg", &bad.bytes)]).await, &bad);
    }
    let large = organization.teacher.send_class_photo(&session.id, "", "image/png", &eleven_mebibytes()).await;
    assert_eq!((large.status.as_u16(), large.code()), (413, "payload_too_large"));
    let large = [("large.jpg", &eleven_mebibytes()[..])];
    let large = organization.teacher.class_photo_form(&session.id, "photo", &large).await;
    assert_eq!((large.status.as_u16(), large.code()), (413, "payload_too_large"));
    for kind in ["image/gif", "application/octet-stream", "text/plain"] {
        let answer = organization.teacher.send_class_photo(&session.id, "", kind, &jpeg(640, 480)).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (415, "unsupported_media_type"), "{kind}");
    }
    let listed = organization.teacher.get(&format!("/sessions/{}/class-photos", session.id)).await;
    assert_eq!(listed.body["items"], json!([]));
}
