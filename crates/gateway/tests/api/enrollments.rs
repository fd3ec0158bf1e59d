//! Giving a person's face to the system.

use domain::enrollment::{PhotoRejection, PhotoVerdict};
use insta::assert_snapshot;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::json;

use crate::app::{TestApp, TestOrganization};
use crate::client::{Answer, send};
use crate::pictures::{jpeg, png, truncated_jpeg};
use crate::worker::{accepted, finish};

#[tokio::test]
async fn photos_are_stored_and_a_worker_is_told() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let person = organization.person("S1").await;
    let photos = [("front.jpg", &jpeg(640, 480)[..]), ("C:\\photos\\left.png", &png(320, 200))];
    let answer = organization.teacher.enroll(&person, &photos).await;
    assert_snapshot!(answer, @r#"
    202 Accepted
    {
      "created_at": "[time]",
      "distinct_confirmed": false,
      "duplicate": null,
      "finished_at": null,
      "id": "[id]",
      "person_id": "[id]",
      "photos": [
        {
          "advice": null,
          "file_name": "front.jpg",
          "id": "[id]",
          "quality": null,
          "rejection": null,
          "state": "pending"
        },
        {
          "advice": null,
          "file_name": "left.png",
          "id": "[id]",
          "quality": null,
          "rejection": null,
          "state": "pending"
        }
      ],
      "state": "pending"
    }
    "#);
    assert_eq!(answer.header("location"), format!("/api/v1/enrollments/{}", answer.id()));

    let job = app.next_job().await;
    assert_eq!((job.organization_id, job.enrollment_id.to_string()), (organization.id, answer.id()));
    let stored = app.load(&job).await;
    let images: Vec<&[u8]> = stored.images.iter().map(|(_, image)| image.as_slice()).collect();
    assert_eq!(images, [&jpeg(640, 480)[..], &png(320, 200)]);

    assert_eq!(organization.teacher.get(&format!("/enrollments/{}", answer.id())).await.body, answer.body);
    let listed = organization.teacher.get(&format!("/people/{person}/enrollments")).await;
    assert_eq!(listed.body["items"], json!([answer.body]));
}

#[tokio::test]
async fn the_result_of_each_photo_is_shown_with_advice() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let person = organization.person("S1").await;
    let id = organization.teacher.enroll(&person, &[("a.jpg", &jpeg(64, 64))]).await.id();
    let job = app.next_job().await;
    finish(&app, &job, vec![PhotoVerdict::Rejected { reason: PhotoRejection::FaceTooDark, quality: Some(12) }], None)
        .await;
    assert_snapshot!(organization.teacher.get(&format!("/enrollments/{id}")).await, @r#"
    200 OK
    {
      "created_at": "[time]",
      "distinct_confirmed": false,
      "duplicate": null,
      "finished_at": "[time]",
      "id": "[id]",
      "person_id": "[id]",
      "photos": [
        {
          "advice": "The face is too dark: turn towards the light.",
          "file_name": "a.jpg",
          "id": "[id]",
          "quality": 12,
          "rejection": "face_too_dark",
          "state": "rejected"
        }
      ],
      "state": "failed"
    }
    "#);
}

#[tokio::test]
async fn what_cannot_be_read_is_rejected_and_the_rest_goes_on() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let person = organization.person("S1").await;
    let photos = [("broken.jpg", &truncated_jpeg()[..]), ("good.jpg", &jpeg(64, 64)), ("note.txt", b"hello")];
    let answer = organization.teacher.enroll(&person, &photos).await;
    assert_eq!(answer.status, 202, "{answer}");
    let outcome = |photo: &serde_json::Value| (photo["state"].clone(), photo["rejection"].clone());
    let outcomes =
        |answer: &Answer| -> Vec<_> { answer.body["photos"].as_array().expect("photos").iter().map(outcome).collect() };
    let rejected = |code: &str| (json!("rejected"), json!(code));
    let expected = [rejected("image_damaged"), (json!("pending"), json!(null)), rejected("not_an_image")];
    assert_eq!(outcomes(&answer), expected);
    assert_eq!(answer.body["photos"][2]["advice"], json!("Send a JPEG, PNG or WebP picture."));

    let job = app.next_job().await;
    let images: Vec<Vec<u8>> = app.load(&job).await.images.into_iter().map(|(_, image)| image).collect();
    assert_eq!(images, [jpeg(64, 64)]);
    finish(&app, &job, vec![accepted(73)], None).await;
    let done = organization.teacher.get(&format!("/enrollments/{}", answer.id())).await;
    assert_eq!(done.body["state"], json!("completed"));
    assert_eq!(
        (&done.body["photos"][1]["state"], &done.body["photos"][1]["quality"]),
        (&json!("accepted"), &json!(73))
    );
    assert_eq!(outcomes(&done)[0], expected[0]);
    assert!(!done.body.to_string().contains("embedding"));
}

