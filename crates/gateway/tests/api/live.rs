//! Events as they happen.

use std::time::Duration;

use domain::enrollment::{EnrollmentState, PhotoState};
use domain::event::{Event, EventBody, PhotoOutcome};
use domain::id::{EnrollmentId, PersonId, PhotoId};
use insta::assert_snapshot;
use serde_json::json;

use crate::app::{TestApp, TestOrganization, in_time};
use crate::socket::Socket;

async fn watch(app: &TestApp, organization: &TestOrganization, body: serde_json::Value) -> Socket {
    // A connection of its own, so that the admin's is not an old one later on.
    let admin = app.anonymous().bearing(organization.admin.bearer());
    let ticket = admin.post("/live/tickets", &body).await.text("ticket");
    Socket::open(app, &format!("/live?ticket={ticket}"), &[]).await.expect("an open socket")
}

#[tokio::test]
async fn a_ticket_opens_one_socket_once() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let answer = organization.teacher.post("/live/tickets", &json!({})).await;
    assert_snapshot!(answer, @r#"
    201 Created
    {
      "expires_in": 30,
      "ticket": "[ticket]"
    }
    "#);
    let path = format!("/live?ticket={}", answer.text("ticket"));
    // A request that is no WebSocket does not use it up.
    assert_eq!(app.anonymous().get(&path).await.code(), "websocket_required");
    Socket::open(&app, &path, &[]).await.expect("an open socket");
    let (status, problem) = Socket::open(&app, &path, &[]).await.err().expect("a refusal");
    assert_eq!((status, &problem["code"]), (401, &json!("invalid_ticket")));
    assert_eq!(organization.member.post("/live/tickets", &json!({})).await.code(), "forbidden");
}

#[tokio::test]
async fn sockets_hear_of_their_organization_or_their_session() {
    let app = TestApp::start().await;
    let (ours, theirs) = (app.organization().await, app.organization().await);
    let (bio, art) = (ours.planned_session("BIO").await, ours.planned_session("ART").await);
    let foreign = theirs.planned_session("BIO").await;
    let mut all = watch(&app, &ours, json!({})).await;
    let mut of_art = watch(&app, &ours, json!({"session_id": art.id})).await;
    let refused = ours.teacher.post("/live/tickets", &json!({"session_id": foreign.id})).await;
    assert_eq!(refused.code(), "not_found");

    theirs.admin.post(&format!("/sessions/{}/start", foreign.id), &json!({})).await;
    ours.admin.post(&format!("/sessions/{}/start", bio.id), &json!({})).await;
    ours.admin.post(&format!("/sessions/{}/start", art.id), &json!({})).await;
    assert_eq!(all.next_of("session_changed").await["session_id"], json!(bio.id));
    assert_eq!(all.next_of("session_changed").await["session_id"], json!(art.id));
    assert_eq!(of_art.next_of("session_changed").await["session_id"], json!(art.id));
}

#[tokio::test]
async fn teachers_hear_of_their_own_sessions_and_of_what_is_about_none() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let (own, others) = (organization.planned_session("BIO").await, organization.course("ART").await);
    let other = organization.admin.made("/sessions", &json!({"course_id": others})).await;
    let ticket = async |body| organization.teacher.post("/live/tickets", &body).await;
    assert_eq!(ticket(json!({"session_id": other})).await.code(), "forbidden");
    let open = async |ticket: &str| Socket::open(&app, &format!("/live?ticket={ticket}"), &[]).await;
    let ticket_of_own = ticket(json!({"session_id": own.id})).await.text("ticket");
    let mut of_own = open(&ticket_of_own).await.expect("an open socket");
    let mut of_none = open(&ticket(json!({})).await.text("ticket")).await.expect("an open socket");
    organization.admin.post(&format!("/sessions/{other}/start"), &json!({})).await;
    organization.admin.post(&format!("/sessions/{}/start", own.id), &json!({})).await;
    assert_eq!(of_own.next_of("session_changed").await["session_id"], json!(own.id));
    app.redis().announce(&large_event(&organization)).await.expect("Redis");
    // It comes after the sessions' changes, and is the first that this socket hears.
    loop {
        match of_none.next().await.expect("an open socket")["type"].as_str() {
            Some("resync") => {}
            heard => break assert_eq!(heard, Some("enrollment_finished")),
        }
    }
}

/// An event of about 64 KiB.
fn large_event(organization: &TestOrganization) -> Event {
    let photo =
        || PhotoOutcome { photo_id: PhotoId::new(), state: PhotoState::Accepted, rejection: None, quality: None };
    let body = EventBody::EnrollmentFinished {
        enrollment_id: EnrollmentId::new(),
        person_id: PersonId::new(),
        state: EnrollmentState::Completed,
        photos: (0..700).map(|_| photo()).collect(),
    };
    Event { organization_id: organization.id, body }
}

