//! What the gateway says about itself.

use std::collections::BTreeSet;
use std::fs;

use testkit::workspace_root;

use crate::app::TestApp;
use crate::client::send;

#[test]
fn the_committed_document_is_the_one_that_is_served() {
    let committed = fs::read_to_string(workspace_root().join("docs/openapi.json")).unwrap_or_default();
    let current = gateway::openapi::json().expect("a document");
    assert!(
        committed == current,
        "docs/openapi.json is stale: run `cargo run -p gateway --bin gateway -- openapi > docs/openapi.json`"
    );
}

#[test]
fn every_code_has_a_heading() {
    let document = serde_json::to_value(gateway::openapi::document()).expect("a document");
    let codes = document["components"]["schemas"]["Code"]["enum"].as_array().expect("codes");
    let codes: BTreeSet<&str> = codes.iter().map(|code| code.as_str().expect("a word")).collect();
    let page = fs::read_to_string(workspace_root().join("docs/errors.md")).expect("the page");
    let headings: BTreeSet<&str> = page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    assert_eq!(codes, headings);
}

/// A client generator refuses a document that names what it does not hold.
#[test]
fn every_reference_leads_somewhere() {
    let document = serde_json::to_value(gateway::openapi::document()).expect("a document");
    let (mut open, mut nowhere) = (vec![&document], BTreeSet::new());
    while let Some(part) = open.pop() {
        match part {
            serde_json::Value::Object(members) => {
                let reference = members.get("$ref").and_then(serde_json::Value::as_str);
                if let Some(path) = reference.and_then(|reference| reference.strip_prefix('#'))
                    && document.pointer(path).is_none()
                {
                    nowhere.insert(path.to_owned());
                }
                open.extend(members.values());
            }
            serde_json::Value::Array(all) => open.extend(all),
            _ => {}
        }
    }
    assert_eq!(nowhere, BTreeSet::new());
}

#[tokio::test]
async fn documents_are_served() {
    let app = TestApp::start().await;
    let get = |path: &str| send(reqwest::Client::new().get(format!("{}{path}", app.base)));
    let document = get("/api/v1/openapi.json").await;
    assert_eq!(document.body["openapi"], "3.1.0");
    assert_eq!(document.body, serde_json::to_value(gateway::openapi::document()).expect("a document"));
    let page = get("/docs").await;
    assert_eq!(page.status, 200);
    assert!(page.body.as_str().is_some_and(|html| html.contains("swagger")), "{page}");
    let errors = get("/docs/errors.md").await;
    assert_eq!(errors.header("content-type"), "text/markdown; charset=utf-8");
    assert!(errors.body.as_str().is_some_and(|text| text.contains("## session_not_active")));
}
