//! Staying logged in by a cookie, as the panel does.

use insta::assert_snapshot;
use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{PASSWORD, TestApp, TestOrganization};
use crate::client::{Answer, Client, send};

/// A browser: what it was told to keep, and which page asks.
struct Browser {
    client: Client,
    cookie: Option<String>,
    site: Option<&'static str>,
}

impl Browser {
    fn new(app: &TestApp) -> Self {
        Self { client: app.anonymous(), cookie: None, site: Some("same-origin") }
    }

    /// Sends what a page's `fetch` would, and keeps what the answer says of the cookie.
    async fn post(&mut self, path: &str, body: Option<Value>) -> Answer {
        let mut request = self.client.request(Method::POST, path);
        if let Some(body) = body {
            request = request.json(&body);
        }
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", format!("theme=dark; {cookie}"));
        }
        if let Some(site) = self.site {
            request = request.header("sec-fetch-site", site);
        }
        let answer = send(request).await;
        if let Some((pair, _)) = answer.header("set-cookie").split_once(';') {
            self.cookie = Some(pair.to_owned());
        }
        answer
    }

    async fn log_in(app: &TestApp, organization: &TestOrganization) -> Self {
        let email = organization.teacher.get("/users/me").await.text("email");
        let mut browser = Self::new(app);
        let answer =
            browser.post("/auth/login", Some(json!({"email": email, "password": PASSWORD, "cookie": true}))).await;
        assert_eq!(answer.status, 200, "{answer}");
        browser.client = app.anonymous().bearing(&answer.text("access_token"));
        browser
    }

    async fn refresh(&mut self) -> Answer {
        self.post("/auth/refresh", None).await
    }
}

/// A `Set-Cookie` header without the secret.
fn shape(answer: &Answer) -> String {
    let header = answer.header("set-cookie");
    let (pair, rest) = header.split_once(';').unwrap_or((header, ""));
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    format!("{name}={};{rest}", if value.starts_with("rrt_") { "rrt_…" } else { value })
}

#[tokio::test]
async fn the_cookie_keeps_the_refresh_token_and_nobody_is_told_it() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let email = organization.teacher.get("/users/me").await.text("email");
    let mut browser = Browser::new(&app);
    let body = json!({"email": email, "password": PASSWORD, "cookie": true});
    let first = browser.post("/auth/login", Some(body)).await;
    assert_snapshot!(first, @r#"
    200 OK
    {
      "access_token": "[access_token]",
      "expires_in": 900,
      "password_change_required": false,
      "refresh_expires_in": 2592000,
      "refresh_token": null,
      "token_type": "bearer"
    }
    "#);
    let expected = "rollcall_refresh=rrt_…; Path=/api/v1/auth; Max-Age=2592000; HttpOnly; SameSite=Strict";
    assert_eq!((shape(&first).as_str(), first.header("cache-control")), (expected, "no-store"));
    let before = browser.cookie.clone();
    let second = browser.refresh().await;
    assert_eq!((second.status.as_u16(), &second.body["refresh_token"]), (200, &Value::Null), "{second}");
    assert_eq!(shape(&second), expected);
    assert_ne!(before, browser.cookie, "each is good once");
    let me = app.anonymous().bearing(&second.text("access_token")).get("/users/me").await;
    assert_eq!(me.text("email"), email);

    let change = json!({"current_password": PASSWORD, "new_password": "another long password", "cookie": true});
    browser.client = app.anonymous().bearing(&second.text("access_token"));
    let changed = browser.post("/users/me/password", Some(change)).await;
    assert_eq!((shape(&changed).as_str(), &changed.body["refresh_token"]), (expected, &Value::Null), "{changed}");
    assert_eq!(browser.refresh().await.status, 200);
}

#[tokio::test]
async fn a_cookie_that_was_used_ends_the_login() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let mut browser = Browser::log_in(&app, &organization).await;
    let mut thief = Browser { cookie: browser.cookie.clone(), ..Browser::new(&app) };
    assert_eq!(browser.refresh().await.status, 200);
    let reused = thief.refresh().await;
    assert_eq!((reused.code(), reused.header("set-cookie")), ("refresh_reused", ""));
    assert_eq!(browser.refresh().await.code(), "invalid_refresh_token");
    assert_eq!(browser.client.get("/users/me").await.code(), "unauthenticated");
}

