//! Servers that go away and come back.

use insta::assert_snapshot;
use secrecy::ExposeSecret;
use serde_json::json;
use testkit::network::Proxy;

use crate::app::{TestApp, eventually, in_time};
use crate::pictures::jpeg;
use crate::socket::Socket;

#[tokio::test]
async fn without_the_broker_frames_are_refused_and_durable_work_is_kept() {
    let url = testkit::servers().expect("servers").broker_url().expect("a broker").to_owned();
    let (proxy, address) = Proxy::in_front_of(&url).await.expect("a proxy");
    let app = TestApp::start_with(|settings| settings.broker.url = address.into()).await;
    let organization = app.organization().await;
    let session = organization.active_session("BIO").await;
    let frame = async || organization.teacher.send_frame(&session.id, "image/jpeg", &jpeg(64, 64)).await;
    eventually(async || (frame().await.status == 202).then_some(())).await;

    proxy.cut();
    let refused = eventually(async || Some(frame().await).filter(|answer| answer.status != 202)).await;
    assert_snapshot!(refused, @r#"
    503 Service Unavailable
    {
      "code": "unavailable",
      "detail": "the message broker is away",
      "instance": "/api/v1/sessions/[id]/frames",
      "request_id": "[id]",
      "status": 503,
      "title": "Unavailable",
      "type": "/docs/errors.md#unavailable"
    }
    "#);
    assert_eq!(refused.header("retry-after"), "5");
    let kept = organization.teacher.enroll(&session.person_id, &[("a.jpg", &jpeg(64, 64))]).await;
    assert_eq!((kept.status.as_u16(), &kept.body["state"]), (202, &json!("pending")));
    assert_eq!(organization.teacher.get(&format!("/enrollments/{}", kept.id())).await.body, kept.body);

    let kept = organization.teacher.send_class_photo(&session.id, "", "image/jpeg", &jpeg(64, 64)).await;
    assert_eq!((kept.status.as_u16(), &kept.body["state"]), (202, &json!("pending")));
    let captures = format!("/people/{}/guided-captures", session.person_id);
    let capture = organization.teacher.made(&captures, &json!({})).await;
    let look = organization.teacher.send_look(&capture, "?wait=1", "image/jpeg", &jpeg(64, 64)).await;
    assert_eq!((look.status.as_u16(), look.code()), (503, "unavailable"));

    proxy.heal();
    eventually(async || (frame().await.status == 202).then_some(())).await;
}

#[tokio::test]
async fn without_the_database_everything_waits_politely() {
    let servers = testkit::servers().expect("servers");
    let (proxy, address) = Proxy::in_front_of(servers.database_url().expect("a database")).await.expect("a proxy");
    let port = address.parse::<url::Url>().expect("a URL").port().expect("a port");
    let app = TestApp::start_with(|settings| {
        let mut url: url::Url = settings.database.url.expose_secret().parse().expect("a URL");
        url.set_port(Some(port)).expect("a port");
        settings.database.url = url.to_string().into();
    })
    .await;
    let organization = app.organization().await;
    assert_eq!(organization.teacher.get("/people").await.status, 200);
    proxy.cut();
    let refused = organization.teacher.get("/people").await;
    assert_snapshot!(refused, @r#"
    503 Service Unavailable
    {
      "code": "unavailable",
      "detail": "the database is away",
      "instance": "/api/v1/people",
      "request_id": "[id]",
      "status": 503,
      "title": "Unavailable",
      "type": "/docs/errors.md#unavailable"
    }
    "#);
    assert_eq!(refused.header("retry-after"), "5");
    let login = app.anonymous().log_in("somebody@example.org", "a password").await;
    assert_eq!(login.code(), "unavailable");
    proxy.heal();
    assert_eq!(organization.teacher.get("/people").await.status, 200);
}

#[tokio::test]
async fn without_redis_sockets_resync_and_all_that_is_true_goes_on() {
    let url = testkit::servers().expect("servers").redis_url().expect("a Redis").to_owned();
    let (proxy, address) = Proxy::in_front_of(&url).await.expect("a proxy");
    let app = TestApp::start_with(|settings| settings.redis.url = address.into()).await;
    let organization = app.organization().await;
    let session = organization.planned_session("BIO").await;
    let ticket = organization.admin.post("/live/tickets", &json!({})).await.text("ticket");
    let mut socket = Socket::open(&app, &format!("/live?ticket={ticket}"), &[]).await.expect("an open socket");
    // The subscription stands when an event comes through.
    organization.teacher.post(&format!("/sessions/{}/start", session.id), &json!({})).await;
    socket.next_of("session_changed").await;

    proxy.cut();
    let missed = organization.teacher.post(&format!("/sessions/{}/close", session.id), &json!({})).await;
    assert_eq!(missed.body["state"], json!("closed"));
    assert_snapshot!(organization.teacher.post("/live/tickets", &json!({})).await, @r#"
    503 Service Unavailable
    {
      "code": "unavailable",
      "detail": "Redis is away",
      "instance": "/api/v1/live/tickets",
      "request_id": "[id]",
      "status": 503,
      "title": "Unavailable",
      "type": "/docs/errors.md#unavailable"
    }
    "#);
    proxy.heal();
    in_time(socket.next_of("resync")).await;
    let state = organization.teacher.get(&format!("/sessions/{}", session.id)).await;
    assert_eq!(state.body["state"], json!("closed"));
}
