//! A small installation, and people to put into it.

use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use domain::contract::ContractId;
use domain::course::Course;
use domain::embedding::Embedding;
use domain::enrollment::{Gallery, PhotoVerdict};
use domain::guided::{CaptureState, GuidedCapture};
use domain::id::{ClassPhotoId, EnrollmentId, GuidedCaptureId, Id, OrganizationId, PersonId, SessionId};
use domain::index::BuildCause;
use domain::organization::{Organization, OrganizationSettings, RecognitionPolicy, Retention};
use domain::person::{Person, PersonKind};
use domain::policy::CoursePolicy;
use domain::session::{Session, SessionState};
use index::GlobalIndex;
use index::snapshot::{self, SnapshotFolder, SnapshotSettings, Wanted};
use messaging::{Namespace, Redis};
use scheduler::builder::Built;
use scheduler::calendar::Calendar;
use scheduler::indexes::{Indexes, Parts, Round};
use scheduler::shelf::Shelf;
use scheduler::{DEFAULTS, Settings};
use store::class_photos::NewClassPhoto;
use store::enrollments::{Judged, NewEnrollment, NewPhoto};
use store::index_builds::IndexBuild;
use store::index_versions::IndexVersion;
use store::{Pool, PooledConn, Sealer};
use testkit::{TestDatabase, TestNamespace};
use tokio_util::sync::CancellationToken;

/// Beyond so many templates these schedulers build inverted files.
const EXHAUSTIVE: usize = 20_000;

pub(crate) struct Ground {
    pub(crate) settings: Settings,
    pub(crate) pool: Pool,
    pub(crate) sealer: Sealer,
    pub(crate) snapshots: PathBuf,
    // Last, so that connections go before what they are to.
    database: TestDatabase,
    _namespace: TestNamespace,
}

impl Ground {
    pub(crate) async fn new() -> Self {
        let (database, namespace) = (TestDatabase::create().await.unwrap(), TestNamespace::create().unwrap());
        let snapshots = std::env::temp_dir().join(format!("rollcall-scheduler-{}", namespace.name()));
        let mut settings: Settings = ::process::settings::load(DEFAULTS, None).unwrap();
        settings.database.url = database.url().into();
        settings.database.template_key = testkit::servers().unwrap().template_key().unwrap().into();
        settings.broker.url = namespace.broker_url().into();
        settings.redis.url = namespace.redis_url().into();
        settings.deployment.namespace = namespace.name().to_owned();
        settings.index.snapshots = snapshots.to_str().unwrap().to_owned();
        settings.index.exhaustive_templates = EXHAUSTIVE;
        settings.health.bind = "127.0.0.1:0".to_owned();
        settings.log.filter = "off".to_owned();
        let pool = store::connect(&settings.database).unwrap();
        let sealer = Sealer::new(&settings.database.template_key).unwrap();
        Self { settings, pool, sealer, snapshots, database, _namespace: namespace }
    }

    pub(crate) async fn conn(&self) -> PooledConn {
        store::get(&self.pool).await.unwrap()
    }

    /// What builds indexes, as in a scheduler of its own.
    pub(crate) fn indexes(&self) -> Indexes {
        Indexes::new(self.parts(Gallery::Pooled))
    }

    pub(crate) fn parts(&self, gallery: Gallery) -> Parts {
        Parts {
            pool: store::connect(&self.settings.database).unwrap(),
            redis: self.redis(),
            shelf: Shelf { sealer: self.sealer.clone(), folder: self.folder(gallery), keep: 3, exhaustive: EXHAUSTIVE },
            calendar: Calendar::new("0 0 3 * * *", "UTC").unwrap(),
            every: Duration::from_secs(1),
            removals_every: Duration::from_secs(1),
        }
    }

    pub(crate) fn redis(&self) -> Redis {
        let namespace = Namespace::new(&self.settings.deployment.namespace);
        Redis::connect(&self.settings.redis, &namespace).unwrap()
    }

    pub(crate) fn folder(&self, gallery: Gallery) -> SnapshotFolder {
        let snapshots = self.settings.index.snapshots.clone();
        SnapshotFolder::open(&SnapshotSettings { snapshots, keep: 3, gallery, exhaustive_templates: EXHAUSTIVE })
            .unwrap()
    }

