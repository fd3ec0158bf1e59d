//! Real processes that die or lose what they depend on, and what is lost with them: nothing but perishable frames.

mod system;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use e2e::client::{Client, picture};
use e2e::live::Live;
use serde_json::Value;
use system::{Environment, PrivateServers, System, eventually, on_shared_servers, root};
use testkit::{TestDatabase, TestNamespace};

const LIMIT: Duration = Duration::from_secs(120);
const FRAMES: usize = 12;
const ENROLLMENTS: usize = 6;

#[tokio::test]
async fn a_worker_killed_in_the_middle_of_a_batch_loses_no_enrollment_and_no_attendance() -> anyhow::Result<()> {
    let database = TestDatabase::create().await?;
    let namespace = TestNamespace::create()?;
    let system = System::start(patient(on_shared_servers(database.url(), namespace.name())?)).await?;
    let admin = system.admin().await?;
    let worker = system.start_worker().await?;
    let (session_id, person_id) = class_of_one(&admin).await?;

    let mut live = Live::open(&admin).await?;
    let sent = send_frames(&admin, &session_id, FRAMES).await?;
    let ben = admin.create_person("S-BEN", "Ben").await?;
    let enrollments = send_enrollments(&admin, &ben, ENROLLMENTS).await?;
    // The first answer says that the worker holds a batch, and the rest of the frames.
    live.next_of("frame_recognized", LIMIT).await?;
    worker.kill().await?;
    let _successor = system.start_worker().await?;

    let rows = eventually("every frame is recorded", LIMIT, async || {
        let rows = admin.sightings(&session_id).await?;
        Ok((rows.len() >= sent.len()).then_some(rows))
    })
    .await?;
    let recorded: BTreeSet<String> = rows.iter().map(|row| word(row, "frame_id")).collect();
    assert_eq!(recorded, sent, "each frame that was accepted is recorded");
    assert_eq!(rows.len(), sent.len(), "and once only");
    let attendance = admin.attendance(&session_id).await?;
    assert_eq!(word(&attendance[0], "person_id"), person_id);
    assert_eq!(word(&attendance[0], "state"), "present");
    assert_eq!(attendance[0]["sightings"], FRAMES, "the projection counts each sighting once");
    all_completed(&admin, &enrollments).await
}

#[tokio::test]
async fn a_broker_restarted_under_load_needs_no_restart_of_ours() -> anyhow::Result<()> {
    let folder = std::env::temp_dir().join(format!("rollcall-faults-{}", std::process::id()));
    let servers = PrivateServers::start(folder).await?;
    let system = System::start(patient(servers.environment()?)).await?;
    let admin = system.admin().await?;
    let _worker = system.start_worker().await?;
    let _scheduler = system.start_scheduler().await?;
    let (session_id, _) = class_of_one(&admin).await?;

    let load = tokio::spawn(keep_sending(admin.clone(), session_id.clone()));
    let ben = admin.create_person("S-BEN", "Ben").await?;
    let before = send_enrollments(&admin, &ben, ENROLLMENTS).await?;
    let (restarted, during) = tokio::join!(servers.restart("rabbitmq"), send_enrollments(&admin, &ben, ENROLLMENTS));
    restarted?;
    load.abort();

    let mut live = Live::open(&admin).await?;
    let frame = eventually("the gateway takes frames again", LIMIT, async || {
        Ok(send_frames(&admin, &session_id, 1).await.ok())
    })
    .await?;
    eventually("a frame sent after the restart is recognised", LIMIT, async || {
        let event = live.next_of("frame_recognized", LIMIT).await?;
        Ok(frame.contains(&word(&event, "frame_id")).then_some(()))
    })
    .await?;
    all_completed(&admin, &before).await?;
    all_completed(&admin, &during?).await
}

/// Frames that live long enough to outlive their worker, and a sweep that does not make a test wait.
fn patient(mut environment: Environment) -> Environment {
    let settings = [
        ("ROLLCALL_FRAMES__TTL_MS", "120000"),
        ("ROLLCALL_SCHEDULE__SWEEP_SECONDS", "1"),
        ("ROLLCALL_SCHEDULE__STUCK_SECONDS", "5"),
        ("ROLLCALL_VISION__THREADS", "1"),
        ("ROLLCALL_LOG__FILTER", "warn"),
    ];
    environment.extend(settings.map(|(key, value)| (key.to_owned(), value.to_owned())));
    environment
}

/// An active session of a course whose roster is one enrolled person; answers both ids.
async fn class_of_one(admin: &Client) -> anyhow::Result<(String, String)> {
    let person_id = admin.create_person("S001", "Mindy").await?;
    let enrollment = admin.enroll(&person_id, vec![picture(&photo("train/mindy_kaling", 0)?)?]).await?;
    all_completed(admin, &[enrollment]).await?;
    let course_id = admin.create_course("C1", "Course").await?;
    admin.add_to_roster(&course_id, std::slice::from_ref(&person_id)).await?;
    Ok((admin.start_session(&course_id).await?, person_id))
}

/// Sends held-back photographs with one face; answers the frames' ids.
async fn send_frames(admin: &Client, session_id: &str, count: usize) -> anyhow::Result<BTreeSet<String>> {
    let (_, jpeg) = picture(&photo("val/mindy_kaling", 0)?)?;
    let mut sent = BTreeSet::new();
    for _ in 0..count {
        sent.insert(admin.send_frame(session_id, jpeg.clone()).await?);
    }
    Ok(sent)
}

/// Sends frames for as long as it is let; what is refused while the broker is away is the camera's loss.
async fn keep_sending(admin: Client, session_id: String) {
    let mut ticks = tokio::time::interval(Duration::from_millis(100));
    loop {
        ticks.tick().await;
        let _ = send_frames(&admin, &session_id, 1).await;
    }
}

/// Enrolls one person with a photograph, so many times; answers the enrollments' ids.
async fn send_enrollments(admin: &Client, person_id: &str, count: usize) -> anyhow::Result<Vec<String>> {
    let mut sent = Vec::new();
    for _ in 0..count {
        sent.push(admin.enroll(person_id, vec![picture(&photo("val/ben_afflek", 0)?)?]).await?);
    }
    Ok(sent)
}

async fn all_completed(admin: &Client, enrollments: &[String]) -> anyhow::Result<()> {
    for id in enrollments {
        let state = eventually("the enrollment is finished", LIMIT, async || {
            let state = word(&admin.get(&format!("enrollments/{id}")).await?, "state");
            Ok((state != "pending").then_some(state))
        })
        .await?;
        assert_eq!(state, "completed");
    }
    Ok(())
}

fn photo(folder: &str, index: usize) -> anyhow::Result<PathBuf> {
    let folder = root().join("weights/cache/pictures/celebrities").join(folder);
    let mut paths = std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths.swap_remove(index))
}

fn word(row: &Value, field: &str) -> String {
    row[field].as_str().unwrap_or_default().to_owned()
}
