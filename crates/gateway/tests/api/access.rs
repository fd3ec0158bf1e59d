//! Who may do what, and that nobody reaches into another organization. The tests know every operation of the OpenAPI
//! document, so a new one is noticed.

use std::collections::BTreeSet;

use chrono::{TimeDelta, Utc};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::{TestApp, TestOrganization};
use crate::client::{Answer, Client, send};
use crate::pictures::jpeg;

/// Operations that need no user, or any, or one who is a person.
const OPEN_TO_ALL: &[&str] = &[
    "POST /auth/login",
    "POST /auth/logout",
    "POST /auth/refresh",
    "POST /auth/token",
    "GET /erasure-receipts/key",
    "GET /live",
    "GET /organizations",
    "POST /organizations",
    "GET /organizations/{organization_id}",
    "GET /users/me",
    "GET /users/me/consents",
    "POST /users/me/consents",
    "POST /users/me/consents/withdraw",
    "GET /users/me/enrollments",
    "POST /users/me/enrollments",
    "GET /users/me/enrollments/{enrollment_id}",
    "GET /users/me/erasure-request",
    "POST /users/me/erasure-request",
    "POST /users/me/guided-captures",
    "GET /users/me/guided-captures/{guided_capture_id}",
    "POST /users/me/guided-captures/{guided_capture_id}/frames",
    "POST /users/me/password",
    "GET /users/me/person",
    "GET /users/me/statistics",
];

