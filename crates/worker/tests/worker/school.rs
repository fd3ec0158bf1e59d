//! An organization on servers of its own, and workers for it.

use std::time::Duration;

use anyhow::{Context, bail, ensure};
use chrono::Utc;
use domain::course::Course;
use domain::enrollment::{Enrollment, EnrollmentState};
use domain::frame::FrameHeader;
use domain::id::{CameraId, CourseId, EnrollmentId, FrameId, Id, OrganizationId, PersonId, SessionId};
use domain::organization::{Organization, OrganizationSettings, RecognitionPolicy};
use domain::person::{Person, PersonKind};
use domain::policy::CoursePolicy;
use domain::session::{Camera, Session, SessionState};
use messaging::{Broker, EnrollmentJob, Namespace, Redis};
use store::enrollments::{NewEnrollment, NewPhoto};
use store::{Pool, PooledConn, Sealer};
use tempfile::TempDir;
use testkit::{TestDatabase, TestNamespace, servers, workspace_root};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use worker::{Application, Settings};

/// Longer than anything takes that works.
pub(crate) const LIMIT: Duration = Duration::from_secs(90);

pub(crate) struct School {
    pub(crate) settings: Settings,
    pub(crate) pool: Pool,
    pub(crate) sealer: Sealer,
    pub(crate) broker: Broker,
    pub(crate) redis: Redis,
    pub(crate) organization: OrganizationId,
    // The last fields, so that connections go before what they are connected to.
    _snapshots: TempDir,
    namespace: TestNamespace,
    database: TestDatabase,
}

/// A worker in this process; told to stop when dropped.
pub(crate) struct Working {
    pub(crate) port: u16,
    stop: CancellationToken,
    task: JoinHandle<anyhow::Result<()>>,
}

/// A session that accepts frames, and its course.
#[derive(Clone, Copy)]
pub(crate) struct Lesson {
    pub(crate) course: CourseId,
    pub(crate) session: SessionId,
}

impl School {
    pub(crate) async fn open() -> anyhow::Result<Self> {
        let (database, namespace, snapshots) =
            (TestDatabase::create().await?, TestNamespace::create()?, TempDir::new()?);
        let settings = settings(&database, &namespace, &snapshots)?;
        let pool = store::connect(&settings.database)?;
        let name = Namespace::new(namespace.name());
        let broker = Broker::connect(&settings.broker, &name, settings.frames.clone()).await?;
        let organization = Organization {
            id: Id::new(),
            name: "Elsewhere College".to_owned(),
            time_zone: "Europe/Berlin".to_owned(),
            contract: None,
            policy: RecognitionPolicy::default(),
            settings: OrganizationSettings::default(),
            created_at: Utc::now(),
        };
        store::organizations::insert(&mut *store::get(&pool).await?, &organization).await?;
        Ok(Self {
            sealer: Sealer::new(&settings.database.template_key)?,
            redis: Redis::connect(&settings.redis, &name)?,
            organization: organization.id,
            settings,
            pool,
            broker,
            _snapshots: snapshots,
            namespace,
            database,
        })
    }

    pub(crate) async fn conn(&self) -> anyhow::Result<PooledConn> {
        Ok(store::get(&self.pool).await?)
    }

    pub(crate) async fn flush_redis(&self) -> anyhow::Result<()> {
        self.namespace.flush_redis().await
    }

    /// Does to the database what the program does not.
    pub(crate) async fn execute(&self, sql: &str) -> anyhow::Result<()> {
        self.database.execute(sql).await
    }

    /// As the gateway does it: commit, then raise.
    pub(crate) async fn delete(&self, person: PersonId) -> anyhow::Result<()> {
        let conn = &mut *self.conn().await?;
        let bumped = store::people::delete(conn, self.organization, person).await?;
        let revision = store::templates::revision(conn, self.organization).await?;
        for (course, version) in bumped {
            self.redis.raise_course_version(course, version).await?;
        }
        Ok(self.redis.raise_template_revision(self.organization, revision).await?)
    }

