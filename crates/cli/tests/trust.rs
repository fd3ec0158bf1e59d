//! The audit log, receipts and keys, as an operator sees them: real processes on real servers.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::process::Output;

use chrono::Utc;
use domain::audit::{AuditAction, AuditActor, NewAuditEntry};
use domain::id::{Id, OrganizationId};
use store::{DatabaseSettings, Pool};
use testkit::TestDatabase;
use tokio::process::Command;

struct Ground {
    pool: Pool,
    // Last, so that connections go before what they are to.
    database: TestDatabase,
}

impl Ground {
    async fn new() -> Self {
        let database = TestDatabase::create().await.unwrap();
        let url = database.url().into();
        let pool = store::connect(&DatabaseSettings { url, pool_size: 1, template_key: "".into(), old_template_keys: "".into() }).unwrap();
        Self { pool, database }
    }

    /// Runs `rollcall` with nothing in its environment but the database and `more`.
    async fn rollcall(&self, arguments: &[&str], more: &[(&str, &str)]) -> Output {
        let environment = [("ROLLCALL_DATABASE__URL", self.database.url())];
        let mut command = Command::new(env!("CARGO_BIN_EXE_rollcall"));
        let command = command.args(arguments).env_clear().envs(environment).envs(more.iter().copied());
        command.kill_on_drop(true).output().await.unwrap()
    }

    async fn log(&self, organization_id: Option<OrganizationId>, entries: usize) -> Vec<String> {
        let mut conn = store::get(&self.pool).await.unwrap();
        let mut ends = Vec::new();
        for number in 0..entries {
            let entry = NewAuditEntry {
                organization_id,
                at: Utc::now(),
                actor: AuditActor::Command,
                action: AuditAction::PersonCreated,
                subject_id: None,
                details: serde_json::json!({ "number": number }),
                request_id: None,
            };
            let entry = store::audit::append(&mut conn, &entry).await.unwrap();
            ends.push(format!("{}:{}", entry.sequence, hex::encode(entry.hash)));
        }
        ends
    }
}

fn check(output: &Output, status: i32, words: &[&str]) {
    let (said, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(status), "{said}{errors}");
    for word in words {
        assert!(said.contains(word) || errors.contains(word), "{word}? {said}{errors}");
    }
}

#[tokio::test]
async fn logs_are_verified() {
    let ground = Ground::new().await;
    let verify = ["audit", "verify"];
    check(&ground.rollcall(&verify, &[]).await, 0, &[]);
    let (one, other) = (Id::new(), Id::new());
    let (ends, _) = (ground.log(Some(one), 3).await, ground.log(Some(other), 2).await);
    ground.log(None, 1).await;
    let (all_whole, one_id) = (ground.rollcall(&verify, &[]).await, one.to_string());
    let of_one = format!("organization {one}: 3 entries, whole; the last is {}", ends[2]);
    check(&all_whole, 0, &[&of_one, "the installation: 1 entries, whole", &format!("{other}: 2 entries, whole")]);

    let known = ["audit", "verify", "--organization", &one_id, "--known", &ends[2]];
    check(&ground.rollcall(&known, &[]).await, 0, &["whole"]);
    let unguarded = "ALTER TABLE audit_entries DISABLE TRIGGER audit_entries_stay";
    let tamper = format!("{unguarded}; DELETE FROM audit_entries WHERE scope = '{one}' AND sequence = 3");
    ground.database.execute(&tamper).await.unwrap();
    check(&ground.rollcall(&verify, &[]).await, 0, &["2 entries, whole"]);
    check(&ground.rollcall(&known, &[]).await, 1, &["the log ends with entry 2, but entry 3 was written", "BROKEN"]);
    let tamper = format!("UPDATE audit_entries SET details = '{{}}' WHERE scope = '{other}' AND sequence = 1");
    ground.database.execute(&tamper).await.unwrap();
    check(
        &ground.rollcall(&verify, &[]).await,
        1,
        &[&format!("organization {other}: entry 1 is not what was written"), "1 of the logs are not what was written"],
    );
    let nonsense = ["audit", "verify", "--organization", &one_id, "--known", "3:xyz"];
    check(&ground.rollcall(&nonsense, &[]).await, 1, &["is no SEQUENCE:HASH"]);
}