/// Operation, and whether admin, teacher and member may.
pub(crate) const MATRIX: &[(&str, [bool; 3])] = &[
    ("POST /users", [true, false, false]),
    ("GET /users", [true, false, false]),
    ("GET /users/{user_id}", [true, false, false]),
    ("PATCH /users/{user_id}", [true, false, false]),
    ("DELETE /users/{user_id}", [true, false, false]),
    ("POST /users/{user_id}/reset-password", [true, false, false]),
    ("PATCH /organizations/{organization_id}", [true, false, false]),
    ("PUT /organizations/{organization_id}/settings", [true, false, false]),
    ("POST /people", [true, true, false]),
    ("GET /people", [true, true, false]),
    ("GET /people/{person_id}", [true, true, false]),
    ("POST /people/imports", [true, false, false]),
    ("POST /people/imports/oneroster", [true, false, false]),
    ("POST /enrollments/archives", [true, true, false]),
    ("PATCH /people/{person_id}", [true, true, false]),
    ("DELETE /people/{person_id}", [true, false, false]),
    ("POST /people/{person_id}/consents", [true, true, false]),
    ("GET /people/{person_id}/consents", [true, true, false]),
    ("POST /people/{person_id}/consents/withdraw", [true, true, false]),
    ("POST /people/{person_id}/enrollments", [true, true, false]),
    ("GET /people/{person_id}/enrollments", [true, true, false]),
    ("GET /enrollments", [true, true, false]),
    ("GET /enrollments/{enrollment_id}", [true, true, false]),
    ("POST /enrollments/{enrollment_id}/confirm-distinct", [true, false, false]),
    ("POST /enrollments/{enrollment_id}/dismiss", [true, false, false]),
    ("PUT /organizations/{organization_id}/recognition-policy", [true, false, false]),
    ("POST /people/{person_id}/guided-captures", [true, true, false]),
    ("GET /guided-captures/{guided_capture_id}", [true, true, false]),
    ("POST /guided-captures/{guided_capture_id}/frames", [true, true, false]),
    ("POST /sessions/{session_id}/class-photos", [true, true, false]),
    ("GET /sessions/{session_id}/class-photos", [true, true, false]),
    ("GET /class-photos/{class_photo_id}", [true, true, false]),
    ("GET /class-photos/{class_photo_id}/picture", [true, true, false]),
    ("GET /sessions/{session_id}/recognition", [true, true, false]),
    ("POST /sessions/{session_id}/sightings/{frame_id}/{face_index}/reject", [true, true, false]),
    ("GET /rejections/{rejection_id}", [true, true, false]),
    ("DELETE /rejections/{rejection_id}", [true, true, false]),
    ("GET /people/{person_id}/rejections", [true, true, false]),
    ("POST /courses", [true, false, false]),
    ("GET /courses", [true, true, false]),
    ("GET /courses/{course_id}", [true, true, false]),
    ("PATCH /courses/{course_id}", [true, true, false]),
    ("PUT /courses/{course_id}/policy", [true, true, false]),
    ("GET /courses/{course_id}/teachers", [true, true, false]),
    ("PUT /courses/{course_id}/teachers/{user_id}", [true, false, false]),
    ("DELETE /courses/{course_id}/teachers/{user_id}", [true, false, false]),
    ("POST /courses/{course_id}/roster", [true, true, false]),
    ("GET /courses/{course_id}/roster", [true, true, false]),
    ("GET /courses/{course_id}/roster/history", [true, true, false]),
    ("PUT /courses/{course_id}/roster/{person_id}", [true, true, false]),
    ("DELETE /courses/{course_id}/roster/{person_id}", [true, true, false]),
    ("POST /courses/{course_id}/series", [true, true, false]),
    ("GET /courses/{course_id}/series", [true, true, false]),
    ("POST /courses/{course_id}/series/preview", [true, true, false]),
    ("GET /series/{series_id}", [true, true, false]),
    ("PATCH /series/{series_id}", [true, true, false]),
    ("DELETE /series/{series_id}", [true, true, false]),
    ("POST /holidays", [true, false, false]),
    ("GET /holidays", [true, true, false]),
    ("DELETE /holidays/{holiday_id}", [true, false, false]),
    ("POST /sessions", [true, true, false]),
    ("GET /sessions", [true, true, false]),
    ("GET /sessions/{session_id}", [true, true, false]),
    ("PATCH /sessions/{session_id}", [true, true, false]),
    ("DELETE /sessions/{session_id}", [true, true, false]),
    ("POST /sessions/{session_id}/start", [true, true, false]),
    ("POST /sessions/{session_id}/close", [true, true, false]),
    ("GET /sessions/{session_id}/attendance", [true, true, false]),
    ("GET /sessions/{session_id}/sightings", [true, true, false]),
    ("POST /sessions/{session_id}/frames", [true, true, false]),
    ("GET /sessions/{session_id}/frames/stream", [true, true, false]),
    ("GET /courses/{course_id}/statistics", [true, true, false]),
    ("GET /courses/{course_id}/at-risk", [true, true, false]),
    ("GET /people/{person_id}/statistics", [true, true, false]),
    ("GET /statistics/days", [true, true, false]),
    ("GET /sessions/{session_id}/attendance/export", [true, true, false]),
    ("GET /courses/{course_id}/attendance/export", [true, true, false]),
    ("POST /attendance/mark", [true, true, false]),
    ("GET /attendance/records", [true, true, false]),
    ("POST /students", [true, true, false]),
    ("GET /students", [true, true, false]),
    ("GET /students/{person_id}", [true, true, false]),
    ("POST /employees", [true, true, false]),
    ("GET /employees", [true, true, false]),
    ("GET /employees/{person_id}", [true, true, false]),
    ("POST /cameras", [true, false, false]),
    ("GET /cameras", [true, false, false]),
    ("DELETE /cameras/{camera_id}", [true, false, false]),
    ("POST /people/{person_id}/erasure", [true, false, false]),
    ("GET /erasure-receipts", [true, false, false]),
    ("GET /erasure-receipts/{erasure_receipt_id}", [true, false, false]),
    ("GET /erasure-requests", [true, false, false]),
    ("POST /erasure-requests/{erasure_request_id}/decline", [true, false, false]),
    ("GET /audit-log", [true, false, false]),
    ("GET /audit-log/verification", [true, false, false]),
    ("GET /index", [true, false, false]),
    ("POST /index/rebuild", [true, false, false]),
    ("GET /index/builds", [true, false, false]),
    ("GET /index/builds/{index_build_id}", [true, false, false]),
    // For administrators of the installation.
    ("GET /queues", [false, false, false]),
    ("GET /dead-letters", [false, false, false]),
    ("POST /dead-letters/{dead_letter_id}/retry", [false, false, false]),
    ("DELETE /dead-letters/{dead_letter_id}", [false, false, false]),
    ("POST /live/tickets", [true, true, false]),
    ("POST /sessions/{session_id}/attendance", [true, true, false]),
    ("POST /attendance-events/{attendance_event_id}/void", [true, true, false]),
    ("GET /sessions/{session_id}/attendance/{person_id}/history", [true, true, false]),
    ("GET /sessions/{session_id}/attendance/changes", [true, true, false]),
    ("GET /sessions/{session_id}/present", [true, true, false]),
    ("GET /attendance/present", [true, true, false]),
    ("GET /people/{person_id}/attendance", [true, true, false]),
    ("GET /sessions/{session_id}/qr", [true, true, false]),
    ("POST /sessions/{session_id}/pin-check-ins", [true, true, false]),
    ("GET /people/{person_id}/templates", [true, true, false]),
    ("GET /people/{person_id}/courses", [true, true, false]),
    ("GET /people/{person_id}/pin", [true, true, false]),
    ("PUT /people/{person_id}/pin", [true, true, false]),
    ("DELETE /people/{person_id}/pin", [true, true, false]),
    // For those who are a person, whatever their role: these users are none.
    ("GET /users/me/attendance", [false, false, false]),
    ("PUT /users/me/pin", [false, false, false]),
    ("DELETE /users/me/pin", [false, false, false]),
    ("POST /sessions/{session_id}/check-in", [false, false, false]),
];

