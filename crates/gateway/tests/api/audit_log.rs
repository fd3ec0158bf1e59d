//! What was changed by whom.

use insta::assert_snapshot;
use serde_json::json;

use crate::app::{TestApp, TestOrganization};
use crate::client::Answer;

/// The numbers of the entries in an answer.
fn sequences(answer: &Answer) -> Vec<i64> {
    let items = answer.body["items"].as_array().unwrap_or_else(|| panic!("{answer}"));
    items.iter().map(|item| item["sequence"].as_i64().expect("a number")).collect()
}

/// An organization with a log of seven entries: admin, teacher and member logged in, three people made, the first deleted.
async fn with_log(app: &TestApp) -> (TestOrganization, Vec<String>) {
    let organization = app.organization().await;
    let mut people = Vec::new();
    for external_id in ["S1", "S2", "S3"] {
        people.push(organization.person(external_id).await);
    }
    assert_eq!(organization.admin.delete(&format!("/people/{}", people[0])).await.status, 204);
    (organization, people)
}

#[tokio::test]
async fn the_log_is_listed_and_filtered() {
    let app = TestApp::start().await;
    let (organization, people) = with_log(&app).await;
    let (other, _) = with_log(&app).await;
    let admin = &organization.admin;
    let mut deleted = admin.get("/audit-log?action=person_deleted").await;
    deleted.body["items"][0]["hash"] = json!("…");
    assert_snapshot!(deleted, @r#"
    200 OK
    {
      "items": [
        {
          "action": "person_deleted",
          "actor": {
            "id": "[id]",
            "kind": "user"
          },
          "at": "[time]",
          "details": {},
          "hash": "…",
          "request_id": "[id]",
          "sequence": 7,
          "subject_id": "[id]"
        }
      ],
      "next": null
    }
    "#);
    let me = admin.get("/users/me").await.id();
    let nobody = uuid::Uuid::now_v7();
    let cases = [
        (String::new(), vec![1, 2, 3, 4, 5, 6, 7]),
        ("?order=newest".to_owned(), vec![7, 6, 5, 4, 3, 2, 1]),
        (format!("?subject_id={}", people[0]), vec![4, 7]),
        (format!("?subject_id={}&order=newest&action=person_created", people[0]), vec![4]),
        (format!("?actor_id={me}&limit=2"), vec![1, 4]),
        (format!("?actor_id={nobody}"), vec![]),
        ("?to=2020-01-01T00:00:00Z".to_owned(), vec![]),
        ("?from=2020-01-01T00:00:00Z&order=oldest".to_owned(), vec![1, 2, 3, 4, 5, 6, 7]),
    ];
    for (query, expected) in cases {
        assert_eq!(sequences(&admin.get(&format!("/audit-log{query}")).await), expected, "{query}");
    }
    for wrong in ["?action=person_eaten", "?order=best", "?from=yesterday", "?limit=0", "?colour=red"] {
        assert_eq!(admin.get(&format!("/audit-log{wrong}")).await.code(), "invalid_query", "{wrong}");
    }
    assert_eq!(sequences(&other.admin.get("/audit-log").await), [1, 2, 3, 4, 5, 6, 7]);
}

#[tokio::test]
async fn the_log_comes_in_pages_from_both_ends() {
    let app = TestApp::start().await;
    let (organization, _) = with_log(&app).await;
    for (order, expected) in [("oldest", [1, 2, 3, 4, 5, 6, 7]), ("newest", [7, 6, 5, 4, 3, 2, 1])] {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = organization.admin.get(&format!("/audit-log?order={order}&limit=3{cursor}")).await;
            seen.extend(sequences(&page));
            let Some(next) = page.body["next"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(seen, expected);
    }
    assert_eq!(organization.admin.get("/audit-log?cursor=x").await.code(), "invalid_cursor");
}

#[tokio::test]
async fn a_changed_log_shows() {
    let app = TestApp::start().await;
    let (organization, _) = with_log(&app).await;
    let found = organization.admin.get("/audit-log/verification").await;
    let last = organization.admin.get("/audit-log?order=newest&limit=1").await;
    assert_eq!(found.body["last_hash"], last.body["items"][0]["hash"]);
    let mut whole = found.body.clone();
    whole["last_hash"] = json!("…");
    assert_eq!(
        whole,
        json!({"is_whole": true, "entries": 7, "last_sequence": 7, "last_hash": "…", "broken": 0, "problems": []})
    );

    app.execute(
        "ALTER TABLE audit_entries DISABLE TRIGGER audit_entries_stay; \
         UPDATE audit_entries SET action = 'person_created' WHERE sequence = 7; \
         DELETE FROM audit_entries WHERE sequence = 2",
    )
    .await;
    let mut broken = organization.admin.get("/audit-log/verification").await;
    broken.body["last_hash"] = json!("…");
    assert_snapshot!(broken, @r#"
    200 OK
    {
      "broken": 2,
      "entries": 6,
      "is_whole": false,
      "last_hash": "…",
      "last_sequence": 7,
      "problems": [
        {
          "detail": "entry 2 is missing: entry 3 follows",
          "kind": "gap",
          "sequence": 2
        },
        {
          "detail": "entry 7 is not what was written",
          "kind": "changed",
          "sequence": 7
        }
      ]
    }
    "#);
}
