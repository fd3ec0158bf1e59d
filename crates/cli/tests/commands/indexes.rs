//! `rollcall index`: what is asked of schedulers, and what there is.

use std::collections::BTreeMap;
use std::process::Stdio;

use chrono::Utc;
use domain::contract::ContractId;
use domain::embedding::Embedding;
use domain::enrollment::PhotoVerdict;
use domain::id::{Id, OrganizationId};
use domain::index::{BuildCause, BuildStage, BuildState, ReplicaReport, ReplicaState};
use domain::organization::{Organization, OrganizationSettings, RecognitionPolicy};
use domain::person::{Person, PersonKind};
use messaging::{Namespace, Redis, RedisSettings};
use store::enrollments::{Judged, NewEnrollment, NewPhoto};
use store::index_builds;
use store::index_versions::IndexVersion;
use store::{Conn, DatabaseSettings, Pool, PooledConn, Sealer};
use testkit::{TestDatabase, TestNamespace};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use uuid::Uuid;

use crate::{LIMIT, borrowed, check_failure, check_success, rollcall, settings};

fn contract() -> ContractId {
    ContractId::new("test-2/1")
}

/// A database with its sealer.
struct Ground {
    pool: Pool,
    sealer: Sealer,
    settings: Vec<(String, String)>,
    _database: TestDatabase,
}

impl Ground {
    async fn new() -> Self {
        let database = TestDatabase::create().await.unwrap();
        let settings = settings(&database);
        let key = testkit::servers().unwrap().template_key().unwrap().to_owned();
        let (url, template_key) = (database.url().into(), key.into());
        let reached = DatabaseSettings { url, pool_size: 2, template_key, old_template_keys: "".into() };
        let sealer = Sealer::of(&reached).unwrap();
        Self { pool: store::connect(&reached).unwrap(), sealer, settings, _database: database }
    }

    async fn conn(&self) -> PooledConn {
        store::get(&self.pool).await.unwrap()
    }

    /// An organization with nobody.
    async fn empty(&self, name: &str) -> OrganizationId {
        let organization = Organization {
            id: Id::new(),
            name: name.to_owned(),
            time_zone: "UTC".to_owned(),
            contract: None,
            policy: RecognitionPolicy::default(),
            settings: OrganizationSettings::default(),
            created_at: Utc::now(),
        };
        store::organizations::insert(&mut *self.conn().await, &organization).await.unwrap();
        organization.id
    }

    /// An organization with somebody of whom there are templates.
    async fn organization(&self, name: &str) -> OrganizationId {
        let organization_id = self.empty(name).await;
        let (mut conn, now) = (self.conn().await, Utc::now());
        let person = Person::new(organization_id, PersonKind::Student, "1".to_owned(), "Ada".to_owned(), now);
        store::people::insert(&mut conn, &person).await.unwrap();
        let photos = vec![NewPhoto { file_name: "a.jpg".to_owned(), image: Ok(vec![1; 10]) }];
        let new = NewEnrollment { id: Id::new(), organization_id, person_id: person.id, photos };
        let made = store::enrollments::insert(&mut conn, &self.sealer, new, now).await.unwrap();
        let embedding = Embedding::normalized(vec![0.6, 0.8]).unwrap();
        let face = PhotoVerdict::Accepted { embedding, augmented: Vec::new(), quality: 90 };
        let (contract, verdicts) = (contract(), [(made.photos[0].id, face)]);
        let judged = Judged { contract: &contract, verdicts: &verdicts, duplicate: None };
        store::enrollments::finish(&mut conn, &self.sealer, organization_id, made.id, &judged, now).await.unwrap();
        organization_id
    }

    async fn run(&self, arguments: &[&str]) -> std::process::Output {
        rollcall(&[&["index"], arguments].concat(), &borrowed(&self.settings), "").await
    }
}

async fn begin(conn: &mut Conn, organization: OrganizationId) -> Uuid {
    index_builds::begin(conn, organization, &contract(), BuildCause::Nightly, Utc::now()).await.unwrap().id
}

