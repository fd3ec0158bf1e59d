//! Enrollments that nobody is at work on.

use std::time::Duration;

use chrono::TimeDelta;
use messaging::{Broker, EnrollmentJob, Namespace};
use scheduler::sweep::{Sweep, Swept};

use crate::fixtures::{Ground, night};

const LIMIT: Duration = Duration::from_secs(30);

async fn broker(ground: &Ground) -> Broker {
    let namespace = Namespace::new(&ground.settings.deployment.namespace);
    let broker = Broker::connect(&ground.settings.broker, &namespace, ground.settings.frames.clone()).await.unwrap();
    broker.wait_until_ready(LIMIT).await.unwrap();
    broker
}

fn sweep(ground: &Ground, broker: &Broker) -> Sweep {
    let (pool, broker) = (store::connect(&ground.settings.database).unwrap(), broker.clone());
    let sealer = ground.sealer.clone();
    Sweep { pool, sealer, broker, every: Duration::from_secs(1), stuck_after: TimeDelta::minutes(5) }
}

#[tokio::test]
async fn exactly_the_stuck_ones_are_published_again() {
    let ground = Ground::new().await;
    let (one, other) = (ground.organization("One").await, ground.organization("Other").await);
    let now = night(0);
    let (long_ago, just_now) = (now - TimeDelta::minutes(6), now - TimeDelta::minutes(4));
    let (somebody, another) = (ground.person(one).await, ground.person(other).await);
    let stuck = [
        (one, ground.enrollment(one, somebody, long_ago).await),
        (other, ground.enrollment(other, another, long_ago).await),
    ];
    ground.enrollment(one, somebody, just_now).await;
    let finished = ground.enrollment(one, somebody, long_ago).await;
    ground.accept(one, finished, 0.0).await;

    let broker = broker(&ground).await;
    let sweep = sweep(&ground, &broker);
    assert_eq!(sweep.sweep(now).await.unwrap(), Swept { enrollments: 2, ..Swept::default() });
    assert_eq!(sweep.sweep(now).await.unwrap(), Swept::default(), "they count as published now");
    let mut consumer = broker.consume_enrollments(10);
    let mut published = Vec::new();
    for _ in 0..2 {
        let delivery = tokio::time::timeout(LIMIT, consumer.next()).await.expect("a job");
        published.push(delivery.payload.clone());
        delivery.ack().await.unwrap();
    }
    published.sort_by_key(|job| job.enrollment_id);
    assert_eq!(published, stuck.map(|(organization, enrollment)| EnrollmentJob::new(organization, enrollment)));
    assert_eq!(broker.depths().await.unwrap().enrollments, 0);
    assert_eq!(sweep.sweep(now + TimeDelta::minutes(6)).await.unwrap().enrollments, 3, "until they are finished");
}

#[tokio::test]
async fn two_sweeps_at_once_share_them_out() {
    let ground = Ground::new().await;
    let organization = ground.organization("School").await;
    let person = ground.person(organization).await;
    let now = night(0);
    for _ in 0..120 {
        ground.enrollment(organization, person, now - TimeDelta::minutes(6)).await;
    }
    let broker = broker(&ground).await;
    let (one, two) = (sweep(&ground, &broker), sweep(&ground, &broker));
    let (first, second) = tokio::join!(one.sweep(now), two.sweep(now));
    assert_eq!(first.unwrap().enrollments + second.unwrap().enrollments, 120);
    assert_eq!(broker.depths().await.unwrap().enrollments, 120);
}
