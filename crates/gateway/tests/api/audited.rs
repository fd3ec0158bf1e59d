//! Whatever changes something leaves an entry in the audit log.

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
const REFUSED: &[&str] = &[
    "DELETE /courses/{course_id}/teachers/{user_id}: 404 not_found",
    "DELETE /dead-letters/{dead_letter_id}: 403 forbidden",
    "DELETE /rejections/{rejection_id}: 404 not_found",
    "DELETE /sessions/{session_id}: 409 session_state",
    "DELETE /users/me/pin: 403 no_person",
    "POST /dead-letters/{dead_letter_id}/retry: 403 forbidden",
    "POST /enrollments/archives: 415 unsupported_media_type",
    "POST /enrollments/{enrollment_id}/confirm-distinct: 409 enrollment_state",
    "POST /enrollments/{enrollment_id}/dismiss: 409 enrollment_state",
    "POST /index/rebuild: 409 no_templates",
    "POST /people/imports/oneroster: 415 unsupported_media_type",
    "POST /people/imports: 415 unsupported_media_type",
    "POST /people/{person_id}/erasure: 404 not_found",
    "POST /sessions/{session_id}/check-in: 403 no_person",
    "POST /sessions/{session_id}/pin-check-ins: 403 wrong_pin",
    "POST /sessions/{session_id}/sightings/{frame_id}/{face_index}/reject: 404 not_found",
    "POST /sessions/{session_id}/start: 409 session_state",
    "PUT /users/me/pin: 403 no_person",
];

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
    operations.sort_by_key(|operation| match *operation {
        "POST /people/{person_id}/erasure" => 3,
        "DELETE /people/{person_id}" => 2,
        operation => u8::from(removes(operation)),
    });
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
            refused.push(format!("{operation}: {} {}", answer.status.as_u16(), answer.code()));
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
