//! A person's page: templates, courses, PIN; and the lists beside it.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::app::TestApp;
use crate::pictures::jpeg;
use crate::worker::{accepted, finish};

#[tokio::test]
async fn templates_are_shown_without_what_they_hold() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let person = organization.person("ADA").await;
    let path = format!("/people/{person}/templates");
    assert_eq!(organization.teacher.get(&path).await.body, json!({"count": 0, "items": []}));
    let photos = [("a.jpg", &jpeg(64, 64)[..]), ("b.jpg", &jpeg(64, 80)[..])];
    let enrollment = organization.teacher.enroll(&person, &photos).await.id();
    finish(&app, &app.next_job().await, vec![accepted(80), accepted(90)], None).await;
    let shown = organization.teacher.get(&path).await.body;
    assert_eq!(shown["count"], json!(3));
    let mut kinds = Vec::new();
    for template in shown["items"].as_array().expect("templates") {
        let members: Vec<&str> = template.as_object().expect("a template").keys().map(String::as_str).collect();
        assert_eq!(members, ["contract", "created_at", "enrollment_id", "id", "origin", "quality"]);
        assert_eq!(template["contract"], json!("test-2/1"));
        kinds.push((template["origin"].clone(), template["quality"].clone(), template["enrollment_id"].clone()));
    }
    kinds.sort_by_key(|kind| format!("{kind:?}"));
    let original = |quality: f32| (json!("original"), json!(quality), json!(enrollment));
    assert_eq!(kinds, [original(80.0), original(90.0), (json!("pooled"), json!(85.0), Value::Null)]);
    let enrolled = organization.teacher.get("/people?enrolled=true").await;
    assert_eq!(enrolled.body["items"][0]["id"], json!(person));
}

#[tokio::test]
async fn courses_of_a_person_are_those_whose_roster_they_are_on() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let (bio, art) = (organization.planned_session("BIO").await, organization.planned_session("ART").await);
    let path = format!("/people/{}/courses", bio.person_id);
    let codes = async |path: &str| {
        let listed = organization.teacher.get(path).await.body["items"].clone();
        listed.as_array().expect("courses").iter().map(|course| course["code"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(codes(&path).await, [json!("BIO")]);
    let joined = organization.admin.put(&format!("/courses/{}/roster/{}", art.course_id, bio.person_id)).await;
    assert!(joined.status.is_success(), "{joined}");
    assert_eq!(codes(&path).await, [json!("BIO"), json!("ART")]);
    let first = organization.teacher.get(&format!("{path}?limit=1")).await;
    let next = format!("{path}?limit=1&cursor={}", first.text("next"));
    assert_eq!(codes(&next).await, [json!("ART")]);
    organization.admin.delete(&format!("/courses/{}/roster/{}", bio.course_id, bio.person_id)).await;
    assert_eq!(codes(&path).await, [json!("ART")]);
}

#[tokio::test]
async fn whether_there_is_a_pin_is_shown_and_never_the_pin() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let path = format!("/people/{}/pin", organization.person("ADA").await);
    assert_eq!(organization.teacher.get(&path).await.body, json!({"is_set": false, "set_at": null}));
    organization.teacher.put_json(&path, &json!({"pin": "4711"})).await;
    let shown = organization.teacher.get(&path).await;
    let set_at: DateTime<Utc> = shown.text("set_at").parse().expect("a time");
    assert!((Utc::now() - set_at).num_seconds() < 60);
    assert_eq!(shown.body, json!({"is_set": true, "set_at": shown.body["set_at"]}));
    organization.teacher.delete(&path).await;
    assert_eq!(organization.teacher.get(&path).await.body["is_set"], json!(false));
}

#[tokio::test]
async fn a_camera_is_seen_when_its_key_is_used_and_noted_once_a_minute() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let session = organization.active_session("BIO").await;
    let key = organization.camera_key("Hall").await;
    let camera = app.anonymous().bearing(&key);
    let seen = async || organization.admin.get("/cameras").await.body["items"][0]["last_seen_at"].clone();
    assert_eq!(seen().await, Value::Null);
    let send = async || assert_eq!(camera.send_frame(&session.id, "image/jpeg", &jpeg(64, 64)).await.status, 202);
    send().await;
    let first = seen().await;
    let at: DateTime<Utc> = first.as_str().expect("a time").parse().expect("a time");
    assert!((Utc::now() - at).num_seconds() < 60);
    send().await;
    assert_eq!(seen().await, first, "noted less than a minute ago");
    app.execute("UPDATE cameras SET last_seen_at = last_seen_at - interval '61 seconds'").await;
    let before = seen().await;
    send().await;
    let again: DateTime<Utc> = seen().await.as_str().expect("a time").parse().expect("a time");
    assert!(again >= at && json!(again) != before, "{again}");
    // A key that opens nothing any more is not seen.
    let id = organization.admin.get("/cameras").await.body["items"][0]["id"].as_str().expect("an id").to_owned();
    organization.admin.delete(&format!("/cameras/{id}")).await;
    app.execute("UPDATE cameras SET last_seen_at = NULL").await;
    assert_eq!(camera.send_frame(&session.id, "image/jpeg", &jpeg(64, 64)).await.status, 401);
    assert_eq!(seen().await, Value::Null);
}

