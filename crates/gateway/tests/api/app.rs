//! A whole gateway in the test's process, on a free port, with its own database and namespace.

use std::path::PathBuf;
use std::time::Duration;

use chrono::Utc;
use domain::contract::ContractId;
use domain::frame::FrameHeader;
use domain::id::{OrganizationId, PersonId, UserId};
use domain::index::BuildCause;
use domain::organization::{Organization, OrganizationSettings, RecognitionPolicy};
use domain::user::{Role, User};
use gateway::{
    Application, AuthSettings, HttpSettings, LiveSettings, PanelSettings, RateSettings, Rates, ReceiptSettings,
    Settings,
};
use messaging::{
    Broker, BrokerSettings, Consumer, DeploymentSettings, EnrollmentJob, FrameQueueSettings, Namespace, Payload,
};
use messaging::{Redis, RedisSettings};
use process::telemetry::{LogFormat, LogSettings};
use secrecy::SecretString;
use serde_json::json;
use store::enrollments::EnrollmentJob as StoredEnrollment;
use store::series::TimetableSettings;
use store::{DatabaseSettings, Pool, PooledConn, Sealer};
use testkit::{TestDatabase, TestNamespace, servers};
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;

use crate::client::Client;

pub(crate) const PASSWORD: &str = "correct horse battery staple";
/// Fast, since these hashes guard nothing.
const HASH_COST: u32 = 4;

/// A running gateway; it stops when this is dropped.
pub(crate) struct TestApp {
    pub(crate) settings: Settings,
    pub(crate) base: String,
    pub(crate) pool: Pool,
    stop: DropGuard,
    running: JoinHandle<anyhow::Result<()>>,
    database: TestDatabase,
    _namespace: TestNamespace,
}

/// An organization with its staff.
pub(crate) struct TestOrganization {
    pub(crate) id: OrganizationId,
    pub(crate) admin: Client,
    pub(crate) teacher: Client,
    pub(crate) member: Client,
    /// Straight to the database, around the gateway.
    pool: Pool,
}

/// A course with one person and an active session.
pub(crate) struct TestSession {
    pub(crate) id: String,
    pub(crate) course_id: String,
    pub(crate) person_id: String,
}

impl TestApp {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// With settings changed by `change`.
    pub(crate) async fn start_with(change: impl FnOnce(&mut Settings)) -> Self {
        let database = TestDatabase::create().await.expect("a database");
        let namespace = TestNamespace::create().expect("a namespace");
        let mut settings = settings(&database, &namespace);
        let pool = store::connect(&settings.database).expect("a pool");
        change(&mut settings);
        let application = Application::build(&settings).await.expect("a gateway");
        let base = format!("http://127.0.0.1:{}", application.port());
        let shutdown = CancellationToken::new();
        let told = shutdown.clone();
        let running = tokio::spawn(application.run_until_stopped(told));
        let stop = shutdown.drop_guard();
        Self { settings, base, pool, stop, running, database, _namespace: namespace }
    }

