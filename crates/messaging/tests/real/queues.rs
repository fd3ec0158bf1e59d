//! Frames and jobs through RabbitMQ.

use std::time::Duration;

use chrono::Utc;
use domain::frame::FrameHeader;
use domain::id::Id;
use messaging::{Broker, EnrollmentJob, FrameQueueSettings, MessagingError};
use testkit::TestNamespace;
use testkit::network::Proxy;
use tokio::time::timeout;

use crate::{broker, broker_with};

pub(crate) const LIMIT: Duration = Duration::from_secs(20);

pub(crate) fn header() -> FrameHeader {
    FrameHeader {
        frame_id: Id::new(),
        organization_id: Id::new(),
        session_id: Id::new(),
        course_id: Id::new(),
        camera_id: Some(Id::new()),
        received_at: Utc::now(),
    }
}

pub(crate) fn job() -> EnrollmentJob {
    EnrollmentJob::new(Id::new(), Id::new())
}

/// Asks for the depths until they are as wanted.
pub(crate) async fn wait_for_depths(broker: &Broker, frames: u32, enrollments: u32, dead: u32) -> anyhow::Result<()> {
    let wait = async {
        loop {
            let depths = broker.depths().await?;
            if (depths.frames, depths.enrollments, depths.dead) == (frames, enrollments, dead) {
                return Ok(());
            }
        }
    };
    timeout(LIMIT, wait).await?
}

#[tokio::test]
async fn a_frame_arrives_as_it_was_sent() -> anyhow::Result<()> {
    let namespace = TestNamespace::create()?;
    let broker = broker(&namespace, namespace.broker_url()).await?;
    let mut frames = broker.consume_frames(2);
    let sent = header();
    broker.publish_frame(&sent, &[0xFF, 0xD8, 0x00][..]).await?;
    let delivery = timeout(LIMIT, frames.next()).await?;
    assert_eq!(delivery.payload.header, sent);
    assert_eq!(delivery.payload.jpeg[..], [0xFF, 0xD8, 0x00]);
    assert_eq!(delivery.earlier_deliveries, 0);
    delivery.ack().await?;
    frames.stop().await?;
    wait_for_depths(&broker, 0, 0, 0).await
}

