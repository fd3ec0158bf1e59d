//! Probes, and stopping in order.

use insta::assert_snapshot;
use serde_json::json;
use testkit::network::Proxy;

use crate::app::{TestApp, eventually};
use crate::client::{Answer, send};
use crate::socket::Socket;

async fn get(app: &TestApp, path: &str) -> Answer {
    send(reqwest::Client::new().get(format!("{}{path}", app.base))).await
}

#[tokio::test]
async fn a_gateway_is_ready_when_all_that_it_needs_is_there() {
    let url = testkit::servers().expect("servers").redis_url().expect("a Redis").to_owned();
    let (proxy, address) = Proxy::in_front_of(&url).await.expect("a proxy");
    let app = TestApp::start_with(|settings| settings.redis.url = address.into()).await;
    assert_eq!(get(&app, "/livez").await.status, 200);
    let ready = eventually(async || Some(get(&app, "/readyz").await).filter(|answer| answer.status == 200)).await;
    assert_snapshot!(ready, @r#"
    200 OK
    {
      "checks": {
        "broker": "ok",
        "database": "ok",
        "redis": "ok"
      },
      "status": "ready"
    }
    "#);
    proxy.cut();
    assert_snapshot!(get(&app, "/readyz").await, @r#"
    503 Service Unavailable
    {
      "checks": {
        "broker": "ok",
        "database": "ok",
        "redis": "Redis is not available"
      },
      "status": "not_ready"
    }
    "#);
    assert_eq!(get(&app, "/livez").await.status, 200);
}

#[tokio::test]
async fn requests_are_counted_by_route_and_never_by_id() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let person = organization.person("S1").await;
    organization.teacher.get(&format!("/people/{person}")).await;
    let metrics = get(&app, "/metrics").await;
    let text = metrics.body.as_str().expect("text");
    assert!(text.contains("rollcall_http_request_seconds"), "{text}");
    assert!(text.contains("route=\"/api/v1/people/{person_id}\""), "{text}");
    assert!(!text.contains(&person));
}

#[tokio::test]
async fn it_stops_in_order_and_says_goodbye_to_sockets() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let ticket = organization.teacher.post("/live/tickets", &json!({})).await.text("ticket");
    let mut socket = Socket::open(&app, &format!("/live?ticket={ticket}"), &[]).await.expect("an open socket");
    app.stop().await.expect("it stops in order");
    while socket.next().await.is_some() {}
}
