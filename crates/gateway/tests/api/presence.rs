//! Who is there, and one person's attendance over time.

use chrono::Utc;
use chrono_tz::Europe::Zurich;
use domain::id::UserId;
use domain::user::{Role, User};
use serde_json::{Value, json};

use crate::app::{PASSWORD, TestApp, TestOrganization, TestSession};
use crate::client::{Answer, Client};

/// The user that a person is.
pub(crate) async fn user_of(app: &TestApp, organization: &TestOrganization, person_id: &str) -> Client {
    let id = UserId::new();
    let user = User {
        id,
        organization_id: Some(organization.id),
        email: format!("{id}@example.org"),
        role: Role::Member,
        person_id: Some(person_id.parse().expect("an id")),
        created_at: Utc::now(),
    };
    let hash = bcrypt::hash(PASSWORD, 4).expect("a hash");
    store::users::insert(&mut *app.connection().await, &user, &hash).await.expect("a user");
    let answer = app.anonymous().log_in(&user.email, PASSWORD).await;
    app.anonymous().bearing(&answer.text("access_token"))
}

async fn comes(organization: &TestOrganization, session: &TestSession, direction: &str) {
    let body = json!({"person_id": session.person_id, "direction": direction});
    let answer = organization.teacher.post(&format!("/sessions/{}/attendance", session.id), &body).await;
    assert_eq!(answer.status, 200, "{answer}");
}

fn people(answer: &Answer) -> Vec<Value> {
    let items = answer.body["items"].as_array().unwrap_or_else(|| panic!("no page but {answer}"));
    items.iter().map(|row| row["external_id"].clone()).collect()
}

#[tokio::test]
async fn whoever_came_is_present_until_they_go() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let (bio, art) = (organization.active_session("BIO").await, organization.active_session("ART").await);
    for session in [&bio, &art] {
        comes(&organization, session, "in").await;
    }
    let present = format!("/sessions/{}/present", bio.id);
    assert_eq!(people(&organization.admin.get(&present).await), ["BIO"]);
    comes(&organization, &bio, "out").await;
    assert_eq!(people(&organization.admin.get(&present).await), [json!(null); 0]);

    let (today, tomorrow) = (Utc::now().with_timezone(&Zurich).date_naive(), Utc::now() + chrono::TimeDelta::days(1));
    let day = format!("/attendance/present?date={today}");
    let first = organization.admin.get(&format!("{day}&limit=1")).await;
    let rest = organization.admin.get(&format!("{day}&limit=1&cursor={}", first.text("next"))).await;
    assert_eq!([people(&first), people(&rest)].concat(), ["BIO", "ART"]);
    assert_eq!(
        (&first.body["items"][0]["is_present"], &rest.body["items"][0]["is_present"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(people(&organization.admin.get("/attendance/present?now=true").await), ["ART"]);
    let tomorrow = tomorrow.with_timezone(&Zurich).date_naive();
    assert_eq!(
        people(&organization.admin.get(&format!("/attendance/present?date={tomorrow}")).await),
        [json!(null); 0]
    );
    // A teacher of nothing sees nobody.
    let substitute = app.user(Some(organization.id), Role::Teacher).await;
    assert_eq!(people(&substitute.get(&day).await), [json!(null); 0]);
    assert_eq!(people(&organization.teacher.get(&day).await), ["BIO", "ART"]);
}

#[tokio::test]
async fn everybody_sees_their_own_attendance_and_staff_that_of_others() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let session = organization.active_session("BIO").await;
    comes(&organization, &session, "in").await;
    let me = user_of(&app, &organization, &session.person_id).await;
    let today = Utc::now().with_timezone(&Zurich).date_naive();
    let own = me.get(&format!("/users/me/attendance?from={today}&to={today}")).await;
    let of_person = organization.admin.get(&format!("/people/{}/attendance", session.person_id)).await;
    assert_eq!(own.body, of_person.body);
    let row = &own.body["items"][0];
    assert_eq!((&row["session_id"], &row["state"]), (&json!(session.id), &json!("present")));
    assert_eq!((&row["course_id"], &row["session_state"]), (&json!(session.course_id), &json!("active")));
    for (query, count) in [("from=2100-01-01", 0), ("to=2000-01-01", 0), ("from=2000-01-01", 1), ("limit=1", 1)] {
        let found = me.get(&format!("/users/me/attendance?{query}")).await;
        assert_eq!(found.body["items"].as_array().map(Vec::len), Some(count), "{query}: {found}");
    }
    assert_eq!(me.get("/users/me/attendance?from=2026-02-02&to=2026-02-01").await.code(), "invalid_query");
    let substitute = app.user(Some(organization.id), Role::Teacher).await;
    for (teacher, count) in [(&organization.teacher, 1), (&substitute, 0)] {
        let taught = teacher.get(&format!("/people/{}/attendance", session.person_id)).await;
        assert_eq!(taught.body["items"].as_array().map(Vec::len), Some(count), "they see the courses that they teach");
    }
    assert_eq!(organization.member.get("/users/me/attendance").await.code(), "no_person");
}