#[tokio::test]
async fn a_request_that_is_sent_again_is_not_enrolled_again() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let person = organization.person("S1").await;
    let photos = [("broken.jpg", &truncated_jpeg()[..]), ("good.jpg", &jpeg(64, 64))];
    let again = |photos: &[(&str, &[u8])]| {
        send(organization.teacher.enrollment(&person, photos).header("Idempotency-Key", "one"))
    };
    let (first, second) = (again(&photos).await, again(&photos).await);
    assert_eq!((first.status.as_u16(), second.status.as_u16()), (202, 202));
    assert_eq!(first.body, second.body);
    let other = [("broken.jpg", &b"text"[..]), ("good.jpg", &jpeg(64, 64))];
    assert_eq!(again(&other).await.code(), "idempotency_mismatch");
    // A refusal is not remembered.
    let none = [("broken.jpg", &truncated_jpeg()[..])];
    let refused = send(organization.teacher.enrollment(&person, &none).header("Idempotency-Key", "two")).await;
    assert_eq!(refused.code(), "photos_unusable");
    assert_eq!(
        send(organization.teacher.enrollment(&person, &photos).header("Idempotency-Key", "two")).await.status,
        202
    );
}

/// Enrolls with any form.
async fn enroll_with(organization: &TestOrganization, person: &str, form: Form) -> Answer {
    let path = format!("/people/{person}/enrollments");
    send(organization.teacher.request(Method::POST, &path).multipart(form)).await
}

#[tokio::test]
async fn the_form_holds_one_to_twenty_photos_and_nothing_else() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let person = organization.person("S1").await;
    assert_snapshot!(organization.teacher.enroll(&person, &[]).await, @r#"
    400 Bad Request
    {
      "code": "invalid_multipart",
      "detail": "the body is not a whole multipart/form-data body: Multipart stream is incomplete",
      "instance": "/api/v1/people/[id]/enrollments",
      "request_id": "[id]",
      "status": 400,
      "title": "Invalid multipart body",
      "type": "/docs/errors.md#invalid_multipart"
    }
    "#);
    let picture = jpeg(64, 64);
    let twenty_one = vec![("a.jpg", &picture[..]); 21];
    assert_snapshot!(organization.teacher.enroll(&person, &twenty_one).await, @r#"
    422 Unprocessable Entity
    {
      "code": "invalid_request",
      "detail": "the request is well formed, but not valid",
      "errors": [
        {
          "code": "too_many",
          "detail": "must be at most 20",
          "pointer": "/photos"
        }
      ],
      "instance": "/api/v1/people/[id]/enrollments",
      "request_id": "[id]",
      "status": 422,
      "title": "Invalid request",
      "type": "/docs/errors.md#invalid_request"
    }
    "#);
    let other_field = Form::new().part("images", Part::bytes(picture).file_name("a.jpg"));
    assert_eq!(enroll_with(&organization, &person, other_field).await.code(), "invalid_request");

    let path = format!("/people/{person}/enrollments");
    let json = organization.teacher.post(&path, &json!({"photos": []})).await;
    assert_snapshot!(json, @r#"
    415 Unsupported Media Type
    {
      "code": "unsupported_media_type",
      "detail": "the body must be multipart/form-data",
      "instance": "/api/v1/people/[id]/enrollments",
      "request_id": "[id]",
      "status": 415,
      "title": "Unsupported media type",
      "type": "/docs/errors.md#unsupported_media_type"
    }
    "#);
    let broken = organization.teacher.request(Method::POST, &path);
    let broken = broken.header("content-type", "multipart/form-data; boundary=x").body("--x\r\nContent-Disp");
    assert_snapshot!(send(broken).await, @r#"
    400 Bad Request
    {
      "code": "invalid_multipart",
      "detail": "the body is not a whole multipart/form-data body: Multipart stream is incomplete",
      "instance": "/api/v1/people/[id]/enrollments",
      "request_id": "[id]",
      "status": 400,
      "title": "Invalid multipart body",
      "type": "/docs/errors.md#invalid_multipart"
    }
    "#);
    let none = organization.teacher.request(Method::POST, &path);
    let none = none.header("content-type", "multipart/form-data; boundary=x").body("--x--\r\n");
    assert_snapshot!(send(none).await, @r#"
    422 Unprocessable Entity
    {
      "code": "invalid_request",
      "detail": "the request is well formed, but not valid",
      "errors": [
        {
          "code": "required",
          "detail": "must hold at least one photo",
          "pointer": "/photos"
        }
      ],
      "instance": "/api/v1/people/[id]/enrollments",
      "request_id": "[id]",
      "status": 422,
      "title": "Invalid request",
      "type": "/docs/errors.md#invalid_request"
    }
    "#);
    assert_eq!(organization.teacher.get(&path).await.body["items"], json!([]));
}

#[tokio::test]
async fn more_than_all_photos_may_have_together_is_refused() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let person = organization.person("S1").await;
    let mut picture = jpeg(640, 480);
    picture.resize(9 * 1024 * 1024, 0);
    let answer = organization.teacher.enroll(&person, &[("a.jpg", &picture[..]); 8]).await;
    assert_snapshot!(answer, @r#"
    413 Payload Too Large
    {
      "code": "payload_too_large",
      "detail": "the body has more than the 67108864 bytes allowed",
      "instance": "/api/v1/people/[id]/enrollments",
      "request_id": "[id]",
      "status": 413,
      "title": "Body too large",
      "type": "/docs/errors.md#payload_too_large"
    }
    "#);
}

#[tokio::test]
async fn nobody_is_enrolled_who_is_not_there() {
    let app = TestApp::start().await;
    let (ours, theirs) = (app.organization().await, app.organization().await);
    let stranger = theirs.person("S1").await;
    let answer = ours.teacher.enroll(&stranger, &[("a.jpg", &jpeg(64, 64))]).await;
    assert_eq!(answer.code(), "not_found");
    assert_eq!(ours.member.enroll(&stranger, &[("a.jpg", &jpeg(64, 64))]).await.code(), "forbidden");
}
