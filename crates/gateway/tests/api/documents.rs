//! What the gateway says about itself.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

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

/// Of two schemas with one name the document silently keeps one, so this looks at what they are made from.
#[test]
fn no_two_schemas_share_a_name() {
    let mut names = Vec::new();
    for folder in ["crates/domain/src", "crates/gateway/src"] {
        schemas(&workspace_root().join(folder), &mut names);
    }
    assert!(names.iter().any(|name| name == "AttendanceCounts"), "the schemas of the gateway are found: {names:?}");
    names.sort();
    let twice: Vec<_> = names.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| &pair[0]).collect();
    assert_eq!(twice, Vec::<&String>::new());
}

/// The names of the schemas in a folder of sources.
fn schemas(folder: &Path, names: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            schemas(&path, names);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            schemas_of(&fs::read_to_string(&path).expect("a source"), names);
        }
    }
}

fn schemas_of(source: &str, names: &mut Vec<String>) {
    let mut is_schema = false;
    for line in source.lines() {
        is_schema |= line.starts_with("#[") && line.contains("derive(") && line.contains("ToSchema");
        let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
        if words.any(|word| word == "struct" || word == "enum") && !line.starts_with(['/', '#', ' ']) {
            names.extend(words.next().filter(|_| is_schema).map(str::to_owned));
            is_schema = false;
        }
    }
}

/// What is skipped when it is written would be no part of the document: nobody could make a user by it.
#[test]
fn the_document_says_that_a_new_user_has_a_password() {
    let document = serde_json::to_value(gateway::openapi::document()).expect("a document");
    let new_user = &document["components"]["schemas"]["NewUser"];
    assert_eq!(new_user["properties"]["password"]["format"], "password");
    let required = new_user["required"].as_array().expect("required members");
    assert!(required.iter().any(|name| name == "password"), "{required:?}");
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
