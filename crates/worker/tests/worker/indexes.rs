use domain::sighting::Outcome;
use index::Factory;

use crate::photos::{BEN, ELTON, MINDY, enrolling, seen};
use crate::school::{Lesson, School, eventually};
use crate::snapshots::following;
use crate::watch::Watch;

/// Frames of each lesson that are sent after somebody is gone: the broker deals them out to both workers.
const FRAMES: usize = 4;

/// In every worker, whatever the kind of index, on the roster and beside it.
#[tokio::test]
async fn whoever_is_deleted_is_in_no_answer_of_either_worker_from_then_on() -> anyhow::Result<()> {
    for factory in [Factory::Flat, Factory::Inverted { lists: 4 }] {
        let school = School::open().await?;
        let first = school.worker().await?;
        let mut watch = Watch::begin(&school.redis).await?;
        let elton = school.enrolled("S001", enrolling(ELTON, 3)?).await?;
        let (of_elton, of_nobody) = (school.lesson(&[elton]).await?, school.lesson(&[]).await?);
        let version = school.snapshot(factory, 300).await?;
        let second = school.worker().await?;
        following(&school, 2, |report| report.version_id == Some(version.id) && report.factory == factory.to_string())
            .await?;
        for (lesson, outcome) in [(of_elton, Outcome::Present), (of_nobody, Outcome::NotOnRoster)] {
            for _ in 0..FRAMES {
                let frame = school.send(lesson, seen(ELTON)?).await?;
                let faces = watch.recognised(frame).await?.faces();
                let already = matches!(faces[..], [(Outcome::Already, Some(person))] if person == elton);
                assert!(faces == [(outcome, Some(elton))] || already && outcome == Outcome::Present, "{faces:?}");
            }
        }

        school.delete(elton).await?;
        let gone = std::time::Instant::now();
        for lesson in [of_elton, of_nobody] {
            for _ in 0..FRAMES {
                let frame = school.send(lesson, seen(ELTON)?).await?;
                let recognised = watch.recognised(frame).await?;
                assert_eq!(recognised.faces(), [(Outcome::Unknown, None)], "{:?} after", gone.elapsed());
            }
        }
        // Nor is anybody left in memory whom the face could be like but not named.
        following(&school, 2, |report| report.people == 300).await?;
        first.stop().await?;
        second.stop().await?;
    }
    Ok(())
}

/// The process that deleted has died before it told: what is recorded names nobody even so, and the poll tells the indexes.
#[tokio::test]
async fn whoever_is_deleted_is_in_no_answer_though_nobody_was_told() -> anyhow::Result<()> {
    let school = School::open().await?;
    let worker = school.worker().await?;
    let mut watch = Watch::begin(&school.redis).await?;
    let elton = school.enrolled("S001", enrolling(ELTON, 3)?).await?;
    let (of_elton, of_nobody) = (school.lesson(&[elton]).await?, school.lesson(&[]).await?);
    for lesson in [of_elton, of_nobody] {
        let frame = school.send(lesson, seen(ELTON)?).await?;
        assert_eq!(watch.recognised(frame).await?.faces()[0].1, Some(elton));
    }
    store::people::delete(&mut *school.conn().await?, school.organization, elton).await?;
    for lesson in [of_elton, of_nobody] {
        let frame = school.send(lesson, seen(ELTON)?).await?;
        assert_eq!(watch.recognised(frame).await?.faces(), [(Outcome::Unknown, None)]);
    }
    // Reports of before the enrollment say that there is nobody, too.
    let revision = store::templates::revision(&mut *school.conn().await?, school.organization).await?;
    following(&school, 1, |report| report.people == 0 && report.watermark >= revision).await?;
    let frame = school.send(of_nobody, seen(ELTON)?).await?;
    let similarity = watch.recognised(frame).await?.result.sightings[0].similarity;
    assert_eq!(similarity, None, "not even as the closest, for there is nobody left to be like");
    worker.stop().await
}

/// As soon as an enrollment is told to be finished, both workers find its person: without a build, whether or not Redis
/// is flushed meanwhile.
#[tokio::test]
async fn whoever_is_enrolled_is_found_by_both_workers_at_once() -> anyhow::Result<()> {
    let school = School::open().await?;
    let (first, second) = (school.worker().await?, school.worker().await?);
    let mut watch = Watch::begin(&school.redis).await?;
    school.enrolled("S000", enrolling(BEN, 1)?).await?;
    let version = school.snapshot(Factory::Flat, 100).await?;
    let empty = school.lesson(&[]).await?;
    following(&school, 2, |report| report.version_id == Some(version.id)).await?;
    for (number, who) in [("S001", ELTON), ("S002", MINDY)] {
        let person = school.enrolled(number, enrolling(who, 3)?).await?;
        let lesson = school.lesson(&[person]).await?;
        for (lesson, outcome) in [(empty, Outcome::NotOnRoster), (lesson, Outcome::Present)] {
            check(&school, &mut watch, lesson, who, (outcome, person)).await?;
        }
        school.flush_redis().await?;
    }
    first.stop().await?;
    second.stop().await
}

async fn check(
    school: &School,
    watch: &mut Watch,
    lesson: Lesson,
    who: &str,
    (outcome, person): (Outcome, domain::id::PersonId),
) -> anyhow::Result<()> {
    for _ in 0..FRAMES {
        let frame = school.send(lesson, seen(who)?).await?;
        let faces = watch.recognised(frame).await?.faces();
        let (found, named) = faces[0];
        anyhow::ensure!(named == Some(person), "{faces:?}");
        anyhow::ensure!(found == outcome || (found, outcome) == (Outcome::Already, Outcome::Present), "{faces:?}");
    }
    Ok(())
}

/// What a probe and Prometheus are told.
#[tokio::test]
async fn the_worker_tells_what_it_holds() -> anyhow::Result<()> {
    let school = School::open().await?;
    let worker = school.worker().await?;
    school.enrolled("S001", enrolling(ELTON, 1)?).await?;
    school.lesson(&[]).await?;
    let version = school.snapshot(Factory::Flat, 50).await?;
    let (bytes, version) = (51 * (192 * 4 + 36), version.id.to_string());
    let ready = eventually("the index of a snapshot is told of", async || {
        let (status, body) = worker.get("/readyz").await?;
        Ok((status == 200 && body.contains(&version)).then_some(body))
    })
    .await?;
    assert!(ready.contains("\"indexes\":\"ok\"") && ready.contains("\"templates\":51"), "{ready}");
    assert!(ready.contains("\"lag\":0") && ready.contains(&format!("\"bytes\":{bytes}")), "{ready}");
    eventually("the metrics are told of", async || {
        let (_, metrics) = worker.get("/metrics").await?;
        let is_told = ["rollcall_index_replica_watermark_age_seconds", "rollcall_index_swap_seconds_count"];
        let is_told = is_told.iter().all(|name| metrics.contains(name));
        Ok((is_told && metrics.contains("rollcall_index_load_seconds_count{source=\"snapshot\"}")).then_some(()))
    })
    .await?;
    worker.stop().await
}