    pub(crate) async fn worker(&self) -> anyhow::Result<Working> {
        start(&self.settings).await
    }

    pub(crate) async fn person(&self, external_id: &str) -> anyhow::Result<PersonId> {
        let (number, name) = (external_id.to_owned(), format!("Person {external_id}"));
        let person = Person::new(self.organization, PersonKind::Student, number, name, Utc::now());
        store::people::insert(&mut *self.conn().await?, &person).await?;
        Ok(person.id)
    }

    /// A course with these people on its roster, and an active session of it.
    pub(crate) async fn lesson(&self, roster: &[PersonId]) -> anyhow::Result<Lesson> {
        self.lesson_with(roster, CoursePolicy::default()).await
    }

    /// One whose course has a policy of its own.
    pub(crate) async fn lesson_with(&self, roster: &[PersonId], policy: CoursePolicy) -> anyhow::Result<Lesson> {
        let now = Utc::now();
        let course = Course {
            id: Id::new(),
            organization_id: self.organization,
            code: Id::<()>::new().to_string(),
            section: String::new(),
            title: "Course".to_owned(),
            time_zone: None,
            is_active: true,
            policy,
            roster_version: 1,
            created_at: now,
        };
        let mut conn = self.conn().await?;
        store::courses::insert(&mut conn, &course).await?;
        self.add_to_roster(course.id, roster).await?;
        let session = Session {
            id: Id::new(),
            organization_id: self.organization,
            course_id: course.id,
            state: SessionState::Scheduled,
            starts_at: now,
            ends_at: None,
            policy: CoursePolicy { late_after_minutes: Some(10), ..CoursePolicy::default() },
            automatic: false,
            series_id: None,
            started_at: None,
            closed_at: None,
            created_at: now,
        };
        store::sessions::insert(&mut conn, &session).await?;
        store::sessions::start(&mut conn, self.organization, session.id, now).await?;
        Ok(Lesson { course: course.id, session: session.id })
    }

    /// As the gateway does it: commit, then raise.
    pub(crate) async fn add_to_roster(&self, course: CourseId, people: &[PersonId]) -> anyhow::Result<()> {
        let version =
            store::rosters::add(&mut *self.conn().await?, self.organization, course, people, Utc::now()).await?;
        Ok(self.redis.raise_course_version(course, version).await?)
    }

    pub(crate) async fn camera(&self, name: &str) -> anyhow::Result<CameraId> {
        let camera = Camera {
            id: Id::new(),
            organization_id: self.organization,
            name: name.to_owned(),
            course_id: None,
            session_id: None,
            created_at: Utc::now(),
            revoked_at: None,
            last_seen_at: None,
        };
        let mut key_hash = [0; 32];
        key_hash[..16].copy_from_slice(camera.id.uuid().as_bytes());
        store::cameras::insert(&mut *self.conn().await?, &camera, &key_hash).await?;
        Ok(camera.id)
    }

    pub(crate) fn header(&self, lesson: Lesson, camera: Option<CameraId>) -> FrameHeader {
        FrameHeader {
            frame_id: Id::new(),
            organization_id: self.organization,
            session_id: lesson.session,
            course_id: lesson.course,
            camera_id: camera,
            received_at: Utc::now(),
        }
    }

    /// Sends a frame as a user does.
    pub(crate) async fn send(&self, lesson: Lesson, jpeg: Vec<u8>) -> anyhow::Result<FrameId> {
        let header = self.header(lesson, None);
        self.broker.wait_until_ready(LIMIT).await?;
        self.broker.publish_frame(&header, jpeg).await?;
        Ok(header.frame_id)
    }

