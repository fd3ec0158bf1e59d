//! How often people come.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::app::TestApp;
use crate::client::Answer;
use crate::past::{Past, member_who_is, time};

/// One number of each row.
fn column(answer: &Answer, list: &str, field: &str) -> Vec<Value> {
    answer.body[list].as_array().unwrap_or_else(|| panic!("{answer}")).iter().map(|row| row[field].clone()).collect()
}

#[tokio::test]
async fn a_course_has_counts_of_sessions_and_people() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let bio = Past::new(&app, &organization, "BIO").await;
    let ada = bio.person("S1", "2026-09-01T00:00:00Z").await;
    let ben = bio.person("S2", "2026-09-01T00:00:00Z").await;
    bio.hold("2026-09-07T08:00:00Z", &[(ada, 0), (ben, 10)]).await;
    // Cem joins late and Ben leaves early: each is held to the sessions of their time.
    let cem = bio.person("S3", "2026-09-10T00:00:00Z").await;
    bio.leave(ben, "2026-09-10T00:00:00Z").await;
    bio.hold("2026-09-14T08:00:00Z", &[(ada, 0)]).await;
    bio.hold("2026-09-21T08:00:00Z", &[(ada, 0), (cem, 9)]).await;
    // Neither one that runs nor one of another course counts.
    bio.open("2026-09-28T08:00:00Z").await;
    let art = Past::new(&app, &organization, "ART").await;
    art.join(ada, "2026-09-01T00:00:00Z").await;
    art.hold("2026-09-14T10:00:00Z", &[]).await;

    let path = format!("/courses/{}/statistics", bio.course_id);
    let whole = organization.admin.get(&path).await;
    assert_eq!(whole.body["time_zone"], "Europe/Zurich");
    let total = json!({"present": 4, "late": 1, "left_early": 0, "absent": 1, "excused": 0, "attended": 5, "expected": 6,
        "rate": 5.0 / 6.0});
    assert_eq!(whole.body["total"], total);
    assert_eq!(column(&whole, "sessions", "day"), ["2026-09-07", "2026-09-14", "2026-09-21"]);
    assert_eq!(column(&whole, "sessions", "attended"), [2, 1, 2]);
    assert_eq!(column(&whole, "sessions", "expected"), [2, 2, 2]);
    assert_eq!(column(&whole, "people", "external_id"), ["S1", "S2", "S3"]);
    assert_eq!(column(&whole, "people", "rate"), [json!(1.0), json!(1.0), json!(0.5)]);
    assert_eq!(column(&whole, "people", "late"), [0, 1, 0]);

    let some = organization.admin.get(&format!("{path}?from=2026-09-14&to=2026-09-20")).await;
    assert_eq!(column(&some, "sessions", "day"), ["2026-09-14"]);
    assert_eq!(column(&some, "people", "rate"), [json!(1.0), json!(0.0)]);
    let none = organization.admin.get(&format!("{path}?from=2027-01-01")).await;
    assert_eq!((&none.body["total"]["rate"], &none.body["people"]), (&json!(null), &json!([])));
    for query in ["?from=2026-09-02&to=2026-09-01", "?from=yesterday", "?from=-0044-03-15", "?since=2026-09-01"] {
        assert_eq!(organization.admin.get(&format!("{path}{query}")).await.code(), "invalid_query", "{query}");
    }
}

#[tokio::test]
async fn a_teacher_sees_their_own_courses() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let (bio, art) = (Past::new(&app, &organization, "BIO").await, Past::new(&app, &organization, "ART").await);
    bio.is_taught().await;
    let ada = bio.person("S1", "2026-09-01T00:00:00Z").await;
    art.join(ada, "2026-09-01T00:00:00Z").await;
    bio.hold("2026-09-07T08:00:00Z", &[(ada, 0)]).await;
    art.hold("2026-09-08T08:00:00Z", &[]).await;

    for report in ["statistics", "at-risk"] {
        let own = organization.teacher.get(&format!("/courses/{}/{report}", bio.course_id)).await;
        assert_eq!(own.status, 200, "{own}");
        let foreign = organization.teacher.get(&format!("/courses/{}/{report}", art.course_id)).await;
        assert_eq!(foreign.code(), "forbidden", "{report}");
    }
    let of_person = organization.teacher.get(&format!("/people/{ada}/statistics")).await;
    assert_eq!(column(&of_person, "courses", "code"), ["BIO"]);
    assert_eq!(of_person.body["total"]["rate"], json!(1.0));
    let period = "from=2026-09-01&to=2026-09-30";
    let days = organization.teacher.get(&format!("/statistics/days?{period}")).await;
    assert_eq!(column(&days, "items", "day"), ["2026-09-07"]);
    let foreign = organization.teacher.get(&format!("/statistics/days?{period}&course_id={}", art.course_id)).await;
    assert_eq!(foreign.code(), "forbidden");

    let of_person = organization.admin.get(&format!("/people/{ada}/statistics")).await;
    assert_eq!(column(&of_person, "courses", "code"), ["ART", "BIO"]);
    assert_eq!(of_person.body["total"]["rate"], json!(0.5));
    let days = organization.admin.get(&format!("/statistics/days?{period}")).await;
    assert_eq!(column(&days, "items", "day"), ["2026-09-07", "2026-09-08"]);
}

