//! `/students` and `/employees`.

use insta::assert_snapshot;
use serde_json::json;

use crate::app::TestApp;

#[tokio::test]
async fn a_student_is_a_person() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let new = json!({"roll_no": " S001 ", "prn": "2026-17", "name": "Ada Lovelace", "email": "ada@example.org"});
    let made = organization.teacher.post_once("/students", "once", &new).await;
    assert_snapshot!(made, @r#"
    201 Created
    {
      "created_at": "[time]",
      "email": "ada@example.org",
      "id": "[id]",
      "name": "Ada Lovelace",
      "prn": "2026-17",
      "roll_no": "S001"
    }
    "#);
    let path = format!("/students/{}", made.id());
    assert_eq!(made.header("location"), format!("/api/v1{path}"));
    assert_eq!(organization.teacher.post_once("/students", "once", &new).await.body, made.body);
    assert_eq!(organization.teacher.get(&path).await.body, made.body);
    let person = organization.teacher.get(&format!("/people/{}", made.id())).await;
    assert_eq!((&person.body["kind"], &person.body["external_id"]), (&json!("student"), &json!("S001")));
    assert_eq!(person.body["second_id"], "2026-17");
    assert_eq!(organization.teacher.get(&format!("/employees/{}", made.id())).await.code(), "not_found");

    assert_snapshot!(organization.teacher.post("/students", &new).await, @r#"
    409 Conflict
    {
      "code": "already_exists",
      "detail": "another one has the same `roll_no`",
      "instance": "/api/v1/students",
      "request_id": "[id]",
      "status": 409,
      "title": "Already exists",
      "type": "/docs/errors.md#already_exists"
    }
    "#);
    let same_prn = json!({"roll_no": "S002", "prn": "2026-17", "name": "Ben"});
    let refused = organization.teacher.post("/students", &same_prn).await;
    assert_eq!(refused.body["detail"], "another one has the same `prn`");
    let wrong = json!({"roll_no": "", "prn": "", "name": "", "email": "nowhere"});
    let refused = organization.teacher.post("/students", &wrong).await;
    let pointers: Vec<_> =
        refused.body["errors"].as_array().expect("errors").iter().map(|error| error["pointer"].clone()).collect();
    assert_eq!(pointers, ["/roll_no", "/prn", "/name", "/email"]);

    let mut conn = app.connection().await;
    let id: uuid::Uuid = made.id().parse().expect("an id");
    let entries = store::audit::list(&mut conn, Some(organization.id), Some(id), 0, 10).await.expect("the log");
    assert_eq!(entries.iter().map(|entry| entry.action.as_str()).collect::<Vec<_>>(), ["person_created"]);
}

#[tokio::test]
async fn an_employee_is_a_person() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let made = organization.admin.post("/employees", &json!({"employee_id": "E7", "name": "Grace Hopper"})).await;
    assert_snapshot!(made, @r#"
    201 Created
    {
      "created_at": "[time]",
      "email": null,
      "employee_id": "E7",
      "id": "[id]",
      "name": "Grace Hopper"
    }
    "#);
    let path = format!("/employees/{}", made.id());
    assert_eq!(made.header("location"), format!("/api/v1{path}"));
    assert_eq!(organization.admin.get(&path).await.body, made.body);
    assert_eq!(organization.admin.get(&format!("/students/{}", made.id())).await.code(), "not_found");
    let again = organization.admin.post("/employees", &json!({"employee_id": "E7", "name": "Another"})).await;
    assert_eq!(again.body["detail"], "another one has the same `employee_id`");
    let roll_no = organization.admin.post("/employees", &json!({"roll_no": "E8", "name": "Another"})).await;
    assert_eq!(roll_no.code(), "invalid_request");
}

#[tokio::test]
async fn each_list_has_its_own_kind() {
    let app = TestApp::start().await;
    let (organization, other) = (app.organization().await, app.organization().await);
    for number in 1..=3 {
        let student = json!({"roll_no": format!("S{number}"), "name": "Somebody"});
        organization.admin.made("/students", &student).await;
        let employee = json!({"employee_id": format!("E{number}"), "name": "Somebody"});
        organization.admin.made("/employees", &employee).await;
    }
    other.admin.made("/students", &json!({"roll_no": "S1", "name": "Somebody else"})).await;
    let check = async |path: &str, field: &str, expected: &[&str]| {
        let page = organization.teacher.get(path).await;
        let rows = page.body["items"].as_array().unwrap_or_else(|| panic!("{page}")).clone();
        assert_eq!(rows.iter().map(|row| row[field].clone()).collect::<Vec<_>>(), expected, "{path}");
        page.body["next"].as_str().map(str::to_owned)
    };
    let next = check("/students?limit=2", "roll_no", &["S1", "S2"]).await.expect("another page");
    check(&format!("/students?limit=2&cursor={next}"), "roll_no", &["S3"]).await;
    check("/students?roll_no=S2", "roll_no", &["S2"]).await;
    check("/students?roll_no=E2", "roll_no", &[]).await;
    check("/employees", "employee_id", &["E1", "E2", "E3"]).await;
    check("/employees?employee_id=E3", "employee_id", &["E3"]).await;
    assert_eq!(organization.teacher.get("/students?name=x").await.code(), "invalid_query");
    assert_eq!(organization.member.get("/students").await.code(), "forbidden");
}
