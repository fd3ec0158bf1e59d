//! What members do about their own face.

use domain::enrollment::Duplicate;
use domain::organization::OrganizationSettings;
use domain::user::Role;
use insta::assert_snapshot;
use reqwest::Method;
use serde_json::json;

use crate::app::{TestApp, TestOrganization};
use crate::client::{Answer, Client, form, send};
use crate::people_changes::audited;
use crate::pictures::jpeg;
use crate::worker::{accepted, finish};

/// A member who is a person of the organization, and the person's id.
async fn member(app: &TestApp, organization: &TestOrganization) -> (Client, String) {
    let person = organization.person("S1").await;
    let id = person.parse().expect("an id");
    (app.user_who_is(Some(organization.id), Role::Member, Some(id)).await, person)
}

async fn enroll(client: &Client) -> Answer {
    let photos = form("photos", &[("me.jpg", &jpeg(64, 64)[..])]);
    send(client.request(Method::POST, "/users/me/enrollments").multipart(photos)).await
}

fn enrolling() -> OrganizationSettings {
    OrganizationSettings { members_may_enroll: true, ..OrganizationSettings::default() }
}

#[tokio::test]
async fn a_member_sees_themselves_without_the_notes_of_staff() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let (me, person) = member(&app, &organization).await;
    organization.teacher.patch(&format!("/people/{person}"), &json!({"notes": "talks"})).await;
    let shown = me.get("/users/me/person").await;
    assert_eq!((shown.id(), &shown.body["notes"]), (person, &json!(null)));
    assert_snapshot!(organization.member.get("/users/me/person").await, @r#"
    403 Forbidden
    {
      "code": "no_person",
      "detail": "this account is not of a person whose attendance is taken",
      "instance": "/api/v1/users/me/person",
      "request_id": "[id]",
      "status": 403,
      "title": "No person",
      "type": "/docs/errors.md#no_person"
    }
    "#);
}

#[tokio::test]
async fn a_member_enrolls_themselves_where_that_is_allowed() {
    let app = TestApp::start().await;
    let strict = app.organization().await;
    let (refused, _) = member(&app, &strict).await;
    assert_eq!(enroll(&refused).await.code(), "forbidden");
    assert_eq!(refused.post("/users/me/guided-captures", &json!({})).await.code(), "forbidden");

    let organization = app.organization_with(enrolling()).await;
    let (me, person) = member(&app, &organization).await;
    let made = enroll(&me).await;
    assert_eq!((made.status.as_u16(), made.text("person_id")), (202, person.clone()), "{made}");
    let path = format!("/users/me/enrollments/{}", made.id());
    assert_eq!(made.header("location"), format!("/api/v1{path}"));
    assert_eq!(me.get(&path).await.body, made.body);
    assert_eq!(me.get("/users/me/enrollments").await.body["items"], json!([made.body]));
    assert_eq!(organization.teacher.get(&format!("/enrollments/{}", made.id())).await.body, made.body);
    assert_eq!(app.next_job().await.enrollment_id.to_string(), made.id());
    assert_eq!(
        audited(&app, &organization, &made.id()).await,
        [("enrollment_created".to_owned(), json!({"person_id": person, "photos": 1}))]
    );

    let other = organization.person("S2").await;
    let theirs = organization.teacher.enroll(&other, &[("a.jpg", &jpeg(64, 64))]).await.id();
    assert_eq!(me.get(&format!("/users/me/enrollments/{theirs}")).await.code(), "not_found");
    assert_eq!(me.get(&format!("/enrollments/{theirs}")).await.code(), "forbidden");
}

#[tokio::test]
async fn whom_a_member_looks_like_is_not_told() {
    let app = TestApp::start().await;
    let organization = app.organization_with(enrolling()).await;
    let (me, _) = member(&app, &organization).await;
    let other = organization.person("S2").await;
    let id = enroll(&me).await.id();
    let duplicate = Duplicate { person_id: other.parse().expect("an id"), similarity: 0.9 };
    finish(&app, &app.next_job().await, vec![accepted(90)], Some(duplicate)).await;
    let mine = me.get(&format!("/users/me/enrollments/{id}")).await;
    assert_eq!((&mine.body["state"], &mine.body["duplicate"]), (&json!("duplicate_suspected"), &json!(null)));
    let seen = organization.teacher.get(&format!("/enrollments/{id}")).await;
    assert_eq!(seen.body["duplicate"]["person_id"], json!(other));
}

#[tokio::test]
async fn a_member_is_captured_step_by_step() {
    let app = TestApp::start().await;
    let organization = app.organization_with(enrolling()).await;
    let (me, person) = member(&app, &organization).await;
    let made = me.post("/users/me/guided-captures", &json!({})).await;
    assert_eq!((made.status.as_u16(), made.text("person_id")), (201, person), "{made}");
    let path = format!("/users/me/guided-captures/{}", made.id());
    assert_eq!(me.get(&path).await.body, made.body);
    let frame = me.request(Method::POST, &format!("{path}/frames")).header("content-type", "image/jpeg");
    assert_eq!(send(frame.body(jpeg(64, 64))).await.status, 202);

    let other = organization.person("S2").await;
    let theirs = organization.teacher.made(&format!("/people/{other}/guided-captures"), &json!({})).await;
    let path = format!("/users/me/guided-captures/{theirs}");
    assert_eq!(me.get(&path).await.code(), "not_found");
    let frame = me.request(Method::POST, &format!("{path}/frames")).header("content-type", "image/jpeg");
    assert_eq!(send(frame.body(jpeg(64, 64))).await.code(), "not_found");
}

#[tokio::test]
async fn a_member_consents_and_takes_it_back() {
    let app = TestApp::start().await;
    let settings = OrganizationSettings { consent_required: true, ..enrolling() };
    let organization = app.organization_with(settings).await;
    let (me, person) = member(&app, &organization).await;
    assert_eq!(enroll(&me).await.code(), "consent_required");
    let given = me.post("/users/me/consents", &json!({"version": "2026-1"})).await;
    assert_eq!((given.status.as_u16(), given.text("person_id")), (201, person.clone()), "{given}");
    assert_eq!(enroll(&me).await.status, 202);
    let withdrawn = me.post("/users/me/consents/withdraw", &json!({})).await;
    assert_eq!(withdrawn.body["erased"]["enrollments"], 1, "{withdrawn}");
    assert_eq!(enroll(&me).await.code(), "consent_required");
    let listed = me.get("/users/me/consents").await;
    assert_eq!(listed.body["items"].as_array().map(Vec::len), Some(2));
    let actions: Vec<_> = audited(&app, &organization, &person).await.into_iter().map(|(action, _)| action).collect();
    assert_eq!(actions, ["person_created", "consent_given", "consent_withdrawn"]);
}
