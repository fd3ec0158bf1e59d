//! `/attendance/records`.

use insta::assert_snapshot;
use serde_json::Value;

use crate::app::TestApp;
use crate::client::Client;
use crate::past::{Past, member_who_is};

/// Course, person and status of each record, page by page.
async fn walk(client: &Client, query: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut path = format!("/attendance/records?{query}");
    loop {
        let page = client.get(&path).await;
        let rows = page.body["items"].as_array().unwrap_or_else(|| panic!("{page}"));
        let text = |row: &Value, field: &str| row[field].as_str().expect("a text").to_owned();
        found
            .extend(rows.iter().map(|row| ["date", "course", "external_id", "status"].map(|f| text(row, f)).join(" ")));
        match &page.body["next"] {
            Value::String(next) => path = format!("/attendance/records?{query}&cursor={next}"),
            _ => return found,
        }
    }
}

#[tokio::test]
async fn records_of_a_day_a_course_and_a_person() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let (bio, art) = (Past::new(&app, &organization, "BIO").await, Past::new(&app, &organization, "ART").await);
    let ada = bio.person("S1", "2026-01-01T00:00:00Z").await;
    let ben = bio.person("S2", "2026-01-01T00:00:00Z").await;
    art.join(ada, "2026-01-01T00:00:00Z").await;
    // Before and after midnight in Zurich, where this is the day with 25 hours.
    bio.hold("2026-10-25T22:59:59Z", &[(ada, 0), (ben, 15)]).await;
    bio.hold("2026-10-25T23:00:00Z", &[(ada, 0)]).await;
    let running = art.open("2026-10-26T08:00:00Z").await;

    let admin = &organization.admin;
    let first = ["2026-10-25 BIO S1 present", "2026-10-25 BIO S2 late"];
    let second = ["2026-10-26 BIO S1 present", "2026-10-26 BIO S2 absent"];
    assert_eq!(walk(admin, "date=2026-10-25").await, first);
    assert_eq!(walk(admin, "date=2026-10-26").await, second);
    assert_eq!(walk(admin, "date=2026-10-27").await, [""; 0]);
    art.see(&running, ada, 1).await;
    assert_eq!(walk(admin, "date=2026-10-26&limit=1").await, [second[0], second[1], "2026-10-26 ART S1 present"]);
    assert_eq!(walk(admin, &format!("course_id={}&limit=3", bio.course_id)).await, [first, second].concat());
    let of_ben = walk(admin, &format!("person_id={ben}")).await;
    assert_eq!(of_ben, [first[1], second[1]]);
    assert_eq!(walk(admin, "").await.len(), 5);
    assert_snapshot!(admin.get(&format!("/attendance/records?date=2026-10-25&person_id={ada}")).await, @r#"
    200 OK
    {
      "items": [
        {
          "course": "BIO",
          "course_id": "[id]",
          "date": "2026-10-25",
          "external_id": "S1",
          "last_seen_at": "[time]",
          "name": "Person S1",
          "person_id": "[id]",
          "session_id": "[id]",
          "similarity": 0.75,
          "status": "present",
          "timestamp": "[time]"
        }
      ],
      "next": null
    }
    "#);

    // A teacher sees their own courses.
    assert_eq!(walk(&organization.teacher, "").await, [""; 0]);
    art.is_taught().await;
    assert_eq!(walk(&organization.teacher, "").await, ["2026-10-26 ART S1 present"]);
    let foreign = format!("/attendance/records?course_id={}", bio.course_id);
    assert_eq!(organization.teacher.get(&foreign).await.code(), "forbidden");
    let me = member_who_is(&app, &organization, ada).await;
    assert_eq!(me.get("/attendance/records").await.code(), "forbidden");

    let other = app.organization().await;
    assert_eq!(walk(&other.admin, "").await, [""; 0]);
    assert_eq!(other.admin.get(&foreign).await.code(), "not_found");
    let person = format!("/attendance/records?person_id={ada}");
    assert_eq!(other.admin.get(&person).await.code(), "not_found");
    for query in ["date=today", "limit=0", "day=2026-10-25"] {
        let refused = admin.get(&format!("/attendance/records?{query}")).await;
        assert_eq!(refused.code(), "invalid_query", "{query}");
    }
    assert_eq!(admin.get("/attendance/records?cursor=guess").await.code(), "invalid_cursor");
}