    /// Stops it and says how that went.
    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        drop(self.stop);
        in_time(self.running).await.expect("it does not panic")
    }

    /// Straight to the database, around the gateway.
    pub(crate) async fn connection(&self) -> PooledConn {
        store::get(&self.pool).await.expect("a connection")
    }

    /// Runs SQL in its database: for what nobody can do through the API.
    pub(crate) async fn execute(&self, sql: &str) {
        self.database.execute(sql).await.expect("the database does it");
    }

    pub(crate) fn sealer(&self) -> Sealer {
        Sealer::new(&self.settings.database.template_key).expect("a key")
    }

    pub(crate) fn anonymous(&self) -> Client {
        Client::anonymous(&self.base)
    }

    /// What the audit log says of an organization, or of what belongs to none: actions and their subjects, in order.
    pub(crate) async fn audit(&self, organization_id: Option<OrganizationId>) -> Vec<(String, Option<Uuid>)> {
        let mut conn = self.connection().await;
        let entries = store::audit::list(&mut conn, organization_id, None, 0, 1000).await.expect("a log");
        entries.into_iter().map(|entry| (entry.action, entry.subject_id)).collect()
    }

    /// A new user who has logged in.
    pub(crate) async fn user(&self, organization_id: Option<OrganizationId>, role: Role) -> Client {
        self.user_who_is(organization_id, role, None).await
    }

    /// The same, linked to the person that they are.
    pub(crate) async fn user_who_is(
        &self,
        organization_id: Option<OrganizationId>,
        role: Role,
        person_id: Option<PersonId>,
    ) -> Client {
        let user_id = UserId::new();
        let email = format!("{user_id}@example.org");
        let user = User { id: user_id, organization_id, email: email.clone(), role, person_id, created_at: Utc::now() };
        let hash = bcrypt::hash(PASSWORD, HASH_COST).expect("a hash");
        store::users::insert(&mut *self.connection().await, &user, &hash).await.expect("a user");
        let answer = self.anonymous().log_in(&email, PASSWORD).await;
        self.anonymous().bearing(&answer.text("access_token"))
    }

    pub(crate) async fn installation_admin(&self) -> Client {
        self.user(None, Role::Admin).await
    }

    pub(crate) async fn organization(&self) -> TestOrganization {
        self.organization_with(OrganizationSettings::default()).await
    }

    /// One that has settled this.
    pub(crate) async fn organization_with(&self, settings: OrganizationSettings) -> TestOrganization {
        let id = OrganizationId::new();
        let (time_zone, policy) = ("Europe/Zurich".to_owned(), RecognitionPolicy::default());
        let (name, created_at) = (format!("School {id}"), Utc::now());
        let new = Organization { id, name, time_zone, contract: None, policy, settings, created_at };
        store::organizations::insert(&mut *self.connection().await, &new).await.expect("an organization");
        let admin = self.user(Some(id), Role::Admin).await;
        let teacher = self.user(Some(id), Role::Teacher).await;
        let member = self.user(Some(id), Role::Member).await;
        TestOrganization { id, admin, teacher, member, pool: self.pool.clone() }
    }

    /// Another connection to this gateway's broker.
    pub(crate) async fn broker(&self) -> Broker {
        let broker = Broker::connect(&self.settings.broker, &self.namespace(), self.settings.frames.clone()).await;
        let broker = broker.expect("an address");
        broker.wait_until_ready(Duration::from_secs(10)).await.expect("a broker");
        broker
    }

    /// Another connection to this gateway's Redis.
    pub(crate) fn redis(&self) -> Redis {
        Redis::connect(&self.settings.redis, &self.namespace()).expect("an address")
    }

    fn namespace(&self) -> Namespace {
        Namespace::new(&self.settings.deployment.namespace)
    }

    /// The next frame that a worker would get.
    pub(crate) async fn next_frame(&self) -> (FrameHeader, Vec<u8>) {
        let frame = taken(self.broker().await.consume_frames(1)).await;
        (frame.header, frame.jpeg.to_vec())
    }

    /// The next enrollment that a worker would get.
    pub(crate) async fn next_job(&self) -> EnrollmentJob {
        taken(self.broker().await.consume_enrollments(1)).await
    }

    /// What that worker would load.
    pub(crate) async fn load(&self, job: &EnrollmentJob) -> StoredEnrollment {
        let (mut conn, sealer) = (self.connection().await, self.sealer());
        let loading = store::enrollments::load_job(&mut conn, &sealer, job.organization_id, job.enrollment_id);
        loading.await.expect("the database").expect("the enrollment")
    }
}

impl TestOrganization {
    pub(crate) async fn person(&self, external_id: &str) -> String {
        let body = json!({"kind": "student", "external_id": external_id, "name": format!("Person {external_id}")});
        self.admin.made("/people", &body).await
    }

    pub(crate) async fn course(&self, code: &str) -> String {
        self.admin.made("/courses", &json!({"code": code, "title": format!("Course {code}")})).await
    }

    /// Has `teacher` teach a course.
    pub(crate) async fn teaches(&self, teacher: &Client, course_id: &str) {
        let course = course_id.parse().expect("an id");
        let user = teacher.get("/users/me").await.id().parse().expect("an id");
        let mut conn = store::get(&self.pool).await.expect("a connection");
        store::teachers::add(&mut conn, self.id, course, user, Utc::now()).await.expect("a teacher");
    }

