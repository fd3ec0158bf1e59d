//! Sessions that have been, at times of the test's choice: made through the store, since the API knows only now.

use chrono::{DateTime, TimeDelta, Utc};
use domain::frame::FrameHeader;
use domain::id::{CourseId, FrameId, PersonId, SessionId, UserId};
use domain::policy::CoursePolicy;
use domain::session::{Session, SessionState};
use domain::sighting::{FrameResult, Outcome};
use domain::user::{Role, User};

use crate::app::{PASSWORD, TestApp, TestOrganization};
use crate::client::Client;
use crate::worker::{record, result, sighting};

/// A course with a past.
pub(crate) struct Past<'a> {
    pub(crate) app: &'a TestApp,
    pub(crate) organization: &'a TestOrganization,
    pub(crate) course_id: CourseId,
}

pub(crate) fn time(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

impl<'a> Past<'a> {
    /// A new course with nobody on its roster.
    pub(crate) async fn new(app: &'a TestApp, organization: &'a TestOrganization, code: &str) -> Self {
        let course_id = organization.course(code).await.parse().expect("an id");
        Self { app, organization, course_id }
    }

    /// A new person, on the roster from then on.
    pub(crate) async fn person(&self, external_id: &str, since: &str) -> PersonId {
        let id = self.organization.person(external_id).await.parse().expect("an id");
        self.join(id, since).await;
        id
    }

    pub(crate) async fn join(&self, person: PersonId, at: &str) {
        let (mut conn, people) = (self.app.connection().await, [person]);
        let added = store::rosters::add(&mut conn, self.organization.id, self.course_id, &people, time(at));
        added.await.expect("they are on the roster");
    }

    pub(crate) async fn leave(&self, person: PersonId, at: &str) {
        let (mut conn, people) = (self.app.connection().await, [person]);
        let removed = store::rosters::remove(&mut conn, self.organization.id, self.course_id, &people, time(at));
        removed.await.expect("they are off the roster");
    }

    /// A session that runs since then; whoever is ten minutes late is late.
    pub(crate) async fn open(&self, starts_at: &str) -> Session {
        let starts_at = time(starts_at);
        let policy = CoursePolicy { late_after_minutes: Some(10), ..CoursePolicy::default() };
        let session = Session {
            id: SessionId::new(),
            organization_id: self.organization.id,
            course_id: self.course_id,
            state: SessionState::Scheduled,
            starts_at,
            ends_at: None,
            policy,
            automatic: false,
            series_id: None,
            started_at: None,
            closed_at: None,
            created_at: starts_at,
        };
        let mut conn = self.app.connection().await;
        store::sessions::insert(&mut conn, &session).await.expect("a session");
        store::sessions::start(&mut conn, self.organization.id, session.id, starts_at).await.expect("it is active")
    }

    /// A session that was closed after an hour; these people came so many minutes after it began.
    pub(crate) async fn hold(&self, starts_at: &str, came: &[(PersonId, i64)]) -> SessionId {
        let session = self.open(starts_at).await;
        for (person, minutes) in came {
            self.see(&session, *person, *minutes).await;
        }
        let (mut conn, closed_at) = (self.app.connection().await, session.starts_at + TimeDelta::hours(1));
        store::sessions::close(&mut conn, self.organization.id, session.id, closed_at).await.expect("it is closed");
        session.id
    }

    /// A camera sees somebody so many minutes after a session began.
    pub(crate) async fn see(&self, session: &Session, person: PersonId, minutes: i64) {
        let received_at = session.starts_at + TimeDelta::minutes(minutes);
        let header = FrameHeader {
            frame_id: FrameId::new(),
            organization_id: session.organization_id,
            session_id: session.id,
            course_id: session.course_id,
            camera_id: None,
            received_at,
        };
        let seen = result(vec![sighting(0, Some(person), Outcome::Present)]);
        record(self.app, &header, &FrameResult { decided_at: received_at, ..seen }).await;
    }

    /// Has the organization's teacher teach the course.
    pub(crate) async fn is_taught(&self) {
        self.organization.teaches(&self.organization.teacher, &self.course_id.to_string()).await;
    }
}

/// Somebody whose own attendance is taken, logged in.
pub(crate) async fn member_who_is(app: &TestApp, organization: &TestOrganization, person: PersonId) -> Client {
    let (id, role) = (UserId::new(), Role::Member);
    let (email, created_at) = (format!("{id}@example.org"), Utc::now());
    let user = User {
        id,
        organization_id: Some(organization.id),
        email: email.clone(),
        role,
        person_id: Some(person),
        created_at,
    };
    let hash = bcrypt::hash(PASSWORD, 4).expect("a hash");
    store::users::insert(&mut *app.connection().await, &user, &hash).await.expect("a user");
    app.anonymous().bearing(&app.anonymous().log_in(&email, PASSWORD).await.text("access_token"))
}
