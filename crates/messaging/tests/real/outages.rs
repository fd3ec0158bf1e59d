//! What RabbitMQ's absences and other people's interventions do to us.

use bytes::Bytes;
use domain::frame::FrameHeader;
use lapin::options::{QueueDeclareOptions, QueueDeleteOptions};
use lapin::types::FieldTable;
use lapin::{Channel, Connection, ConnectionProperties};
use messaging::{FrameQueueSettings, MessagingError};
use testkit::TestNamespace;
use testkit::network::Proxy;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::queues::{LIMIT, header, job, wait_for_depths};
use crate::{FRAMES, broker, broker_with};

/// Somebody else on the same server.
async fn stranger(namespace: &TestNamespace) -> anyhow::Result<(Connection, Channel)> {
    let connection = Connection::connect(namespace.broker_url(), ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    Ok((connection, channel))
}

fn check_unavailable(result: &Result<(), MessagingError>) {
    assert!(matches!(result, Err(MessagingError::Unavailable { .. })), "{result:?}");
}

#[tokio::test]
async fn frames_flow_again_after_a_cut() -> anyhow::Result<()> {
    let namespace = TestNamespace::create()?;
    let (proxy, url) = Proxy::in_front_of(namespace.broker_url()).await?;
    let broker = broker(&namespace, &url).await?;
    let mut frames = broker.consume_frames(4);
    let frame = Bytes::from(vec![1; 100_000]);
    for _ in 0..3 {
        let sent = header();
        broker.publish_frame(&sent, frame.clone()).await?;
        // A receipt may be lost with the connection; then the frame before comes once more.
        let arrives = async {
            loop {
                let delivery = frames.next().await;
                assert_eq!(delivery.payload.jpeg, frame);
                let is_sought = delivery.payload.header == sent;
                delivery.ack().await?;
                if is_sought {
                    return anyhow::Ok(());
                }
            }
        };
        timeout(LIMIT, arrives).await??;
        proxy.cut();
        // What is sent before the cut is noticed is lost, as frames may be.
        let refused = async { while broker.publish_frame(&sent, frame.clone()).await.is_ok() {} };
        timeout(LIMIT, refused).await?;
        proxy.heal();
        broker.wait_until_ready(LIMIT).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_broker_that_comes_late_is_waited_for() -> anyhow::Result<()> {
    let namespace = TestNamespace::create()?;
    let (proxy, url) = Proxy::in_front_of(namespace.broker_url()).await?;
    proxy.cut();
    let broker = broker(&namespace, &url).await?;
    let mut jobs = broker.consume_enrollments(1);
    check_unavailable(&broker.publish_frame(&header(), Vec::new()).await);
    assert!(!broker.is_ready());
    proxy.heal();
    let sent = job();
    broker.publish_enrollment(&sent).await?;
    assert_eq!(timeout(LIMIT, jobs.next()).await?.payload, sent);
    assert!(broker.is_ready());
    Ok(())
}

#[tokio::test]
async fn a_silent_network_costs_a_publisher_no_more_than_its_limit() -> anyhow::Result<()> {
    let namespace = TestNamespace::create()?;
    let (proxy, url) = Proxy::in_front_of(namespace.broker_url()).await?;
    let broker = broker(&namespace, &url).await?;
    broker.wait_until_ready(LIMIT).await?;
    proxy.freeze();
    // More than the network holds by itself: the rest waits here, is given up, and is never sent.
    let frame = Bytes::from(vec![0; 5_000_000]);
    let headers: Vec<FrameHeader> = (0..40).map(|_| header()).collect();
    let frames = headers.iter().map(|header| broker.publish_frame(header, frame.clone()));
    let frames = timeout(LIMIT, futures_util::future::join_all(frames)).await?;
    assert!(frames.iter().filter(|sent| sent.is_err()).count() > 30);
    check_unavailable(&timeout(LIMIT, broker.publish_enrollment(&job())).await?);
    proxy.heal();
    broker.wait_until_ready(LIMIT).await?;
    timeout(LIMIT, broker.publish_enrollment(&job())).await??;
    Ok(())
}

#[tokio::test]
async fn a_handshake_that_is_never_answered_is_given_up_with_its_socket() -> anyhow::Result<()> {
    let namespace = TestNamespace::create()?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let broker = broker(&namespace, &format!("amqp://guest:guest@{}", listener.local_addr()?)).await?;
    let (mut silent, _) = timeout(LIMIT, listener.accept()).await??;
    let mut heard = Vec::new();
    timeout(LIMIT, silent.read_to_end(&mut heard)).await??;
    assert!(heard.starts_with(b"AMQP"));
    // And tries again.
    let (mut silent, _) = timeout(LIMIT, listener.accept()).await??;
    drop(broker);
    timeout(LIMIT, silent.read_to_end(&mut heard)).await??;
    Ok(())
}

/// Deletes the queue of enrollments, whatever is in it.
async fn delete_queue(namespace: &TestNamespace) -> anyhow::Result<()> {
    let (_connection, channel) = stranger(namespace).await?;
    let queue = format!("{}.enrollments", namespace.name());
    channel.queue_delete(queue.into(), QueueDeleteOptions::default()).await?;
    Ok(())
}

#[tokio::test]
async fn a_deleted_queue_is_declared_again_by_its_consumer() -> anyhow::Result<()> {
    let namespace = TestNamespace::create()?;
    let broker = broker(&namespace, namespace.broker_url()).await?;
    let mut jobs = broker.consume_enrollments(1);
    broker.publish_enrollment(&job()).await?;
    timeout(LIMIT, jobs.next()).await?.ack().await?;
    delete_queue(&namespace).await?;
    let sent = job();
    let published = async { while broker.publish_enrollment(&sent).await.is_err() {} };
    let (delivery, published) = tokio::join!(timeout(LIMIT, jobs.next()), timeout(LIMIT, published));
    published?;
    assert_eq!(delivery?.payload, sent);
    Ok(())
}

#[tokio::test]
async fn a_deleted_queue_is_declared_again_by_its_publisher() -> anyhow::Result<()> {
    let namespace = TestNamespace::create()?;
    let broker = broker(&namespace, namespace.broker_url()).await?;
    broker.wait_until_ready(LIMIT).await?;
    delete_queue(&namespace).await?;
    check_unavailable(&broker.publish_enrollment(&job()).await);
    broker.wait_until_ready(LIMIT).await?;
    broker.publish_enrollment(&job()).await?;
    wait_for_depths(&broker, 0, 1, 0).await
}

#[tokio::test]
async fn a_queue_with_other_settings_is_used_as_it_is() -> anyhow::Result<()> {
    let namespace = TestNamespace::create()?;
    let (_connection, channel) = stranger(&namespace).await?;
    let queue = format!("{}.frames", namespace.name());
    channel.queue_declare(queue.as_str().into(), QueueDeclareOptions::durable(), FieldTable::default()).await?;
    let broker =
        broker_with(&namespace, namespace.broker_url(), FrameQueueSettings { max_length: 1, ..FRAMES }).await?;
    let mut frames = broker.consume_frames(2);
    for _ in 0..2 {
        broker.publish_frame(&header(), Vec::new()).await?;
    }
    let (first, second) = (timeout(LIMIT, frames.next()).await?, timeout(LIMIT, frames.next()).await?);
    first.ack().await?;
    second.ack().await?;
    Ok(())
}

#[tokio::test]
async fn a_closed_broker_has_settled_what_was_settled_and_returned_the_rest() -> anyhow::Result<()> {
    let namespace = TestNamespace::create()?;
    let (ours, other) =
        (broker(&namespace, namespace.broker_url()).await?, broker(&namespace, namespace.broker_url()).await?);
    for _ in 0..3 {
        ours.publish_enrollment(&job()).await?;
    }
    let mut jobs = ours.consume_enrollments(2);
    timeout(LIMIT, jobs.next()).await?.ack().await?;
    let held = timeout(LIMIT, jobs.next()).await?;
    ours.close().await;
    assert!(held.ack().await.is_err());
    assert!(!ours.is_ready());
    check_unavailable(&ours.publish_enrollment(&job()).await);
    wait_for_depths(&other, 0, 2, 0).await
}
