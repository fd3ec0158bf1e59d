//! Series of sessions, and holidays.

use chrono::{Days, NaiveDate, Utc};
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::app::{TestApp, TestOrganization};
use crate::client::Answer;
use crate::courses::{audited, teach};

/// So many days from today on; far enough from midnight everywhere, where it is not 0.
fn day(number: u64) -> NaiveDate {
    Utc::now().date_naive() + Days::new(number)
}

fn daily(rule: &str) -> Value {
    json!({"rule": rule, "starts_on": day(2), "start_time": "08:15:00", "duration_minutes": 90})
}

async fn sessions(organization: &TestOrganization, series_id: &str) -> Vec<Value> {
    let page = organization.teacher.get(&format!("/sessions?series_id={series_id}&limit=200")).await;
    page.body["items"].as_array().unwrap_or_else(|| panic!("{page}")).clone()
}

fn starts(sessions: &[Value]) -> Vec<&str> {
    sessions.iter().map(|session| session["starts_at"].as_str().expect("a time")).collect()
}

#[tokio::test]
async fn a_preview_shows_what_clocks_show() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let course_id = organization.course("BIO").await;
    let path = format!("/courses/{course_id}/series/preview");
    let easter = json!({"first_day": "2026-03-30", "name": "Spring day"});
    organization.admin.made("/holidays", &easter).await;
    let night = json!({"rule": "FREQ=DAILY;COUNT=3", "starts_on": "2026-03-28", "start_time": "02:30:00",
        "duration_minutes": 60});
    assert_eq!(organization.teacher.post(&path, &night).await.code(), "forbidden");
    teach(&organization, &course_id).await;
    let preview = organization.teacher.post(&path, &night).await;
    let expected = json!({
        "time_zone": "Europe/Zurich",
        "has_more": false,
        "meetings": [
            {"day": "2026-03-28", "starts_at": "2026-03-28T01:30:00Z", "ends_at": "2026-03-28T02:30:00Z",
             "local_start": "2026-03-28T02:30:00", "local_end": "2026-03-28T03:30:00", "holiday": null},
            {"day": "2026-03-29", "starts_at": "2026-03-29T01:00:00Z", "ends_at": "2026-03-29T02:00:00Z",
             "local_start": "2026-03-29T03:00:00", "local_end": "2026-03-29T04:00:00", "holiday": null},
            {"day": "2026-03-30", "starts_at": "2026-03-30T00:30:00Z", "ends_at": "2026-03-30T01:30:00Z",
             "local_start": "2026-03-30T02:30:00", "local_end": "2026-03-30T03:30:00", "holiday": "Spring day"},
        ],
    });
    assert_eq!(preview.body, expected);
    assert_eq!(organization.teacher.get("/sessions").await.body["items"], json!([]), "nothing is made");
    let endless = organization.teacher.post(&path, &daily("FREQ=DAILY")).await;
    let shown = endless.body["meetings"].as_array().map(Vec::len);
    assert_eq!((shown, &endless.body["has_more"]), (Some(200), &json!(true)));
}

