use domain::enrollment::EnrollmentState;
use domain::sighting::Outcome;
use secrecy::ExposeSecret;
use testkit::network::Proxy;

use crate::photos::{MINDY, seen};
use crate::school::{School, Working, eventually, start};
use crate::watch::Watch;

/// Waits until the worker says that it is ready, or that `check` is not well.
async fn readiness(worker: &Working, ill: Option<&str>) -> anyhow::Result<()> {
    eventually("the worker's readiness", async || {
        let (status, body) = worker.get("/readyz").await?;
        let is_so = match ill {
            None => status == 200,
            Some(check) => status == 503 && !body.contains(&format!("\"{check}\":\"ok\"")),
        };
        Ok(is_so.then_some(()))
    })
    .await
}

#[tokio::test]
async fn a_database_that_is_away_loses_no_enrollment_and_no_frame() -> anyhow::Result<()> {
    let school = School::open().await?;
    let (network, url) = Proxy::in_front_of(school.settings.database.url.expose_secret()).await?;
    let mut settings = school.settings.clone();
    settings.database.url = url.into();
    let worker = start(&settings).await?;
    readiness(&worker, None).await?;
    let mut watch = Watch::begin(&school.redis).await?;
    let lesson = school.lesson(&[]).await?;

    network.cut();
    let person = school.person("S001").await?;
    let enrollment = school.begin_enrollment(person, vec![seen(MINDY)?]).await?;
    let frame = school.send(lesson, seen(MINDY)?).await?;
    readiness(&worker, Some("database")).await?;
    eventually("the worker has tried both", async || {
        let (_, metrics) = worker.get("/metrics").await?;
        Ok(metrics.contains("rollcall_frames_total{outcome=\"later\"}").then_some(()))
    })
    .await?;
    network.heal();

    assert_eq!(school.finished(enrollment).await?.state, EnrollmentState::Completed);
    let recognised = watch.recognised(frame).await?;
    assert!(matches!(recognised.faces()[..], [(Outcome::Unknown | Outcome::NotOnRoster, _)]));
    readiness(&worker, None).await?;
    worker.stop().await
}

#[tokio::test]
async fn redis_is_never_needed_for_the_truth() -> anyhow::Result<()> {
    let school = School::open().await?;
    let (network, url) = Proxy::in_front_of(school.settings.redis.url.expose_secret()).await?;
    let mut settings = school.settings.clone();
    settings.redis.url = url.into();
    let worker = start(&settings).await?;
    readiness(&worker, None).await?;

    network.cut();
    let mindy = school.enrolled("S001", vec![seen(MINDY)?]).await?;
    let lesson = school.lesson(&[mindy]).await?;
    school.send(lesson, seen(MINDY)?).await?;
    eventually("the person is marked", async || {
        let conn = &mut *school.conn().await?;
        let listed = store::attendance::list(conn, school.organization, lesson.session).await?;
        Ok(listed[0].state)
    })
    .await?;
    readiness(&worker, Some("redis")).await?;
    worker.stop().await
}