/// Every operation of the document, such as `GET /people/{person_id}`.
fn operations() -> BTreeSet<String> {
    let document = serde_json::to_value(gateway::openapi::document()).expect("a document");
    let paths = document["paths"].as_object().expect("paths");
    let of_path = |(path, item): (&String, &Value)| {
        let path = path.strip_prefix("/api/v1").expect("everything is below /api/v1").to_owned();
        let methods: Vec<String> = item.as_object().expect("operations").keys().map(|m| m.to_uppercase()).collect();
        methods.into_iter().map(move |method| format!("{method} {path}")).collect::<Vec<_>>()
    };
    paths.iter().flat_map(of_path).collect()
}

/// Sends the operation with `ids` in its path and a body that it takes.
pub(crate) async fn call(client: &Client, operation: &str, id: impl Fn(&str) -> String) -> Answer {
    let (method, template) = operation.split_once(' ').expect("method and path");
    let fill = |part: &str| match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
        Some(name) => id(name),
        None => part.to_owned(),
    };
    let path = template.split('/').map(fill).collect::<Vec<_>>().join("/");
    if operation == "POST /people/{person_id}/enrollments" {
        return client.enroll(&id("person_id"), &[("a.jpg", &jpeg(64, 64))]).await;
    }
    if template == "/attendance/mark" {
        let request = client.request(Method::POST, "/attendance/mark?wait=1").header("content-type", "image/jpeg");
        return send(request.body(jpeg(64, 64))).await;
    }
    if template.ends_with("/frames") || (template.ends_with("/class-photos") && method == "POST") {
        let request = client.request(Method::POST, &path).header("content-type", "image/jpeg");
        return send(request.body(jpeg(64, 64))).await;
    }
    let body = match operation {
        "POST /courses/{course_id}/roster" => json!({"person_ids": [id("person_id")]}),
        "POST /sessions" => json!({"course_id": id("course_id")}),
        "POST /people/{person_id}/consents" => json!({"version": "2026-1"}),
        "POST /erasure-requests/{erasure_request_id}/decline" => json!({"reason": "The law asks us to keep it."}),
        "POST /courses/{course_id}/series" | "POST /courses/{course_id}/series/preview" => series(),
        "POST /holidays" => json!({"first_day": "2026-12-25", "name": "Christmas"}),
        "PATCH /organizations/{organization_id}" => json!({"name": format!("Renamed {}", id("organization_id"))}),
        "PATCH /users/{user_id}" => json!({"email": format!("{}@elsewhere.example", id("user_id"))}),
        "PATCH /people/{person_id}" => json!({"notes": "Sits in front."}),
        "PATCH /courses/{course_id}" => json!({"title": "Another title"}),
        "PATCH /sessions/{session_id}" => json!({"ends_at": Utc::now() + TimeDelta::hours(1)}),
        "POST /people" => json!({"kind": "student", "external_id": "P1", "name": "Ada"}),
        "POST /students" => json!({"roll_no": "P2", "name": "Ada"}),
        "POST /employees" => json!({"employee_id": "P3", "name": "Ada"}),
        "POST /courses" => json!({"code": "NEW", "title": "Course"}),
        "POST /users" => {
            json!({"email": format!("{}@example.org", Uuid::now_v7()), "role": "member", "password": "a long new password"})
        }
        "PATCH /series/{series_id}" => json!({"duration_minutes": 45}),
        "POST /cameras" => json!({"name": "Door", "course_id": id("course_id")}),
        "POST /sessions/{session_id}/sightings/{frame_id}/{face_index}/reject" => json!({"reason": "Her sister"}),
        "POST /users/{user_id}/reset-password" => json!({"new_password": "another long password"}),
        "POST /live/tickets" => json!({"session_id": id("session_id")}),
        "POST /sessions/{session_id}/attendance" => json!({"person_id": id("person_id"), "state": "present"}),
        "POST /sessions/{session_id}/check-in" => json!({"qr": "", "device": "a telephone"}),
        "POST /sessions/{session_id}/pin-check-ins" => json!({"external_id": "BIO", "pin": "1234"}),
        _ if template.ends_with("/pin") => json!({"pin": "1234"}),
        _ => json!({}),
    };
    let request = client.request(method.parse::<Method>().expect("a method"), &path);
    let is_setting = ["policy", "/settings", "/pin"].iter().any(|end| template.ends_with(end));
    let has_body = ["POST", "PATCH"].contains(&method) || (method == "PUT" && is_setting);
    send(if has_body { request.json(&body) } else { request }).await
}

