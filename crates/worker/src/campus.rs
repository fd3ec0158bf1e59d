//! For the tests in this crate: an organization on servers of its own, with people who look like angles.

use chrono::Utc;
use domain::contract::ContractId;
use domain::course::Course;
use domain::embedding::Embedding;
use domain::enrollment::PhotoVerdict;
use domain::id::{CourseId, Id, OrganizationId, PersonId};
use domain::organization::{Organization, OrganizationSettings, RecognitionPolicy};
use domain::person::{Person, PersonKind};
use domain::policy::CoursePolicy;
use domain::session::{Session, SessionState};
use messaging::{Namespace, Redis, RedisSettings};
use store::enrollments::{Judged, NewEnrollment, NewPhoto};
use store::{DatabaseSettings, Pool, PooledConn, Sealer};
use testkit::network::Proxy;
use testkit::{TestDatabase, TestNamespace, servers};

pub(crate) const DIMENSION: usize = 2;

pub(crate) struct Campus {
    pub(crate) pool: Pool,
    pub(crate) sealer: Sealer,
    pub(crate) redis: Redis,
    pub(crate) redis_url: String,
    settings: DatabaseSettings,
    pub(crate) organization: OrganizationId,
    // The last fields, so that connections go before what they are connected to.
    namespace: TestNamespace,
    database: TestDatabase,
}

pub(crate) fn contract() -> ContractId {
    ContractId::new("angle-2/1")
}

pub(crate) fn face(angle: f32) -> Embedding {
    Embedding::normalized(vec![angle.cos(), angle.sin()]).expect("a direction")
}

impl Campus {
    pub(crate) async fn new() -> Self {
        let database = TestDatabase::create().await.expect("a database");
        let namespace = TestNamespace::create().expect("a namespace");
        let template_key = servers().expect("servers").template_key().expect("a key").to_owned();
        let settings = DatabaseSettings {
            url: database.url().to_owned().into(),
            pool_size: 4,
            template_key: template_key.into(),
            old_template_keys: String::new().into(),
        };
        let redis = RedisSettings { url: namespace.redis_url().to_owned().into() };
        let campus = Self {
            pool: store::connect(&settings).expect("a pool"),
            sealer: Sealer::new(&settings.template_key).expect("a key"),
            redis: Redis::connect(&redis, &Namespace::new(namespace.name())).expect("an address"),
            redis_url: namespace.redis_url().to_owned(),
            settings,
            organization: Id::new(),
            namespace,
            database,
        };
        let organization = Organization {
            id: campus.organization,
            name: "Campus".to_owned(),
            time_zone: "UTC".to_owned(),
            contract: None,
            policy: RecognitionPolicy::default(),
            settings: OrganizationSettings::default(),
            created_at: Utc::now(),
        };
        store::organizations::insert(&mut *campus.conn().await, &organization).await.expect("an organization");
        campus
    }

    pub(crate) async fn conn(&self) -> PooledConn {
        store::get(&self.pool).await.expect("a connection")
    }

    /// Connections to the same database that go with a network.
    pub(crate) async fn pool_by_a_network(&self) -> (Proxy, Pool) {
        let (network, url) = Proxy::in_front_of(self.database.url()).await.expect("a network");
        let settings = DatabaseSettings { url: url.into(), ..self.settings.clone() };
        (network, store::connect(&settings).expect("a pool"))
    }

    /// The same Redis by another way.
    pub(crate) fn redis_at(&self, url: &str) -> Redis {
        let settings = RedisSettings { url: url.to_owned().into() };
        Redis::connect(&settings, &Namespace::new(self.namespace.name())).expect("an address")
    }

    pub(crate) async fn flush_redis(&self) {
        self.namespace.flush_redis().await.expect("redis");
    }

    /// Does to the database what the program does not.
    pub(crate) async fn execute(&self, sql: &str) {
        self.database.execute(sql).await.expect("sql");
    }

    /// Somebody with one template, at `angle`. Nobody is told.
    pub(crate) async fn enrolled(&self, angle: f32) -> PersonId {
        let (organization_id, number, name) = (self.organization, PersonId::new().to_string(), "Somebody".to_owned());
        let person = Person::new(organization_id, PersonKind::Student, number, name, Utc::now());
        let id = person.id;
        store::people::insert(&mut *self.conn().await, &person).await.expect("a person");
        self.enroll_again(id, angle).await;
        id
    }

    /// Gives somebody another sample at `angle`. Nobody is told.
    pub(crate) async fn enroll_again(&self, id: PersonId, angle: f32) {
        let organization_id = self.organization;
        let photos = vec![NewPhoto { file_name: "photo.jpg".to_owned(), image: Ok(vec![1]) }];
        let new = NewEnrollment { id: Id::new(), organization_id, person_id: id, photos };
        let mut conn = self.conn().await;
        let made = store::enrollments::insert(&mut conn, &self.sealer, new, Utc::now()).await.expect("an enrollment");
        let verdict = PhotoVerdict::Accepted { embedding: face(angle), augmented: Vec::new(), quality: 90 };
        let verdicts = [(made.photos[0].id, verdict)];
        let sealer = &self.sealer;
        let judged = Judged { contract: &contract(), verdicts: &verdicts, duplicate: None };
        store::enrollments::finish(&mut conn, sealer, organization_id, made.id, &judged, Utc::now())
            .await
            .expect("a template");
    }

    /// A session of this course that runs.
    pub(crate) async fn session(&self, course: CourseId) {
        let now = Utc::now();
        let session = Session {
            id: Id::new(),
            organization_id: self.organization,
            course_id: course,
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
        let mut conn = self.conn().await;
        store::sessions::insert(&mut conn, &session).await.expect("a session");
        store::sessions::start(&mut conn, self.organization, session.id, now).await.expect("an active session");
    }

    pub(crate) async fn delete(&self, person: PersonId) {
        store::people::delete(&mut *self.conn().await, self.organization, person).await.expect("a person");
    }

    /// Tells of the organization's template revision.
    pub(crate) async fn raise(&self) {
        let revision =
            store::templates::revision(&mut *self.conn().await, self.organization).await.expect("a revision");
        self.redis.raise_template_revision(self.organization, revision).await.expect("redis");
    }

    /// A course with these people on its roster. Nobody is told.
    pub(crate) async fn course(&self, people: &[PersonId]) -> CourseId {
        self.course_with(people, CoursePolicy::default()).await
    }

    /// One with a policy of its own.
    pub(crate) async fn course_with(&self, people: &[PersonId], policy: CoursePolicy) -> CourseId {
        let course = Course {
            id: Id::new(),
            organization_id: self.organization,
            code: CourseId::new().to_string(),
            section: String::new(),
            title: "Course".to_owned(),
            time_zone: None,
            is_active: true,
            policy,
            roster_version: 1,
            created_at: Utc::now(),
        };
        let mut conn = self.conn().await;
        store::courses::insert(&mut conn, &course).await.expect("a course");
        store::rosters::add(&mut conn, self.organization, course.id, people, Utc::now()).await.expect("a roster");
        course.id
    }

    /// As the gateway does it: commit, then raise.
    pub(crate) async fn add_to_roster(&self, course: CourseId, person: PersonId) {
        let conn = &mut self.conn().await;
        let version =
            store::rosters::add(conn, self.organization, course, &[person], Utc::now()).await.expect("a roster");
        self.redis.raise_course_version(course, version).await.expect("redis");
    }
}
