//! Series, their sessions and holidays, when several are at work on them.

use chrono::{Days, NaiveDate};
use domain::id::{CourseId, Id, OrganizationId};
use domain::policy::PolicyOverrides;
use domain::session::SessionState;
use domain::timetable::{Holiday, Series};
use store::series::{PlanError, Planned, TimetableSettings};
use store::sessions::SessionFilter;
use store::{Conn, StoreError, holidays, series, sessions};

use crate::fixtures::{Ground, at, course};

const TWO_WEEKS: TimetableSettings = TimetableSettings { horizon_days: 14 };

fn daily(organization: OrganizationId, course: CourseId) -> Series {
    Series {
        id: Id::new(),
        organization_id: organization,
        course_id: course,
        rule: "FREQ=DAILY".to_owned(),
        starts_on: first_day(),
        start_time: "18:00:00".parse().expect("a time"),
        duration_minutes: 60,
        automatic: false,
        policy: PolicyOverrides::default(),
        created_at: at(0),
    }
}

fn first_day() -> NaiveDate {
    at(0).date_naive()
}

async fn made(conn: &mut Conn, of: &Series) -> Vec<domain::session::Session> {
    let filter = SessionFilter { series: Some(of.id), ..SessionFilter::default() };
    sessions::list(conn, of.organization_id, &filter, None, 100).await.expect("sessions")
}

#[tokio::test]
async fn what_goes_in_comes_out() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    let course = course(&mut conn, ground.organization, "A").await;
    let mut new = daily(ground.organization, course);
    series::insert(&mut conn, &new).await.unwrap();
    assert_eq!(series::list(&mut conn, ground.organization, course, None, 9).await.unwrap(), [new.clone()]);
    new.policy = new.policy.with("late_after_minutes", 10);
    new.start_time = "17:30:00".parse().unwrap();
    series::replace(&mut conn, &new).await.unwrap();
    assert_eq!(series::find(&mut conn, ground.organization, new.id).await.unwrap(), new);

    let foreign = ground.another("Another").await.organization;
    let not_found = |error: StoreError| assert!(matches!(error, StoreError::NotFound), "{error:?}");
    not_found(series::find(&mut conn, foreign, new.id).await.unwrap_err());
    not_found(series::delete(&mut conn, foreign, new.id, at(0)).await.unwrap_err());
    not_found(series::replace(&mut conn, &Series { organization_id: foreign, ..new.clone() }).await.unwrap_err());
    not_found(series::insert(&mut conn, &Series { id: Id::new(), ..daily(foreign, course) }).await.unwrap_err());
    let planned = series::plan(&mut conn, foreign, new.id, TWO_WEEKS, at(0)).await;
    assert!(matches!(planned, Err(PlanError::Store(StoreError::NotFound))));
    assert!(made(&mut conn, &new).await.is_empty());
}

#[tokio::test]
async fn holidays_are_days_of_one_organization() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    let organization = ground.organization;
    let day = |number: u64| first_day() + Days::new(number);
    let holiday = |first: u64, last: u64, name: &str| Holiday {
        id: Id::new(),
        organization_id: organization,
        first_day: day(first),
        last_day: day(last),
        name: name.to_owned(),
        created_at: at(0),
    };
    let (long, short) = (holiday(2, 6, "Long"), holiday(4, 4, "Short"));
    for new in [&short, &long] {
        holidays::insert(&mut conn, new).await.unwrap();
    }
    let all = day(0)..=day(9);
    let listed = holidays::list(&mut conn, organization, all.clone(), None, 9).await.unwrap();
    assert_eq!(listed, [long.clone(), short.clone()]);
    let after = Some((long.first_day, long.id.uuid()));
    assert_eq!(holidays::list(&mut conn, organization, all.clone(), after, 9).await.unwrap(), [short]);
    let days = holidays::days(&mut conn, organization, day(4)..day(6)).await.unwrap();
    assert_eq!(days.into_iter().collect::<Vec<_>>(), [(day(4), "Long".to_owned()), (day(5), "Long".to_owned())]);
    let foreign = ground.another("Another").await.organization;
    assert!(holidays::list(&mut conn, foreign, all, None, 9).await.unwrap().is_empty());
    assert!(matches!(holidays::delete(&mut conn, foreign, long.id).await, Err(StoreError::NotFound)));
    assert_eq!(holidays::delete(&mut conn, organization, long.id).await.unwrap(), long);
}

#[tokio::test]
async fn many_at_work_on_one_series_agree() {
    let ground = Ground::new().await;
    let organization = ground.organization;
    let course = course(&mut *ground.conn().await, organization, "A").await;
    let new = daily(organization, course);
    series::insert(&mut *ground.conn().await, &new).await.unwrap();
    let plan = async || {
        let mut conn = ground.conn().await;
        series::plan(&mut conn, organization, new.id, TWO_WEEKS, at(1)).await.expect("a plan")
    };
    let (a, b, c) = tokio::join!(plan(), plan(), plan());
    assert_eq!(a.made + b.made + c.made, 14);
    let all = made(&mut *ground.conn().await, &new).await;
    assert_eq!(all.len(), 14);

    // One is cancelled and one begun while the series is moved and its course changed.
    let cancel = async || sessions::cancel(&mut *ground.conn().await, organization, all[3].id).await.map(|_| ());
    let start = async || sessions::start(&mut *ground.conn().await, organization, all[5].id, at(2)).await.map(|_| ());
    let rename = async || {
        let change = store::courses::CourseChange { code: Some("B".to_owned()), ..Default::default() };
        let mut conn = ground.conn().await;
        store::transaction::run(&mut conn, async |tx| {
            store::courses::update(tx, organization, course, &change).await?;
            series::plan_course(tx, organization, course, TWO_WEEKS, at(1)).await
        })
        .await
    };
    let moved = Series { start_time: "17:00:00".parse().unwrap(), ..new.clone() };
    series::replace(&mut *ground.conn().await, &moved).await.unwrap();
    let (_, cancelled, _, started, renamed, _) = tokio::join!(plan(), cancel(), plan(), start(), rename(), plan());
    cancelled.unwrap();
    started.unwrap();
    renamed.unwrap();
    assert_eq!(plan().await, Planned::default(), "nothing is left to do");
    let left = made(&mut *ground.conn().await, &new).await;
    assert_eq!(left.len(), 13);
    assert!(left.iter().all(|session| session.id != all[3].id), "what was cancelled does not come back");
    assert_eq!(left.iter().filter(|session| session.state == SessionState::Active).count(), 1);

    let give_up = async || series::delete(&mut *ground.conn().await, organization, new.id, at(2)).await;
    let cancel = async || sessions::cancel(&mut *ground.conn().await, organization, left[8].id).await;
    let (given_up, cancelled) = tokio::join!(give_up(), cancel());
    let given_up = given_up.unwrap();
    match cancelled {
        Ok(_) => assert_eq!(given_up, 11),
        Err(StoreError::NotFound) => assert_eq!(given_up, 12),
        Err(error) => panic!("{error:?}"),
    }
    let filter = SessionFilter { course: Some(course), ..SessionFilter::default() };
    let kept = sessions::list(&mut *ground.conn().await, organization, &filter, None, 100).await.unwrap();
    assert_eq!(kept.iter().map(|session| session.id).collect::<Vec<_>>(), [all[5].id]);
}
