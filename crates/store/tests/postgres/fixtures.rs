//! A database with an organization in it, and the things that tests put there.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use diesel::sql_types::{Bytea, Nullable, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::contract::ContractId;
use domain::course::Course;
use domain::embedding::Embedding;
use domain::enrollment::{Duplicate, Gallery, PhotoVerdict};
use domain::evidence::EvidencePolicy;
use domain::frame::FrameHeader;
use domain::geometry::FaceBox;
use domain::id::{CourseId, EnrollmentId, Id, OrganizationId, PersonId, PhotoId};
use domain::organization::{Organization, OrganizationSettings, RecognitionPolicy};
use domain::person::{Person, PersonKind};
use domain::policy::CoursePolicy;
use domain::session::{Session, SessionState};
use domain::sighting::{FrameResult, Outcome, Sighting, StageTimes};
use secrecy::SecretString;
use store::enrollments::{Finished, Judged, NewEnrollment, NewPhoto};
use store::rosters::Roster;
use store::templates::Change;
use store::{Conn, DatabaseSettings, Pool, PooledConn, Sealer, StoreError};
use testkit::TestDatabase;
use uuid::Uuid;

pub(crate) struct Ground {
    pub(crate) pool: Pool,
    pub(crate) sealer: Sealer,
    pub(crate) organization: OrganizationId,
    // The last field, so that connections go before their database.
    _database: Arc<TestDatabase>,
}

pub(crate) fn settings(url: &str) -> DatabaseSettings {
    DatabaseSettings {
        url: url.to_owned().into(),
        pool_size: 12,
        template_key: key(),
        old_template_keys: String::new().into(),
    }
}

fn key() -> SecretString {
    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=".to_owned().into()
}

impl Ground {
    pub(crate) async fn new() -> Self {
        let database = TestDatabase::create().await.expect("a database");
        let pool = store::connect(&settings(database.url())).expect("a pool");
        let organization = {
            let mut conn = store::get(&pool).await.expect("a connection");
            organization(&mut conn, "Elsewhere College").await
        };
        Self { pool, sealer: Sealer::new(&key()).expect("a key"), organization, _database: Arc::new(database) }
    }

    /// Another organization in the same database.
    pub(crate) async fn another(&self, name: &str) -> Self {
        let organization = organization(&mut *self.conn().await, name).await;
        let (pool, sealer) = (self.pool.clone(), self.sealer.clone());
        Self { pool, sealer, organization, _database: Arc::clone(&self._database) }
    }

    /// The same with other keys.
    pub(crate) fn with_sealer(&self, sealer: Sealer) -> Self {
        let (pool, organization) = (self.pool.clone(), self.organization);
        Self { pool, sealer, organization, _database: Arc::clone(&self._database) }
    }

    pub(crate) async fn conn(&self) -> PooledConn {
        store::get(&self.pool).await.expect("a connection")
    }
}

/// So many seconds after the hour at which everything begins.
pub(crate) fn at(seconds: i64) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 9, 1, 9, 0, 0).single().expect("a time") + TimeDelta::seconds(seconds)
}

pub(crate) fn contract() -> ContractId {
    ContractId::new("facenet-128/1")
}

pub(crate) fn new_organization(name: &str) -> Organization {
    Organization {
        id: Id::new(),
        name: name.to_owned(),
        time_zone: "Asia/Kolkata".to_owned(),
        contract: None,
        policy: RecognitionPolicy::default(),
        settings: OrganizationSettings::default(),
        created_at: at(0),
    }
}

pub(crate) async fn organization(conn: &mut Conn, name: &str) -> OrganizationId {
    let new = new_organization(name);
    store::organizations::insert(conn, &new).await.expect("an organization");
    new.id
}

pub(crate) fn new_person(organization: OrganizationId, external_id: &str) -> Person {
    let (number, name) = (external_id.to_owned(), format!("Person {external_id}"));
    Person::new(organization, PersonKind::Student, number, name, at(0))
}

pub(crate) async fn person(conn: &mut Conn, organization: OrganizationId, external_id: &str) -> PersonId {
    let new = new_person(organization, external_id);
    store::people::insert(conn, &new).await.expect("a person");
    new.id
}

pub(crate) async fn course(conn: &mut Conn, organization: OrganizationId, code: &str) -> CourseId {
    let new = Course {
        id: Id::new(),
        organization_id: organization,
        code: code.to_owned(),
        section: String::new(),
        title: format!("Course {code}"),
        time_zone: None,
        is_active: true,
        policy: CoursePolicy::default(),
        roster_version: 1,
        created_at: at(0),
    };
    store::courses::insert(conn, &new).await.expect("a course");
    new.id
}

pub(crate) fn new_session(organization: OrganizationId, course: CourseId) -> Session {
    Session {
        id: Id::new(),
        organization_id: organization,
        course_id: course,
        state: SessionState::Scheduled,
        starts_at: at(0),
        ends_at: None,
        policy: CoursePolicy { late_after_minutes: Some(10), ..CoursePolicy::default() },
        automatic: false,
        series_id: None,
        started_at: None,
        closed_at: None,
        created_at: at(-3600),
    }
}

pub(crate) async fn active_session(conn: &mut Conn, organization: OrganizationId, course: CourseId) -> Session {
    let new = new_session(organization, course);
    store::sessions::insert(conn, &new).await.expect("a session");
    store::sessions::start(conn, organization, new.id, at(0)).await.expect("an active session")
}