#[tokio::test]
async fn a_build_is_asked_for() {
    let ground = Ground::new().await;
    ground.empty("Nobody College").await;
    check_failure(&ground.run(&["rebuild"]).await, "there are no templates to build an index of");
    let school = ground.organization("School").await;
    let college = ground.organization("North College").await;
    let asked = ground.run(&["rebuild", "--organization", "School"]).await;
    let mut conn = ground.conn().await;
    let builds = index_builds::waiting(&mut conn).await.unwrap();
    assert_eq!(
        builds.iter().map(|build| (build.organization_id, &build.contract, build.cause)).collect::<Vec<_>>(),
        [(school, &contract(), BuildCause::Requested)]
    );
    check_success(&asked, &format!("School, test-2/1: build {} waits for a scheduler", builds[0].id));
    let log = store::audit::list(&mut conn, Some(school), None, 0, 10).await.unwrap();
    assert_eq!(log.last().map(|entry| entry.action.as_str()), Some("index_rebuild_requested"));

    // All that have templates, and the one that waits is not doubled.
    let asked = ground.run(&["rebuild", "--contract", "test-2/1"]).await;
    check_success(&asked, &format!("build {} waits", builds[0].id));
    check_success(&asked, "North College, test-2/1: build");
    assert_eq!(index_builds::waiting(&mut conn).await.unwrap().len(), 2);
    let by_id = ["rebuild", "--organization", &college.to_string()];
    check_success(&ground.run(&by_id).await, "North College");
    assert_eq!(index_builds::waiting(&mut conn).await.unwrap().len(), 2);
    check_failure(&ground.run(&["rebuild", "--contract", "other/1"]).await, "check --organization and --contract");
    check_failure(&ground.run(&["rebuild", "--organization", "Scool"]).await, "check --organization");
}

