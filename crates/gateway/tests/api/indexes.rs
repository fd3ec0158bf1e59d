//! Snapshots, builds and replicas of an organization's indexes.

use std::collections::BTreeMap;

use chrono::Utc;
use domain::contract::ContractId;
use domain::event::{Event, EventBody};
use domain::index::{BuildCause, BuildStage, BuildState, ReplicaReport, ReplicaState};
use insta::assert_snapshot;
use serde_json::{Value, json};
use store::index_builds;
use store::index_versions::IndexVersion;
use testkit::network::Proxy;
use uuid::Uuid;

use crate::app::{TestApp, TestOrganization};
use crate::client::Answer;
use crate::pictures::jpeg;
use crate::socket::Socket;
use crate::worker::{accepted, contract, finish};

/// Somebody of whom there are templates.
async fn enrolled(app: &TestApp, organization: &TestOrganization) {
    let person = organization.person("S1").await;
    organization.teacher.enroll(&person, &[("a.jpg", &jpeg(64, 64))]).await;
    finish(app, &app.next_job().await, vec![accepted(90)], None).await;
}

async fn rebuild(organization: &TestOrganization, body: &Value) -> Answer {
    organization.admin.post("/index/rebuild", body).await
}

/// A snapshot, as a scheduler records it.
async fn version(app: &TestApp, organization: &TestOrganization, watermark: i64) -> Uuid {
    let version = IndexVersion {
        id: Uuid::now_v7(),
        organization_id: organization.id,
        contract: contract(),
        watermark,
        templates: 1,
        factory: "IVF64,Flat".to_owned(),
        path: format!("{watermark}.index"),
        sha256: "00ff".to_owned(),
        bytes: 1234,
        build_ms: 56,
        created_at: Utc::now(),
        sealed_with: Some("key".to_owned()),
        probes: Some(8),
        recall: Some(0.9375),
        stages: BTreeMap::from([(BuildStage::Training, 30), (BuildStage::Reading, 20)]),
    };
    store::index_versions::insert(&mut *app.connection().await, &version).await.expect("a version");
    version.id
}

fn report(organization: &TestOrganization, version: Uuid) -> ReplicaReport {
    ReplicaReport {
        worker_id: Uuid::now_v7(),
        host: "north-1".to_owned(),
        organization_id: organization.id,
        contract: contract(),
        version_id: Some(version),
        factory: "IVF64,Flat".to_owned(),
        watermark: 1,
        templates: 1,
        people: 1,
        bytes: 4096,
        state: ReplicaState::Following,
        at: Utc::now(),
    }
}