#[tokio::test]
async fn a_series_is_made_changed_and_given_up_with_its_sessions() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let course = json!({"code": "BIO", "title": "Biology", "time_zone": "Asia/Kolkata",
        "policy": {"late_after_minutes": 10}});
    let course_id = organization.admin.made("/courses", &course).await;
    let path = format!("/courses/{course_id}/series");
    assert_eq!(organization.teacher.post(&path, &daily("FREQ=DAILY;COUNT=4")).await.code(), "forbidden");
    teach(&organization, &course_id).await;
    let mut new = daily("rrule:freq=daily;count=4");
    new["policy"] = json!({"opens_minutes_before": 15});
    new["automatic"] = json!(true);
    let series = organization.teacher.post(&path, &new).await;
    assert_eq!(series.header("location"), format!("/api/v1/series/{}", series.id()));
    let mut shown = series.body.clone();
    shown["starts_on"] = json!("[day]");
    assert_snapshot!(Answer { body: shown, ..series }, @r#"
    201 Created
    {
      "automatic": true,
      "course_id": "[id]",
      "created_at": "[time]",
      "duration_minutes": 90,
      "id": "[id]",
      "organization_id": "[id]",
      "policy": {
        "opens_minutes_before": 15
      },
      "rule": "FREQ=DAILY;COUNT=4",
      "start_time": "08:15:00",
      "starts_on": "[day]"
    }
    "#);
    let path =
        format!("/series/{}", organization.teacher.get(&path).await.body["items"][0]["id"].as_str().expect("an id"));
    let id = organization.teacher.get(&path).await.id();

    let first = sessions(&organization, &id).await;
    let expected: Vec<String> = (2..6).map(|number| format!("{}T02:45:00Z", day(number))).collect();
    assert_eq!(starts(&first), expected, "8:15 in Kolkata");
    assert_eq!(first[0]["ends_at"], json!(format!("{}T04:15:00Z", day(2))));
    let policy = &first[0]["policy"];
    assert_eq!((&policy["late_after_minutes"], &policy["opens_minutes_before"]), (&json!(10), &json!(15)));
    assert_eq!((&first[0]["automatic"], &first[0]["series_id"]), (&json!(true), &json!(id)));

    // The second is moved by hand, the third cancelled.
    let of = |number: usize| format!("/sessions/{}", first[number]["id"].as_str().expect("an id"));
    let moved = json!({"starts_at": format!("{}T10:00:00Z", day(3)), "ends_at": format!("{}T11:00:00Z", day(3))});
    organization.teacher.patch(&of(1), &moved).await;
    assert_eq!(organization.teacher.delete(&of(2)).await.status, 204);
    organization.teacher.patch(&path, &json!({"start_time": "09:00:00", "duration_minutes": 60})).await;
    let second = sessions(&organization, &id).await;
    let expected = [(2, "03:30"), (3, "10:00"), (5, "03:30")].map(|(number, at)| format!("{}T{at}:00Z", day(number)));
    assert_eq!(starts(&second), expected);
    assert_eq!([&second[0]["id"], &second[2]["id"]], [&first[0]["id"], &first[3]["id"]], "they are the same sessions");

    // A session that has begun stays, whatever becomes of the series.
    organization.teacher.post(&format!("{}/start", of(0)), &json!({})).await;
    organization.teacher.patch(&path, &json!({"rule": "FREQ=DAILY;INTERVAL=3;COUNT=2"})).await;
    assert_eq!(starts(&sessions(&organization, &id).await), [expected[0].as_str(), &expected[2]]);
    assert_eq!(organization.teacher.delete(&path).await.status, 204);
    assert_eq!(organization.teacher.get(&path).await.code(), "not_found");
    let left = organization.teacher.get("/sessions").await;
    assert_eq!((&left.body["items"][0]["id"], &left.body["items"][0]["series_id"]), (&first[0]["id"], &json!(null)));
    assert_eq!(left.body["items"].as_array().map(Vec::len), Some(1));

    let log = audited(&app, &organization, &id).await;
    let counts: Vec<_> = log
        .iter()
        .map(|(action, details)| {
            (action.as_str(), ["made", "changed", "cancelled"].map(|count| details[count].as_u64().unwrap_or(0)))
        })
        .collect();
    let expected = [
        ("series_created", [4, 0, 0]),
        ("series_updated", [0, 2, 0]),
        ("series_updated", [0, 0, 1]),
        ("series_deleted", [0, 0, 1]),
    ];
    assert_eq!(counts, expected);
}

#[tokio::test]
async fn sessions_are_made_as_far_as_the_horizon_and_not_for_the_past() {
    let app = TestApp::start_with(|settings| settings.timetable.horizon_days = 7).await;
    let organization = app.organization().await;
    let course_id = organization.course("BIO").await;
    let mut new = daily("FREQ=DAILY");
    new["starts_on"] = json!("2020-01-01");
    let id = organization.admin.made(&format!("/courses/{course_id}/series"), &new).await;
    let made = sessions(&organization, &id).await;
    // Today's is made until it begins.
    assert!((6..=7).contains(&made.len()), "{made:?}");
    assert!(starts(&made).iter().all(|start| *start > Utc::now().to_rfc3339().as_str()));
}

