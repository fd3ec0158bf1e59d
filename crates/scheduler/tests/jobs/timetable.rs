//! Sessions that are made ahead, and that begin and end by themselves.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::course::Course;
use domain::event::EventBody;
use domain::id::{CourseId, Id, OrganizationId, SeriesId, SessionId};
use domain::policy::{CoursePolicy, PolicyOverrides};
use domain::session::{Session, SessionState};
use domain::timetable::Series;
use futures_util::StreamExt;
use messaging::{Live, Namespace, Redis};
use scheduler::timetable::{Moved, Timetable};
use store::series::{Planned, TimetableSettings};
use store::sessions::SessionFilter;
use tokio_util::sync::CancellationToken;

use crate::fixtures::{Ground, night};

const LIMIT: Duration = Duration::from_secs(30);

fn timetable(ground: &Ground) -> Timetable {
    Timetable {
        pool: store::connect(&ground.settings.database).unwrap(),
        redis: redis(ground),
        settings: TimetableSettings { horizon_days: 7 },
        every: Duration::from_secs(1),
    }
}

fn redis(ground: &Ground) -> Redis {
    Redis::connect(&ground.settings.redis, &Namespace::new(&ground.settings.deployment.namespace)).unwrap()
}

async fn course(ground: &Ground, organization: OrganizationId, code: &str, policy: CoursePolicy) -> CourseId {
    let new = Course {
        id: Id::new(),
        organization_id: organization,
        code: code.to_owned(),
        section: String::new(),
        title: "A course".to_owned(),
        time_zone: Some("Europe/Zurich".to_owned()),
        is_active: true,
        policy,
        roster_version: 1,
        created_at: night(0),
    };
    store::courses::insert(&mut *ground.conn().await, &new).await.unwrap();
    new.id
}

/// An automatic session of an hour that opens 15 minutes early.
async fn session(
    ground: &Ground,
    organization: OrganizationId,
    course: CourseId,
    starts_at: DateTime<Utc>,
) -> SessionId {
    let new = Session {
        id: Id::new(),
        organization_id: organization,
        course_id: course,
        state: SessionState::Scheduled,
        starts_at,
        ends_at: Some(starts_at + TimeDelta::hours(1)),
        policy: CoursePolicy { opens_minutes_before: Some(15), ..CoursePolicy::default() },
        automatic: true,
        series_id: None,
        started_at: None,
        closed_at: None,
        created_at: night(0),
    };
    store::sessions::insert(&mut *ground.conn().await, &new).await.unwrap();
    new.id
}

/// Each day at 8:15, from the day of [`night`] 0 on, which it is noticed for that it was planned then.
async fn series(ground: &Ground, organization: OrganizationId, course: CourseId, policy: PolicyOverrides) -> SeriesId {
    let new = Series {
        id: Id::new(),
        organization_id: organization,
        course_id: course,
        rule: "FREQ=DAILY".to_owned(),
        starts_on: night(0).date_naive(),
        start_time: "08:15:00".parse().unwrap(),
        duration_minutes: 90,
        automatic: true,
        policy,
        created_at: night(0),
    };
    store::series::insert(&mut *ground.conn().await, &new).await.unwrap();
    new.id
}

async fn sessions_of(ground: &Ground, organization: OrganizationId, series: SeriesId) -> Vec<Session> {
    let filter = SessionFilter { series: Some(series), ..SessionFilter::default() };
    store::sessions::list(&mut *ground.conn().await, organization, &filter, None, 1000).await.unwrap()
}

#[tokio::test]
async fn automatic_sessions_begin_and_end_and_are_told_of() {
    let ground = Ground::new().await;
    let organization = ground.organization("School").await;
    let course = course(&ground, organization, "BIO", CoursePolicy::default()).await;
    let (at, never) = (night(1), Moved::default());
    let id = session(&ground, organization, course, at).await;
    let later = session(&ground, organization, course, at + TimeDelta::hours(2)).await;
    let missed = session(&ground, organization, course, at - TimeDelta::hours(3)).await;
    let timetable = timetable(&ground);
    let mut events = Box::pin(redis(&ground).subscribe());
    assert_eq!(tokio::time::timeout(LIMIT, events.next()).await.unwrap(), Some(Live::Gap), "it listens");

    assert_eq!(timetable.move_sessions(at - TimeDelta::minutes(16)).await.unwrap(), never);
    let opening = at - TimeDelta::minutes(15);
    assert_eq!(timetable.move_sessions(opening).await.unwrap(), Moved { started: 1, closed: 0 });
    assert_eq!(timetable.move_sessions(opening).await.unwrap(), never);
    let end = at + TimeDelta::hours(1);
    assert_eq!(timetable.move_sessions(end - TimeDelta::seconds(1)).await.unwrap(), never);
    assert_eq!(timetable.move_sessions(end).await.unwrap(), Moved { started: 0, closed: 1 });

    let mut conn = ground.conn().await;
    let found = store::sessions::find(&mut conn, organization, id).await.unwrap();
    assert_eq!((found.state, found.started_at, found.closed_at), (SessionState::Closed, Some(opening), Some(end)));
    for untouched in [later, missed] {
        let found = store::sessions::find(&mut conn, organization, untouched).await.unwrap();
        assert_eq!(found.state, SessionState::Scheduled);
    }
    for state in [SessionState::Active, SessionState::Closed] {
        let event = tokio::time::timeout(LIMIT, events.next()).await.unwrap();
        let Some(Live::Event(event)) = event else { panic!("no event but {event:?}") };
        assert_eq!(event.body, EventBody::SessionChanged { session_id: id, state });
    }
    let log = store::audit::list(&mut conn, Some(organization), Some(id.uuid()), 0, 9).await.unwrap();
    let entries: Vec<_> = log.iter().map(|entry| (entry.action.as_str(), entry.actor)).collect();
    let scheduler = domain::audit::AuditActor::Scheduler;
    assert_eq!(entries, [("session_started", scheduler), ("session_closed", scheduler)]);
}

