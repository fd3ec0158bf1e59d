//! The process as a whole.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use messaging::{Broker, Namespace};
use scheduler::{Application, SchedulerError};
use testkit::TestDatabase;
use tokio_util::sync::CancellationToken;

use crate::fixtures::Ground;

const LIMIT: Duration = Duration::from_secs(60);

/// The status and body of `path`, once the status is `wanted`.
async fn eventually(port: u16, path: &str, wanted: u16) -> String {
    let mut looks = tokio::time::interval(Duration::from_millis(50));
    let waiting = async {
        loop {
            looks.tick().await;
            let Ok(answer) = reqwest::get(format!("http://127.0.0.1:{port}{path}")).await else { continue };
            if answer.status() == wanted {
                return answer.text().await.unwrap();
            }
        }
    };
    tokio::time::timeout(LIMIT, waiting).await.expect("the wanted status")
}

#[tokio::test]
async fn a_scheduler_becomes_ready_sweeps_and_stops() {
    let mut ground = Ground::new().await;
    ground.settings.schedule.sweep_seconds = 1;
    let organization = ground.organization("School").await;
    let person = ground.person(organization).await;
    let stuck = ground.enrollment(organization, person, Utc::now() - TimeDelta::hours(1)).await;

    let application = Application::build(&ground.settings).await.unwrap();
    let (port, stop) = (application.port(), CancellationToken::new());
    let running = tokio::spawn(application.run_until_stopped(stop.clone()));
    let ready = eventually(port, "/readyz", 200).await;
    assert_eq!(ready, r#"{"status":"ready","checks":{"broker":"ok","database":"ok"}}"#);

    let namespace = Namespace::new(&ground.settings.deployment.namespace);
    let broker = Broker::connect(&ground.settings.broker, &namespace, ground.settings.frames.clone()).await.unwrap();
    let mut consumer = broker.consume_enrollments(1);
    let delivery = tokio::time::timeout(LIMIT, consumer.next()).await.expect("the sweep publishes it");
    assert_eq!(delivery.payload.enrollment_id, stuck);
    delivery.ack().await.unwrap();

    stop.cancel();
    tokio::time::timeout(LIMIT, running).await.expect("it stops").unwrap().unwrap();
}

#[tokio::test]
async fn a_database_without_tables_is_not_ready() {
    let mut ground = Ground::new().await;
    let empty = TestDatabase::empty().await.unwrap();
    ground.settings.database.url = empty.url().into();
    let application = Application::build(&ground.settings).await.unwrap();
    let (port, stop) = (application.port(), CancellationToken::new());
    let running = tokio::spawn(application.run_until_stopped(stop.clone()));
    let answer = eventually(port, "/readyz", 503).await;
    assert!(answer.contains("not migrated: run `rollcall migrate`"), "{answer}");
    stop.cancel();
    tokio::time::timeout(LIMIT, running).await.expect("it stops").unwrap().unwrap();
}

#[tokio::test]
async fn settings_that_cannot_be_refuse_to_start() {
    let mut ground = Ground::new().await;
    ground.settings.schedule.nightly_index = "nightly".to_owned();
    let refused = Application::build(&ground.settings).await.err().unwrap();
    assert!(matches!(refused, SchedulerError::Settings(_)), "{refused:?}");
}