fn series() -> Value {
    json!({"rule": "FREQ=DAILY", "starts_on": "2026-11-23", "start_time": "08:15:00", "duration_minutes": 90})
}

#[test]
fn the_tests_know_every_operation() {
    let known = MATRIX.iter().map(|(operation, _)| *operation).chain(OPEN_TO_ALL.iter().copied());
    assert_eq!(known.map(str::to_owned).collect::<BTreeSet<_>>(), operations());
}

#[tokio::test]
async fn each_role_may_do_what_the_matrix_says() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let roles = [&organization.admin, &organization.teacher, &organization.member];
    for &(operation, allowed) in MATRIX {
        for (client, (role, is_allowed)) in roles.iter().zip(["admin", "teacher", "member"].iter().zip(allowed)) {
            let answer = call(client, operation, |_| Uuid::now_v7().to_string()).await;
            assert_ne!(answer.status, 401, "{role} {operation}");
            assert_eq!(answer.status != 403, is_allowed, "{role} {operation}: {answer}");
            assert!(!answer.status.is_server_error(), "{role} {operation}: {answer}");
        }
    }
}

#[tokio::test]
async fn without_a_token_nothing_is_done() {
    let app = TestApp::start().await;
    for operation in operations() {
        if ["POST /auth/token", "POST /auth/login", "POST /auth/refresh", "GET /live"].contains(&operation.as_str()) {
            continue;
        }
        let answer = call(&app.anonymous(), &operation, |_| Uuid::now_v7().to_string()).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (401, "unauthenticated"), "{operation}");
    }
}

#[tokio::test]
async fn a_camera_key_opens_frames_and_kiosks_and_nothing_else() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let own = belongings(&organization).await;
    let camera = app.anonymous().bearing(&organization.camera_key("Hall").await);
    for (operation, _) in MATRIX {
        let answer = call(&camera, operation, &own).await;
        let marks = *operation == "POST /attendance/mark";
        let sends_frames = operation.starts_with("POST /sessions/{session_id}/frames");
        let opens = marks || sends_frames || operation.ends_with("/qr");
        // Of a kiosk, which is no camera that takes pictures, but has its key; the PIN is wrong.
        let is_kiosk = operation.ends_with("/pin-check-ins");
        assert_eq!(answer.status.is_success(), opens, "{operation}: {answer}");
        assert_eq!(is_kiosk, answer.status == 403, "{operation}: {answer}");
        if !operation.contains("/sessions/{session_id}/frames") && !opens && !is_kiosk {
            assert_eq!((answer.status.as_u16(), answer.code()), (401, "unauthenticated"), "{operation}");
        }
    }
}

