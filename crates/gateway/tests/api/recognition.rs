//! What a session's faces were held against.

use chrono::Utc;
use domain::course::Course;
use domain::frame::FrameHeader;
use domain::id::{CourseId, FrameId};
use domain::organization::LivenessPolicy;
use domain::policy::CoursePolicy;
use domain::sighting::{Outcome, Sighting};
use insta::assert_snapshot;
use serde_json::json;

use crate::app::TestApp;
use crate::pictures::jpeg;
use crate::worker::{record, result, sighting};

#[tokio::test]
async fn what_was_wanted_stands_beside_what_was_used() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let policy = format!("/organizations/{}/recognition-policy", organization.id);
    organization.admin.put_json(&policy, &json!({"false_match_rate": 0.001, "liveness": "warn"})).await;
    let session = organization.active_session("BIO").await;
    let path = format!("/sessions/{}/recognition", session.id);
    assert_eq!(organization.teacher.get(&path).await.body["used"], json!([]));

    organization.teacher.send_frame(&session.id, "image/jpeg", &jpeg(64, 64)).await;
    let (header, _) = app.next_frame().await;
    let known = sighting(0, Some(session.person_id.parse().expect("an id")), Outcome::Present);
    let stricter = Sighting { threshold: Some(0.75), ..sighting(1, None, Outcome::Unknown) };
    let poor = Sighting { threshold: None, similarity: None, ..sighting(2, None, Outcome::TooPoor) };
    record(&app, &header, &result(vec![known, stricter, poor])).await;
    let next = FrameHeader { frame_id: FrameId::new(), ..header };
    record(&app, &next, &result(vec![sighting(0, None, Outcome::Unknown)])).await;
    assert_snapshot!(organization.teacher.get(&path).await, @r#"
    200 OK
    {
      "course": {
        "false_match_rate": null,
        "liveness": null
      },
      "false_match_rate": 0.001,
      "forced_threshold": null,
      "liveness": "warn",
      "used": [
        {
          "contract": "test-2/1",
          "marked": 1,
          "sightings": 2,
          "threshold": 0.5
        },
        {
          "contract": "test-2/1",
          "marked": 0,
          "sightings": 1,
          "threshold": 0.75
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn what_the_course_says_comes_before_what_its_organization_wants() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let policy = format!("/organizations/{}/recognition-policy", organization.id);
    organization.admin.put_json(&policy, &json!({"forced_threshold": 0.5, "liveness": "warn"})).await;
    let course = Course {
        id: CourseId::new(),
        organization_id: organization.id,
        code: "EXAM".to_owned(),
        section: String::new(),
        title: "Exam".to_owned(),
        time_zone: None,
        is_active: true,
        policy: CoursePolicy {
            false_match_rate: Some(1e-6),
            liveness: Some(LivenessPolicy::Required),
            ..CoursePolicy::default()
        },
        roster_version: 1,
        created_at: Utc::now(),
    };
    store::courses::insert(&mut *app.connection().await, &course).await.expect("a course");
    let session = organization.teacher.made("/sessions", &json!({"course_id": course.id})).await;
    assert_snapshot!(organization.admin.get(&format!("/sessions/{session}/recognition")).await, @r#"
    200 OK
    {
      "course": {
        "false_match_rate": 1e-6,
        "liveness": "required"
      },
      "false_match_rate": 1e-6,
      "forced_threshold": 0.5,
      "liveness": "required",
      "used": []
    }
    "#);
}
