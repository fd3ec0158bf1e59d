//! Enrollments whose person looks like somebody else.

use domain::enrollment::Duplicate;
use insta::assert_snapshot;
use messaging::EnrollmentJob;
use serde_json::{Value, json};

use crate::app::{TestApp, TestOrganization};
use crate::pictures::{jpeg, truncated_jpeg};
use crate::socket::Socket;
use crate::worker::{accepted, finish};

/// An enrollment of which a worker says that somebody else looks the same.
struct Suspected {
    id: String,
    person: String,
    other: String,
    job: EnrollmentJob,
}

async fn suspected(app: &TestApp, organization: &TestOrganization) -> Suspected {
    let (person, other) = (organization.person("S1").await, organization.person("S2").await);
    let photos = [("a.jpg", &jpeg(64, 64)[..]), ("broken.jpg", &truncated_jpeg())];
    let id = organization.teacher.enroll(&person, &photos).await.id();
    let job = app.next_job().await;
    let duplicate = Duplicate { person_id: other.parse().expect("an id"), similarity: 0.75 };
    finish(app, &job, vec![accepted(80)], Some(duplicate)).await;
    Suspected { id, person, other, job }
}

#[tokio::test]
async fn the_other_one_is_named() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let suspected = suspected(&app, &organization).await;
    let shown = organization.teacher.get(&format!("/enrollments/{}", suspected.id)).await;
    assert_snapshot!(shown, @r#"
    200 OK
    {
      "created_at": "[time]",
      "distinct_confirmed": false,
      "duplicate": {
        "external_id": "S2",
        "name": "Person S2",
        "person_id": "[id]",
        "similarity": 0.75
      },
      "finished_at": "[time]",
      "id": "[id]",
      "person_id": "[id]",
      "photos": [
        {
          "advice": null,
          "file_name": "a.jpg",
          "id": "[id]",
          "quality": 80,
          "rejection": null,
          "state": "accepted"
        },
        {
          "advice": "The picture is incomplete or damaged: send it again.",
          "file_name": "broken.jpg",
          "id": "[id]",
          "quality": null,
          "rejection": "image_damaged",
          "state": "rejected"
        }
      ],
      "state": "duplicate_suspected"
    }
    "#);
    assert_eq!(shown.body["duplicate"]["person_id"], json!(suspected.other));
    let listed = organization.teacher.get(&format!("/people/{}/enrollments", suspected.person)).await;
    assert_eq!(listed.body["items"], json!([shown.body]));
    // Whoever is deleted is named no more.
    organization.admin.delete(&format!("/people/{}", suspected.other)).await;
    let shown = organization.teacher.get(&format!("/enrollments/{}", suspected.id)).await;
    assert_eq!((&shown.body["state"], &shown.body["duplicate"]), (&json!("duplicate_suspected"), &Value::Null));
}

#[tokio::test]
async fn an_admin_says_that_they_are_two_people_once() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let suspected = suspected(&app, &organization).await;
    let confirm = format!("/enrollments/{}/confirm-distinct", suspected.id);
    assert_eq!(organization.teacher.post(&confirm, &json!({})).await.code(), "forbidden");

    let answer = organization.admin.post(&confirm, &json!({})).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("location")),
        (202, &*format!("/api/v1/enrollments/{}", suspected.id))
    );
    assert_eq!((&answer.body["state"], &answer.body["distinct_confirmed"]), (&json!("pending"), &json!(true)));
    assert_eq!(answer.body["photos"][0]["state"], json!("pending"));
    assert_eq!(answer.body["photos"][1]["rejection"], json!("image_damaged"));
    let job = app.next_job().await;
    assert_eq!(job.enrollment_id, suspected.job.enrollment_id);
    assert_snapshot!(organization.admin.post(&confirm, &json!({})).await, @r#"
    409 Conflict
    {
      "code": "enrollment_state",
      "detail": "the enrollment is not suspected of being a duplicate",
      "instance": "/api/v1/enrollments/[id]/confirm-distinct",
      "request_id": "[id]",
      "status": 409,
      "title": "Wrong enrollment state",
      "type": "/docs/errors.md#enrollment_state"
    }
    "#);

    let duplicate = Duplicate { person_id: suspected.other.parse().expect("an id"), similarity: 0.75 };
    finish(&app, &job, vec![accepted(80)], Some(duplicate)).await;
    let done = organization.admin.get(&format!("/enrollments/{}", suspected.id)).await;
    assert_eq!(done.body["state"], json!("completed"));
    assert_eq!(organization.admin.post(&confirm, &json!({})).await.code(), "enrollment_state");
    let dismiss = format!("/enrollments/{}/dismiss", suspected.id);
    assert_eq!(organization.admin.post(&dismiss, &json!({})).await.code(), "enrollment_state");
}

#[tokio::test]
async fn an_admin_gives_it_up_once() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let suspected = suspected(&app, &organization).await;
    let ticket = organization.teacher.post("/live/tickets", &json!({})).await.text("ticket");
    let mut live = Socket::open(&app, &format!("/live?ticket={ticket}"), &[]).await.expect("an open socket");
    let dismiss = format!("/enrollments/{}/dismiss", suspected.id);
    assert_eq!(organization.teacher.post(&dismiss, &json!({})).await.code(), "forbidden");

    let answer = organization.admin.post(&dismiss, &json!({})).await;
    assert_eq!((answer.status.as_u16(), &answer.body["state"]), (200, &json!("failed")));
    assert_eq!(answer.body["photos"][0]["rejection"], json!("not_same_person"));
    assert!(app.load(&suspected.job).await.images.is_empty());
    let event = live.next_of("enrollment_finished").await;
    assert_eq!((&event["enrollment_id"], &event["state"]), (&json!(suspected.id), &json!("failed")));
    for action in ["dismiss", "confirm-distinct"] {
        let again = organization.admin.post(&format!("/enrollments/{}/{action}", suspected.id), &json!({})).await;
        assert_eq!((again.status.as_u16(), again.code()), (409, "enrollment_state"), "{action}");
    }
}

#[tokio::test]
async fn only_what_is_suspected_is_decided() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let person = organization.person("S1").await;
    let pending = organization.teacher.enroll(&person, &[("a.jpg", &jpeg(64, 64))]).await.id();
    for action in ["dismiss", "confirm-distinct"] {
        let answer = organization.admin.post(&format!("/enrollments/{pending}/{action}"), &json!({})).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (409, "enrollment_state"), "{action}");
    }
}
