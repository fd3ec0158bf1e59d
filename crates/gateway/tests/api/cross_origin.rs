//! Pages of other origins.

use reqwest::Method;

use crate::app::TestApp;
use crate::client::{Answer, Client, send};

const PANEL: &str = "https://panel.example";

async fn preflight(client: &Client, origin: &str, method: &str) -> Answer {
    let request = client.request(Method::OPTIONS, "/people").header("origin", origin);
    let request = request.header("access-control-request-method", method);
    send(request.header("access-control-request-headers", "authorization, x-organization-id, idempotency-key")).await
}

#[tokio::test]
async fn pages_of_the_list_may_use_the_api() {
    let app = TestApp::start_with(|settings| settings.http.cors_origins = vec![PANEL.to_owned()]).await;
    let nobody = app.anonymous();
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
        let answer = preflight(&nobody, PANEL, method).await;
        assert_eq!((answer.status.as_u16(), answer.header("access-control-allow-origin")), (200, PANEL), "{method}");
        assert_eq!(answer.header("access-control-allow-credentials"), "", "there are no cookies");
    }
    let read = async |origin: &str| send(nobody.request(Method::GET, "/people").header("origin", origin)).await;
    let refused = read(PANEL).await;
    assert_eq!((refused.code(), refused.header("access-control-allow-origin")), ("unauthenticated", PANEL));
    assert!(refused.header("access-control-expose-headers").contains("x-request-id"));
    let evil = "https://evil.example";
    assert_eq!(preflight(&nobody, evil, "GET").await.header("access-control-allow-origin"), "");
    assert_eq!(read(evil).await.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn without_a_list_no_page_may() {
    let app = TestApp::start().await;
    let answer = preflight(&app.anonymous(), PANEL, "GET").await;
    assert_eq!((answer.status.as_u16(), answer.header("access-control-allow-origin")), (405, ""));
}