#[tokio::test]
async fn nobody_meets_on_holidays() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let course_id = organization.course("BIO").await;
    let series = organization.admin.made(&format!("/courses/{course_id}/series"), &daily("FREQ=DAILY;COUNT=6")).await;
    let by_hand = json!({"course_id": course_id, "starts_at": format!("{}T08:00:00Z", day(4))});
    let by_hand = organization.teacher.made("/sessions", &by_hand).await;
    let new = json!({"first_day": day(3), "last_day": day(4), "name": "Foundation days"});
    assert_eq!(organization.teacher.post("/holidays", &new).await.code(), "forbidden");
    let holiday = organization.admin.post("/holidays", &new).await;
    assert_eq!(holiday.status, 201, "{holiday}");
    let days = async || -> Vec<String> {
        starts(&sessions(&organization, &series).await).iter().map(|start| start[..10].to_owned()).collect()
    };
    assert_eq!(days().await, [2, 5, 6, 7].map(|number| day(number).to_string()));
    assert_eq!(organization.teacher.get(&format!("/sessions/{by_hand}")).await.status, 200, "what was planned stays");

    let listed =
        async |query: &str| organization.teacher.get(&format!("/holidays?{query}")).await.body["items"].clone();
    assert_eq!(listed("").await, json!([holiday.body]));
    assert_eq!(listed(&format!("from={}&to={0}", day(4))).await, json!([holiday.body]));
    assert_eq!(listed(&format!("from={}", day(5))).await, json!([]));
    assert_eq!(listed(&format!("to={}", day(2))).await, json!([]));

    let path = format!("/holidays/{}", holiday.id());
    assert_eq!(organization.admin.delete(&path).await.status, 204);
    assert_eq!(organization.admin.delete(&path).await.code(), "not_found");
    assert_eq!(days().await.len(), 6);
    let log = audited(&app, &organization, &holiday.id()).await;
    assert_eq!((log[0].0.as_str(), &log[0].1["cancelled"]), ("holiday_added", &json!(2)));
    assert_eq!((log[1].0.as_str(), &log[1].1["made"]), ("holiday_removed", &json!(2)));
    let wrong = json!({"first_day": day(3), "last_day": day(2), "name": ""});
    let pointers = organization.admin.post("/holidays", &wrong).await.body["errors"].clone();
    assert_eq!((&pointers[0]["pointer"], &pointers[1]["pointer"]), (&json!("/name"), &json!("/last_day")));
}

#[tokio::test]
async fn sessions_to_come_follow_their_course() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let course_id = organization.course("BIO").await;
    let path = format!("/courses/{course_id}");
    let mut new = daily("FREQ=DAILY;COUNT=2");
    new["start_time"] = json!("12:00:00");
    new["policy"] = json!({"late_after_minutes": 10});
    let id = organization.admin.made(&format!("{path}/series"), &new).await;
    organization.admin.patch(&path, &json!({"time_zone": "Asia/Kolkata"})).await;
    let moved = sessions(&organization, &id).await;
    assert_eq!(starts(&moved), [2, 3].map(|number| format!("{}T06:30:00Z", day(number))));
    organization.admin.put_json(&format!("{path}/policy"), &json!({"left_early_minutes": 5})).await;
    let policy = sessions(&organization, &id).await[0]["policy"].clone();
    assert_eq!((&policy["left_early_minutes"], &policy["late_after_minutes"]), (&json!(5), &json!(10)));
    let clashing = organization.admin.put_json(&format!("{path}/policy"), &json!({"closes_after_minutes": 9})).await;
    assert_eq!(clashing.body["errors"][0]["code"], "series", "{clashing}");
    assert_eq!(organization.admin.get(&path).await.body["policy"]["left_early_minutes"], 5, "nothing was changed");

    organization.admin.patch(&path, &json!({"is_active": false})).await;
    assert!(sessions(&organization, &id).await.is_empty());
    let another = organization.admin.post(&format!("{path}/series"), &new).await;
    assert_eq!(another.code(), "course_inactive");
    organization.admin.patch(&path, &json!({"is_active": true})).await;
    assert_eq!(sessions(&organization, &id).await.len(), 2);
}

#[tokio::test]
async fn what_makes_no_series_is_refused() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let course_id = organization.course("BIO").await;
    let path = format!("/courses/{course_id}/series");
    let check = async |field: &str, value: Value, pointer: &str, code: &str| {
        let mut new = daily("FREQ=DAILY");
        new[field] = value;
        for address in [path.clone(), format!("{path}/preview")] {
            let answer = organization.admin.post(&address, &new).await;
            let error = &answer.body["errors"][0];
            assert_eq!((&error["pointer"], &error["code"]), (&json!(pointer), &json!(code)), "{answer}");
        }
    };
    check("rule", json!("every day"), "/rule", "invalid").await;
    check("rule", json!("FREQ=SECONDLY"), "/rule", "invalid").await;
    check("rule", json!("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"), "/rule", "never").await;
    check("starts_on", json!("0001-01-01"), "/starts_on", "out_of_range").await;
    check("duration_minutes", json!(0), "/duration_minutes", "out_of_range").await;
    check("start_time", json!("25:00:00"), "", "invalid").await;
    check("start_time", json!("08:15:00.5"), "/start_time", "invalid").await;
    check("policy", json!({"late": 1}), "/policy", "invalid").await;
    check("policy", json!({"late_after_minutes": 1441}), "/policy/late_after_minutes", "out_of_range").await;
    assert_eq!(organization.admin.get(&path).await.body["items"], json!([]));
}
