//! Who agreed to be recognised, and what follows when they do so no more.

use domain::enrollment::Gallery;
use domain::id::PersonId;
use domain::organization::{OrganizationSettings, RecognitionPolicy};
use insta::assert_snapshot;
use serde_json::json;

use crate::app::TestApp;
use crate::people_changes::audited;
use crate::pictures::jpeg;
use crate::worker::{accepted, contract, finish};

#[tokio::test]
async fn a_consent_is_written_down() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let person = organization.person("S1").await;
    let path = format!("/people/{person}/consents");
    let given = json!({"version": "2026-1", "at": "2026-09-01T08:00:00Z", "guardian": "Anne Milbanke"});
    assert_snapshot!(organization.teacher.post(&path, &given).await, @r#"
    201 Created
    {
      "at": "[time]",
      "guardian": "Anne Milbanke",
      "id": "[id]",
      "organization_id": "[id]",
      "person_id": "[id]",
      "purpose": "face_recognition",
      "recorded_at": "[time]",
      "recorded_by": "[id]",
      "state": "given",
      "version": "2026-1"
    }
    "#);
    assert_eq!(organization.teacher.get(&format!("/people/{person}")).await.body["consent"], "given");
    let withdrawn = organization.teacher.post(&format!("{path}/withdraw"), &json!({})).await;
    assert_eq!(withdrawn.body["consent"]["state"], "withdrawn");
    let listed = organization.teacher.get(&path).await;
    let states: Vec<_> = listed.body["items"].as_array().expect("a page").iter().map(|row| &row["state"]).collect();
    assert_eq!(states, ["given", "withdrawn"]);
    let actions: Vec<_> = audited(&app, &organization, &person).await.into_iter().map(|(action, _)| action).collect();
    assert_eq!(actions, ["person_created", "consent_given", "consent_withdrawn"]);

    for wrong in [json!({"version": ""}), json!({}), json!({"version": "1", "at": "2199-01-01T00:00:00Z"})] {
        assert_eq!(organization.teacher.post(&path, &wrong).await.code(), "invalid_request", "{wrong}");
    }
    let once = json!({"version": "2026-2"});
    let (first, again) = (
        organization.teacher.post_once(&path, "k", &once).await,
        organization.teacher.post_once(&path, "k", &once).await,
    );
    assert_eq!((first.status.as_u16(), &first.body), (201, &again.body));
}

#[tokio::test]
async fn whoever_withdraws_is_forgotten_at_once() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let retain = RecognitionPolicy { retain_photos: true, ..RecognitionPolicy::default() };
    let mut conn = app.connection().await;
    store::organizations::set_policy(&mut conn, organization.id, &retain).await.expect("a policy");
    let (person, course) = (organization.person("S1").await, organization.course("BIO").await);
    organization.admin.put(&format!("/courses/{course}/roster/{person}")).await;
    let done = organization.teacher.enroll(&person, &[("a.jpg", &jpeg(64, 64)), ("b.jpg", &jpeg(64, 64))]).await.id();
    finish(&app, &app.next_job().await, vec![accepted(90), accepted(80)], None).await;
    let pending = organization.teacher.enroll(&person, &[("c.jpg", &jpeg(64, 64))]).await.id();
    let capture = organization.teacher.made(&format!("/people/{person}/guided-captures"), &json!({})).await;
    let person_id: PersonId = person.parse().expect("an id");
    let course_id = course.parse().expect("an id");
    let before = store::rosters::version(&mut conn, organization.id, course_id).await.expect("a version");

    let answer = organization.teacher.post(&format!("/people/{person}/consents/withdraw"), &json!({})).await;
    // Two samples and the pooled template; two photos that were retained, and the one that waits.
    let erased = json!({"templates": 3, "photos": 3, "enrollments": 1, "guided_captures": 1});
    assert_eq!((answer.status.as_u16(), &answer.body["erased"]), (200, &erased), "{answer}");
    let after = store::rosters::version(&mut conn, organization.id, course_id).await.expect("a version");
    assert_eq!(after, before.map(|version| version + 1));
    assert_eq!(app.redis().course_version(course_id).await.expect("Redis"), after);
    let revision = store::templates::revision(&mut conn, organization.id).await.expect("a revision");
    assert_eq!(app.redis().template_revision(organization.id).await.expect("Redis"), Some(revision));
    let (of, sealer) = (contract(), app.sealer());
    let changes =
        store::templates::changes_since(&mut conn, &sealer, organization.id, &of, Gallery::Samples, 0, 99).await;
    assert!(changes.expect("changes").iter().all(|change| change.embedding.is_none()));
    let retained = store::templates::retained_photos(&mut conn, &sealer, organization.id, person_id).await;
    assert!(retained.expect("photos").is_empty());

    let shown = organization.teacher.get(&format!("/enrollments/{pending}")).await;
    assert_eq!((&shown.body["state"], &shown.body["photos"][0]["rejection"]), (&json!("failed"), &json!("no_consent")));
    assert_eq!(organization.teacher.get(&format!("/enrollments/{done}")).await.body["state"], "completed");
    let shown = organization.teacher.get(&format!("/guided-captures/{capture}")).await;
    assert_eq!((&shown.body["state"], &shown.body["failure"]), (&json!("failed"), &json!("no_consent")));

    let again = organization.teacher.enroll(&person, &[("a.jpg", &jpeg(64, 64))]).await;
    assert_snapshot!(again, @r#"
    409 Conflict
    {
      "code": "consent_required",
      "detail": "the person has not consented to be recognised, or does so no more",
      "instance": "/api/v1/people/[id]/enrollments",
      "request_id": "[id]",
      "status": 409,
      "title": "Consent required",
      "type": "/docs/errors.md#consent_required"
    }
    "#);
    organization.teacher.post(&format!("/people/{person}/consents"), &json!({"version": "2"})).await;
    assert_eq!(organization.teacher.enroll(&person, &[("a.jpg", &jpeg(64, 64))]).await.status, 202);
}

#[tokio::test]
async fn where_consent_is_required_silence_is_none() {
    let app = TestApp::start().await;
    let required = OrganizationSettings { consent_required: true, ..OrganizationSettings::default() };
    let organization = app.organization_with(required).await;
    let person = organization.person("S1").await;
    let captures = format!("/people/{person}/guided-captures");
    assert_eq!(organization.teacher.enroll(&person, &[("a.jpg", &jpeg(64, 64))]).await.code(), "consent_required");
    assert_eq!(organization.teacher.post(&captures, &json!({})).await.code(), "consent_required");
    assert_eq!(organization.teacher.get(&format!("/people/{person}/enrollments")).await.body["items"], json!([]));
    organization.teacher.made(&format!("/people/{person}/consents"), &json!({"version": "1"})).await;
    let made = organization.teacher.enroll(&person, &[("a.jpg", &jpeg(64, 64))]).await;
    assert_eq!(made.status, 202, "{made}");
    assert_eq!(organization.teacher.post(&captures, &json!({})).await.status, 201);
    assert_eq!(
        audited(&app, &organization, &made.id()).await,
        [("enrollment_created".to_owned(), json!({"person_id": person, "photos": 1}))]
    );
}
