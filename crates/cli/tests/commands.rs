//! The commands, as an operator runs them: real processes on real servers.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::process::{Output, Stdio};
use std::time::Duration;

use chrono::Utc;
use domain::attendance::{Act, AttendanceState, NewAttendanceEvent};
use domain::audit::AuditActor;
use domain::course::Course;
use domain::id::{Id, OrganizationId, PersonId, SessionId};
use domain::organization::{Organization, OrganizationSettings, RecognitionPolicy};
use domain::person::{Person, PersonKind};
use domain::policy::CoursePolicy;
use domain::session::{Session, SessionState};
use domain::user::{Role, User};
use messaging::{Broker, BrokerSettings, ClassPhotoJob, EnrollmentJob, FrameQueueSettings, Namespace};
use store::DatabaseSettings;
use testkit::{TestDatabase, TestNamespace};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

#[path = "commands/bench_index.rs"]
mod bench_index;
#[path = "commands/imports.rs"]
mod imports;
#[path = "commands/indexes.rs"]
mod indexes;

const LIMIT: Duration = Duration::from_secs(60);
const PASSWORD: &str = "correct horse battery";

/// Runs `rollcall` with nothing in its environment but `environment`.
async fn rollcall(arguments: &[&str], environment: &[(&str, &str)], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_rollcall"))
        .args(arguments)
        .env_clear()
        .envs(environment.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // A command that does not read its input may be gone already.
    let _ = stdin.write_all(input.as_bytes()).await;
    drop(stdin);
    tokio::time::timeout(LIMIT, child.wait_with_output()).await.expect("it ends").unwrap()
}

fn check_success(output: &Output, words: &str) {
    let (said, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.contains(words), "{said}{errors}");
}

fn check_failure(output: &Output, words: &str) {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(errors.starts_with("rollcall: ") && errors.contains(words), "{errors}");
}

/// What reaches `database`.
fn settings(database: &TestDatabase) -> Vec<(String, String)> {
    let key = testkit::servers().unwrap().template_key().unwrap().to_owned();
    vec![
        ("ROLLCALL_DATABASE__URL".to_owned(), database.url().to_owned()),
        ("ROLLCALL_DATABASE__TEMPLATE_KEY".to_owned(), key),
        // One environment serves all binaries.
        ("ROLLCALL_HTTP__BIND".to_owned(), "0.0.0.0:80".to_owned()),
    ]
}

fn borrowed(settings: &[(String, String)]) -> Vec<(&str, &str)> {
    settings.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect()
}

/// Who logs in with `email`, and the hash of their password.
async fn login(database: &TestDatabase, email: &str) -> (User, String) {
    let url = database.url().into();
    let pool =
        store::connect(&DatabaseSettings { url, pool_size: 1, template_key: "".into(), old_template_keys: "".into() })
            .unwrap();
    let mut conn = store::get(&pool).await.unwrap();
    store::users::find_login(&mut conn, email).await.unwrap().expect("a user")
}

#[tokio::test]
async fn migrating_twice_is_migrating_once() {
    let database = TestDatabase::empty().await.unwrap();
    let settings = settings(&database);
    check_success(&rollcall(&["migrate"], &borrowed(&settings), "").await, "applied 2026");
    check_success(&rollcall(&["migrate"], &borrowed(&settings), "").await, "up to date");
}

#[tokio::test]
async fn two_migrations_at_once_follow_each_other() {
    let database = TestDatabase::empty().await.unwrap();
    let settings = settings(&database);
    let environment = borrowed(&settings);
    let (one, other) = tokio::join!(rollcall(&["migrate"], &environment, ""), rollcall(&["migrate"], &environment, ""));
    check_success(&one, "");
    check_success(&other, "");
}

#[tokio::test]
async fn an_administrator_is_made_once() {
    let database = TestDatabase::create().await.unwrap();
    let settings = settings(&database);
    let environment = borrowed(&settings);
    let create = ["create-admin", "--email", "Head@School.example"];
    check_success(&rollcall(&create, &environment, PASSWORD).await, "made the administrator head@school.example");
    let again = rollcall(&["create-admin", "--email", "head@school.EXAMPLE"], &environment, PASSWORD).await;
    check_failure(&again, "there is a user with the e-mail address head@school.example already");

    let (user, hash) = login(&database, "head@school.example").await;
    assert_eq!((user.role, user.organization_id), (Role::Admin, None));
    assert!(bcrypt::non_truncating_verify(PASSWORD, &hash).unwrap());
}

#[tokio::test]
async fn a_password_may_come_from_the_environment() {
    let database = TestDatabase::create().await.unwrap();
    let settings = settings(&database);
    // A text, whatever it looks like.
    for (email, password) in [("one@school.example", PASSWORD), ("two@school.example", "012345678901")] {
        let with = [borrowed(&settings), vec![("ROLLCALL_ADMIN__PASSWORD", password)]].concat();
        check_success(&rollcall(&["create-admin", "--email", email], &with, "").await, "made the administrator");
        assert!(bcrypt::non_truncating_verify(password, &login(&database, email).await.1).unwrap());
    }
}

#[tokio::test]
async fn errors_say_what_to_do() {
    let database = TestDatabase::create().await.unwrap();
    let settings = settings(&database);
    let environment = borrowed(&settings);
    let create = |email| ["create-admin", "--email", email];
    check_failure(&rollcall(&create("a@b"), &environment, "short\n").await, "at least 12");
    check_failure(&rollcall(&create("a@b"), &environment, "").await, "ROLLCALL_ADMIN__PASSWORD");
    check_failure(&rollcall(&create("nobody"), &environment, PASSWORD).await, "no e-mail address");
    let nowhere = Id::<domain::organization::Organization>::new().to_string();
    let elsewhere = ["create-admin", "--email", "a@b", "--organization", &nowhere];
    check_failure(&rollcall(&elsewhere, &environment, PASSWORD).await, "no organization");

    let empty = TestDatabase::empty().await.unwrap();
    let unmigrated = [("ROLLCALL_DATABASE__URL", empty.url())];
    check_failure(&rollcall(&create("a@b"), &unmigrated, PASSWORD).await, "run `rollcall migrate` first");
    check_failure(&rollcall(&["migrate"], &[], "").await, "set ROLLCALL_DATABASE__URL");
    check_failure(&rollcall(&["redrive"], &[], "").await, "set ROLLCALL_BROKER__URL");
    let away = [("ROLLCALL_DATABASE__URL", "postgres://nobody@127.0.0.1:1/nothing")];
    check_failure(&rollcall(&["migrate"], &away, "").await, "could not be migrated");
    check_failure(&rollcall(&["migrate", "--config", "/nowhere.toml"], &[], "").await, "/nowhere.toml");
    let misspelt = [("ROLLCALL_DATABASE__ULR", "x")];
    check_failure(&rollcall(&["migrate"], &misspelt, "").await, "ulr");
}

#[tokio::test]
async fn attendance_is_reckoned_anew() {
    let database = TestDatabase::create().await.unwrap();
    let settings = settings(&database);
    let environment = borrowed(&settings);
    let (organization, session, person) = held(&database).await;
    let organization_id = organization.to_string();
    let check = ["recompute", "--organization", &organization_id, "--check"];
    let refused = rollcall(&check, &environment, "").await;
    check_failure(&refused, "run without --check");
    let differs = format!("session {session}, person {person}: nothing is excused (0 sightings, from never to never)");
    assert!(String::from_utf8_lossy(&refused.stdout).contains(&differs), "{refused:?}");
    let session_id = session.to_string();
    let mend = ["recompute", "--session", &session_id];
    check_success(&rollcall(&mend, &environment, "").await, "1 sessions reckoned, 1 rows put right");
    check_success(&rollcall(&["recompute"], &environment, "").await, "1 sessions reckoned, 0 rows put right");
    check_success(&rollcall(&check, &environment, "").await, "1 sessions looked at, 0 rows differ");
    let nowhere = Id::<domain::organization::Organization>::new().to_string();
    let elsewhere = ["recompute", "--organization", &nowhere, "--session", &session_id];
    check_failure(&rollcall(&elsewhere, &environment, "").await, "check --organization");
    check_failure(&rollcall(&["recompute", "--session", &nowhere], &environment, "").await, "check --session");
}

/// A session, and somebody who was excused from it without that being reckoned.
async fn held(database: &TestDatabase) -> (OrganizationId, SessionId, PersonId) {
    let url = database.url().into();
    let pool =
        store::connect(&DatabaseSettings { url, pool_size: 1, template_key: "".into(), old_template_keys: "".into() })
            .unwrap();
    let mut conn = store::get(&pool).await.unwrap();
    let now = Utc::now();
    let organization = Organization {
        id: Id::new(),
        name: "School".to_owned(),
        time_zone: "UTC".to_owned(),
        contract: None,
        policy: RecognitionPolicy::default(),
        settings: OrganizationSettings::default(),
        created_at: now,
    };
    store::organizations::insert(&mut conn, &organization).await.unwrap();
    let organization_id = organization.id;
    let person = Person::new(organization_id, PersonKind::Student, "1".to_owned(), "Ada".to_owned(), now);
    store::people::insert(&mut conn, &person).await.unwrap();
    let course = Course {
        id: Id::new(),
        organization_id,
        code: "BIO".to_owned(),
        section: String::new(),
        title: "Biology".to_owned(),
        time_zone: None,
        is_active: true,
        policy: CoursePolicy::default(),
        roster_version: 1,
        created_at: now,
    };
    store::courses::insert(&mut conn, &course).await.unwrap();
    let session = Session {
        id: Id::new(),
        organization_id,
        course_id: course.id,
        state: SessionState::Scheduled,
        starts_at: now,
        ends_at: None,
        policy: CoursePolicy::default(),
        automatic: false,
        series_id: None,
        started_at: None,
        closed_at: None,
        created_at: now,
    };
    store::sessions::insert(&mut conn, &session).await.unwrap();
    let event = NewAttendanceEvent {
        organization_id,
        session_id: session.id,
        person_id: person.id,
        act: Act::Correction { state: AttendanceState::Excused },
        reason: None,
        at: now,
        recorded_at: now,
        actor: AuditActor::Command,
    };
    store::attendance_events::append(&mut conn, &event).await.unwrap();
    (organization_id, session.id, person.id)
}

#[tokio::test]
async fn dead_jobs_are_sent_again() {
    let namespace = TestNamespace::create().unwrap();
    let settings = BrokerSettings { url: namespace.broker_url().into(), queue_expires_ms: None };
    let frames = FrameQueueSettings { ttl_ms: 2000, max_length: 256 };
    let broker = Broker::connect(&settings, &Namespace::new(namespace.name()), frames).await.unwrap();
    broker.wait_until_ready(LIMIT).await.unwrap();
    let mut jobs = Vec::new();
    let mut consumer = broker.consume_enrollments(1);
    for _ in 0..3 {
        let job = EnrollmentJob::new(Id::new(), Id::new());
        broker.publish_enrollment(&job).await.unwrap();
        tokio::time::timeout(LIMIT, consumer.next()).await.expect("the job").dead_letter().await.unwrap();
        jobs.push(job);
    }
    let photo = ClassPhotoJob::new(Id::new(), Id::new());
    broker.publish_class_photo(&photo).await.unwrap();
    let mut photos = broker.consume_class_photos(1);
    tokio::time::timeout(LIMIT, photos.next()).await.expect("the job").dead_letter().await.unwrap();
    let mut looks = tokio::time::interval(Duration::from_millis(20));
    while broker.depths().await.unwrap().dead < 3 || broker.depths().await.unwrap().photos_dead < 1 {
        looks.tick().await;
    }

    let environment =
        [("ROLLCALL_BROKER__URL", namespace.broker_url()), ("ROLLCALL_DEPLOYMENT__NAMESPACE", namespace.name())];
    let sent = rollcall(&["redrive"], &environment, "").await;
    check_success(&sent, "sent 3 of 3 dead enrollments");
    check_success(&sent, "sent 1 of 1 dead class photos");
    let delivery = tokio::time::timeout(LIMIT, photos.next()).await.expect("the job again");
    assert_eq!(delivery.payload, photo);
    delivery.ack().await.unwrap();
    let mut found = Vec::new();
    for _ in 0..3 {
        let delivery = tokio::time::timeout(LIMIT, consumer.next()).await.expect("the job again");
        found.push(delivery.payload.clone());
        delivery.ack().await.unwrap();
    }
    found.sort_by_key(|job| job.enrollment_id);
    assert_eq!(found, jobs);
    assert_eq!(broker.depths().await.unwrap().dead, 0);
    check_success(&rollcall(&["redrive"], &environment, "").await, "sent 0 of 0");
}

#[tokio::test]
async fn benchmarks_say_what_they_cannot_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (empty, list, groups) = (path("empty"), path("list.csv"), path("groups.json"));
    std::fs::create_dir(&empty).unwrap();
    std::fs::write(&list, "a;b;c\n").unwrap();
    std::fs::write(&groups, "[]").unwrap();
    let check = async |arguments: &[&str], words: &str| {
        check_failure(&rollcall(&[&["bench"], arguments].concat(), &[], "").await, words);
    };
    for command in ["identify", "enroll", "liveness"] {
        check(&[command, &empty], "there is no picture").await;
    }
    check(&["identify", &path("missing")], "cannot list").await;
    check(&["faces", &empty, "--pairs", &list], "the first line is \"a;b;c\"").await;
    check(&["detect", &empty, "--annotations", &groups], "no annotations of groups").await;
    check(&["liveness", &empty, "--annotations", &list], "the first line is \"a;b;c\"").await;
    check(&["liveness", &empty, "--threshold", "3"], "--threshold is 0 to 1").await;
}

#[tokio::test]
async fn help_and_mistakes_are_told_apart() {
    let help = rollcall(&["--help"], &[], "").await;
    check_success(&help, "create-admin");
    let mistake = rollcall(&["create-admin"], &[], "").await;
    assert_eq!(mistake.status.code(), Some(2));
}
