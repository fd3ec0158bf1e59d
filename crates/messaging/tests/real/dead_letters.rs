//! Dead letters: looked at, sent again and thrown away without losing one.

use lapin::options::BasicPublishOptions;
use lapin::{BasicProperties, Connection, ConnectionProperties};
use messaging::{Broker, ClassPhotoJob, DeadJob, DeadLetter, EnrollmentJob, JobQueue, MessagingError};
use testkit::TestNamespace;
use testkit::network::Proxy;
use tokio::time::timeout;

use crate::broker;
use crate::queues::{LIMIT, job, wait_for_depths};

const ALL: usize = 100;

/// Enrollments that a worker could not carry out, in their order.
async fn dead_jobs(broker: &Broker, count: u32) -> anyhow::Result<Vec<EnrollmentJob>> {
    let mut worker = broker.consume_enrollments(1);
    let mut dead = Vec::new();
    for _ in 0..count {
        let sent = job();
        broker.publish_enrollment(&sent).await?;
        timeout(LIMIT, worker.next()).await?.dead_letter().await?;
        dead.push(sent);
    }
    worker.stop().await?;
    wait_for_depths(broker, 0, 0, count).await?;
    Ok(dead)
}

async fn seen(broker: &Broker) -> anyhow::Result<Vec<DeadLetter>> {
    let held = broker.hold_dead_letters(JobQueue::Enrollments, ALL).await?;
    let letters = held.letters().cloned().collect();
    held.give_back().await?;
    Ok(letters)
}

fn jobs(letters: &[DeadLetter]) -> Vec<EnrollmentJob> {
    let enrollment = |letter: &DeadLetter| match &letter.job {
        Some(DeadJob::Enrollment(job)) => job.clone(),
        other => panic!("no enrollment but {other:?}"),
    };
    letters.iter().map(enrollment).collect()
}

#[tokio::test]
async fn looking_leaves_all_where_it_was() -> anyhow::Result<()> {
    let namespace = TestNamespace::create()?;
    let broker = broker(&namespace, namespace.broker_url()).await?;
    let dead = dead_jobs(&broker, 5).await?;
    let first = seen(&broker).await?;
    assert_eq!(jobs(&first), dead);
    let letter = &first[0];
    assert_eq!(letter.reason.as_deref(), Some("rejected"));
    assert_eq!(letter.content_type.as_deref(), Some("application/json"));
    assert_eq!(letter.bytes, serde_json::to_vec(&dead[0])?.len());
    let age = chrono::Utc::now() - letter.died_at.expect("a time");
    assert!((-2..60).contains(&age.num_seconds()), "{age}");
    // However often, whoever looks: the same letters with the same ids in the same order.
    for _ in 0..5 {
        assert_eq!(seen(&broker).await?, first);
    }
    let some = broker.hold_dead_letters(JobQueue::Enrollments, 2).await?;
    assert_eq!(some.letters().collect::<Vec<_>>(), [&first[0], &first[1]]);
    some.give_back().await?;
    wait_for_depths(&broker, 0, 0, 5).await
}

#[tokio::test]
async fn what_is_held_is_seen_by_nobody_else_and_returns_when_it_is_dropped_or_lost() -> anyhow::Result<()> {
    let namespace = TestNamespace::create()?;
    let (proxy, url) = Proxy::in_front_of(namespace.broker_url()).await?;
    let (ours, theirs) = (broker(&namespace, namespace.broker_url()).await?, broker(&namespace, &url).await?);
    let dead = dead_jobs(&ours, 3).await?;
    let held = ours.hold_dead_letters(JobQueue::Enrollments, 2).await?;
    assert_eq!(jobs(&seen(&theirs).await?), dead[2..]);
    drop(held);
    wait_for_depths(&ours, 0, 0, 3).await?;
    assert_eq!(seen(&ours).await?.len(), 3);
    // A gateway that dies while it looks.
    let held = theirs.hold_dead_letters(JobQueue::Enrollments, ALL).await?;
    assert_eq!(held.letters().count(), 3);
    proxy.cut();
    wait_for_depths(&ours, 0, 0, 3).await?;
    let refused = held.give_back().await;
    assert!(matches!(refused, Err(MessagingError::Unavailable { .. })), "{refused:?}");
    let refused = theirs.hold_dead_letters(JobQueue::Enrollments, ALL).await.err();
    assert!(matches!(refused, Some(MessagingError::Unavailable { .. })), "{refused:?}");
    Ok(())
}

