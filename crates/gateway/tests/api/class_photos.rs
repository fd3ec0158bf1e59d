//! Pictures of a whole class. The tests stand for the worker.

use std::time::Duration;

use chrono::Utc;
use domain::class_photo::ClassPhotoFailure;
use domain::frame::FrameHeader;
use domain::id::FrameId;
use domain::sighting::Outcome;
use insta::assert_snapshot;
use messaging::ClassPhotoJob;
use reqwest::Method;
use serde_json::json;

use crate::app::{TestApp, taken};
use crate::client::send;
use crate::pictures::{jpeg, png};
use crate::worker::{header, record, result, sighting};

async fn next_job(app: &TestApp) -> ClassPhotoJob {
    taken(app.broker().await.consume_class_photos(1)).await
}

async fn load(app: &TestApp, job: &ClassPhotoJob) -> store::class_photos::ClassPhotoJob {
    let (mut conn, sealer) = (app.connection().await, app.sealer());
    let loading = store::class_photos::load_job(&mut conn, &sealer, job.organization_id, job.class_photo_id);
    loading.await.expect("the database").expect("the photo")
}

async fn finish(app: &TestApp, job: &ClassPhotoJob, outcome: Result<(), ClassPhotoFailure>) {
    let mut conn = app.connection().await;
    let finishing =
        store::class_photos::finish(&mut conn, job.organization_id, job.class_photo_id, outcome, Utc::now());
    finishing.await.expect("it is finished");
}

#[tokio::test]
async fn a_picture_is_stored_and_a_worker_is_told() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let session = organization.active_session("BIO").await;
    let answer =
        organization.teacher.send_class_photo(&session.id, "?annotate=true", "image/jpeg", &jpeg(640, 480)).await;
    assert_snapshot!(answer, @r#"
    202 Accepted
    {
      "annotate": true,
      "created_at": "[time]",
      "failure": null,
      "file_name": "class-photo.jpg",
      "finished_at": null,
      "id": "[id]",
      "session_id": "[id]",
      "state": "pending"
    }
    "#);
    assert_eq!(answer.header("location"), format!("/api/v1/class-photos/{}", answer.id()));
    let job = next_job(&app).await;
    assert_eq!((job.organization_id, job.class_photo_id.to_string()), (organization.id, answer.id()));
    let stored = load(&app, &job).await;
    assert_eq!((stored.image, stored.course_id.to_string()), (Some(jpeg(640, 480)), session.course_id.clone()));

    let form = organization.teacher.class_photo_form(&session.id, "photo", &[("dir/class 7b.png", &png(64, 64))]).await;
    assert_eq!((form.text("file_name").as_str(), &form.body["annotate"]), ("class 7b.png", &json!(false)));
    let listed = organization.teacher.get(&format!("/sessions/{}/class-photos", session.id)).await;
    assert_eq!(listed.body["items"], json!([answer.body, form.body]));
    let first = organization.teacher.get(&format!("/sessions/{}/class-photos?limit=1", session.id)).await;
    let next = first.text("next");
    let second =
        organization.teacher.get(&format!("/sessions/{}/class-photos?limit=1&cursor={next}", session.id)).await;
    assert_eq!((&second.body["items"], &second.body["next"]), (&json!([form.body]), &json!(null)));
}

#[tokio::test]
async fn its_faces_are_shown_when_it_was_looked_at() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let session = organization.active_session("BIO").await;
    let id = organization.teacher.send_class_photo(&session.id, "", "image/png", &png(64, 64)).await.id();
    let path = format!("/class-photos/{id}");
    assert_eq!(organization.teacher.get(&path).await.body["faces"], json!([]));

    let job = next_job(&app).await;
    let header = header(&organization, &session, FrameId::from_uuid(job.class_photo_id.uuid()));
    let known = sighting(0, Some(session.person_id.parse().expect("an id")), Outcome::Present);
    record(&app, &header, &result(vec![known, sighting(1, None, Outcome::Unknown)])).await;
    // Faces of another frame are not the photo's.
    let other = FrameHeader { frame_id: FrameId::new(), ..header };
    record(&app, &other, &result(vec![sighting(0, None, Outcome::TooPoor)])).await;
    finish(&app, &job, Ok(())).await;
    assert_snapshot!(organization.teacher.get(&path).await, @r#"
    200 OK
    {
      "annotate": false,
      "created_at": "[time]",
      "faces": [
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
          "person": {
            "external_id": "BIO",
            "name": "Person BIO",
            "person_id": "[id]"
          },
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
          "outcome": "unknown",
          "person": null,
          "quality": 80,
          "similarity": 0.75,
          "threshold": 0.5
        }
      ],
      "failure": null,
      "file_name": "class-photo.png",
      "finished_at": "[time]",
      "id": "[id]",
      "session_id": "[id]",
      "state": "completed"
    }
    "#);

    // Whoever is deleted is named no more.
    organization.admin.delete(&format!("/people/{}", session.person_id)).await;
    let shown = organization.teacher.get(&path).await;
    assert!(!shown.body.to_string().contains("Person BIO"), "{shown}");
    assert_eq!(organization.teacher.get(&format!("{path}/picture")).await.code(), "not_found");
}

