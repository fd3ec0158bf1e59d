//! What is too old goes, and the audit log says so.

use std::time::Duration;

use chrono::TimeDelta;
use domain::audit::{AuditAction, AuditActor};
use domain::id::OrganizationId;
use domain::organization::Retention as Days;
use scheduler::retention::Retention;
use store::audit::{self, AuditFilter};
use store::retention::Expired;
use tokio_util::sync::CancellationToken;

use crate::fixtures::{Ground, night};

fn retention(ground: &Ground) -> Retention {
    Retention { pool: store::connect(&ground.settings.database).unwrap(), every: Duration::from_secs(1) }
}

/// An organization that keeps attendance for so many days, with one session that was closed on day 1.
async fn with_session(ground: &Ground, name: &str, attendance_days: Option<u32>) -> OrganizationId {
    let organization = ground.organization(name).await;
    let days = Days { attendance_days, ..Days::default() };
    ground.keep(organization, days).await;
    let session = ground.active_session(organization).await;
    store::sessions::close(&mut *ground.conn().await, organization, session, night(1)).await.unwrap();
    organization
}

#[tokio::test]
async fn organizations_keep_what_they_want_to_and_the_log_says_what_went() {
    let ground = Ground::new().await;
    let short = with_session(&ground, "Short", Some(10)).await;
    let long = with_session(&ground, "Long", Some(20)).await;
    let forever = with_session(&ground, "Forever", None).await;
    let (retention, go_on) = (retention(&ground), CancellationToken::new());
    let one = Expired { sessions: 1, ..Expired::default() };
    assert_eq!(retention.apply(night(10), &go_on).await.unwrap(), Expired::default());
    assert_eq!(retention.apply(night(12), &go_on).await.unwrap(), one);
    assert_eq!(retention.apply(night(12), &go_on).await.unwrap(), Expired::default());
    assert_eq!(retention.apply(night(9999), &go_on).await.unwrap(), one);

    let mut conn = ground.conn().await;
    let filter = AuditFilter { action: Some(AuditAction::RetentionApplied), ..AuditFilter::default() };
    for (organization, at) in [(short, Some(night(12))), (long, Some(night(9999))), (forever, None)] {
        let found = audit::search(&mut conn, Some(organization), &filter, None, 9).await.unwrap();
        assert_eq!(found.first().map(|entry| entry.at), at);
        assert!(found.iter().all(|entry| entry.actor == AuditActor::Scheduler), "{found:?}");
        let details = r#"{"class_photos":0,"enrollment_photos":0,"sessions":1,"sightings":0}"#;
        assert!(found.iter().all(|entry| entry.details == details), "{found:?}");
        assert!(audit::verify(&mut conn, Some(organization), &[]).await.unwrap().is_whole());
    }
}

#[tokio::test]
async fn two_schedulers_count_everything_once() {
    let ground = Ground::new().await;
    let organization = with_session(&ground, "School", Some(1)).await;
    for _ in 0..40 {
        let session = ground.active_session(organization).await;
        store::sessions::close(&mut *ground.conn().await, organization, session, night(1)).await.unwrap();
    }
    let (one, two, go_on) = (retention(&ground), retention(&ground), CancellationToken::new());
    let now = night(3) + TimeDelta::hours(1);
    let (mut all, other) = tokio::try_join!(one.apply(now, &go_on), two.apply(now, &go_on)).unwrap();
    all += other;
    // Whoever is at work on a row keeps it from the other, and takes it.
    assert_eq!(all.sessions, 41);
}

#[tokio::test]
async fn the_signal_to_stop_is_heard() {
    let ground = Ground::new().await;
    with_session(&ground, "School", Some(1)).await;
    let stop = CancellationToken::new();
    stop.cancel();
    assert!(retention(&ground).apply(night(9), &stop).await.unwrap().is_nothing());
    let running = tokio::time::timeout(Duration::from_secs(10), retention(&ground).run(stop)).await;
    running.expect("it stops").unwrap();
}
