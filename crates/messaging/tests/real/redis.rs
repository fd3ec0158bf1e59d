//! Events, versions and tickets through Redis.

use std::time::Duration;

use domain::event::{Event, EventBody};
use domain::id::Id;
use domain::session::SessionState;
use futures_util::{Stream, StreamExt};
use messaging::{Correction, Counted, Live};
use testkit::TestNamespace;
use testkit::network::Proxy;

use crate::redis;

const LIMIT: Duration = Duration::from_secs(20);

fn event() -> Event {
    let body = EventBody::SessionChanged { session_id: Id::new(), state: SessionState::Active };
    Event { organization_id: Id::new(), body }
}

async fn next(live: &mut (impl Stream<Item = Live> + Unpin)) -> anyhow::Result<Live> {
    Ok(tokio::time::timeout(LIMIT, live.next()).await?.expect("a subscription never ends"))
}

#[tokio::test]
async fn listeners_hear_what_happens_after_they_began() -> anyhow::Result<()> {
    let namespace = TestNamespace::create()?;
    let redis = redis(&namespace, namespace.redis_url())?;
    redis.announce(&event()).await?;
    let mut live = Box::pin(redis.subscribe());
    assert_eq!(next(&mut live).await?, Live::Gap);
    let told = event();
    redis.announce(&told).await?;
    assert_eq!(next(&mut live).await?, Live::Event(Box::new(told)));
    Ok(())
}

#[tokio::test]
async fn a_lost_subscription_is_a_gap_and_goes_on() -> anyhow::Result<()> {
    let namespace = TestNamespace::create()?;
    let (proxy, url) = Proxy::in_front_of(namespace.redis_url()).await?;
    let (near, far) = (redis(&namespace, namespace.redis_url())?, redis(&namespace, &url)?);
    let mut live = Box::pin(far.subscribe());
    assert_eq!(next(&mut live).await?, Live::Gap);
    proxy.cut();
    near.announce(&event()).await?;
    assert!(far.announce(&event()).await.is_err());
    assert!(far.ping().await.is_err());
    proxy.heal();
    assert_eq!(next(&mut live).await?, Live::Gap);
    let told = event();
    near.announce(&told).await?;
    assert_eq!(next(&mut live).await?, Live::Event(Box::new(told)));
    far.ping().await?;
    Ok(())
}

#[tokio::test]
async fn a_silent_network_is_a_gap_too() -> anyhow::Result<()> {
    let namespace = TestNamespace::create()?;
    let (proxy, url) = Proxy::in_front_of(namespace.redis_url()).await?;
    let redis = redis(&namespace, &url)?;
    let mut live = Box::pin(redis.subscribe());
    assert_eq!(next(&mut live).await?, Live::Gap);
    redis.ping().await?;
    proxy.freeze();
    assert!(tokio::time::timeout(LIMIT, redis.ping()).await?.is_err());
    // The subscription notices while nothing passes, and can only stand again when something does.
    assert!(tokio::time::timeout(Duration::from_secs(8), live.next()).await.is_err());
    proxy.heal();
    assert_eq!(next(&mut live).await?, Live::Gap);
    redis.ping().await?;
    Ok(())
}

#[tokio::test]
async fn what_is_no_event_is_passed_over() -> anyhow::Result<()> {
    let namespace = TestNamespace::create()?;
    let redis = redis(&namespace, namespace.redis_url())?;
    let mut live = Box::pin(redis.subscribe());
    assert_eq!(next(&mut live).await?, Live::Gap);
    let mut stranger =
        deadpool_redis::redis::Client::open(namespace.redis_url())?.get_multiplexed_async_connection().await?;
    let mut publish = deadpool_redis::redis::cmd("PUBLISH");
    publish.arg(format!("{}.events", namespace.name())).arg("{}").query_async::<()>(&mut stranger).await?;
    let told = event();
    redis.announce(&told).await?;
    assert_eq!(next(&mut live).await?, Live::Event(Box::new(told)));
    Ok(())
}