#[tokio::test]
async fn a_photo_that_marked_nobody_says_why() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let session = organization.active_session("BIO").await;
    let id = organization.teacher.send_class_photo(&session.id, "", "image/jpeg", &jpeg(64, 64)).await.id();
    finish(&app, &next_job(&app).await, Err(ClassPhotoFailure::FaceNotFound)).await;
    let shown = organization.teacher.get(&format!("/class-photos/{id}")).await;
    assert_eq!((&shown.body["state"], &shown.body["failure"]), (&json!("failed"), &json!("face_not_found")));
}

#[tokio::test]
async fn the_annotated_picture_is_shown_while_it_is_kept_and_never_stored() {
    let app = TestApp::start().await;
    let (ours, theirs) = (app.organization().await, app.organization().await);
    let session = ours.active_session("BIO").await;
    let photo = ours.teacher.send_class_photo(&session.id, "?annotate=true", "image/jpeg", &jpeg(64, 64)).await;
    let id: uuid::Uuid = photo.id().parse().expect("an id");
    let path = format!("/class-photos/{id}/picture");
    assert_eq!(ours.teacher.get(&path).await.code(), "not_found");
    let redis = app.redis();
    let minute = Duration::from_secs(60);
    redis.keep_picture(id, app.sealer().seal(id, &jpeg(32, 32)), minute).await.expect("Redis");

    let response = ours.teacher.request(Method::GET, &path).send().await.expect("an answer");
    let header = |name: &str| response.headers()[name].to_str().expect("text").to_owned();
    assert_eq!((header("content-type"), header("cache-control")), ("image/jpeg".to_owned(), "no-store".to_owned()));
    assert_eq!(response.bytes().await.expect("a body"), jpeg(32, 32));
    assert_eq!(theirs.admin.get(&path).await.code(), "not_found");
    assert_eq!(ours.member.get(&path).await.code(), "forbidden");

    // Another photo's picture in its place does not open, and nothing of it is shown.
    let other = uuid::Uuid::now_v7();
    redis.keep_picture(id, app.sealer().seal(other, &jpeg(32, 32)), minute).await.expect("Redis");
    let broken = ours.teacher.get(&path).await;
    assert_eq!((broken.status.as_u16(), broken.code()), (500, "internal"));
}

#[tokio::test]
async fn only_an_active_session_takes_them() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let session = organization.planned_session("BIO").await;
    let planned = organization.teacher.send_class_photo(&session.id, "", "image/jpeg", &jpeg(64, 64)).await;
    assert_eq!((planned.status.as_u16(), planned.code()), (409, "session_not_active"));
    organization.teacher.post(&format!("/sessions/{}/start", session.id), &json!({})).await;
    organization.teacher.post(&format!("/sessions/{}/close", session.id), &json!({})).await;
    let closed = organization.teacher.send_class_photo(&session.id, "", "image/jpeg", &jpeg(64, 64)).await;
    assert_eq!((closed.status.as_u16(), closed.code()), (409, "session_not_active"));
    let listed = organization.teacher.get(&format!("/sessions/{}/class-photos", session.id)).await;
    assert_eq!(listed.body["items"], json!([]));
}

#[tokio::test]
async fn one_photo_in_one_field() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let session = organization.active_session("BIO").await;
    let picture = jpeg(64, 64);
    let two = [("a.jpg", &picture[..]), ("b.jpg", &picture)];
    let cases = [("photo", &two[..], "/photo", "too_many"), ("photos", &two[..1], "", "unknown_field")];
    for (field, photos, pointer, code) in cases {
        let answer = organization.teacher.class_photo_form(&session.id, field, photos).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (422, "invalid_request"), "{field}: {answer}");
        let error = &answer.body["errors"][0];
        assert_eq!((&error["pointer"], &error["code"]), (&json!(pointer), &json!(code)), "{field}");
    }
    for query in ["?annotate=perhaps", "?annotat=true"] {
        let answer = organization.teacher.send_class_photo(&session.id, query, "image/jpeg", &picture).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (400, "invalid_query"), "{query}");
    }
}

#[tokio::test]
async fn a_photo_that_is_sent_again_is_not_stored_again() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let session = organization.active_session("BIO").await;
    let path = format!("/sessions/{}/class-photos", session.id);
    let again = |bytes: Vec<u8>| {
        let request = organization.teacher.request(Method::POST, &path).header("content-type", "image/jpeg");
        send(request.header("Idempotency-Key", "one").body(bytes))
    };
    let (first, second) = (again(jpeg(64, 64)).await, again(jpeg(64, 64)).await);
    assert_eq!((first.status.as_u16(), &first.body), (202, &second.body));
    assert_eq!(again(jpeg(65, 64)).await.code(), "idempotency_mismatch");
    let listed = organization.teacher.get(&path).await;
    assert_eq!(listed.body["items"].as_array().map(Vec::len), Some(1));
}
