//! Whatever changes something leaves an entry in the audit log.

use serde_json::json;

use crate::access::{MATRIX, belongings, call};
use crate::app::TestApp;

/// They change nothing that is kept, or what they record is an event of its own.
const UNAUDITED: &[&str] = &[
    "POST /attendance/mark",
    "POST /courses/{course_id}/series/preview",
    "POST /guided-captures/{guided_capture_id}/frames",
    "POST /live/tickets",
    "POST /sessions/{session_id}/frames",
];

/// What they ask for is so already: nothing changes, and nothing is written.
const SO_ALREADY: &[&str] = &[
    "POST /courses/{course_id}/roster",
    "PUT /courses/{course_id}/roster/{person_id}",
    "PUT /courses/{course_id}/teachers/{user_id}",
];

/// Their own tests look at the log: here they are refused, since what they need is not there.
const REFUSED: &[&str] = &[];

#[tokio::test]
async fn every_change_does() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let own = belongings(&organization).await;
    let mut operations: Vec<&str> = MATRIX.iter().map(|(operation, _)| *operation).collect();
    operations.retain(|operation| !operation.starts_with("GET ") && !UNAUDITED.contains(operation));
    // What takes something away comes last.
    let removes = |operation: &str| {
        operation.starts_with("DELETE ")
            || ["/erasure", "/withdraw", "/close"].iter().any(|end| operation.ends_with(end))
    };
    operations.sort_by_key(|operation| (removes(operation), operation.contains("/people/{person_id}")));
    let mut refused = Vec::new();
    for operation in operations {
        let before = last_entry(&app, &organization.id).await;
        let answer = call(&organization.admin, operation, &own).await;
        if SO_ALREADY.contains(&operation) {
            assert!(answer.status.is_success(), "{operation}: {answer}");
            assert_eq!(last_entry(&app, &organization.id).await, before, "{operation}");
        } else if answer.status.is_success() {
            assert!(last_entry(&app, &organization.id).await > before, "{operation} left no entry: {answer}");
        } else {
            refused.push(format!(
                "{operation}: {} {}",
                answer.status.as_u16(),
                answer.body.get("code").unwrap_or(&json!(null))
            ));
        }
    }
    refused.sort();
    assert_eq!(refused, REFUSED);
}

async fn last_entry(app: &TestApp, organization: &domain::id::OrganizationId) -> i64 {
    let filter = store::audit::AuditFilter { newest_first: true, ..Default::default() };
    let mut conn = app.connection().await;
    let found = store::audit::search(&mut conn, Some(*organization), &filter, None, 1).await.expect("the log");
    found.first().map_or(0, |entry| entry.sequence)
}