#[tokio::test]
async fn without_a_cookie_there_is_nothing_to_refresh() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let mut browser = Browser::new(&app);
    assert_eq!(browser.refresh().await.code(), "invalid_refresh_token");
    for unknown in ["rollcall_refresh=", "rollcall_refresh=rrt_unknown", "rollcall_refresh2=x"] {
        browser.cookie = Some(unknown.to_owned());
        assert_eq!(browser.refresh().await.code(), "invalid_refresh_token", "{unknown}");
    }
    // With a body it is the body that counts, and a broken one is no reason to look at the cookie.
    let mut browser = Browser::log_in(&app, &organization).await;
    let wrong = json!({"refresh_token": "rrt_unknown"});
    assert_eq!(browser.post("/auth/refresh", Some(wrong)).await.code(), "invalid_refresh_token");
    assert_eq!(browser.post("/auth/refresh", Some(json!({}))).await.code(), "invalid_request");
    assert_eq!(browser.refresh().await.status, 200);
}

#[tokio::test]
async fn the_cookie_opens_nothing_but_the_next_pair() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let browser = Browser::log_in(&app, &organization).await;
    let cookie = browser.cookie.expect("a cookie");
    for (method, path) in [(Method::GET, "/users/me"), (Method::GET, "/people"), (Method::POST, "/auth/logout")] {
        let answer = send(app.anonymous().request(method, path).header("cookie", &cookie)).await;
        assert_eq!((answer.code(), answer.header("set-cookie")), ("unauthenticated", ""), "{path}");
    }
}

#[tokio::test]
async fn pages_of_other_origins_neither_set_nor_use_it() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let email = organization.teacher.get("/users/me").await.text("email");
    let mut browser = Browser::log_in(&app, &organization).await;
    for site in ["cross-site", "same-site", "nonsense"] {
        browser.site = Some(site);
        let login = json!({"email": email, "password": PASSWORD, "cookie": true});
        let change = json!({"current_password": PASSWORD, "new_password": "another long password", "cookie": true});
        for (path, body) in
            [("/auth/refresh", None), ("/auth/login", Some(login)), ("/users/me/password", Some(change))]
        {
            let answer = browser.post(path, body).await;
            assert_eq!((answer.status.as_u16(), answer.code()), (403, "cross_site"), "{site} {path}");
            assert_eq!(answer.header("set-cookie"), "", "{site} {path}");
        }
        // What goes by token is for everybody who was given one.
        let told = browser.post("/auth/login", Some(json!({"email": email, "password": PASSWORD}))).await;
        let token = json!({"refresh_token": told.text("refresh_token")});
        assert_eq!(browser.post("/auth/refresh", Some(token)).await.status, 200, "{site}");
    }
    for site in [Some("none"), None] {
        browser.site = site;
        assert_eq!(browser.refresh().await.status, 200, "{site:?}: it was not used up");
    }
}

#[tokio::test]
async fn logging_out_clears_it() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let mut browser = Browser::log_in(&app, &organization).await;
    let kept = browser.cookie.clone();
    let answer = browser.post("/auth/logout", None).await;
    let expected = "rollcall_refresh=; Path=/api/v1/auth; Max-Age=0; HttpOnly; SameSite=Strict";
    assert_eq!((answer.status.as_u16(), shape(&answer).as_str()), (204, expected));
    browser.cookie = kept;
    assert_eq!(browser.refresh().await.code(), "invalid_refresh_token", "its login has ended, too");
}

#[tokio::test]
async fn away_from_home_it_goes_over_tls_only() {
    let email = async |app: &TestApp| app.organization().await.teacher.get("/users/me").await.text("email");
    let check = async |app: &TestApp, host: &str, secure: bool| {
        let body = json!({"email": email(app).await, "password": PASSWORD, "cookie": true});
        let request = app.anonymous().request(Method::POST, "/auth/login").json(&body).header("host", host);
        let answer = send(request).await;
        assert_eq!(answer.header("set-cookie").ends_with("; Secure"), secure, "{host}: {}", shape(&answer));
    };
    let app = TestApp::start().await;
    check(&app, "localhost:8080", false).await;
    check(&app, "panel.example", true).await;
    let proxied = TestApp::start_with(|settings| settings.http.behind_proxy = true).await;
    check(&proxied, "localhost:8080", true).await;
    let insecure = TestApp::start_with(|settings| settings.panel.insecure_cookie = true).await;
    check(&insecure, "panel.example", false).await;
}