    pub(crate) async fn organization(&self, name: &str) -> OrganizationId {
        let (id, name) = (Id::new(), name.to_owned());
        let (contract, policy) = (None, RecognitionPolicy::default());
        let new = Organization {
            id,
            name,
            time_zone: "UTC".to_owned(),
            contract,
            policy,
            settings: OrganizationSettings::default(),
            created_at: night(0),
        };
        store::organizations::insert(&mut *self.conn().await, &new).await.unwrap();
        id
    }

    pub(crate) async fn person(&self, organization: OrganizationId) -> PersonId {
        let (number, name) = (Id::<()>::new().to_string(), "Somebody".to_owned());
        let new = Person::new(organization, PersonKind::Student, number, name, night(0));
        store::people::insert(&mut *self.conn().await, &new).await.unwrap();
        new.id
    }

    /// A pending enrollment with one photo.
    pub(crate) async fn enrollment(
        &self,
        organization: OrganizationId,
        person: PersonId,
        now: DateTime<Utc>,
    ) -> EnrollmentId {
        let photos = vec![NewPhoto { file_name: "a.jpg".to_owned(), image: Ok(vec![7; 100]) }];
        let new = NewEnrollment { id: Id::new(), organization_id: organization, person_id: person, photos };
        store::enrollments::insert(&mut *self.conn().await, &self.sealer, new, now).await.unwrap().id
    }

    pub(crate) async fn accept(&self, organization: OrganizationId, id: EnrollmentId, angle: f32) {
        let mut conn = self.conn().await;
        let photo = store::enrollments::find(&mut conn, organization, id).await.unwrap().photos[0].id;
        let verdicts = [(photo, PhotoVerdict::Accepted { embedding: face(angle), augmented: Vec::new(), quality: 90 })];
        let judged = Judged { contract: &contract(), verdicts: &verdicts, duplicate: None };
        store::enrollments::finish(&mut conn, &self.sealer, organization, id, &judged, night(0)).await.unwrap();
    }

    /// A person with one template.
    pub(crate) async fn enrolled(&self, organization: OrganizationId, angle: f32) -> PersonId {
        let person = self.person(organization).await;
        let id = self.enrollment(organization, person, night(0)).await;
        self.accept(organization, id, angle).await;
        person
    }

    /// A person whose template does not open.
    pub(crate) async fn enrolled_unreadably(&self, organization: OrganizationId) {
        let person = self.person(organization).await;
        let id = self.enrollment(organization, person, night(0)).await;
        self.accept(organization, id, 0.0).await;
        let damage = format!("UPDATE templates SET embedding = embedding || '\\x00' WHERE person_id = '{person}'");
        self.database.execute(&damage).await.unwrap();
    }

    /// An active session of a course of its own.
    pub(crate) async fn active_session(&self, organization: OrganizationId) -> SessionId {
        let mut conn = self.conn().await;
        let course = Course {
            id: Id::new(),
            organization_id: organization,
            code: Id::<Course>::new().to_string(),
            section: String::new(),
            title: "A course".to_owned(),
            time_zone: None,
            is_active: true,
            policy: CoursePolicy::default(),
            roster_version: 1,
            created_at: night(0),
        };
        store::courses::insert(&mut conn, &course).await.unwrap();
        let session = Session {
            id: Id::new(),
            organization_id: organization,
            course_id: course.id,
            state: SessionState::Active,
            starts_at: night(0),
            ends_at: None,
            policy: CoursePolicy::default(),
            automatic: false,
            series_id: None,
            started_at: Some(night(0)),
            closed_at: None,
            created_at: night(0),
        };
        store::sessions::insert(&mut conn, &session).await.unwrap();
        session.id
    }

    /// Settles how long the organization keeps what.
    pub(crate) async fn keep(&self, organization: OrganizationId, days: Retention) {
        let settings = OrganizationSettings { retention: days, ..OrganizationSettings::default() };
        let settings = serde_json::to_string(&settings).unwrap();
        let update = format!("UPDATE organizations SET settings = '{settings}' WHERE id = '{organization}'");
        self.database.execute(&update).await.unwrap();
    }

    /// A pending class photo.
    pub(crate) async fn class_photo(
        &self,
        organization: OrganizationId,
        session: SessionId,
        now: DateTime<Utc>,
    ) -> ClassPhotoId {
        let new = NewClassPhoto {
            id: Id::new(),
            organization_id: organization,
            session_id: session,
            file_name: "class.jpg".to_owned(),
            image: vec![7; 100],
            annotate: false,
        };
        store::class_photos::insert(&mut *self.conn().await, &self.sealer, new, now).await.unwrap().id
    }

