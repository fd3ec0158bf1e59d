//! Erasing people, and what proves it.

use domain::embedding::Embedding;
use domain::enrollment::PhotoVerdict;
use domain::erasure::SignedReceipt;
use domain::id::PersonId;
use domain::user::Role;
use insta::assert_snapshot;
use messaging::EnrollmentJob;
use serde_json::{Value, json};

use crate::app::{TestApp, TestOrganization};
use crate::client::{Answer, Client};
use crate::pictures::jpeg;

async fn erase(client: &Client, person_id: &str) -> Answer {
    client.post(&format!("/people/{person_id}/erasure"), &json!({})).await
}

fn face() -> Embedding {
    Embedding::normalized(vec![0.6, 0.8]).expect("a face")
}

/// A member who is a new person.
async fn member(app: &TestApp, organization: &TestOrganization, external_id: &str) -> (Client, String) {
    let person_id = organization.person(external_id).await;
    let person: PersonId = person_id.parse().expect("an id");
    (app.user_who_is(Some(organization.id), Role::Member, Some(person)).await, person_id)
}

/// The receipt of an answer, checked with the key that the gateway shows.
async fn checked(client: &Client, document: &Value) -> SignedReceipt {
    let key = client.get("/erasure-receipts/key").await;
    store::signer::verify(document, &key.text("public_key")).expect("a sound receipt")
}

#[tokio::test]
async fn an_erasure_is_answered_with_a_receipt() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let (admin, person) = (&organization.admin, organization.person("S001").await);
    organization.teacher.enroll(&person, &[("a.jpg", &jpeg(64, 64)), ("b.jpg", &jpeg(64, 64))]).await;
    let course = organization.course("BIO").await;
    admin.put(&format!("/courses/{course}/roster/{person}")).await;

    assert_eq!(erase(&organization.teacher, &person).await.code(), "forbidden");
    let mut answer = erase(admin, &person).await;
    let path = answer.header("location").strip_prefix("/api/v1").expect("an address").to_owned();
    let receipt = checked(&organization.member, &answer.body).await.receipt;
    assert_eq!((receipt.person_id.to_string(), receipt.organization_id), (person.clone(), organization.id));
    assert_eq!(admin.get(&path).await.body, answer.body);
    assert_eq!(admin.get("/erasure-receipts").await.body["items"], json!([answer.body]));
    for part in ["signature", "key_id"] {
        answer.body[part] = json!("…");
    }
    for part in ["external_id_hmac", "audit_hash"] {
        answer.body["receipt"][part] = json!("…");
    }
    assert_snapshot!(answer, @r#"
    201 Created
    {
      "algorithm": "Ed25519",
      "key_id": "…",
      "receipt": {
        "audit_hash": "…",
        "audit_sequence": 8,
        "deleted": {
          "enrollment_photos": 2,
          "enrollments": 1,
          "person_keys": 1,
          "roster_entries": 1,
          "roster_periods": 1
        },
        "erased_at": "[time]",
        "external_id_hmac": "…",
        "id": "[id]",
        "organization_id": "[id]",
        "person_id": "[id]",
        "requested_at": null
      },
      "signature": "…"
    }
    "#);

    assert_eq!(admin.get(&format!("/people/{person}")).await.code(), "not_found");
    assert_eq!(erase(admin, &person).await.code(), "not_found");
    let entry = admin.get("/audit-log?action=person_erased").await.body["items"][0].clone();
    assert_eq!((&entry["sequence"], &entry["hash"]), (&json!(receipt.audit_sequence), &json!(receipt.audit_hash)));
    assert_eq!(entry["subject_id"], json!(person));
    assert_eq!(admin.get("/audit-log/verification").await.body["is_whole"], true);
}

#[tokio::test]
async fn an_erasure_that_is_sent_again_is_answered_again() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let path = format!("/people/{}/erasure", organization.person("S001").await);
    let first = organization.admin.post_once(&path, "once", &json!({})).await;
    assert_eq!(first.status, 201);
    assert_eq!(organization.admin.post_once(&path, "once", &json!({})).await.body, first.body);
}

#[tokio::test]
async fn answers_that_were_kept_do_not_outlive_the_person() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let new = |external_id| json!({"kind": "student", "external_id": external_id, "name": "Ada Lovelace"});
    let one = organization.admin.post_once("/people", "one", &new("S1")).await;
    let other = organization.admin.post_once("/people", "other", &new("S2")).await;
    erase(&organization.admin, &one.id()).await;
    assert_eq!(organization.admin.post_once("/people", "other", &new("S2")).await.body, other.body);
    let made_anew = organization.admin.post_once("/people", "one", &new("S1")).await;
    assert_ne!(made_anew.id(), one.id());
}