#[tokio::test]
async fn an_organization_that_has_nobody_has_no_index() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    assert_snapshot!(organization.admin.get("/index").await, @r#"
    200 OK
    {
      "indexes": [],
      "revision": 0
    }
    "#);
    assert_snapshot!(organization.admin.get("/index/builds").await, @r#"
    200 OK
    {
      "items": []
    }
    "#);
    assert_snapshot!(rebuild(&organization, &json!({})).await, @r#"
    409 Conflict
    {
      "code": "no_templates",
      "detail": "there are no templates to build an index of",
      "instance": "/api/v1/index/rebuild",
      "request_id": "[id]",
      "status": 409,
      "title": "No templates",
      "type": "/docs/errors.md#no_templates"
    }
    "#);
}

#[tokio::test]
async fn indexes_are_shown_with_builds_and_replicas() {
    let app = TestApp::start().await;
    let (organization, other) = (app.organization().await, app.organization().await);
    enrolled(&app, &organization).await;
    let mut conn = app.connection().await;
    version(&app, &organization, 1).await;
    let newest = version(&app, &organization, 2).await;
    let begin = async |cause| {
        let mut conn = app.connection().await;
        index_builds::begin(&mut conn, organization.id, &contract(), cause, Utc::now()).await.expect("a build").id
    };
    let over = begin(BuildCause::Nightly).await;
    index_builds::end(&mut conn, over, BuildState::New, Some(newest), None, Utc::now()).await.expect("an end");
    let running = begin(BuildCause::Growth).await;
    index_builds::progress(&mut conn, running, BuildStage::Adding, 1, 2, Utc::now()).await.expect("progress");
    let redis = app.redis();
    redis.tell_replica(&report(&organization, newest)).await.expect("Redis");
    redis.tell_replica(&report(&other, newest)).await.expect("Redis");

    let mut shown = organization.admin.get("/index").await;
    let heard = shown.body["indexes"][0]["replicas"][0]["heard_seconds_ago"].take();
    assert!(heard.as_i64().is_some_and(|seconds| (0..15).contains(&seconds)), "{heard}");
    assert_snapshot!(shown, @r#"
    200 OK
    {
      "indexes": [
        {
          "contract": "test-2/1",
          "last": {
            "cause": "nightly",
            "contract": "test-2/1",
            "ended_at": "[time]",
            "id": "[id]",
            "problem": null,
            "requested_at": "[time]",
            "stage": null,
            "started_at": "[time]",
            "state": "new",
            "templates_done": 0,
            "templates_total": 0,
            "updated_at": "[time]",
            "version_id": "[id]"
          },
          "replicas": [
            {
              "bytes": 4096,
              "factory": "IVF64,Flat",
              "heard_seconds_ago": null,
              "host": "north-1",
              "lag": 1,
              "people": 1,
              "state": "following",
              "templates": 1,
              "version_id": "[id]",
              "watermark": 1,
              "worker_id": "[id]"
            }
          ],
          "running": {
            "cause": "growth",
            "contract": "test-2/1",
            "ended_at": null,
            "id": "[id]",
            "problem": null,
            "requested_at": "[time]",
            "stage": "adding",
            "started_at": "[time]",
            "state": "running",
            "templates_done": 1,
            "templates_total": 2,
            "updated_at": "[time]",
            "version_id": null
          },
          "versions": [
            {
              "build_ms": 56,
              "bytes": 1234,
              "created_at": "[time]",
              "factory": "IVF64,Flat",
              "id": "[id]",
              "lag": 0,
              "probes": 8,
              "recall": 0.9375,
              "sha256": "00ff",
              "stages": {
                "reading": 20,
                "training": 30
              },
              "templates": 1,
              "watermark": 2
            },
            {
              "build_ms": 56,
              "bytes": 1234,
              "created_at": "[time]",
              "factory": "IVF64,Flat",
              "id": "[id]",
              "lag": 1,
              "probes": 8,
              "recall": 0.9375,
              "sha256": "00ff",
              "stages": {
                "reading": 20,
                "training": 30
              },
              "templates": 1,
              "watermark": 1
            }
          ],
          "waiting": null
        }
      ],
      "revision": 2
    }
    "#);
    let installation = app.installation_admin().await;
    assert_eq!(installation.get("/index").await.code(), "organization_required");
    let same = installation.within(organization.id).get("/index").await;
    assert_eq!(same.body["indexes"][0]["versions"], shown.body["indexes"][0]["versions"]);
}

#[tokio::test]
async fn a_build_is_asked_for_once_and_followed() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    enrolled(&app, &organization).await;
    let answer = rebuild(&organization, &json!({})).await;
    assert_snapshot!(answer, @r#"
    202 Accepted
    {
      "items": [
        {
          "cause": "requested",
          "contract": "test-2/1",
          "ended_at": null,
          "id": "[id]",
          "problem": null,
          "requested_at": "[time]",
          "stage": null,
          "started_at": null,
          "state": "waiting",
          "templates_done": 0,
          "templates_total": 0,
          "updated_at": "[time]",
          "version_id": null
        }
      ]
    }
    "#);
    let build = answer.body["items"][0].clone();
    let path = format!("/index/builds/{}", build["id"].as_str().expect("an id"));
    assert_eq!(answer.header("location"), format!("/api/v1{path}"));
    assert_eq!(organization.admin.get(&path).await.body, build);

    // Asked again, by name: it is the same one that waits.
    let again = rebuild(&organization, &json!({"contract": contract()})).await;
    assert_eq!((again.status.as_u16(), &again.body["items"][0]["id"]), (202, &build["id"]));
    let strange = rebuild(&organization, &json!({"contract": "strange/1"})).await;
    assert_eq!((strange.status.as_u16(), strange.code()), (409, "no_templates"));
    assert_eq!(rebuild(&organization, &json!({"contracts": []})).await.code(), "invalid_request");
    let asked = organization.admin.get("/audit-log?action=index_rebuild_requested").await;
    assert_eq!(asked.body["items"].as_array().map(Vec::len), Some(2));
    assert_eq!(asked.body["items"][0]["details"], json!({"contracts": [contract()], "index_build_ids": [build["id"]]}));

    // A scheduler fails, and another build is asked for.
    let mut conn = app.connection().await;
    let begun = index_builds::begin(&mut conn, organization.id, &contract(), BuildCause::Nightly, Utc::now()).await;
    let id = begun.expect("a build").id;
    let waits = rebuild(&organization, &json!({})).await.body["items"][0]["id"].clone();
    let problem = Some("the disk is full");
    index_builds::end(&mut conn, id, BuildState::Failed, None, problem, Utc::now()).await.expect("an end");
    let failed = organization.admin.get(&path).await;
    let told = ["cause", "state", "problem"].map(|field| failed.text(field));
    assert_eq!(told, ["requested", "failed", "the disk is full"]);
    let listed = organization.admin.get("/index/builds").await.body["items"].clone();
    let ids: Vec<&Value> = listed.as_array().expect("builds").iter().map(|build| &build["id"]).collect();
    assert_eq!(ids, [&waits, &build["id"]]);
    let newest = organization.admin.get("/index/builds?limit=1").await;
    assert_eq!(newest.body["items"], json!([listed[0]]));
    assert_eq!(organization.admin.get("/index/builds?limit=0").await.code(), "invalid_query");
}

#[tokio::test]
async fn without_redis_nobody_can_tell_what_workers_hold() {
    let url = testkit::servers().expect("servers").redis_url().expect("a Redis").to_owned();
    let (proxy, address) = Proxy::in_front_of(&url).await.expect("a proxy");
    let app = TestApp::start_with(|settings| settings.redis.url = address.into()).await;
    let organization = app.organization().await;
    enrolled(&app, &organization).await;
    assert_eq!(organization.admin.get("/index").await.body["indexes"][0]["replicas"], json!([]));
    proxy.cut();
    let shown = organization.admin.get("/index").await;
    assert_eq!((shown.status.as_u16(), &shown.body["indexes"][0]["replicas"]), (200, &Value::Null));
    assert_eq!(shown.body["indexes"][0]["contract"], json!(contract()));
}

#[tokio::test]
async fn of_a_new_index_administrators_hear() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let version_id = Uuid::now_v7();
    let built = |contract: ContractId| {
        let body = EventBody::IndexBuilt { contract, version_id, watermark: 7, templates: 3 };
        Event { organization_id: organization.id, body }
    };
    let open = async |ticket: String| Socket::open(&app, &format!("/live?ticket={ticket}"), &[]).await;
    let mut admin =
        open(organization.admin.post("/live/tickets", &json!({})).await.text("ticket")).await.expect("open");
    let mut teacher =
        open(organization.teacher.post("/live/tickets", &json!({})).await.text("ticket")).await.expect("open");
    let redis = app.redis();
    // The subscription stands when a session's change comes through.
    let session = organization.planned_session("BIO").await;
    organization.admin.post(&format!("/sessions/{}/start", session.id), &json!({})).await;
    admin.next_of("session_changed").await;
    redis.announce(&built(contract())).await.expect("Redis");
    let heard = admin.next_of("index_built").await;
    let expected = json!({"type": "index_built", "organization_id": organization.id, "contract": contract(),
        "version_id": version_id, "watermark": 7, "templates": 3});
    assert_eq!(heard, expected);

    // What comes after it is the first that the teacher hears.
    let body = EventBody::EnrollmentProgressed {
        enrollment_id: domain::id::Id::new(),
        person_id: domain::id::Id::new(),
        judged: 1,
        photos: 2,
    };
    redis.announce(&Event { organization_id: organization.id, body }).await.expect("Redis");
    loop {
        match teacher.next().await.expect("an open socket")["type"].as_str() {
            Some("resync") => {}
            heard => break assert_eq!(heard, Some("enrollment_progressed")),
        }
    }
}
