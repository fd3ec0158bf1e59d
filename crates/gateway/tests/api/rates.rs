//! Too many requests in a short time.

use gateway::Rates;
use insta::assert_snapshot;
use serde_json::json;

use crate::app::TestApp;
use crate::pictures::jpeg;
use crate::socket::Socket;

/// Three at once, and then one in a very long time.
const FEW: Rates = Rates { per_second: 1, burst: 3 };

#[tokio::test]
async fn a_user_in_a_hurry_is_told_to_wait_and_others_are_not() {
    let app = TestApp::start_with(|settings| settings.rate.users = FEW).await;
    let (hasty, calm) = (app.installation_admin().await, app.installation_admin().await);
    let answers = futures_util::future::join_all((0..20).map(|_| hasty.get("/organizations"))).await;
    let refused: Vec<_> = answers.iter().filter(|answer| answer.status != 200).collect();
    assert!(refused.len() >= 10, "{} of 20 were refused", refused.len());
    assert_snapshot!(refused[0], @r#"
    429 Too Many Requests
    {
      "code": "rate_limited",
      "detail": "too many requests in a short time",
      "instance": "/api/v1/organizations",
      "request_id": "[id]",
      "status": 429,
      "title": "Rate limited",
      "type": "/docs/errors.md#rate_limited"
    }
    "#);
    assert_eq!(refused[0].header("retry-after"), "1");
    assert_eq!(calm.get("/organizations").await.status, 200);
}

#[tokio::test]
async fn frames_have_a_limit_of_their_own() {
    let app = TestApp::start_with(|settings| settings.rate.frames = FEW).await;
    let organization = app.organization().await;
    let session = organization.active_session("BIO").await;
    let (frame, path) = (jpeg(64, 64), format!("/sessions/{}/frames/stream", session.id));
    let camera = app.anonymous().bearing(&organization.camera_key("Hall").await);
    for sender in [&camera, &organization.teacher] {
        let frames = (0..20).map(|_| sender.send_frame(&session.id, "image/jpeg", &frame));
        let answers = futures_util::future::join_all(frames).await;
        let refused = answers.iter().filter(|answer| answer.status != 202);
        assert!(refused.clone().count() >= 10);
        assert!(refused.clone().all(|answer| answer.code() == "rate_limited"));
    }
    assert_eq!(organization.teacher.get("/people").await.status, 200, "only frames are too many");

    // On a socket each frame counts, and a refusal leaves it open.
    let key = organization.camera_key("Door").await;
    let mut socket = Socket::open(&app, &path, &[("x-api-key", &key)]).await.expect("an open socket");
    let mut refused = 0;
    for _ in 0..20 {
        socket.send(frame.clone()).await;
        let answer = loop {
            let message = socket.next().await.expect("an open socket");
            if ["frame_accepted", "frame_refused"].contains(&message["type"].as_str().unwrap_or_default()) {
                break message;
            }
        };
        if answer["type"] == "frame_refused" {
            assert_eq!(answer["problem"]["code"], json!("rate_limited"));
            refused += 1;
        }
    }
    assert!(refused >= 10, "{refused} of 20 were refused");
}

#[tokio::test]
async fn whoever_is_nobody_is_counted_by_address() {
    let app = TestApp::start_with(|settings| {
        settings.rate.addresses = FEW;
        settings.http.behind_proxy = true;
    })
    .await;
    let from = |address: &str, bearer: &'static str| {
        let client = app.anonymous().bearing(bearer);
        let request = client.request(reqwest::Method::GET, "/people").header("x-forwarded-for", address);
        crate::client::send(request)
    };
    for (address, bearer) in [("192.0.2.1", ""), ("192.0.2.2", "nonsense")] {
        let answers = futures_util::future::join_all((0..20).map(|_| from(address, bearer))).await;
        assert!(answers.iter().any(|answer| answer.code() == "rate_limited"), "{bearer}");
    }
    assert_eq!(from("192.0.2.3", "").await.code(), "unauthenticated", "another address");
    // Wrong camera keys are counted too, where they are looked up.
    let session = domain::id::SessionId::new();
    let guesses = (0..20).map(|_| {
        let guess = app.anonymous().bearing("rck_guess");
        async move { guess.send_frame(&session.to_string(), "image/jpeg", &jpeg(64, 64)).await }
    });
    let answers = futures_util::future::join_all(guesses).await;
    assert!(answers.iter().any(|answer| answer.code() == "rate_limited"));
    assert!(answers.iter().any(|answer| answer.code() == "unauthenticated"));
    // Probes are not counted.
    let probe = async || reqwest::get(format!("{}/livez", app.base)).await.expect("an answer").status();
    for _ in 0..20 {
        assert_eq!(probe().await, 200);
    }
}