#[tokio::test]
async fn enrollments_of_the_organization_are_listed_newest_first() {
    let app = TestApp::start().await;
    let (organization, other) = (app.organization().await, app.organization().await);
    let stranger = other.person("EVE").await;
    other.teacher.enroll(&stranger, &[("a.jpg", &jpeg(64, 64))]).await;
    app.next_job().await;
    let (ada, bea) = (organization.person("ADA").await, organization.person("BEA").await);
    let mut made = Vec::new();
    for person in [&ada, &bea, &ada] {
        made.push(organization.teacher.enroll(person, &[("a.jpg", &jpeg(64, 64))]).await.id());
    }
    finish(&app, &app.next_job().await, vec![accepted(80)], None).await;
    let ids = async |query: &str| {
        let listed = organization.teacher.get(&format!("/enrollments{query}")).await;
        let items = listed.body["items"].as_array().unwrap_or_else(|| panic!("{listed}")).clone();
        let ids: Vec<String> = items.iter().map(|row| row["id"].as_str().expect("an id").to_owned()).collect();
        (ids, listed.body["next"].as_str().map(str::to_owned))
    };
    let newest_first: Vec<String> = made.iter().rev().cloned().collect();
    assert_eq!(ids("").await.0, newest_first);
    assert_eq!(ids("?state=pending").await.0, newest_first[..2]);
    assert_eq!(ids("?state=completed").await.0, newest_first[2..]);
    assert_eq!(ids("?state=duplicate_suspected").await.0, Vec::<String>::new());
    assert_eq!(ids(&format!("?person_id={ada}&state=pending")).await.0, newest_first[..1]);
    assert_eq!(ids(&format!("?person_id={stranger}")).await.0, Vec::<String>::new());
    let (first, next) = ids("?limit=2").await;
    assert_eq!(first, newest_first[..2]);
    let next = next.expect("another page");
    assert_eq!(ids(&format!("?limit=2&cursor={next}")).await, (newest_first[2..].to_vec(), None));
    assert_eq!(organization.teacher.get("/enrollments?state=lost").await.code(), "invalid_query");
}

#[tokio::test]
async fn sessions_and_attendance_come_in_either_order() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let bio = organization.active_session("BIO").await;
    let begins = Utc::now();
    let mut sessions = vec![bio.id.clone()];
    for days in [1, 2, 2] {
        let body = json!({"course_id": bio.course_id, "starts_at": begins + TimeDelta::days(days)});
        let id = organization.admin.made("/sessions", &body).await;
        sessions.push(id);
    }
    for session in &sessions {
        organization.admin.post(&format!("/sessions/{session}/start"), &json!({})).await;
        let mark = json!({"person_id": bio.person_id, "state": "present"});
        let marked = organization.admin.post(&format!("/sessions/{session}/attendance"), &mark).await;
        assert_eq!(marked.status, 200, "{marked}");
    }
    let newest_first: Vec<String> = sessions.iter().rev().cloned().collect();
    let attended = format!("/people/{}/attendance", bio.person_id);
    for (path, id) in [("/sessions", "id"), (&attended, "session_id")] {
        let page = async |query: &str| {
            let listed = organization.admin.get(&format!("{path}?{query}")).await;
            let items = listed.body["items"].as_array().unwrap_or_else(|| panic!("{listed}")).clone();
            let ids: Vec<String> = items.iter().map(|row| row[id].as_str().expect("an id").to_owned()).collect();
            (ids, listed.body["next"].as_str().map(str::to_owned))
        };
        assert_eq!(page("").await.0, sessions, "{path}");
        assert_eq!(page("order=oldest").await.0, sessions, "{path}");
        // One by one, across two that begin at the same time.
        let (mut found, mut query) = (Vec::new(), "order=newest&limit=1".to_owned());
        loop {
            let (ids, next) = page(&query).await;
            found.extend(ids);
            let Some(next) = next else { break };
            query = format!("order=newest&limit=1&cursor={next}");
        }
        assert_eq!(found, newest_first, "{path}");
        assert_eq!(organization.admin.get(&format!("{path}?order=best")).await.code(), "invalid_query");
    }
}
