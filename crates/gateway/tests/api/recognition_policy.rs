//! How an organization wants its people recognised.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::app::TestApp;

#[tokio::test]
async fn an_admin_sets_it_and_the_workers_are_told() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let session = organization.planned_session("BIO").await;
    let course = session.course_id.parse().expect("an id");
    let before = app.redis().course_version(course).await.expect("Redis").expect("a version");
    let path = format!("/organizations/{}/recognition-policy", organization.id);
    let policy = json!({"false_match_rate": 0.0001, "forced_threshold": null, "liveness": "required",
        "retain_photos": true});
    let answer = organization.admin.put_json(&path, &policy).await;
    assert_eq!((answer.status.as_u16(), &answer.body["policy"]), (200, &policy));
    let shown = organization.teacher.get(&format!("/organizations/{}", organization.id)).await;
    assert_eq!(shown.body, answer.body);
    let after = app.redis().course_version(course).await.expect("Redis").expect("a version");
    assert!(after > before, "{after} is no later version than {before}");

    // What is left out goes back to its default.
    let answer = organization.admin.put_json(&path, &json!({"forced_threshold": -0.5})).await;
    let policy = json!({"false_match_rate": null, "forced_threshold": -0.5, "liveness": "off", "retain_photos": false});
    assert_eq!(answer.body["policy"], policy);

    // The administrator of the installation may, too, and needs no header for it.
    let answer = app.installation_admin().await.put_json(&path, &json!({"liveness": "warn"})).await;
    assert_eq!(answer.body["policy"]["liveness"], json!("warn"));
}

#[tokio::test]
async fn its_values_have_ranges() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let path = format!("/organizations/{}/recognition-policy", organization.id);
    assert_snapshot!(organization.admin.put_json(&path, &json!({"false_match_rate": 0})).await, @r#"
    422 Unprocessable Entity
    {
      "code": "invalid_request",
      "detail": "the request is well formed, but not valid",
      "errors": [
        {
          "code": "out_of_range",
          "detail": "false_match_rate must be more than 0 and less than 1",
          "pointer": "/false_match_rate"
        }
      ],
      "instance": "/api/v1/organizations/[id]/recognition-policy",
      "request_id": "[id]",
      "status": 422,
      "title": "Invalid request",
      "type": "/docs/errors.md#invalid_request"
    }
    "#);
    let check = async |policy: Value, pointer: &str| {
        let answer = organization.admin.put_json(&path, &policy).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (422, "invalid_request"), "{policy}: {answer}");
        assert_eq!(answer.body["errors"][0]["pointer"], json!(pointer), "{policy}");
    };
    check(json!({"false_match_rate": 1}), "/false_match_rate").await;
    check(json!({"false_match_rate": -0.1}), "/false_match_rate").await;
    check(json!({"forced_threshold": 1.01}), "/forced_threshold").await;
    check(json!({"forced_threshold": -2}), "/forced_threshold").await;
    // A number that is infinite as a float of 32 bits.
    check(json!({"forced_threshold": 1e300}), "/forced_threshold").await;
    check(json!({"liveness": "perhaps"}), "").await;
    check(json!({"threshold": 0.5}), "").await;
    let shown = organization.admin.get(&format!("/organizations/{}", organization.id)).await;
    let untouched = json!({"false_match_rate": null, "forced_threshold": null, "liveness": "off",
        "retain_photos": false});
    assert_eq!(shown.body["policy"], untouched);
}