    /// Stores photos and publishes their job.
    pub(crate) async fn begin_enrollment(
        &self,
        person: PersonId,
        photos: Vec<Vec<u8>>,
    ) -> anyhow::Result<EnrollmentId> {
        let photos =
            photos.into_iter().map(|image| NewPhoto { file_name: "photo.jpg".to_owned(), image: Ok(image) }).collect();
        let new = NewEnrollment { id: Id::new(), organization_id: self.organization, person_id: person, photos };
        let made = store::enrollments::insert(&mut *self.conn().await?, &self.sealer, new, Utc::now()).await?;
        self.publish(made.id).await?;
        Ok(made.id)
    }

    pub(crate) async fn publish(&self, enrollment: EnrollmentId) -> anyhow::Result<()> {
        self.broker.wait_until_ready(LIMIT).await?;
        Ok(self.broker.publish_enrollment(&EnrollmentJob::new(self.organization, enrollment)).await?)
    }

    /// Waits until an enrollment is finished.
    pub(crate) async fn finished(&self, id: EnrollmentId) -> anyhow::Result<Enrollment> {
        eventually("the enrollment is finished", async || {
            let found = store::enrollments::find(&mut *self.conn().await?, self.organization, id).await?;
            Ok((found.state != EnrollmentState::Pending).then_some(found))
        })
        .await
    }

    /// Somebody new, enrolled by the worker that runs.
    pub(crate) async fn enrolled(&self, external_id: &str, photos: Vec<Vec<u8>>) -> anyhow::Result<PersonId> {
        let person = self.person(external_id).await?;
        let enrollment = self.finished(self.begin_enrollment(person, photos).await?).await?;
        ensure!(enrollment.state == EnrollmentState::Completed, "{enrollment:?}");
        Ok(person)
    }
}

pub(crate) async fn start(settings: &Settings) -> anyhow::Result<Working> {
    let application = Application::build(settings).await?;
    let (port, stop) = (application.port(), CancellationToken::new());
    let task = tokio::spawn(application.run_until_stopped(stop.clone()));
    Ok(Working { port, stop, task })
}

impl Working {
    /// Stops the worker and waits for it.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        self.stop.cancel();
        tokio::time::timeout(LIMIT, &mut self.task).await.context("the worker does not stop")??
    }

    pub(crate) async fn get(&self, path: &str) -> anyhow::Result<(u16, String)> {
        let answer = reqwest::get(format!("http://127.0.0.1:{}{path}", self.port)).await?;
        Ok((answer.status().as_u16(), answer.text().await?))
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Asks `probe` until it answers something.
pub(crate) async fn eventually<T>(
    what: &str,
    mut probe: impl AsyncFnMut() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<T> {
    let begin = tokio::time::Instant::now();
    let mut probes = tokio::time::interval(Duration::from_millis(50));
    while begin.elapsed() < LIMIT {
        probes.tick().await;
        if let Some(answer) = probe().await? {
            return Ok(answer);
        }
    }
    bail!("{what}: not within {LIMIT:?}")
}

fn settings(database: &TestDatabase, namespace: &TestNamespace, snapshots: &TempDir) -> anyhow::Result<Settings> {
    let mut settings: Settings = process::settings::load(include_str!("../../defaults.toml"), None)?;
    settings.health.bind = "127.0.0.1:0".to_owned();
    settings.log.filter = "warn".to_owned();
    settings.database.url = database.url().to_owned().into();
    settings.database.template_key = servers()?.template_key()?.to_owned().into();
    settings.broker.url = namespace.broker_url().to_owned().into();
    settings.redis.url = namespace.redis_url().to_owned().into();
    settings.deployment.namespace = namespace.name().to_owned();
    // A busy machine must not make a test's frames stale.
    settings.frames.ttl_ms = 120_000;
    settings.vision.weights = workspace_root().join("weights");
    settings.vision.threads = 1;
    settings.globals.wait_ms = 60_000;
    // Every sighting is to be counted.
    settings.recognition.cool_down_seconds = 0;
    // Also of faces that the detector is not sure of.
    settings.recognition.min_detection_score = 0.0;
    settings.index.snapshots = snapshots.path().display().to_string();
    Ok(settings)
}
