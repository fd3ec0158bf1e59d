//! Teachers see the attendance of the courses that they teach; cameras send where they may.

use domain::user::Role;
use serde_json::json;

use crate::app::TestApp;
use crate::pictures::jpeg;

#[tokio::test]
async fn attendance_is_seen_by_admins_and_by_those_who_teach_the_course() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let session = organization.active_session("BIO").await;
    let photo = organization.teacher.send_class_photo(&session.id, "", "image/jpeg", &jpeg(64, 64)).await.id();
    let stranger = app.user(Some(organization.id), Role::Teacher).await;
    let seen = |path: &str| format!("/sessions/{}/{path}", session.id);
    let paths = [
        seen("attendance"),
        seen("sightings"),
        seen("recognition"),
        seen("class-photos"),
        format!("/class-photos/{photo}"),
    ];
    for path in &paths {
        assert_eq!(organization.admin.get(path).await.status, 200, "{path}");
        assert_eq!(organization.teacher.get(path).await.status, 200, "{path}");
        assert_eq!(organization.member.get(path).await.code(), "forbidden", "{path}");
        let refused = stranger.get(path).await;
        assert_eq!((refused.status.as_u16(), refused.code()), (403, "forbidden"), "{path}");
    }
    let picture = format!("/class-photos/{photo}/picture");
    assert_eq!(stranger.get(&picture).await.code(), "forbidden");
    assert_eq!(organization.teacher.get(&picture).await.code(), "not_found", "none was asked for");
    let ticket = json!({"session_id": session.id});
    assert_eq!(stranger.post("/live/tickets", &ticket).await.code(), "forbidden");
    assert_eq!(organization.teacher.post("/live/tickets", &ticket).await.status, 201);

    // Marking is not confined to own courses, and neither is the directory.
    assert_eq!(stranger.send_frame(&session.id, "image/jpeg", &jpeg(64, 64)).await.status, 202);
    assert_eq!(stranger.send_class_photo(&session.id, "", "image/jpeg", &jpeg(64, 64)).await.status, 202);
    assert_eq!(stranger.get(&format!("/sessions/{}", session.id)).await.status, 200);
    // Who begins to teach it sees it from then on.
    organization.teaches(&stranger, &session.course_id).await;
    for path in &paths {
        assert_eq!(stranger.get(path).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn a_camera_may_be_bound_to_a_session() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let (bio, art) = (organization.active_session("BIO").await, organization.active_session("ART").await);
    let made = organization.admin.post("/cameras", &json!({"name": "Kiosk", "session_id": bio.id})).await;
    assert_eq!(made.body["session_id"], json!(bio.id), "{made}");
    let camera = app.anonymous().bearing(&made.text("key"));
    assert_eq!(camera.send_frame(&bio.id, "image/jpeg", &jpeg(64, 64)).await.status, 202);
    assert_eq!(camera.send_frame(&art.id, "image/jpeg", &jpeg(64, 64)).await.code(), "forbidden");

    let both = |course: &str| json!({"name": "Kiosk", "course_id": course, "session_id": bio.id});
    assert_eq!(organization.admin.post("/cameras", &both(&bio.course_id)).await.status, 201);
    let wrong = organization.admin.post("/cameras", &both(&art.course_id)).await;
    assert_eq!(wrong.body["errors"][0]["pointer"], json!("/session_id"), "{wrong}");
    let elsewhere = app.organization().await.planned_session("BIO").await;
    let foreign = json!({"name": "Kiosk", "session_id": elsewhere.id});
    assert_eq!(organization.admin.post("/cameras", &foreign).await.code(), "not_found");

    let (path, id) = (format!("/cameras/{}", made.id()), made.id().parse().ok());
    assert_eq!(organization.admin.delete(&path).await.status, 204);
    assert_eq!(organization.admin.delete(&path).await.status, 204);
    assert_eq!(camera.send_frame(&bio.id, "image/jpeg", &jpeg(64, 64)).await.code(), "unauthenticated");
    let log = app.audit(Some(organization.id)).await;
    let told: Vec<&str> = log.iter().filter(|(_, of)| *of == id).map(|(action, _)| action.as_str()).collect();
    assert_eq!(told, ["camera_created", "camera_revoked"]);
}