#[tokio::test]
async fn an_old_version_is_forgotten_in_time() -> anyhow::Result<()> {
    let namespace = TestNamespace::create()?;
    let redis = redis(&namespace, namespace.redis_url())?;
    let course = Id::new();
    redis.raise_course_version(course, 4).await?;
    let mut stranger =
        deadpool_redis::redis::Client::open(namespace.redis_url())?.get_multiplexed_async_connection().await?;
    let mut lifetime = deadpool_redis::redis::cmd("PTTL");
    lifetime.arg(format!("{}.course.{course}.version", namespace.name()));
    let first: i64 = lifetime.query_async(&mut stranger).await?;
    assert!((1..=60_000).contains(&first), "{first}");
    // Telling what is known must not lengthen the life of what may be out of date.
    redis.raise_course_version(course, 4).await?;
    let second: i64 = lifetime.query_async(&mut stranger).await?;
    assert!(second <= first, "{second} after {first}");
    Ok(())
}

#[tokio::test]
async fn versions_only_rise() -> anyhow::Result<()> {
    let namespace = TestNamespace::create()?;
    let redis = redis(&namespace, namespace.redis_url())?;
    let (course, organization) = (Id::new(), Id::new());
    assert_eq!(redis.course_version(course).await?, None);
    for (raise, known) in [(5, 5), (3, 5), (5, 5), (7, 7)] {
        redis.raise_course_version(course, raise).await?;
        assert_eq!(redis.course_version(course).await?, Some(known));
    }
    let raises = (0..50).map(|revision| redis.raise_template_revision(organization, (revision * 37) % 50));
    for raised in futures_util::future::join_all(raises).await {
        raised?;
    }
    assert_eq!(redis.template_revision(organization).await?, Some(49));
    assert_eq!(redis.template_revision(Id::new()).await?, None);
    Ok(())
}

#[tokio::test]
async fn what_was_told_wrongly_is_put_right_and_what_was_raised_since_is_left() -> anyhow::Result<()> {
    let namespace = TestNamespace::create()?;
    let redis = redis(&namespace, namespace.redis_url())?;
    let (course, organization) = (Id::new(), Id::new());
    let of = [Counted::Roster(course), Counted::Templates(organization)];
    assert_eq!(redis.told(&of).await?, [None, None]);
    // What was told before the truth was read, what was raised meanwhile, the truth, and what is told then.
    for (before, meanwhile, truth, after) in [
        (None, None, 4, 4),
        (Some(4), None, 6, 6),
        (Some(9), None, 6, 6),
        (Some(6), Some(8), 7, 8),
        (Some(6), Some(7), 9, 9),
        (None, Some(5), 4, 5),
        (None, Some(5), 6, 6),
        (Some(12), Some(13), 6, 13),
    ] {
        namespace.flush_redis().await?;
        for told in [before, meanwhile].into_iter().flatten() {
            redis.raise_course_version(course, told).await?;
            redis.raise_template_revision(organization, told).await?;
        }
        redis.correct(&of.map(|of| Correction { of, told: before, truth })).await?;
        assert_eq!(redis.told(&of).await?, [Some(after); 2], "{before:?} {meanwhile:?} {truth}");
    }
    redis.correct(&[]).await?;
    assert!(redis.told(&[]).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_ticket_is_good_once() -> anyhow::Result<()> {
    let namespace = TestNamespace::create()?;
    let redis = redis(&namespace, namespace.redis_url())?;
    let ticket = redis.issue_ticket(&"seat 4", Duration::from_secs(30)).await?;
    let (first, second) = tokio::join!(redis.redeem_ticket::<String>(&ticket), redis.redeem_ticket::<String>(&ticket));
    let mut grants = [first?, second?];
    grants.sort();
    assert_eq!(grants, [None, Some("seat 4".to_owned())]);
    assert_eq!(redis.redeem_ticket::<String>("none").await?, None);
    Ok(())
}