/// Something of each kind in one organization, by the name of its path parameter.
pub(crate) async fn belongings(organization: &TestOrganization) -> impl Fn(&str) -> String + use<> {
    let session = organization.active_session("BIO").await;
    let enrollment_id = organization.teacher.enroll(&session.person_id, &[("a.jpg", &jpeg(64, 64))]).await.id();
    let camera_id = organization.admin.made("/cameras", &json!({"name": "Door"})).await;
    let class_photo_id = organization.teacher.send_class_photo(&session.id, "", "image/jpeg", &jpeg(64, 64)).await.id();
    let captures = format!("/people/{}/guided-captures", session.person_id);
    let guided_capture_id = organization.teacher.made(&captures, &json!({})).await;
    let series_id = organization.admin.made(&format!("/courses/{}/series", session.course_id), &series()).await;
    let holiday = json!({"first_day": "2020-12-25", "name": "Christmas"});
    let holiday_id = organization.admin.made("/holidays", &holiday).await;
    let marks = format!("/sessions/{}/attendance", session.id);
    let mark = json!({"person_id": session.person_id, "direction": "in"});
    let attendance_event_id = organization.teacher.post(&marks, &mark).await.text("event_id");
    let organization_id = organization.id.to_string();
    let user_id = organization.teacher.get("/users/me").await.id();
    let teacher = format!("/courses/{}/teachers/{user_id}", session.course_id);
    assert_eq!(organization.admin.put(&teacher).await.status, 204);
    let leaver = organization.person("LEAVER").await;
    let erasure_request_id = organization.erasure_request(&leaver).await;
    let index_build_id = organization.index_build().await;
    let gone = organization.person("GONE").await;
    let receipt = organization.admin.post(&format!("/people/{gone}/erasure"), &json!({})).await;
    let erasure_receipt_id = receipt.body["receipt"]["id"].as_str().expect("a receipt").to_owned();
    move |name| match name {
        "series_id" => series_id.clone(),
        "holiday_id" => holiday_id.clone(),
        "organization_id" => organization_id.clone(),
        "user_id" => user_id.clone(),
        "person_id" => session.person_id.clone(),
        "course_id" => session.course_id.clone(),
        "session_id" => session.id.clone(),
        "enrollment_id" => enrollment_id.clone(),
        "camera_id" => camera_id.clone(),
        "class_photo_id" => class_photo_id.clone(),
        "erasure_request_id" => erasure_request_id.clone(),
        "index_build_id" => index_build_id.clone(),
        // tests/api/dead_letters.rs has real ones.
        "dead_letter_id" => "0".repeat(32),
        "erasure_receipt_id" => erasure_receipt_id.clone(),
        "guided_capture_id" => guided_capture_id.clone(),
        // tests/api/rejections.rs has real ones of another organization.
        "frame_id" | "rejection_id" => Uuid::now_v7().to_string(),
        "face_index" => "0".to_owned(),
        "attendance_event_id" => attendance_event_id.clone(),
        other => panic!("what is `{other}`?"),
    }
}

#[tokio::test]
async fn ids_of_another_organization_are_not_found() {
    let app = TestApp::start().await;
    let (ours, theirs) = (app.organization().await, app.organization().await);
    let (foreign, own) = (belongings(&theirs).await, belongings(&ours).await);
    let with_ids = ["POST /sessions", "POST /cameras", "POST /live/tickets"];
    for operation in operations() {
        // For people themselves, which these users are not: tests/api/check_ins.rs.
        let is_own = operation.contains(" /users/me/") || operation.ends_with("/check-in");
        // Belong to no organization.
        let is_of_all = operation.contains(" /dead-letters/");
        if is_own || is_of_all || (!operation.contains('{') && !with_ids.contains(&operation.as_str())) {
            continue;
        }
        let answer = call(&ours.admin, &operation, &foreign).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (404, "not_found"), "{operation}");
    }
    // One id of ours beside one of theirs is not enough.
    for operation in ["POST /courses/{course_id}/roster", "PUT /courses/{course_id}/roster/{person_id}"] {
        for strange in ["course_id", "person_id"] {
            let id = |name: &str| if name == strange { foreign(name) } else { own(name) };
            assert_eq!(call(&ours.admin, operation, id).await.code(), "not_found", "{operation} {strange}");
        }
    }
    let filtered = ours.admin.get(&format!("/sessions?course_id={}", foreign("course_id"))).await;
    assert_eq!(filtered.body["items"], json!([]));
    // All of it is still there.
    let sessions = format!("/sessions?state=active&course_id={}", foreign("course_id"));
    for (path, count) in [("/people", 2), ("/courses", 1), (&sessions, 1), ("/cameras", 1), ("/holidays", 1)] {
        assert_eq!(theirs.admin.get(path).await.body["items"].as_array().map(Vec::len), Some(count), "{path}");
    }
    let person = format!("/people/{}", foreign("person_id"));
    assert_eq!(theirs.admin.get(&person).await.status, 200);
}
