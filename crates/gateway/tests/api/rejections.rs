//! "Not this person".

use chrono::{TimeDelta, Utc};
use domain::frame::FrameHeader;
use domain::id::{FrameId, Id};
use domain::sighting::Outcome;
use domain::user::Role;
use insta::assert_snapshot;
use serde_json::{Value, json};
use store::sightings::{FaceKeeping, record_with_faces};

use crate::app::{TestApp, TestOrganization, TestSession};
use crate::client::{Answer, Client};
use crate::worker::{evidence, face, header, result, sighting};

/// A session in which one face was taken for its person, and one for nobody.
struct Match {
    session: TestSession,
    frame: FrameHeader,
}

impl Match {
    async fn of(app: &TestApp, organization: &TestOrganization, code: &str) -> Self {
        let session = organization.active_session(code).await;
        let frame = header(organization, &session, FrameId::new());
        let person = session.person_id.parse().expect("an id");
        let found = result(vec![sighting(0, Some(person), Outcome::Present), sighting(1, None, Outcome::Unknown)]);
        let (sealer, faces) = (app.sealer(), [(0, face(0.5)), (1, face(1.5))]);
        let keeping = FaceKeeping { sealer: &sealer, faces: &faces, until: Utc::now() + TimeDelta::days(1) };
        let recorded = record_with_faces(&mut *app.connection().await, &frame, &found, &evidence(), keeping).await;
        recorded.expect("it is recorded");
        Self { session, frame }
    }

    fn path(&self, face_index: i16) -> String {
        format!("/sessions/{}/sightings/{}/{face_index}/reject", self.session.id, self.frame.frame_id)
    }

    async fn reject(&self, client: &Client, body: Value) -> Answer {
        client.post(&self.path(0), &body).await
    }

    /// How each person stands, by external id.
    async fn states(&self, client: &Client) -> Vec<Value> {
        let listed = client.get(&format!("/sessions/{}/attendance", self.session.id)).await;
        listed.body["items"].as_array().expect("a list").iter().map(|row| row["state"].clone()).collect()
    }
}

#[tokio::test]
async fn a_wrong_match_is_rejected_heeded_and_may_be_taken_back() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let wrong = Match::of(&app, &organization, "BIO").await;
    let other_course = organization.course("ART").await.parse().expect("an id");
    assert_eq!(wrong.states(&organization.admin).await, [json!("present")]);
    let answer = wrong.reject(&organization.teacher, json!({"reason": " It is her sister. "})).await;
    assert_snapshot!(answer, @r#"
    201 Created
    {
      "actual_person_id": null,
      "created_at": "[time]",
      "face_index": 0,
      "frame_id": "[id]",
      "id": "[id]",
      "is_remembered": true,
      "person_id": "[id]",
      "reason": "It is her sister.",
      "rejected_by": "[id]",
      "session_id": "[id]"
    }
    "#);
    let path = answer.header("location").strip_prefix("/api/v1").expect("a path").to_owned();
    assert_eq!(organization.teacher.get(&path).await.body, answer.body);
    let list = format!("/people/{}/rejections", wrong.session.person_id);
    assert_eq!(organization.teacher.get(&list).await.body, json!({"items": [answer.body], "next": null}));
    assert_eq!(wrong.states(&organization.admin).await, [Value::Null]);
    let told = app.redis().course_version(other_course).await.expect("Redis");
    assert!(told.is_some_and(|version| version > 1), "workers of all courses are told: {told:?}");

    assert_eq!(organization.teacher.delete(&path).await.status, 204);
    assert_eq!(organization.teacher.delete(&path).await.code(), "not_found");
    assert_eq!(organization.teacher.get(&path).await.code(), "not_found");
    assert_eq!(wrong.states(&organization.admin).await, [json!("present")]);
    let log =
        store::audit::list(&mut *app.connection().await, Some(organization.id), None, 0, 99).await.expect("a log");
    let subject = log.last().and_then(|entry| entry.subject_id).map(|id| id.to_string());
    assert_eq!(subject.as_deref(), path.rsplit('/').next());
    let last: Vec<&str> = log.iter().rev().take(2).map(|entry| entry.action.as_str()).collect();
    assert_eq!(last, ["match_rejection_undone", "match_rejected"]);
    assert!(log.iter().all(|entry| !entry.details.contains("sister")), "reasons may name people");
}

