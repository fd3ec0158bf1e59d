use chrono::{TimeDelta, Utc};
use domain::attendance::{Attendance, AttendanceState};
use domain::sighting::Outcome;

use crate::photos::{BEN, MINDY, enrolling, nobody, seen, torn};
use crate::school::{LIMIT, Lesson, School, eventually};
use crate::watch::Watch;

async fn attendance(school: &School, lesson: Lesson) -> anyhow::Result<Vec<Attendance>> {
    Ok(store::attendance::list(&mut *school.conn().await?, school.organization, lesson.session).await?)
}

#[tokio::test]
async fn a_frame_becomes_sightings_attendance_and_an_event() -> anyhow::Result<()> {
    let school = School::open().await?;
    let worker = school.worker().await?;
    let mut watch = Watch::begin(&school.redis).await?;
    let mindy = school.enrolled("S001", enrolling(MINDY, 6)?).await?;
    let lesson = school.lesson(&[mindy]).await?;

    let frame = school.send(lesson, seen(MINDY)?).await?;
    let recognised = watch.recognised(frame).await?;
    assert_eq!(recognised.faces(), [(Outcome::Present, Some(mindy))]);
    assert_eq!(recognised.people[0].external_id, "S001");
    let (times, sighting) = (recognised.result.times, &recognised.result.sightings[0]);
    for took in [times.queue_ms, times.decode_ms, times.detect_ms, times.embed_ms, times.search_ms] {
        assert!(took > 0.0, "{times:?}");
    }
    assert!(sighting.similarity > sighting.threshold, "{sighting:?}");

    let listed = attendance(&school, lesson).await?;
    assert_eq!(listed.len(), 1);
    assert_eq!((listed[0].person_id, listed[0].state), (mindy, Some(AttendanceState::Present)));

    let again = school.send(lesson, seen(MINDY)?).await?;
    assert_eq!(watch.recognised(again).await?.faces(), [(Outcome::Already, Some(mindy))]);
    let (status, metrics) = worker.get("/metrics").await?;
    assert_eq!(status, 200);
    for name in [
        "rollcall_frames_total{outcome=\"recorded\"} 2",
        "rollcall_recognitions_total{outcome=\"present\"} 1",
        "rollcall_recognitions_total{outcome=\"already\"} 1",
        "rollcall_stage_seconds_bucket{stage=\"detect\"",
        "rollcall_batch_frames_bucket",
    ] {
        assert!(metrics.contains(name), "no {name} in\n{metrics}");
    }
    worker.stop().await
}

#[tokio::test]
async fn a_frame_that_comes_twice_marks_once() -> anyhow::Result<()> {
    let school = School::open().await?;
    let worker = school.worker().await?;
    let mut watch = Watch::begin(&school.redis).await?;
    let mindy = school.enrolled("S001", enrolling(MINDY, 3)?).await?;
    let lesson = school.lesson(&[mindy]).await?;
    let header = school.header(lesson, None);
    for _ in 0..2 {
        school.broker.publish_frame(&header, seen(MINDY)?).await?;
    }
    for _ in 0..2 {
        assert_eq!(watch.recognised(header.frame_id).await?.faces(), [(Outcome::Present, Some(mindy))]);
    }
    assert_eq!(attendance(&school, lesson).await?[0].sightings, 1);
    worker.stop().await
}

#[tokio::test]
async fn two_cameras_that_see_one_person_mark_once() -> anyhow::Result<()> {
    let school = School::open().await?;
    let worker = school.worker().await?;
    let mut watch = Watch::begin(&school.redis).await?;
    let mindy = school.enrolled("S001", enrolling(MINDY, 3)?).await?;
    let lesson = school.lesson(&[mindy]).await?;
    let first = school.header(lesson, Some(school.camera("door").await?));
    let second = school.header(lesson, Some(school.camera("window").await?));
    school.broker.publish_frame(&first, seen(MINDY)?).await?;
    school.broker.publish_frame(&second, seen(MINDY)?).await?;
    let mut outcomes = Vec::new();
    // Either may be first.
    for _ in 0..2 {
        let recognised = watch.recognised_any(&[first.frame_id, second.frame_id]).await?;
        assert_eq!(recognised.faces()[0].1, Some(mindy));
        outcomes.push(recognised.faces()[0].0);
    }
    outcomes.sort_by_key(|outcome| *outcome != Outcome::Present);
    assert_eq!(outcomes, [Outcome::Present, Outcome::Already]);
    assert_eq!(attendance(&school, lesson).await?[0].sightings, 2);
    worker.stop().await
}