#[tokio::test]
async fn a_socket_that_does_not_read_is_told_to_resync() {
    let app = TestApp::start_with(|settings| settings.live.backlog = 8).await;
    let organization = app.organization().await;
    let mut slow = watch(&app, &organization, json!({})).await;
    let (redis, event, sent) = (app.redis(), large_event(&organization), 250);
    for _ in 0..sent {
        redis.announce(&event).await.expect("Redis");
    }
    // The first word may be a resync: the subscription may be younger than the socket.
    let mut heard = 0;
    loop {
        match slow.next().await.expect("an open socket")["type"].as_str() {
            Some("enrollment_finished") => heard += 1,
            Some("resync") if heard > 0 => break,
            other => assert_eq!(other, Some("resync")),
        }
    }
    assert!(heard < sent, "all {heard} events waited for a socket that did not read");
    // It has caught up, and goes on hearing.
    let session = organization.planned_session("BIO").await;
    organization.admin.post(&format!("/sessions/{}/start", session.id), &json!({})).await;
    slow.next_of("session_changed").await;
}

#[tokio::test]
async fn sockets_are_limited() {
    let app = TestApp::start_with(|settings| settings.live.sockets = 1).await;
    let organization = app.organization().await;
    let _first = watch(&app, &organization, json!({})).await;
    let ticket = organization.teacher.post("/live/tickets", &json!({})).await.text("ticket");
    let (status, problem) = Socket::open(&app, &format!("/live?ticket={ticket}"), &[]).await.err().expect("a refusal");
    assert_eq!((status, &problem["code"]), (503, &json!("overloaded")));
}

#[tokio::test]
async fn a_socket_without_a_sign_of_life_is_closed() {
    let app = TestApp::start_with(|settings| settings.live.heartbeat_ms = 200).await;
    let organization = app.organization().await;
    let mut alive = watch(&app, &organization, json!({})).await;
    let ticket = organization.teacher.post("/live/tickets", &json!({})).await.text("ticket");
    // A client that opens the socket and then says nothing, not even pong.
    let mut silent = Silent::open(&app, &format!("/api/v1/live?ticket={ticket}")).await;
    let reading = tokio::spawn(async move { alive.next_of("session_changed").await });
    in_time(silent.closed()).await;
    let session = organization.planned_session("BIO").await;
    organization.admin.post(&format!("/sessions/{}/start", session.id), &json!({})).await;
    in_time(reading).await.expect("the one that answers pings is still open");
}

#[tokio::test]
async fn a_socket_ends_when_its_user_may_not_watch_any_more() {
    let app = TestApp::start_with(|settings| settings.live.heartbeat_ms = 100).await;
    let organization = app.organization().await;
    let teacher = app.user(Some(organization.id), domain::user::Role::Teacher).await;
    let ticket = teacher.post("/live/tickets", &json!({})).await.text("ticket");
    let mut socket = Socket::open(&app, &format!("/live?ticket={ticket}"), &[]).await.expect("an open socket");
    let mut other = watch(&app, &organization, json!({})).await;
    let late = teacher.post("/live/tickets", &json!({})).await.text("ticket");
    assert_eq!(teacher.post("/auth/logout", &json!({})).await.status, 204);
    let (_, problem) = Socket::open(&app, &format!("/live?ticket={late}"), &[]).await.err().expect("a refusal");
    assert_eq!(problem["code"], json!("invalid_ticket"));
    // The other one answers pings meanwhile, and stays.
    let reading = tokio::spawn(async move { other.next_of("session_changed").await });
    while let Some(message) = socket.next().await {
        assert_eq!(message["type"], json!("resync"));
    }
    let session = organization.planned_session("BIO").await;
    organization.admin.post(&format!("/sessions/{}/start", session.id), &json!({})).await;
    in_time(reading).await.expect("the other one is still open");
}

/// A WebSocket at the level of bytes.
struct Silent(tokio::net::TcpStream);

impl Silent {
    async fn open(app: &TestApp, path: &str) -> Self {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let address = app.base.trim_start_matches("http://");
        let mut stream = tokio::net::TcpStream::connect(address).await.expect("a connection");
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.expect("an open connection");
        let mut head = [0; 12];
        stream.read_exact(&mut head).await.expect("an answer");
        assert_eq!(&head, b"HTTP/1.1 101");
        Self(stream)
    }

    /// Waits until the other side has closed.
    async fn closed(&mut self) {
        use tokio::io::AsyncReadExt;
        let mut heard = Vec::new();
        let _ = tokio::time::timeout(Duration::from_secs(10), self.0.read_to_end(&mut heard)).await.expect("it closes");
    }
}