    /// A planned session of a new course, taught by the teacher, with a new person on its roster.
    pub(crate) async fn planned_session(&self, code: &str) -> TestSession {
        let (person_id, course_id) = (self.person(code).await, self.course(code).await);
        self.teaches(&self.teacher, &course_id).await;
        let added = self.admin.put(&format!("/courses/{course_id}/roster/{person_id}")).await;
        assert!(added.status.is_success(), "{added}");
        let id = self.admin.made("/sessions", &json!({"course_id": course_id})).await;
        TestSession { id, course_id, person_id }
    }

    /// The same, started.
    pub(crate) async fn active_session(&self, code: &str) -> TestSession {
        let session = self.planned_session(code).await;
        let started = self.admin.post(&format!("/sessions/{}/start", session.id), &json!({})).await;
        assert!(started.status.is_success(), "{started}");
        session
    }

    /// A pending request of a person to be erased.
    pub(crate) async fn erasure_request(&self, person_id: &str) -> String {
        let mut conn = store::get(&self.pool).await.expect("a connection");
        let person = person_id.parse().expect("an id");
        let made = store::erasure_requests::insert(&mut conn, self.id, person, Utc::now()).await;
        made.expect("a request").id.to_string()
    }

    /// A build of an index that waits for a scheduler.
    pub(crate) async fn index_build(&self) -> String {
        let mut conn = store::get(&self.pool).await.expect("a connection");
        let (contract, cause) = (ContractId::new("test-2/1"), BuildCause::Growth);
        let made = store::index_builds::request(&mut conn, self.id, &contract, cause, Utc::now()).await;
        made.expect("a build").id.to_string()
    }

    /// A camera's key.
    pub(crate) async fn camera_key(&self, name: &str) -> String {
        self.admin.post("/cameras", &json!({"name": name})).await.text("key")
    }
}

/// The next message of a queue, which is not delivered again.
pub(crate) async fn taken<T: Payload>(mut consumer: Consumer<T>) -> T {
    let (payload, receipt) = in_time(consumer.next()).await.split();
    receipt.ack().await.expect("it is settled");
    consumer.stop().await.expect("a consumer that ends");
    payload
}

/// What `look` finds, once it finds something.
pub(crate) async fn eventually<T>(look: impl AsyncFn() -> Option<T>) -> T {
    in_time(async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
}

/// What `work` comes to, if it does not take too long.
pub(crate) async fn in_time<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), work).await.expect("it should not take this long")
}

fn settings(database: &TestDatabase, namespace: &TestNamespace) -> Settings {
    let secret = |text: &str| SecretString::from(text.to_owned());
    let servers = servers().expect("the servers of this checkout");
    Settings {
        http: HttpSettings {
            bind: "127.0.0.1:0".to_owned(),
            connections: 256,
            body_memory_mib: 256,
            drain_seconds: 5,
            cors_origins: Vec::new(),
            behind_proxy: false,
        },
        live: LiveSettings { sockets: 16, backlog: 64, heartbeat_ms: 15_000 },
        panel: PanelSettings { folder: PathBuf::new(), insecure_cookie: false },
        receipts: ReceiptSettings { signing_key: secret("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=") },
        auth: AuthSettings {
            jwt_secret: secret("a secret that only this test knows"),
            access_minutes: 15,
            refresh_days: 30,
            lockout_attempts: 5,
            lockout_window_minutes: 15,
            lockout_minutes: 15,
        },
        // Those of defaults.toml: no test is to meet them by accident.
        rate: RateSettings {
            users: Rates { per_second: 50, burst: 500 },
            frames: Rates { per_second: 120, burst: 600 },
            addresses: Rates { per_second: 20, burst: 300 },
        },
        timetable: TimetableSettings { horizon_days: 60 },
        log: LogSettings { filter: "off".to_owned(), format: LogFormat::Pretty },
        database: DatabaseSettings {
            url: secret(database.url()),
            pool_size: 4,
            template_key: secret(servers.template_key().expect("a key")),
            old_template_keys: secret(""),
        },
        broker: BrokerSettings { url: secret(namespace.broker_url()), queue_expires_ms: Some(60_000) },
        redis: RedisSettings { url: secret(namespace.redis_url()) },
        deployment: DeploymentSettings { namespace: namespace.name().to_owned() },
        frames: FrameQueueSettings { ttl_ms: 60_000, max_length: 64 },
    }
}