#[tokio::test]
async fn a_log_whose_end_was_cut_off_is_found_out_by_a_receipt() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    organization.person("S1").await;
    erase(&organization.admin, &organization.person("S2").await).await;
    app.execute(
        "ALTER TABLE audit_entries DISABLE TRIGGER audit_entries_stay; \
         DELETE FROM audit_entries WHERE sequence >= 2",
    )
    .await;
    let found = organization.admin.get("/audit-log/verification").await;
    let problem =
        json!({"kind": "cut_off", "sequence": 2, "detail": "the log ends with entry 1, but entry 6 was written"});
    assert_eq!((&found.body["is_whole"], &found.body["problems"]), (&json!(false), &json!([problem])));
}

#[tokio::test]
async fn a_member_asks_and_an_administrator_decides() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let (member, person) = member(&app, &organization, "S001").await;
    let mine = "/users/me/erasure-request";
    assert_eq!(member.get(mine).await.code(), "not_found");
    assert_eq!(organization.member.post(mine, &json!({})).await.code(), "no_person");
    let asked = member.post(mine, &json!({})).await;
    assert_snapshot!(asked, @r#"
    201 Created
    {
      "decided_at": null,
      "decided_by": null,
      "id": "[id]",
      "organization_id": "[id]",
      "person_id": "[id]",
      "reason": null,
      "requested_at": "[time]",
      "state": "pending"
    }
    "#);
    assert_eq!(member.post(mine, &json!({})).await.code(), "already_exists");
    let pending = "/erasure-requests?state=pending";
    assert_eq!(organization.admin.get(pending).await.body["items"], json!([asked.body]));

    let decline = format!("/erasure-requests/{}/decline", asked.id());
    assert_eq!(organization.admin.post(&decline, &json!({"reason": " "})).await.code(), "invalid_request");
    let reason = json!({"reason": "We must keep it until the term ends."});
    let declined = organization.admin.post(&decline, &reason).await;
    assert_eq!((declined.status.as_u16(), &declined.body["state"]), (200, &json!("declined")), "{declined}");
    assert_eq!(member.get(mine).await.body, declined.body);
    assert_snapshot!(organization.admin.post(&decline, &reason).await, @r#"
    409 Conflict
    {
      "code": "erasure_request_state",
      "detail": "the request to be erased was decided before",
      "instance": "/api/v1/erasure-requests/[id]/decline",
      "request_id": "[id]",
      "status": 409,
      "title": "Request decided",
      "type": "/docs/errors.md#erasure_request_state"
    }
    "#);
    assert_eq!(organization.admin.get(pending).await.body["items"], json!([]));

    // Later, again: and now it is done.
    let again = member.post(mine, &json!({})).await;
    let receipt = checked(&organization.admin, &erase(&organization.admin, &person).await.body).await.receipt;
    assert_eq!(json!(receipt.requested_at), again.body["requested_at"]);
    assert_eq!(receipt.deleted.get("users"), Some(&1));
    assert_eq!(member.get("/users/me").await.code(), "unauthenticated", "the account went with the person");
    assert_eq!(organization.admin.get("/erasure-requests").await.body["items"], json!([]));
    let log = organization.admin.get(&format!("/audit-log?subject_id={person}")).await;
    let actions: Vec<&str> =
        log.body["items"].as_array().expect("items").iter().filter_map(|item| item["action"].as_str()).collect();
    let expected =
        ["person_created", "erasure_requested", "erasure_request_declined", "erasure_requested", "person_erased"];
    assert_eq!(actions, expected);
}

#[tokio::test]
async fn a_teacher_who_is_erased_as_a_person_can_still_log_in() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let person_id = organization.person("T1").await;
    let person: PersonId = person_id.parse().expect("an id");
    let teacher = app.user_who_is(Some(organization.id), Role::Teacher, Some(person)).await;
    let receipt = checked(&teacher, &erase(&organization.admin, &person_id).await.body).await.receipt;
    assert_eq!(receipt.deleted.get("users"), None);
    assert_eq!(teacher.get("/users/me").await.body["person_id"], json!(null));
}

#[tokio::test]
async fn workers_are_told_of_removals_at_once() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    for deletes in [true, false] {
        let person = organization.person("S1").await;
        let course = organization.course(&format!("C-{deletes}")).await;
        organization.admin.put(&format!("/courses/{course}/roster/{person}")).await;
        let id = organization.teacher.enroll(&person, &[("a.jpg", &jpeg(64, 64))]).await.id();
        let job = EnrollmentJob::new(organization.id, id.parse().expect("an id"));
        let verdict = PhotoVerdict::Accepted { embedding: face(), augmented: Vec::new(), quality: 90 };
        let finished = crate::worker::finish(&app, &job, vec![verdict], None).await;
        let gone = if deletes {
            organization.admin.delete(&format!("/people/{person}")).await
        } else {
            erase(&organization.admin, &person).await
        };
        assert!(gone.status.is_success(), "{gone}");
        let told = app.redis().template_revision(organization.id).await.expect("Redis");
        assert!(told > Some(finished.template_revision), "{told:?}");
    }
}