#[tokio::test]
async fn who_is_put_on_the_roster_is_on_it_at_the_next_frame() -> anyhow::Result<()> {
    let school = School::open().await?;
    let worker = school.worker().await?;
    let mut watch = Watch::begin(&school.redis).await?;
    let mindy = school.enrolled("S001", enrolling(MINDY, 3)?).await?;
    let ben = school.enrolled("S002", enrolling(BEN, 3)?).await?;
    let lesson = school.lesson(&[ben]).await?;

    let frame = school.send(lesson, seen(MINDY)?).await?;
    let recognised = watch.recognised(frame).await?;
    assert_eq!(recognised.faces(), [(Outcome::NotOnRoster, Some(mindy))]);
    assert_eq!(recognised.people[0].external_id, "S001", "also those not on the roster have a name");
    school.add_to_roster(lesson.course, &[mindy]).await?;
    let frame = school.send(lesson, seen(MINDY)?).await?;
    assert_eq!(watch.recognised(frame).await?.faces(), [(Outcome::Present, Some(mindy))]);

    let conn = &mut *school.conn().await?;
    let version =
        store::rosters::remove(conn, school.organization, lesson.course, &[mindy], chrono::Utc::now()).await?;
    school.redis.raise_course_version(lesson.course, version).await?;
    let frame = school.send(lesson, seen(MINDY)?).await?;
    assert_eq!(watch.recognised(frame).await?.faces(), [(Outcome::NotOnRoster, Some(mindy))]);
    worker.stop().await
}

#[tokio::test]
async fn what_is_no_use_is_dropped_and_the_rest_goes_on() -> anyhow::Result<()> {
    let school = School::open().await?;
    let worker = school.worker().await?;
    let mut watch = Watch::begin(&school.redis).await?;
    let lesson = school.lesson(&[]).await?;
    let closed = school.lesson(&[]).await?;
    store::sessions::close(&mut *school.conn().await?, school.organization, closed.session, Utc::now()).await?;
    school.broker.wait_until_ready(LIMIT).await?;

    // Damaged, no picture at all, for a session that is over, and of yesterday.
    school.send(lesson, torn(MINDY)?).await?;
    school.send(lesson, b"hello".to_vec()).await?;
    school.send(closed, seen(MINDY)?).await?;
    let mut old = school.header(lesson, None);
    old.received_at -= TimeDelta::days(1);
    school.broker.publish_frame(&old, seen(MINDY)?).await?;
    // A camera's older frame may go unseen, its newest may not.
    let camera = school.camera("door").await?;
    let mut newest = school.header(lesson, Some(camera));
    for _ in 0..12 {
        newest = school.header(lesson, Some(camera));
        school.broker.publish_frame(&newest, nobody()).await?;
    }
    assert_eq!(watch.recognised(newest.frame_id).await?.faces(), []);

    let frame = school.send(lesson, seen(MINDY)?).await?;
    let stranger = watch.recognised(frame).await?;
    assert_eq!(stranger.faces(), [(Outcome::Unknown, None)]);
    assert_eq!(stranger.people, []);
    let dropped = eventually("all four are dropped", async || {
        let (_, metrics) = worker.get("/metrics").await?;
        let reasons = ["undecodable\"} 2", "session_not_active\"} 1", "past_deadline\"} 1"];
        let all = reasons.iter().all(|reason| metrics.contains(&format!("frames_dropped_total{{reason=\"{reason}")));
        Ok(all.then_some(()))
    });
    dropped.await?;
    let listed =
        store::sightings::list(&mut *school.conn().await?, school.organization, closed.session, None, 10).await?;
    assert_eq!(listed, []);
    worker.stop().await
}

#[tokio::test]
async fn what_nobody_has_begun_with_goes_back_to_the_queue() -> anyhow::Result<()> {
    const FRAMES: usize = 10;
    let mut school = School::open().await?;
    school.settings.batch.max_frames = 2;
    let mut watch = Watch::begin(&school.redis).await?;
    let lesson = school.lesson(&[]).await?;
    let worker = school.worker().await?;
    let mut sent = Vec::new();
    for _ in 0..FRAMES {
        sent.push(school.send(lesson, seen(MINDY)?).await?);
    }
    watch.recognised(sent[0]).await?;
    worker.stop().await?;

    let recorded = async || {
        let conn = &mut *school.conn().await?;
        Ok::<_, anyhow::Error>(
            store::sightings::list(conn, school.organization, lesson.session, None, 100).await?.len(),
        )
    };
    let done = recorded().await?;
    assert!(done < FRAMES, "the worker was told to stop in the middle of them");
    eventually("the rest waits in the queue", async || {
        Ok((school.broker.depths().await?.frames as usize == FRAMES - done).then_some(()))
    })
    .await?;
    let successor = school.worker().await?;
    eventually("all are recorded", async || Ok((recorded().await? == FRAMES).then_some(()))).await?;
    successor.stop().await
}
