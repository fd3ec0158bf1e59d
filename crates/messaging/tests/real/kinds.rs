//! Class photos, looks and kept pictures go their own ways, by the rules of enrollments and frames.

use std::time::Duration;

use chrono::Utc;
use domain::id::Id;
use messaging::{Broker, ClassPhotoJob, LookHeader, QueueDepths};
use testkit::TestNamespace;
use tokio::time::timeout;
use uuid::Uuid;

use crate::queues::{LIMIT, header, job};
use crate::{broker, redis};

fn photo() -> ClassPhotoJob {
    ClassPhotoJob::new(Id::new(), Id::new())
}

fn look() -> LookHeader {
    LookHeader::new(Id::new(), Id::new(), Utc::now())
}

const NOTHING: QueueDepths = QueueDepths { frames: 0, enrollments: 0, dead: 0, photos: 0, photos_dead: 0, looks: 0 };

async fn wait_for(broker: &Broker, wanted: QueueDepths) -> anyhow::Result<()> {
    let wait = async {
        while broker.depths().await? != wanted {}
        Ok(())
    };
    timeout(LIMIT, wait).await?
}

#[tokio::test]
async fn each_kind_has_a_queue_of_its_own() -> anyhow::Result<()> {
    let namespace = TestNamespace::create()?;
    let broker = broker(&namespace, namespace.broker_url()).await?;
    let (sent_photo, sent_look, sent_frame, sent_job) = (photo(), look(), header(), job());
    broker.publish_class_photo(&sent_photo).await?;
    broker.publish_look(&sent_look, &b"looking"[..]).await?;
    broker.publish_frame(&sent_frame, &b"a frame"[..]).await?;
    broker.publish_enrollment(&sent_job).await?;
    wait_for(&broker, QueueDepths { frames: 1, enrollments: 1, photos: 1, looks: 1, ..NOTHING }).await?;

    let delivery = timeout(LIMIT, broker.consume_class_photos(1).next()).await?;
    assert_eq!((&delivery.payload, delivery.earlier_deliveries), (&sent_photo, 0));
    delivery.ack().await?;
    let delivery = timeout(LIMIT, broker.consume_looks(1).next()).await?;
    assert_eq!((&delivery.payload.header, &delivery.payload.jpeg[..]), (&sent_look, &b"looking"[..]));
    delivery.ack().await?;
    let delivery = timeout(LIMIT, broker.consume_frames(1).next()).await?;
    assert_eq!((&delivery.payload.header, &delivery.payload.jpeg[..]), (&sent_frame, &b"a frame"[..]));
    delivery.ack().await?;
    let delivery = timeout(LIMIT, broker.consume_enrollments(1).next()).await?;
    assert_eq!(delivery.payload, sent_job);
    delivery.ack().await?;
    wait_for(&broker, NOTHING).await
}

#[tokio::test]
async fn a_class_photo_is_tried_again_until_it_is_laid_aside_with_its_like() -> anyhow::Result<()> {
    let namespace = TestNamespace::create()?;
    let broker = broker(&namespace, namespace.broker_url()).await?;
    let sent = photo();
    broker.publish_class_photo(&sent).await?;
    let mut jobs = broker.consume_class_photos(1);
    for attempt in 0..=5 {
        let delivery = timeout(LIMIT, jobs.next()).await?;
        assert_eq!((&delivery.payload, delivery.earlier_deliveries), (&sent, attempt));
        delivery.retry().await?;
    }
    wait_for(&broker, QueueDepths { photos_dead: 1, ..NOTHING }).await?;
    let dead = timeout(LIMIT, broker.consume_dead_class_photos(1).next()).await?;
    assert_eq!(dead.payload, sent);
    Ok(())
}

#[tokio::test]
async fn what_a_newer_version_sends_is_laid_aside_or_dropped() -> anyhow::Result<()> {
    let namespace = TestNamespace::create()?;
    let broker = broker(&namespace, namespace.broker_url()).await?;
    let (sent_photo, sent_look) = (photo(), look());
    broker.publish_class_photo(&ClassPhotoJob { v: 2, ..photo() }).await?;
    broker.publish_class_photo(&sent_photo).await?;
    broker.publish_look(&LookHeader { v: 2, ..look() }, Vec::new()).await?;
    broker.publish_look(&sent_look, Vec::new()).await?;
    let delivery = timeout(LIMIT, broker.consume_class_photos(1).next()).await?;
    assert_eq!(delivery.payload, sent_photo);
    delivery.ack().await?;
    let delivery = timeout(LIMIT, broker.consume_looks(1).next()).await?;
    assert_eq!(delivery.payload.header, sent_look);
    delivery.ack().await?;
    wait_for(&broker, QueueDepths { photos_dead: 1, ..NOTHING }).await
}

#[tokio::test]
async fn too_many_looks_drop_the_oldest_and_no_frame() -> anyhow::Result<()> {
    let namespace = TestNamespace::create()?;
    let broker = broker(&namespace, namespace.broker_url()).await?;
    broker.publish_frame(&header(), Vec::new()).await?;
    let sent: Vec<LookHeader> = (0..5).map(|_| look()).collect();
    for header in &sent {
        broker.publish_look(header, Vec::new()).await?;
    }
    wait_for(&broker, QueueDepths { frames: 1, looks: 3, ..NOTHING }).await?;
    let mut looks = broker.consume_looks(5);
    for expected in &sent[2..] {
        let delivery = timeout(LIMIT, looks.next()).await?;
        assert_eq!(&delivery.payload.header, expected);
        delivery.ack().await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_picture_is_kept_under_its_id_for_its_time() -> anyhow::Result<()> {
    let (ours, theirs) = (TestNamespace::create()?, TestNamespace::create()?);
    let (redis, foreign) = (redis(&ours, ours.redis_url())?, redis(&theirs, theirs.redis_url())?);
    let (id, short) = (Uuid::now_v7(), Uuid::now_v7());
    assert_eq!(redis.picture(id).await?, None);
    let sealed: Vec<u8> = (0..=255).cycle().take(1_000_000).collect();
    redis.keep_picture(id, sealed.clone(), Duration::from_secs(600)).await?;
    assert_eq!(redis.picture(id).await?.as_ref(), Some(&sealed));
    assert_eq!(foreign.picture(id).await?, None, "another namespace has its own");
    redis.keep_picture(id, vec![0, 255], Duration::from_secs(600)).await?;
    assert_eq!(redis.picture(id).await?, Some(vec![0, 255]), "the newer takes its place");

    // Less than a second is a second; then it is gone.
    redis.keep_picture(short, vec![1], Duration::from_millis(1)).await?;
    let gone = async {
        while redis.picture(short).await?.is_some() {}
        anyhow::Ok(())
    };
    timeout(LIMIT, gone).await??;
    assert_eq!(redis.picture(id).await?, Some(vec![0, 255]));
    Ok(())
}