#[tokio::test]
async fn somebody_sees_their_own_statistics() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let bio = Past::new(&app, &organization, "BIO").await;
    let ada = bio.person("S1", "2026-09-01T00:00:00Z").await;
    let ben = bio.person("S2", "2026-09-01T00:00:00Z").await;
    bio.hold("2026-09-07T08:00:00Z", &[(ada, 0)]).await;
    bio.hold("2026-09-14T08:00:00Z", &[(ben, 0)]).await;
    let me = member_who_is(&app, &organization, ada).await;
    let answer = me.get("/users/me/statistics").await;
    assert_snapshot!(answer, @r#"
    200 OK
    {
      "courses": [
        {
          "absent": 1,
          "attended": 1,
          "code": "BIO",
          "course_id": "[id]",
          "excused": 0,
          "expected": 2,
          "late": 0,
          "left_early": 0,
          "present": 1,
          "rate": 0.5,
          "section": "",
          "title": "Course BIO"
        }
      ],
      "person_id": "[id]",
      "total": {
        "absent": 1,
        "attended": 1,
        "excused": 0,
        "expected": 2,
        "late": 0,
        "left_early": 0,
        "present": 1,
        "rate": 0.5
      }
    }
    "#);
    let later = me.get("/users/me/statistics?from=2026-09-08").await;
    assert_eq!(later.body["total"]["rate"], json!(0.0));
    assert_eq!(me.get(&format!("/people/{ada}/statistics")).await.code(), "forbidden");
    assert_eq!(organization.member.get("/users/me/statistics").await.code(), "no_person");
}

#[tokio::test]
async fn a_day_is_the_sites() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let bio = Past::new(&app, &organization, "BIO").await;
    let (ada, ben) = (bio.person("S1", "2026-01-01T00:00:00Z").await, bio.person("S2", "2026-01-01T00:00:00Z").await);
    // In Zurich the 29th of March has 23 hours: it ends at 22:00 UTC; the 25th of October has 25.
    let came = [(ada, 0), (ben, 12)];
    bio.hold("2026-03-28T22:59:59Z", &came).await;
    bio.hold("2026-03-28T23:00:00Z", &came).await;
    bio.hold("2026-03-29T21:59:59Z", &[(ada, 0)]).await;
    bio.hold("2026-03-29T22:00:00Z", &[]).await;
    bio.hold("2026-10-25T22:59:59Z", &came).await;
    bio.hold("2026-10-25T23:00:00Z", &[]).await;
    let days = organization.admin.get("/statistics/days?from=2026-03-29&to=2026-03-29").await;
    assert_snapshot!(days, @r#"
    200 OK
    {
      "items": [
        {
          "absent": 1,
          "attended": 3,
          "attended_people": 2,
          "day": "2026-03-29",
          "excused": 0,
          "expected": 4,
          "expected_people": 2,
          "late": 1,
          "left_early": 0,
          "present": 2,
          "rate": 0.75,
          "sessions": 2
        }
      ],
      "next": null
    }
    "#);
    let days = organization.admin.get("/statistics/days?from=2026-03-28&to=2026-10-26").await;
    let expected = ["2026-03-28", "2026-03-29", "2026-03-30", "2026-10-25", "2026-10-26"];
    assert_eq!(column(&days, "items", "day"), expected);
    assert_eq!(column(&days, "items", "sessions"), [1, 2, 1, 1, 1]);
    assert_eq!(column(&days, "items", "attended"), [2, 3, 0, 2, 0]);

    for query in ["?from=2026-01-01&to=2027-01-02", "?from=2026-02-01&to=2026-01-01", "?from=x"] {
        let refused = organization.admin.get(&format!("/statistics/days{query}")).await;
        assert_eq!(refused.code(), "invalid_query", "{query}");
    }
    assert_eq!(organization.admin.get("/statistics/days?from=2026-01-01&to=2027-01-01").await.status, 200);
    // Without days: the last thirty.
    let now = chrono::Utc::now().to_rfc3339();
    bio.hold(&now, &[]).await;
    let usual = organization.admin.get("/statistics/days").await;
    let today = domain::day::of(time(&now), chrono_tz::Tz::Europe__Zurich).to_string();
    assert_eq!(column(&usual, "items", "day").last(), Some(&json!(today)));
}

#[tokio::test]
async fn who_comes_too_seldom_is_at_risk() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let bio = Past::new(&app, &organization, "BIO").await;
    let mut people = Vec::new();
    for id in ["S1", "S2", "S3", "S4"] {
        people.push(bio.person(id, "2026-09-01T00:00:00Z").await);
    }
    let all = [(people[0], 0), (people[1], 0), (people[2], 0)];
    bio.hold("2026-09-07T08:00:00Z", &all).await;
    bio.hold("2026-09-08T08:00:00Z", &all[..2]).await;
    bio.hold("2026-09-09T08:00:00Z", &all[..2]).await;
    bio.hold("2026-09-10T08:00:00Z", &all[..1]).await;
    // The last was never there, but is on the roster no more; and there is somebody new.
    bio.leave(people[3], "2026-09-11T00:00:00Z").await;
    bio.person("S5", "2026-09-11T00:00:00Z").await;
    let path = format!("/courses/{}/at-risk", bio.course_id);
    let check = async |query: &str, expected: &[&str]| {
        let answer = organization.admin.get(&format!("{path}{query}")).await;
        assert_eq!(column(&answer, "items", "external_id"), expected, "{query}");
    };
    // Three of four are enough, one of four is not.
    check("", &["S3"]).await;
    check("?below=0.75", &["S3"]).await;
    check("?below=0.8", &["S3", "S2"]).await;
    check("?below=1", &["S3", "S2"]).await;
    check("?below=0", &[]).await;
    check("?below=1&expected=5", &[]).await;
    check("?from=2026-09-08&to=2026-09-09", &["S3"]).await;
    for query in ["?below=1.1", "?below=-0.1", "?below=NaN", "?expected=0", "?below=few"] {
        assert_eq!(organization.admin.get(&format!("{path}{query}")).await.code(), "invalid_query", "{query}");
    }
}
