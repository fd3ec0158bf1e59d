//! The audit log: a chain that cannot be changed.

use diesel_async::SimpleAsyncConnection;
use domain::audit::{AuditAction, AuditActor, AuditEntry, BrokenChain, FIRST, NewAuditEntry};
use domain::id::{Id, OrganizationId};
use serde_json::json;
use store::audit::AuditFilter;
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

#[tokio::test]
async fn a_log_is_searched_from_both_ends() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    let (ours, user, subject) = (Some(ground.organization), Id::new(), Id::<()>::new().uuid());
    for number in 0..6 {
        let (action, actor) = match number % 3 {
            0 => (AuditAction::PersonCreated, AuditActor::Command),
            1 => (AuditAction::PersonUpdated, AuditActor::User(user)),
            _ => (AuditAction::PersonUpdated, AuditActor::Command),
        };
        let subject_id = (number < 2).then_some(subject);
        let entry = NewAuditEntry { at: at(number), action, actor, subject_id, ..new(ours, json!({})) };
        audit::append(&mut conn, &entry).await.unwrap();
    }
    let all = AuditFilter::default();
    let newest_first = AuditFilter { newest_first: true, ..AuditFilter::default() };
    let action = |action| AuditFilter { action: Some(action), ..AuditFilter::default() };
    let cases: [(&AuditFilter, Option<i64>, i64, &[i64]); 9] = [
        (&all, None, 9, &[1, 2, 3, 4, 5, 6]),
        (&all, Some(2), 2, &[3, 4]),
        (&newest_first, None, 2, &[6, 5]),
        (&newest_first, Some(5), 9, &[4, 3, 2, 1]),
        (&action(AuditAction::PersonCreated), None, 9, &[1, 4]),
        (&AuditFilter { actor_id: Some(user.uuid()), ..all.clone() }, None, 9, &[2, 5]),
        (&AuditFilter { subject_id: Some(subject), ..newest_first.clone() }, None, 9, &[2, 1]),
        (&AuditFilter { from: Some(at(1)), to: Some(at(3)), ..all.clone() }, None, 9, &[2, 3]),
        (&action(AuditAction::PersonErased), None, 9, &[]),
    ];
    for (filter, after, limit, expected) in cases {
        let found = audit::search(&mut conn, ours, filter, after, limit).await.unwrap();
        let found: Vec<i64> = found.iter().map(|entry| entry.sequence).collect();
        assert_eq!(found, expected, "{filter:?} {after:?}");
    }
    assert_eq!(audit::search(&mut conn, None, &all, None, 9).await.unwrap(), []);
}

/// What `change`, made behind the log's back, does to a log of five entries; `known` is the entry that the caller knows.
async fn check_tampered(change: &str, known: Option<i64>, expected: &[BrokenChain]) {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    let ours = Some(ground.organization);
    let mut hashes = vec![FIRST];
    for number in 1..=5 {
        hashes.push(audit::append(&mut conn, &new(ours, json!({"number": number}))).await.expect("the database").hash);
    }
    let known: Vec<_> = known.map(|number| (number, hashes[number as usize])).into_iter().collect();
    assert!(audit::verify(&mut conn, ours, &known).await.expect("the database").is_whole());
    let unguarded = format!("ALTER TABLE audit_entries DISABLE TRIGGER audit_entries_stay; {change}");
    conn.batch_execute(&unguarded).await.expect("the database");
    let found = audit::verify(&mut conn, ours, &known).await.expect("the database");
    assert_eq!(found.problems, expected, "{change}");
    assert_eq!(found.broken, expected.len() as u64);
    assert_eq!(audit::verify(&mut conn, None, &[]).await.expect("the database").entries, 0);
}

#[tokio::test]
async fn what_was_done_to_a_log_is_named() {
    let changed = |sequence| BrokenChain::Changed { sequence };
    check_tampered("UPDATE audit_entries SET details = '{}' WHERE sequence = 2", None, &[changed(2)]).await;
    check_tampered("UPDATE audit_entries SET actor_kind = 'user' WHERE sequence = 2", None, &[changed(2)]).await;
    let gap = BrokenChain::Gap { expected: 3, found: 4 };
    check_tampered("DELETE FROM audit_entries WHERE sequence = 3", None, &[gap]).await;
    let cut_off = BrokenChain::CutOff { last: 3, known: 5 };
    check_tampered("DELETE FROM audit_entries WHERE sequence > 3", None, &[]).await;
    check_tampered("DELETE FROM audit_entries WHERE sequence > 3", Some(5), &[cut_off]).await;
    // A chain that was made anew is whole, but not the one that was.
    check_tampered("DELETE FROM audit_entries", Some(1), &[BrokenChain::CutOff { last: 0, known: 1 }]).await;
}