#[tokio::test]
async fn who_it_really_is_is_marked() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let wrong = Match::of(&app, &organization, "BIO").await;
    let sister = organization.person("SISTER").await;
    let roster = format!("/courses/{}/roster/{sister}", wrong.session.course_id);
    assert_eq!(organization.admin.put(&roster).await.status, 200);
    let body = json!({"reason": "It is her sister", "actual_person_id": sister});
    let answer = organization.admin.post_once(&wrong.path(0), "a key", &body).await;
    assert_eq!((answer.status.as_u16(), &answer.body["actual_person_id"]), (201, &json!(sister)));
    assert_eq!(wrong.states(&organization.admin).await, [Value::Null, json!("present")]);
    let again = organization.admin.post_once(&wrong.path(0), "a key", &body).await;
    assert_eq!((again.status.as_u16(), again.body), (201, answer.body), "sent again, it is answered again");
}

#[tokio::test]
async fn what_cannot_be_rejected_is_refused() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let wrong = Match::of(&app, &organization, "BIO").await;
    let admin = &organization.admin;
    let check = async |path: String, body: Value, expected: (u16, &str)| {
        let answer = admin.post(&path, &body).await;
        assert_eq!((answer.status.as_u16(), answer.code()), expected, "{path} {body}: {answer}");
    };
    let why = json!({"reason": "It is not her"});
    check(wrong.path(1), why.clone(), (409, "not_a_match")).await;
    check(wrong.path(2), why.clone(), (404, "not_found")).await;
    let nowhere = format!("/sessions/{}/sightings/{}/0/reject", wrong.session.id, Id::<()>::new());
    check(nowhere, why.clone(), (404, "not_found")).await;
    check(wrong.path(0), json!({"reason": "  "}), (422, "invalid_request")).await;
    check(wrong.path(0), json!({"reason": "x".repeat(501)}), (422, "invalid_request")).await;
    let herself = json!({"reason": "It is herself", "actual_person_id": wrong.session.person_id});
    check(wrong.path(0), herself, (422, "invalid_request")).await;
    let nobody = json!({"reason": "It is nobody", "actual_person_id": Id::<()>::new()});
    check(wrong.path(0), nobody, (404, "not_found")).await;
    assert_eq!(wrong.states(admin).await, [json!("present")]);
    assert_eq!(wrong.reject(admin, why.clone()).await.status, 201);
    check(wrong.path(0), why, (409, "already_exists")).await;
}

#[tokio::test]
async fn teachers_reject_in_their_own_courses_and_nobody_in_another_organization() {
    let app = TestApp::start().await;
    let (organization, strange) = (app.organization().await, app.organization().await);
    let (own, other) = (Match::of(&app, &organization, "BIO").await, Match::of(&app, &organization, "ART").await);
    let substitute = app.user(Some(organization.id), Role::Teacher).await;
    let why = json!({"reason": "It is not her"});
    let rejected = other.reject(&organization.admin, why.clone()).await;
    let path = format!("/rejections/{}", rejected.id());
    assert_eq!(other.reject(&substitute, why.clone()).await.code(), "forbidden");
    for refused in [substitute.get(&path).await, substitute.delete(&path).await] {
        assert_eq!((refused.status.as_u16(), refused.code()), (403, "forbidden"));
    }
    let list = substitute.get(&format!("/people/{}/rejections", other.session.person_id)).await;
    assert_eq!(list.body["items"], json!([]));
    assert_eq!(own.reject(&organization.teacher, why.clone()).await.status, 201);

    for client in [&strange.admin, &strange.teacher] {
        let answers = [
            client.get(&path).await,
            client.delete(&path).await,
            own.reject(client, why.clone()).await,
            client.get(&format!("/people/{}/rejections", own.session.person_id)).await,
        ];
        for answer in answers {
            assert_eq!((answer.status.as_u16(), answer.code()), (404, "not_found"));
        }
    }
    assert_eq!(organization.admin.get(&path).await.body, rejected.body);
}