#[tokio::test]
async fn two_schedulers_start_and_close_each_session_once() {
    let ground = Ground::new().await;
    let organization = ground.organization("School").await;
    let course = course(&ground, organization, "BIO", CoursePolicy::default()).await;
    let mut ids = Vec::new();
    for _ in 0..120 {
        ids.push(session(&ground, organization, course, night(1)).await);
    }
    let (one, two) = (timetable(&ground), timetable(&ground));
    for (now, expected) in [
        (night(1), Moved { started: 120, closed: 0 }),
        (night(1) + TimeDelta::hours(1), Moved { started: 0, closed: 120 }),
    ] {
        let (first, second) = tokio::join!(one.move_sessions(now), two.move_sessions(now));
        let (first, second) = (first.unwrap(), second.unwrap());
        let sum = Moved { started: first.started + second.started, closed: first.closed + second.closed };
        assert_eq!(sum, expected);
    }
    let log = store::audit::list(&mut *ground.conn().await, Some(organization), Some(ids[0].uuid()), 0, 9).await;
    assert_eq!(log.unwrap().len(), 2);
}

#[tokio::test]
async fn sessions_are_made_as_time_goes_by_and_by_two_schedulers_once() {
    let ground = Ground::new().await;
    let organization = ground.organization("School").await;
    let course = course(&ground, organization, "BIO", CoursePolicy::default()).await;
    let id = series(&ground, organization, course, PolicyOverrides::default()).await;
    let (one, two, stop) = (timetable(&ground), timetable(&ground), CancellationToken::new());
    let soon = night(0) + TimeDelta::minutes(59);
    assert_eq!(one.plan_ahead(soon, &stop).await.unwrap(), Planned::default(), "it was planned when it was made");
    // Five in the morning, UTC: the first one is at 6:15.
    let now = night(0) + TimeDelta::minutes(61);
    let (first, second) = tokio::join!(one.plan_ahead(now, &stop), two.plan_ahead(now, &stop));
    assert_eq!(first.unwrap().made + second.unwrap().made, 7);
    let made = sessions_of(&ground, organization, id).await;
    let day = TimeDelta::days(1);
    let expected: Vec<_> = (0..7).map(|number| night(0) + TimeDelta::minutes(135) + day * number).collect();
    assert_eq!(made.iter().map(|session| session.starts_at).collect::<Vec<_>>(), expected);
    // A day later, what has begun stays and one more is made.
    assert_eq!(one.move_sessions(expected[0]).await.unwrap(), Moved { started: 1, closed: 0 });
    assert_eq!(one.plan_ahead(now + day, &stop).await.unwrap(), Planned { made: 1, ..Planned::default() });
    let log = store::audit::list(&mut *ground.conn().await, Some(organization), Some(id.uuid()), 0, 9).await.unwrap();
    assert_eq!(
        log.iter().map(|entry| entry.details.as_str()).collect::<Vec<_>>(),
        [r#"{"cancelled":0,"changed":0,"made":7}"#, r#"{"cancelled":0,"changed":0,"made":1}"#,]
    );
    stop.cancel();
    assert_eq!(one.plan_ahead(now + day * 2, &stop).await.unwrap(), Planned::default(), "told to stop");
}

#[tokio::test]
async fn a_series_that_cannot_be_keeps_no_other_waiting() {
    let ground = Ground::new().await;
    let organization = ground.organization("School").await;
    let policy = CoursePolicy { late_after_minutes: Some(20), ..CoursePolicy::default() };
    let course = course(&ground, organization, "BIO", policy).await;
    let clashing = PolicyOverrides::default().with("closes_after_minutes", 10);
    let broken = series(&ground, organization, course, clashing).await;
    let sound = series(&ground, organization, course, PolicyOverrides::default()).await;
    let (timetable, stop) = (timetable(&ground), CancellationToken::new());
    let now = night(0) + TimeDelta::minutes(61);
    assert_eq!(timetable.plan_ahead(now, &stop).await.unwrap().made, 7);
    assert_eq!(sessions_of(&ground, organization, sound).await.len(), 7);
    assert!(sessions_of(&ground, organization, broken).await.is_empty());
}

#[tokio::test]
async fn an_organization_that_moves_takes_its_sessions_along() {
    let ground = Ground::new().await;
    let organization = ground.organization("School").await;
    let course = course(&ground, organization, "BIO", CoursePolicy::default()).await;
    let id = series(&ground, organization, course, PolicyOverrides::default()).await;
    let (timetable, stop) = (timetable(&ground), CancellationToken::new());
    let now = night(0) + TimeDelta::minutes(61);
    timetable.plan_ahead(now, &stop).await.unwrap();
    let before = sessions_of(&ground, organization, id).await;
    let change = store::courses::CourseChange { time_zone: Some(None), ..Default::default() };
    store::courses::update(&mut *ground.conn().await, organization, course, &change).await.unwrap();
    let planned = timetable.plan_ahead(now + TimeDelta::minutes(61), &stop).await.unwrap();
    assert_eq!(planned, Planned { made: 0, changed: 7, cancelled: 0 });
    let after = sessions_of(&ground, organization, id).await;
    assert_eq!(after[0].starts_at, before[0].starts_at + TimeDelta::hours(2), "8:15 UTC, no more 8:15 in Zurich");
    assert_eq!(after[0].id, before[0].id);
}
