//! The audit log, receipts and keys, as an operator sees them: real processes on real servers.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::process::Output;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::Utc;
use domain::audit::{AuditAction, AuditActor, NewAuditEntry};
use domain::erasure::ErasureReceipt;
use domain::id::{Id, OrganizationId, PersonId};
use domain::organization::{Organization, OrganizationSettings, RecognitionPolicy};
use domain::person::{Person, PersonKind};
use store::{DatabaseSettings, Pool, Sealer, Signer};
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
        let pool = store::connect(&DatabaseSettings {
            url,
            pool_size: 1,
            template_key: "".into(),
            old_template_keys: "".into(),
        })
        .unwrap();
        Self { pool, database }
    }

    /// Runs `rollcall` with nothing in its environment but the database and `more`.
    async fn rollcall(&self, arguments: &[&str], more: &[(&str, &str)]) -> Output {
        let environment = [("ROLLCALL_DATABASE__URL", self.database.url())];
        let mut command = Command::new(env!("CARGO_BIN_EXE_rollcall"));
        let command = command.args(arguments).env_clear().envs(environment).envs(more.iter().copied());
        command.kill_on_drop(true).output().await.unwrap()
    }

    async fn person(&self) -> (OrganizationId, PersonId) {
        let mut conn = store::get(&self.pool).await.unwrap();
        let organization = Organization {
            id: Id::new(),
            name: "School".to_owned(),
            time_zone: "UTC".to_owned(),
            contract: None,
            policy: RecognitionPolicy::default(),
            settings: OrganizationSettings::default(),
            created_at: Utc::now(),
        };
        store::organizations::insert(&mut conn, &organization).await.unwrap();
        let (external_id, name) = ("S001".to_owned(), "Somebody".to_owned());
        let person = Person::new(organization.id, PersonKind::Student, external_id, name, Utc::now());
        store::people::insert(&mut conn, &person).await.unwrap();
        (organization.id, person.id)
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

    let newest = ground.rollcall(&["audit", "list", "--organization", &one_id, "--last", "2"], &[]).await;
    check(&newest, 0, &[r#""details":{"number":1}"#, r#""sequence":3"#]);
    assert_eq!(String::from_utf8_lossy(&newest.stdout).lines().count(), 2);
    check(&ground.rollcall(&["audit", "list"], &[]).await, 0, &[r#""actor":{"kind":"command"}"#]);

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

#[tokio::test]
async fn receipts_are_verified_with_either_key() {
    let ground = Ground::new().await;
    let (key, other) = (STANDARD.encode([1; 32]), STANDARD.encode([2; 32]));
    let signer = |key: &str| Signer::new(&key.to_owned().into()).unwrap();
    let organization_id = Id::new();
    let signed = signer(&key).sign(ErasureReceipt {
        id: Id::new(),
        organization_id,
        person_id: Id::new(),
        external_id_hmac: signer(&key).external_id_hmac(organization_id, "S001"),
        requested_at: None,
        erased_at: Utc::now(),
        deleted: [("templates".to_owned(), 3)].into(),
        audit_sequence: 7,
        audit_hash: "ab".repeat(32),
    });
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: String| {
        let path = folder.path().join(name).display().to_string();
        std::fs::write(&path, text).unwrap();
        path
    };
    let sound = write("receipt.json", serde_json::to_string_pretty(&signed).unwrap());
    let changed = write("changed.json", serde_json::to_string(&signed).unwrap().replace(":3", ":0"));
    let nonsense = write("nonsense.json", "{}".to_owned());
    let verify = async |file: &str, more: &[&str], key: Option<&str>| {
        let environment: Vec<_> = key.map(|key| ("ROLLCALL_RECEIPTS__SIGNING_KEY", key)).into_iter().collect();
        ground.rollcall(&[&["receipt", "verify", file], more].concat(), &environment).await
    };
    let person = signed.receipt.person_id.to_string();
    check(&verify(&sound, &[], Some(&key)).await, 0, &["is sound", &person, "templates: 3", "7:abab"]);
    let public_key = signer(&key).public_key();
    check(&verify(&sound, &["--key", &public_key], None).await, 0, &["is sound"]);
    let who = ["--external-id", "S001"];
    check(&verify(&sound, &who, Some(&key)).await, 0, &["is of the person with the external id S001"]);
    check(&verify(&sound, &["--external-id", "S002"], Some(&key)).await, 1, &["another external id than S002"]);
    check(&verify(&sound, &[], None).await, 1, &["no key is named"]);
    check(&verify(&sound, &[], Some(&other)).await, 1, &["it is signed with the key"]);
    check(&verify(&changed, &[], Some(&key)).await, 1, &["the signature does not fit"]);
    check(&verify(&nonsense, &[], Some(&key)).await, 1, &["this is no signed receipt"]);
    check(&verify("/nowhere.json", &[], Some(&key)).await, 1, &["cannot read /nowhere.json"]);
}

#[tokio::test]
async fn keys_are_rotated() {
    let ground = Ground::new().await;
    let (old, new) = (STANDARD.encode([1; 32]), STANDARD.encode([2; 32]));
    let sealer = |key: &str| Sealer::new(&key.to_owned().into()).unwrap();
    let (organization, person) = ground.person().await;
    let mut conn = store::get(&ground.pool).await.unwrap();
    let theirs = store::keys::of_person(&mut conn, &sealer(&old), organization, person).await.unwrap();
    let (row, face) = (uuid::Uuid::now_v7(), b"a face");
    let sealed = theirs.seal(row, face);
    drop(conn);

    let rotate = async |more: &[(&str, &str)]| ground.rollcall(&["rotate-keys"], more).await;
    let (with_new, with_old) =
        (("ROLLCALL_DATABASE__TEMPLATE_KEY", new.as_str()), ("ROLLCALL_DATABASE__OLD_TEMPLATE_KEYS", old.as_str()));
    check(&rotate(&[]).await, 1, &["database.template_key is needed"]);
    let without_old = rotate(&[with_new]).await;
    check(
        &without_old,
        1,
        &[&format!("the row {person} opens with none of the keys"), "1 rows open with none of the keys"],
    );
    let rotated = rotate(&[with_new, with_old]).await;
    check(
        &rotated,
        0,
        &["person_keys.key: 1 of 1 rows sealed anew", "older keys are not needed in the database any more"],
    );
    check(&rotate(&[with_new]).await, 0, &["person_keys.key: 0 of 1 rows"]);

    let mut conn = store::get(&ground.pool).await.unwrap();
    let theirs = store::keys::of_person(&mut conn, &sealer(&new), organization, person).await.unwrap();
    assert_eq!(theirs.open(row, &sealed).unwrap(), face);
    let log = store::audit::list(&mut conn, None, None, 0, 9).await.unwrap();
    assert_eq!(log.iter().map(|entry| entry.action.as_str()).collect::<Vec<_>>(), ["keys_rotated"]);
    assert!(log[0].details.contains(r#""person_keys.key":1"#), "{log:?}");
}