#[tokio::test]
async fn too_many_frames_drop_the_oldest() -> anyhow::Result<()> {
    let namespace = TestNamespace::create()?;
    let broker = broker(&namespace, namespace.broker_url()).await?;
    let sent: Vec<FrameHeader> = (0..5).map(|_| header()).collect();
    for frame in &sent {
        broker.publish_frame(frame, Vec::new()).await?;
    }
    wait_for_depths(&broker, 3, 0, 0).await?;
    let mut frames = broker.consume_frames(10);
    for expected in &sent[2..] {
        let delivery = timeout(LIMIT, frames.next()).await?;
        assert_eq!(&delivery.payload.header, expected);
        delivery.ack().await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_frame_that_waits_too_long_is_gone() -> anyhow::Result<()> {
    let namespace = TestNamespace::create()?;
    let hasty = FrameQueueSettings { ttl_ms: 1, max_length: 3 };
    let broker = broker_with(&namespace, namespace.broker_url(), hasty).await?;
    broker.publish_frame(&header(), Vec::new()).await?;
    wait_for_depths(&broker, 0, 0, 0).await
}

#[tokio::test]
async fn a_job_is_tried_again_until_it_is_laid_aside() -> anyhow::Result<()> {
    let namespace = TestNamespace::create()?;
    let broker = broker(&namespace, namespace.broker_url()).await?;
    let mut jobs = broker.consume_enrollments(1);
    let sent = job();
    broker.publish_enrollment(&sent).await?;
    for attempt in 0..=5 {
        let delivery = timeout(LIMIT, jobs.next()).await?;
        assert_eq!((&delivery.payload, delivery.earlier_deliveries), (&sent, attempt));
        delivery.retry().await?;
    }
    wait_for_depths(&broker, 0, 0, 1).await?;
    let dead = timeout(LIMIT, broker.consume_dead_enrollments(1).next()).await?;
    assert_eq!(dead.payload, sent);
    Ok(())
}

#[tokio::test]
async fn a_job_that_cannot_be_done_is_laid_aside_at_once() -> anyhow::Result<()> {
    let namespace = TestNamespace::create()?;
    let broker = broker(&namespace, namespace.broker_url()).await?;
    let mut jobs = broker.consume_enrollments(1);
    broker.publish_enrollment(&job()).await?;
    timeout(LIMIT, jobs.next()).await?.dead_letter().await?;
    wait_for_depths(&broker, 0, 0, 1).await
}

#[tokio::test]
async fn a_message_that_is_not_ours_is_laid_aside_and_the_next_one_comes() -> anyhow::Result<()> {
    let namespace = TestNamespace::create()?;
    let broker = broker(&namespace, namespace.broker_url()).await?;
    let from_the_future = EnrollmentJob { v: 99, ..job() };
    let sent = job();
    broker.publish_enrollment(&from_the_future).await?;
    broker.publish_enrollment(&sent).await?;
    let mut jobs = broker.consume_enrollments(1);
    let delivery = timeout(LIMIT, jobs.next()).await?;
    assert_eq!(delivery.payload, sent);
    delivery.ack().await?;
    wait_for_depths(&broker, 0, 0, 1).await
}

#[tokio::test]
async fn a_consumer_that_stops_returns_what_nobody_was_given() -> anyhow::Result<()> {
    let namespace = TestNamespace::create()?;
    let broker = broker(&namespace, namespace.broker_url()).await?;
    for _ in 0..3 {
        broker.publish_enrollment(&job()).await?;
    }
    let mut jobs = broker.consume_enrollments(3);
    let held = timeout(LIMIT, jobs.next()).await?;
    jobs.stop().await?;
    wait_for_depths(&broker, 0, 2, 0).await?;
    held.ack().await?;
    wait_for_depths(&broker, 0, 2, 0).await
}

#[tokio::test]
async fn what_a_lost_consumer_held_comes_again() -> anyhow::Result<()> {
    let namespace = TestNamespace::create()?;
    let broker = broker(&namespace, namespace.broker_url()).await?;
    broker.publish_enrollment(&job()).await?;
    let mut lost = broker.consume_enrollments(1);
    let held = timeout(LIMIT, lost.next()).await?;
    drop((lost, held));
    let again = timeout(LIMIT, broker.consume_enrollments(1).next()).await?;
    assert_eq!(again.earlier_deliveries, 1);
    Ok(())
}

#[tokio::test]
async fn a_consumer_that_is_dropped_returns_what_nobody_was_given() -> anyhow::Result<()> {
    let namespace = TestNamespace::create()?;
    let broker = broker(&namespace, namespace.broker_url()).await?;
    for _ in 0..3 {
        broker.publish_enrollment(&job()).await?;
    }
    let mut jobs = broker.consume_enrollments(3);
    let held = timeout(LIMIT, jobs.next()).await?;
    drop(jobs);
    wait_for_depths(&broker, 0, 2, 0).await?;
    held.ack().await?;
    wait_for_depths(&broker, 0, 2, 0).await
}

#[tokio::test]
async fn a_delivery_that_is_dropped_comes_again() -> anyhow::Result<()> {
    let namespace = TestNamespace::create()?;
    let broker = broker(&namespace, namespace.broker_url()).await?;
    let (sent, mut jobs) = (job(), broker.consume_enrollments(1));
    broker.publish_enrollment(&sent).await?;
    drop(timeout(LIMIT, jobs.next()).await?);
    let (payload, receipt) = timeout(LIMIT, jobs.next()).await?.split();
    assert_eq!((payload, receipt.earlier_deliveries), (sent, 1));
    receipt.ack().await?;
    wait_for_depths(&broker, 0, 0, 0).await
}

#[tokio::test]
async fn no_more_than_the_prefetch_is_taken() -> anyhow::Result<()> {
    let namespace = TestNamespace::create()?;
    let broker = broker(&namespace, namespace.broker_url()).await?;
    for _ in 0..3 {
        broker.publish_enrollment(&job()).await?;
    }
    let mut jobs = broker.consume_enrollments(2);
    let (_first, second) = (timeout(LIMIT, jobs.next()).await?, timeout(LIMIT, jobs.next()).await?);
    wait_for_depths(&broker, 0, 1, 0).await?;
    assert!(timeout(Duration::from_millis(50), jobs.next()).await.is_err());
    second.ack().await?;
    timeout(LIMIT, jobs.next()).await?.ack().await?;
    Ok(())
}

#[tokio::test]
async fn a_caller_that_keeps_giving_up_is_served_all_the_same() -> anyhow::Result<()> {
    let namespace = TestNamespace::create()?;
    let broker = broker(&namespace, namespace.broker_url()).await?;
    let mut jobs = broker.consume_enrollments(1);
    let sent = job();
    broker.publish_enrollment(&sent).await?;
    let impatient = async {
        loop {
            if let Ok(delivery) = timeout(Duration::from_micros(200), jobs.next()).await {
                return delivery;
            }
        }
    };
    assert_eq!(timeout(LIMIT, impatient).await?.payload, sent);
    Ok(())
}

#[tokio::test]
async fn a_cut_connection_is_made_again_for_publishers_and_consumers() -> anyhow::Result<()> {
    let namespace = TestNamespace::create()?;
    let (proxy, url) = Proxy::in_front_of(namespace.broker_url()).await?;
    let broker = broker(&namespace, &url).await?;
    let mut jobs = broker.consume_enrollments(1);
    broker.publish_enrollment(&job()).await?;
    let held = timeout(LIMIT, jobs.next()).await?;

    proxy.cut();
    let refused = broker.publish_enrollment(&job()).await;
    assert!(matches!(refused, Err(MessagingError::Unavailable { .. })), "{refused:?}");
    assert!(!broker.is_ready());
    proxy.heal();

    broker.wait_until_ready(LIMIT).await?;
    let again = timeout(LIMIT, jobs.next()).await?;
    assert_eq!(again.payload, held.payload, "the broker delivers what was not settled again");
    assert!(held.ack().await.is_err(), "a receipt of the lost connection settles nothing");
    again.ack().await?;
    let sent = job();
    broker.publish_enrollment(&sent).await?;
    assert_eq!(timeout(LIMIT, jobs.next()).await?.payload, sent);
    Ok(())
}

#[tokio::test]
async fn namespaces_do_not_meet() -> anyhow::Result<()> {
    let (ours, theirs) = (TestNamespace::create()?, TestNamespace::create()?);
    let (ours_broker, theirs_broker) =
        (broker(&ours, ours.broker_url()).await?, broker(&theirs, theirs.broker_url()).await?);
    ours_broker.publish_enrollment(&job()).await?;
    wait_for_depths(&ours_broker, 0, 1, 0).await?;
    wait_for_depths(&theirs_broker, 0, 0, 0).await
}

#[tokio::test]
async fn an_address_that_is_none_is_refused_without_being_shown() {
    let namespace = TestNamespace::create().expect("the servers are known");
    for url in ["", "127.0.0.1:5672", "http://user:secret@host", "amqps://user:secret@host"] {
        let error = broker(&namespace, url).await.err().expect("refused").to_string();
        assert!(error.contains("broker.url") && !error.contains("secret"), "{error}");
    }
}

#[tokio::test]
async fn settings_that_cannot_work_are_refused() -> anyhow::Result<()> {
    let namespace = TestNamespace::create()?;
    for frames in [FrameQueueSettings { ttl_ms: 0, max_length: 1 }, FrameQueueSettings { ttl_ms: 1, max_length: 0 }] {
        let error = broker_with(&namespace, namespace.broker_url(), frames).await.err().expect("refused");
        assert!(error.to_string().contains("frames."), "{error}");
    }
    Ok(())
}