/// A course with people "1", "2", … on its roster.
pub(crate) async fn class(ground: &Ground, size: usize) -> (CourseId, Vec<PersonId>) {
    let mut conn = ground.conn().await;
    let course = course(&mut conn, ground.organization, "CS-101").await;
    let mut people = Vec::new();
    for number in 1..=size {
        people.push(person(&mut conn, ground.organization, &number.to_string()).await);
    }
    store::rosters::add(&mut conn, ground.organization, course, &people, at(0)).await.expect("a roster");
    (course, people)
}

/// The embedding at this angle.
pub(crate) fn face(angle: f32) -> Embedding {
    Embedding::normalized(vec![angle.cos(), angle.sin()]).expect("a unit vector")
}

pub(crate) async fn enrollment(ground: &Ground, person: PersonId, photos: usize) -> EnrollmentId {
    let photos =
        (0..photos).map(|n| NewPhoto { file_name: format!("{n}.jpg"), image: Ok(vec![n as u8; 1000]) }).collect();
    let new = NewEnrollment { id: Id::new(), organization_id: ground.organization, person_id: person, photos };
    let mut conn = ground.conn().await;
    store::enrollments::insert(&mut conn, &ground.sealer, new, at(0)).await.expect("an enrollment").id
}

/// Accepts all photos of an enrollment, with faces at 0, 0.1, 0.2…
pub(crate) async fn accept(ground: &Ground, id: EnrollmentId) -> Result<Finished, StoreError> {
    let found = store::enrollments::find(&mut *ground.conn().await, ground.organization, id).await?;
    let verdicts: Vec<_> =
        found.photos.iter().enumerate().map(|(n, photo)| (photo.id, accepted(face(n as f32 / 10.0)))).collect();
    Box::pin(judge(ground, id, &verdicts, None)).await
}

/// A photo that shows this face and nothing else.
pub(crate) fn accepted(embedding: Embedding) -> PhotoVerdict {
    PhotoVerdict::Accepted { embedding, augmented: Vec::new(), quality: 90 }
}

/// Finishes an enrollment with these verdicts.
pub(crate) async fn judge(
    ground: &Ground,
    id: EnrollmentId,
    verdicts: &[(PhotoId, PhotoVerdict)],
    duplicate: Option<Duplicate>,
) -> Result<Finished, StoreError> {
    let judged = Judged { contract: &contract(), verdicts, duplicate };
    let mut conn = ground.conn().await;
    store::enrollments::finish(&mut conn, &ground.sealer, ground.organization, id, &judged, at(60)).await
}

/// What an index of the usual contract replays after this revision.
pub(crate) async fn changes(ground: &Ground, gallery: Gallery, after: i64, limit: i64) -> Vec<Change> {
    let (mut conn, sealer, of) = (ground.conn().await, &ground.sealer, contract());
    let changes = store::templates::changes_since(&mut conn, sealer, ground.organization, &of, gallery, after, limit);
    changes.await.expect("changes")
}

/// A course as a worker loads it, with templates of the usual contract.
pub(crate) async fn roster(ground: &Ground, course: CourseId, gallery: Gallery) -> Roster {
    let (mut conn, sealer) = (ground.conn().await, &ground.sealer);
    let loaded = store::rosters::load(&mut conn, sealer, ground.organization, course, Some(&contract()), gallery).await;
    loaded.expect("a database").expect("a roster")
}

/// One sighting is enough when it is called present; of likely ones that a stranger has at most twice as often as wanted,
/// two.
pub(crate) fn evidence() -> EvidencePolicy {
    EvidencePolicy {
        wanted_false_match_rate: 1e-3,
        window: TimeDelta::seconds(10),
        spacing: TimeDelta::milliseconds(300),
        persistence: 0.5,
        cool_down: Some(TimeDelta::zero()),
    }
}

/// A person with one enrollment of so many accepted photos.
pub(crate) async fn enroll(ground: &Ground, person: PersonId, photos: usize) -> Finished {
    let id = enrollment(ground, person, photos).await;
    accept(ground, id).await.expect("a finished enrollment")
}

pub(crate) fn frame(session: &Session, received_at: DateTime<Utc>) -> FrameHeader {
    FrameHeader {
        frame_id: Id::new(),
        organization_id: session.organization_id,
        session_id: session.id,
        course_id: session.course_id,
        camera_id: None,
        received_at,
    }
}

pub(crate) fn sighting(face_index: i16, person_id: Option<PersonId>, outcome: Outcome) -> Sighting {
    Sighting {
        face_index,
        person_id,
        outcome,
        similarity: Some(0.75),
        threshold: Some(0.5),
        false_match_rate: Some(2e-3),
        liveness: None,
        quality: Some(80),
        detection_score: 0.99,
        face_box: FaceBox { x_min: 1.0, y_min: 2.0, x_max: 33.5, y_max: 40.25 },
    }
}

/// What a worker found: these people, all of them on its copy of the roster.
pub(crate) fn seen(people: &[PersonId], decided_at: DateTime<Utc>) -> FrameResult {
    let faces = people.iter().zip(0..).map(|(person, index)| sighting(index, Some(*person), Outcome::Present));
    FrameResult { contract: contract(), decided_at, times: StageTimes::default(), sightings: faces.collect() }
}

/// The `bytes` of the only row that a query with the parameter `id` gives, as they lie in the database.
pub(crate) async fn stored_bytes(ground: &Ground, query: &str, id: Uuid) -> Option<Vec<u8>> {
    #[derive(diesel::QueryableByName)]
    struct Stored {
        #[diesel(sql_type = Nullable<Bytea>)]
        bytes: Option<Vec<u8>>,
    }
    let query = diesel::sql_query(query.to_owned()).bind::<SqlUuid, _>(id);
    let stored: Stored = query.get_result(&mut *ground.conn().await).await.expect("a row");
    stored.bytes
}