/// A command whose lines are read as they come.
struct Watching {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Watching {
    fn start(ground: &Ground, arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_rollcall"))
            .arg("index")
            .args(arguments)
            .env_clear()
            .envs(borrowed(&ground.settings))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// The next line must have these words.
    async fn says(&mut self, words: &str) {
        let line = tokio::time::timeout(LIMIT, self.lines.next_line()).await.expect("a line").unwrap();
        assert!(line.as_ref().is_some_and(|line| line.contains(words)), "{words:?} was expected, and not {line:?}");
    }

    /// How the command ends, and what its errors say.
    async fn ends(self) -> std::process::Output {
        tokio::time::timeout(LIMIT, self.child.wait_with_output()).await.expect("it ends").unwrap()
    }
}

#[tokio::test]
async fn whoever_waits_is_told_stage_and_progress() {
    let ground = Ground::new().await;
    let school = ground.organization("School").await;
    let mut conn = ground.conn().await;
    let mut watching = Watching::start(&ground, &["rebuild", "--wait"]);
    watching.says("School, test-2/1: waits for a scheduler").await;
    let id = begin(&mut conn, school).await;
    watching.says("begins").await;
    index_builds::progress(&mut conn, id, BuildStage::Training, 0, 0, Utc::now()).await.unwrap();
    watching.says("training").await;
    index_builds::progress(&mut conn, id, BuildStage::Adding, 1, 4, Utc::now()).await.unwrap();
    watching.says("adding: 1 of 4 templates (25 %)").await;

    // Its scheduler dies, and another takes over.
    index_builds::interrupted(&mut conn, Utc::now()).await.unwrap();
    watching.says("was interrupted, and is begun again").await;
    watching.says("waits for a scheduler").await;
    let again = begin(&mut conn, school).await;
    assert_ne!(again, id);
    watching.says("begins").await;
    let version = Uuid::now_v7();
    index_builds::end(&mut conn, again, BuildState::New, Some(version), None, Utc::now()).await.unwrap();
    watching.says(&format!("there is a new snapshot, {version}, after ")).await;
    assert!(watching.ends().await.status.success());
}

#[tokio::test]
async fn a_build_that_fails_is_a_failure() {
    let ground = Ground::new().await;
    let (school, college) = (ground.organization("School").await, ground.organization("North College").await);
    let mut conn = ground.conn().await;
    let mut watching = Watching::start(&ground, &["rebuild", "--wait"]);
    watching.says("waits for a scheduler").await;
    watching.says("waits for a scheduler").await;
    let id = begin(&mut conn, school).await;
    watching.says("begins").await;
    index_builds::progress(&mut conn, id, BuildStage::Writing, 0, 0, Utc::now()).await.unwrap();
    let problem = Some("the disk is full");
    index_builds::end(&mut conn, id, BuildState::Failed, None, problem, Utc::now()).await.unwrap();
    watching.says("School, test-2/1: failed while writing: the disk is full").await;
    // The others are waited for nevertheless.
    let id = begin(&mut conn, college).await;
    watching.says("begins").await;
    index_builds::end(&mut conn, id, BuildState::Unchanged, None, None, Utc::now()).await.unwrap();
    watching.says("North College, test-2/1: the newest snapshot held everything already").await;
    check_failure(&watching.ends().await, "1 of the indexes were not built");
}

#[tokio::test]
async fn status_shows_snapshots_builds_and_workers() {
    let ground = Ground::new().await;
    let nobody = ground.empty("Nobody College").await;
    let school = ground.organization("School").await;
    let shown = ground.run(&["status"]).await;
    check_success(&shown, &format!("Nobody College ({nobody}), template revision 0\n  nobody is enrolled\n"));
    let empty = format!(
        "School ({school}), template revision 2\n  test-2/1\n    there is no snapshot: workers begin with the database\n    \
         what workers hold is not known: set ROLLCALL_REDIS__URL\n"
    );
    check_success(&shown, &empty);

    let mut conn = ground.conn().await;
    let id = Uuid::now_v7();
    let version = IndexVersion {
        id,
        organization_id: school,
        contract: contract(),
        watermark: 1,
        templates: 120_000,
        factory: "IVF512,Flat".to_owned(),
        path: "1.index".to_owned(),
        sha256: "00".to_owned(),
        bytes: 61_440_000,
        build_ms: 12_345,
        created_at: "2026-11-21T02:30:00Z".parse().unwrap(),
        sealed_with: None,
        probes: Some(16),
        recall: Some(0.9985),
        stages: BTreeMap::new(),
    };
    store::index_versions::insert(&mut conn, &version).await.unwrap();
    let build = begin(&mut conn, school).await;
    index_builds::progress(&mut conn, build, BuildStage::Adding, 30_000, 120_000, Utc::now()).await.unwrap();
    let namespace = TestNamespace::create().unwrap();
    let reached = RedisSettings { url: namespace.redis_url().into() };
    let redis = Redis::connect(&reached, &Namespace::new(namespace.name())).unwrap();
    let report = ReplicaReport {
        worker_id: Uuid::now_v7(),
        host: "north-1".to_owned(),
        organization_id: school,
        contract: contract(),
        version_id: Some(id),
        factory: "IVF512,Flat".to_owned(),
        watermark: 2,
        templates: 120_001,
        people: 120_001,
        bytes: 70_000_000,
        state: ReplicaState::Following,
        at: Utc::now(),
    };
    redis.tell_replica(&report).await.unwrap();
    let with = [
        borrowed(&ground.settings),
        vec![("ROLLCALL_REDIS__URL", namespace.redis_url()), ("ROLLCALL_DEPLOYMENT__NAMESPACE", namespace.name())],
    ]
    .concat();
    let shown = rollcall(&["index", "status", "--organization", "School"], &with, "").await;
    let table = format!(
        "    SNAPSHOT OF (UTC)    TEMPLATES  REVISION  LAG  FACTORY      PROBES   RECALL     SIZE  BUILT IN  ID\n    \
         2026-11-21 02:30:00     120000         1    1  IVF512,Flat      16  99.85 %  61.4 MB    12.3 s  {id}\n    \
         build of "
    );
    check_success(&shown, &table);
    check_success(&shown, "(nightly): adding: 30000 of 120000 templates (25 %)\n");
    check_success(&shown, "    WORKER   STATE      PEOPLE  TEMPLATES  REVISION  LAG  FACTORY       MEMORY");
    check_success(&shown, "    north-1  following  120001     120001         2    0  IVF512,Flat  70.0 MB");
    assert!(!String::from_utf8_lossy(&shown.stdout).contains("Nobody"), "only the one that was named");
}
