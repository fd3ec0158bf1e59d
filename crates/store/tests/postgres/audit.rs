//! The audit log: a chain that cannot be changed.

use diesel_async::SimpleAsyncConnection;
use domain::audit::{AuditAction, AuditActor, AuditEntry, FIRST, NewAuditEntry};
use domain::id::{Id, OrganizationId};
use serde_json::json;
use store::{StoreError, audit, transaction};

use crate::fixtures::{Ground, at};

fn new(organization_id: Option<OrganizationId>, details: serde_json::Value) -> NewAuditEntry {
    NewAuditEntry {
        organization_id,
        at: at(0),
        actor: AuditActor::Command,
        action: AuditAction::PersonCreated,
        subject_id: None,
        details,
        request_id: None,
    }
}

fn check(log: &[AuditEntry]) {
    let mut previous = (0, FIRST);
    for entry in log {
        entry.check_follows((previous.0, &previous.1)).expect("a whole chain");
        previous = (entry.sequence, entry.hash);
    }
}

#[tokio::test]
async fn what_is_read_back_is_what_was_hashed() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    let (ours, user) = (Some(ground.organization), Id::new());
    let odd = json!({"z": 1, "a": [1.5, 1e30, "é\u{1}\""], "m": {"y": null, "b": true}});
    for (actor, details) in [(AuditActor::User(user), odd), (AuditActor::Anonymous, json!({}))] {
        let entry = NewAuditEntry { actor, subject_id: Some(user.uuid()), ..new(ours, details) };
        audit::append(&mut conn, &entry).await.unwrap();
    }
    audit::append(&mut conn, &new(None, json!({}))).await.unwrap();
    let log = audit::list(&mut conn, ours, None, 0, 9).await.unwrap();
    assert_eq!(log.iter().map(|entry| entry.sequence).collect::<Vec<_>>(), [1, 2]);
    check(&log);
    check(&audit::list(&mut conn, None, None, 0, 9).await.unwrap());
    assert_eq!(audit::logs(&mut conn).await.unwrap(), [None, ours]);
    assert_eq!(audit::list(&mut conn, ours, Some(user.uuid()), 1, 9).await.unwrap(), log[1..]);
    assert_eq!(audit::list(&mut conn, ours, Some(Id::<()>::new().uuid()), 0, 9).await.unwrap(), []);
}

#[tokio::test]
async fn many_at_once_make_one_chain() {
    let ground = Ground::new().await;
    let ours = Some(ground.organization);
    let appending = (0..40).map(|number| {
        let pool = ground.pool.clone();
        tokio::spawn(async move {
            let mut conn = store::get(&pool).await.expect("a connection");
            let undone = number % 4 == 0;
            let appended = transaction::run(&mut conn, async |tx| {
                audit::append(tx, &new(ours, json!({"number": number}))).await?;
                if undone { Err(StoreError::NotActive) } else { Ok(()) }
            });
            assert_eq!(appended.await.is_err(), undone);
        })
    });
    for appended in futures_util::future::join_all(appending).await {
        appended.expect("no panic");
    }
    let log = audit::list(&mut *ground.conn().await, ours, None, 0, 99).await.unwrap();
    assert_eq!(log.len(), 30);
    check(&log);
}

#[tokio::test]
async fn the_database_refuses_to_change_it() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    audit::append(&mut conn, &new(Some(ground.organization), json!({}))).await.unwrap();
    for change in ["UPDATE audit_entries SET action = 'x'", "DELETE FROM audit_entries", "TRUNCATE audit_entries"] {
        let refused = conn.batch_execute(change).await.expect_err(change).to_string();
        assert!(refused.contains("append-only"), "{refused}");
    }
    assert_eq!(audit::list(&mut conn, Some(ground.organization), None, 0, 9).await.unwrap().len(), 1);
}