    /// An open capture.
    pub(crate) async fn capture(
        &self,
        organization: OrganizationId,
        person: PersonId,
        expires_at: DateTime<Utc>,
    ) -> GuidedCaptureId {
        let new = GuidedCapture {
            id: Id::new(),
            organization_id: organization,
            person_id: person,
            state: CaptureState::Open,
            poses: domain::guided::poses(true),
            taken: 0,
            looks: 0,
            strikes: 0,
            advice: None,
            failure: None,
            enrollment_id: None,
            created_at: expires_at - TimeDelta::minutes(3),
            expires_at,
        };
        store::guided::insert(&mut *self.conn().await, &new).await.unwrap();
        new.id
    }

    /// The database as it was before there were pooled templates.
    pub(crate) async fn forget_pooled(&self) {
        self.database.execute("DELETE FROM templates WHERE origin = 'pooled'").await.unwrap();
    }

    /// Everything that was built or is to be, of an organization, the newest first.
    pub(crate) async fn builds(&self, organization: OrganizationId) -> Vec<IndexBuild> {
        store::index_builds::list(&mut *self.conn().await, organization, 1000).await.unwrap()
    }

    pub(crate) async fn execute(&self, sql: &str) {
        self.database.execute(sql).await.unwrap();
    }

    pub(crate) async fn newest(&self, organization: OrganizationId) -> Option<IndexVersion> {
        store::index_versions::newest(&mut *self.conn().await, organization, &contract()).await.unwrap()
    }

    /// A snapshot, as a worker reads it.
    pub(crate) async fn read(&self, version: &IndexVersion) -> GlobalIndex {
        let IndexVersion { id, organization_id, contract, path, sha256, .. } = version.clone();
        let sealer = self.sealer.clone();
        let open = move |sealed: &[u8]| sealer.open(id, sealed).ok();
        snapshot::read(&self.folder(Gallery::Pooled), Wanted { organization_id, contract, path, sha256 }, open)
            .await
            .unwrap()
    }

    /// What all files of snapshots hold, as far as the installation's key opens them.
    pub(crate) fn opened_files(&self) -> Vec<u8> {
        let mut all = Vec::new();
        for organization in std::fs::read_dir(&self.snapshots).unwrap() {
            for file in std::fs::read_dir(organization.unwrap().path()).unwrap() {
                let path = file.unwrap().path();
                let id = path.file_name().unwrap().to_str().unwrap().split('.').next().unwrap().parse().unwrap();
                all.extend(self.opened(id, &std::fs::read(&path).unwrap()));
            }
        }
        all
    }

    /// What the sealed chunks of a snapshot hold: lengths before the header and each of them, after the first line.
    fn opened(&self, id: uuid::Uuid, bytes: &[u8]) -> Vec<u8> {
        let start = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1;
        let (mut rest, mut is_header, mut plain) = (&bytes[start..], true, Vec::new());
        while let Some((length, more)) = rest.split_first_chunk::<4>() {
            let (part, after) = more.split_at(u32::from_le_bytes(*length) as usize);
            if !std::mem::take(&mut is_header) {
                plain.extend(self.sealer.open(id, part).unwrap());
            }
            rest = after;
        }
        plain
    }

    /// The files of all snapshots.
    pub(crate) fn files(&self) -> usize {
        let organizations = std::fs::read_dir(&self.snapshots).unwrap();
        organizations.map(|organization| std::fs::read_dir(organization.unwrap().path()).unwrap().count()).sum()
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.snapshots);
    }
}

/// Four in the morning of the day with this number; builds are due at three. Organizations were made on day 0.
pub(crate) fn night(day: i64) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 9, 1, 4, 0, 0).single().unwrap() + TimeDelta::days(day)
}

pub(crate) fn contract() -> ContractId {
    ContractId::new("facenet-128/1")
}

pub(crate) fn face(angle: f32) -> Embedding {
    Embedding::normalized(vec![angle.cos(), angle.sin()]).unwrap()
}

/// What a look on this day comes to.
pub(crate) async fn look(indexes: &mut Indexes, day: i64) -> Round {
    indexes.look(night(day), &CancellationToken::new()).await.unwrap()
}

/// What a look came to that nothing failed in.
pub(crate) fn done(built: impl IntoIterator<Item = (BuildCause, Built)>) -> Round {
    Round::Done { built: built.into_iter().collect(), failed: 0 }
}