#[tokio::test]
async fn a_letter_that_is_sent_again_is_dead_until_it_is_removed() -> anyhow::Result<()> {
    let namespace = TestNamespace::create()?;
    let (proxy, url) = Proxy::in_front_of(namespace.broker_url()).await?;
    let (ours, theirs) = (broker(&namespace, namespace.broker_url()).await?, broker(&namespace, &url).await?);
    let dead = dead_jobs(&ours, 3).await?;
    let wanted = seen(&ours).await?[1].id.clone();
    let held = theirs.hold_dead_letters(JobQueue::Enrollments, ALL).await?;
    let kept = held.keep(|letter| letter.id == wanted).await?.expect("the letter");
    // The others are back before it is dealt with.
    assert_eq!(jobs(&seen(&ours).await?), [dead[0].clone(), dead[2].clone()]);
    kept.send_again().await?;
    proxy.cut();
    // It died between the two steps: the job is sent, and the letter is there too.
    wait_for_depths(&ours, 0, 1, 3).await?;
    assert!(kept.remove().await.is_err());

    let held = ours.hold_dead_letters(JobQueue::Enrollments, ALL).await?;
    let kept = held.keep(|letter| letter.id == wanted).await?.expect("the same letter");
    kept.send_again().await?;
    kept.remove().await?;
    wait_for_depths(&ours, 0, 2, 2).await?;
    let mut worker = ours.consume_enrollments(2);
    for _ in 0..2 {
        let delivery = timeout(LIMIT, worker.next()).await?;
        assert_eq!(
            (&delivery.payload, delivery.earlier_deliveries),
            (&dead[1], 0),
            "a new message, with all its tries"
        );
        delivery.ack().await?;
    }
    assert_eq!(seen(&ours).await?.len(), 2);
    Ok(())
}

#[tokio::test]
async fn a_letter_that_is_removed_is_gone_and_no_other_one() -> anyhow::Result<()> {
    let namespace = TestNamespace::create()?;
    let broker = broker(&namespace, namespace.broker_url()).await?;
    let dead = dead_jobs(&broker, 3).await?;
    let wanted = seen(&broker).await?[1].id.clone();
    let held = broker.hold_dead_letters(JobQueue::Enrollments, ALL).await?;
    held.keep(|letter| letter.id == wanted).await?.expect("the letter").remove().await?;
    wait_for_depths(&broker, 0, 0, 2).await?;
    assert_eq!(jobs(&seen(&broker).await?), [dead[0].clone(), dead[2].clone()]);
    let held = broker.hold_dead_letters(JobQueue::Enrollments, ALL).await?;
    assert!(held.keep(|letter| letter.id == wanted).await?.is_none());
    assert_eq!(seen(&broker).await?.len(), 2);
    Ok(())
}

#[tokio::test]
async fn what_is_not_ours_is_shown_without_what_it_says_and_sent_again_as_it_was() -> anyhow::Result<()> {
    let namespace = TestNamespace::create()?;
    let broker = broker(&namespace, namespace.broker_url()).await?;
    broker.wait_until_ready(LIMIT).await?;
    let stranger = Connection::connect(namespace.broker_url(), ConnectionProperties::default()).await?;
    let channel = stranger.create_channel().await?;
    let queue = format!("{}.photos.dead", namespace.name());
    let (options, properties) = (BasicPublishOptions::default(), BasicProperties::default());
    channel.basic_publish("".into(), queue.into(), options, &[0xFF, 0xD8, 7], properties).await?.await?;
    let held = loop {
        let held = broker.hold_dead_letters(JobQueue::Photos, ALL).await?;
        if held.letters().count() == 1 {
            break held;
        }
    };
    let letter = held.letters().next().expect("one").clone();
    assert_eq!(
        (letter.bytes, letter.job, letter.died_at, letter.reason, letter.content_type),
        (3, None, None, None, None)
    );
    let kept = held.keep(|_| true).await?.expect("the letter");
    kept.send_again().await?;
    kept.remove().await?;
    // Workers lay it aside again, with the history that it has now.
    let sent = ClassPhotoJob::new(domain::id::Id::new(), domain::id::Id::new());
    broker.publish_class_photo(&sent).await?;
    assert_eq!(timeout(LIMIT, broker.consume_class_photos(2).next()).await?.payload, sent);
    let again = loop {
        let held = broker.hold_dead_letters(JobQueue::Photos, ALL).await?;
        let letter = held.letters().next().cloned();
        held.give_back().await?;
        if let Some(letter) = letter {
            break letter;
        }
    };
    assert_eq!((again.bytes, again.reason.as_deref()), (3, Some("rejected")));
    Ok(())
}

#[tokio::test]
async fn each_queue_says_how_it_stands() -> anyhow::Result<()> {
    let namespace = TestNamespace::create()?;
    let broker = broker(&namespace, namespace.broker_url()).await?;
    dead_jobs(&broker, 2).await?;
    broker.publish_enrollment(&job()).await?;
    let mut photographer = broker.consume_class_photos(1);
    let told = async {
        loop {
            let standings = broker.standings().await?;
            let told: Vec<_> = standings.iter().map(|it| (it.name, it.ready, it.consumers, it.dead)).collect();
            let expected = [
                ("frames", 0, 0, None),
                ("looks", 0, 0, None),
                ("enrollments", 1, 0, Some(2)),
                ("photos", 0, 1, Some(0)),
            ];
            if told == expected {
                return anyhow::Ok(());
            }
        }
    };
    tokio::select! {
        delivery = photographer.next() => panic!("there is no class photo but {:?}", delivery.payload),
        told = timeout(LIMIT, told) => told?,
    }
}
