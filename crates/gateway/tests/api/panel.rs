//! The panel's files.

use std::fs;
use std::path::Path;

use reqwest::Method;
use reqwest::header::HeaderMap;
use tempfile::TempDir;

use crate::app::TestApp;

const PAGE: &str =
    "<!doctype html><meta name=\"csp-nonce\" content=\"NONCE\"><script src=\"/assets/main-1a2b.js\"></script>";

/// What came back, as it came.
struct Raw {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Raw {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a text header"))
    }
}

fn build() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |path: &str, text: &str| {
        let path = folder.path().join("dist").join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    };
    write("index.html", PAGE);
    write("icon.svg", "<svg/>");
    write("assets/main-1a2b.js", "plain");
    write("assets/main-1a2b.js.br", "brotli");
    write("assets/main-1a2b.js.gz", "gzip");
    fs::write(folder.path().join("secret.txt"), "secret").expect("a file");
    folder
}

async fn start(folder: &Path) -> TestApp {
    TestApp::start_with(|settings| settings.panel.folder = folder.to_path_buf()).await
}

async fn ask(app: &TestApp, method: Method, path: &str, headers: &[(&str, &str)]) -> Raw {
    let client = reqwest::Client::new();
    let request = client.request(method, format!("{}{path}", app.base));
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let response = request.send().await.expect("an answer");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Raw { status, headers, body: response.bytes().await.expect("a body").to_vec() }
}

async fn get(app: &TestApp, path: &str, headers: &[(&str, &str)]) -> Raw {
    ask(app, Method::GET, path, headers).await
}

#[tokio::test]
async fn every_page_is_the_index_with_a_nonce_of_its_own() {
    let folder = build();
    let app = start(&folder.path().join("dist")).await;
    let mut nonces = Vec::new();
    for path in ["/", "/people", "/courses/0191/sessions?day=1", "/index.html", "/docsx"] {
        let page = get(&app, path, &[]).await;
        assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"), "{path}");
        assert_eq!(page.header("cache-control"), "no-store");
        let text = String::from_utf8(page.body.clone()).expect("text");
        let nonce =
            text.split("content=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a nonce").to_owned();
        assert_eq!(text, PAGE.replace("NONCE", &nonce));
        assert!(
            page.header("content-security-policy").contains(&format!("style-src 'self' 'nonce-{nonce}';")),
            "{path}"
        );
        nonces.push(nonce);
    }
    nonces.sort();
    nonces.dedup();
    assert_eq!(nonces.len(), 5);
    assert!(nonces.iter().all(|nonce| nonce.len() >= 22), "128 bits: {nonces:?}");
    let head = ask(&app, Method::HEAD, "/people", &[]).await;
    assert_eq!((head.status, head.body.len()), (200, 0));
}

#[tokio::test]
async fn pages_may_do_little() {
    let folder = build();
    let app = start(&folder.path().join("dist")).await;
    for path in ["/", "/icon.svg"] {
        let answer = get(&app, path, &[]).await;
        let policy = answer.header("content-security-policy");
        for rule in ["default-src 'none'", "script-src 'self';", "frame-ancestors 'none'", "base-uri 'none'"] {
            assert!(policy.contains(rule), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains('*') && !policy.contains("http"), "{policy}");
        let expected = [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
        ];
        assert_eq!(expected.map(|(name, _)| (name, answer.header(name))), expected, "{path}");
        assert!(answer.header("permissions-policy").starts_with("camera=(self)"));
    }
}

#[tokio::test]
async fn files_are_kept_by_browsers_and_sent_small() {
    let folder = build();
    let app = start(&folder.path().join("dist")).await;
    let check = async |accepted: &str, coding: &str, body: &str| {
        let script = get(&app, "/assets/main-1a2b.js", &[("accept-encoding", accepted)]).await;
        assert_eq!((script.status, script.header("content-encoding")), (200, coding), "{accepted}");
        assert_eq!(String::from_utf8_lossy(&script.body), body, "{accepted}");
        assert_eq!(script.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(script.header("content-type"), "text/javascript; charset=utf-8");
    };
    check("gzip, deflate, br, zstd", "br", "brotli").await;
    check("gzip", "gzip", "gzip").await;
    check("identity", "", "plain").await;
    let icon = get(&app, "/icon.svg", &[]).await;
    assert_eq!((icon.header("content-type"), icon.header("cache-control")), ("image/svg+xml", "no-cache"));
    let again = get(&app, "/icon.svg", &[("if-none-match", icon.header("etag"))]).await;
    assert_eq!((again.status, again.body.len()), (304, 0));
    let changed = get(&app, "/icon.svg", &[("if-none-match", "W/\"another\"")]).await;
    assert_eq!(changed.status, 200);
}

#[tokio::test]
async fn no_path_leads_out_of_the_folder() {
    let folder = build();
    let dist = folder.path().join("dist");
    std::os::unix::fs::symlink(folder.path().join("secret.txt"), dist.join("link.txt")).expect("a link");
    std::os::unix::fs::symlink(folder.path(), dist.join("linked")).expect("a link");
    let app = start(&dist).await;
    let address = app.base.strip_prefix("http://").expect("an address").to_owned();
    let paths = [
        "/../secret.txt",
        "/assets/../../secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e/secret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "//secret.txt",
        "/link.txt",
        "/linked/secret.txt",
        "/..\\secret.txt",
    ];
    for path in paths {
        // By hand, since clients tidy paths up before they send them.
        let answer = raw(&address, path).await;
        assert!(answer.contains(" 200 ") || answer.contains(" 404 "), "{path}: {answer}");
        assert!(!answer.contains("\r\n\r\nsecret"), "{path}: {answer}");
    }
}

async fn raw(address: &str, path: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(address).await.expect("a connection");
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("it is sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    answer
}

#[tokio::test]
async fn the_api_stays_where_it_is() {
    let folder = build();
    let app = start(&folder.path().join("dist")).await;
    for (method, path) in [
        (Method::GET, "/api/v1/nonsense"),
        (Method::GET, "/api"),
        (Method::POST, "/people"),
        (Method::GET, "/assets/main-gone.js"),
    ] {
        let answer = ask(&app, method, path, &[]).await;
        assert_eq!((answer.status, answer.header("content-type")), (404, "application/problem+json"), "{path}");
    }
    assert_eq!(get(&app, "/api/v1/people", &[]).await.status, 401);
    assert_eq!(get(&app, "/livez", &[]).await.header("content-security-policy"), "");
    assert!(String::from_utf8_lossy(&get(&app, "/docs/", &[]).await.body).contains("swagger"));
}

#[tokio::test]
async fn many_files_are_not_too_many_requests() {
    let folder = build();
    let app = TestApp::start_with(|settings| {
        settings.panel.folder = folder.path().join("dist");
        settings.rate.addresses = gateway::Rates { per_second: 1, burst: 2 };
    })
    .await;
    for _ in 0..10 {
        assert_eq!(get(&app, "/icon.svg", &[]).await.status, 200);
    }
}

#[tokio::test]
async fn where_no_panel_was_built_the_first_page_says_how() {
    let folder = build();
    for missing in ["nowhere", "dist/assets"] {
        let app = start(&folder.path().join(missing)).await;
        let page = get(&app, "/", &[]).await;
        assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"), "{missing}");
        assert!(String::from_utf8_lossy(&page.body).contains("npm run build"), "{missing}");
        assert_eq!(get(&app, "/people", &[]).await.status, 404, "{missing}");
    }
    let off = TestApp::start().await;
    assert_eq!(get(&off, "/", &[]).await.status, 404);
}
