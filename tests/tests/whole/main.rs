//! The whole system in one process: what goes in by the public API comes out by it.

mod reencode;
mod system;

use std::path::PathBuf;
use std::time::Duration;

use chrono::Utc;
use domain::frame::FrameHeader;
use domain::id::Id;
use e2e::client::{Client, picture};
use e2e::live::Live;
use serde_json::{Value, json};
use system::System;
use testkit::workspace_root;

const LIMIT: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_frame_becomes_attendance_and_is_told_on_the_websocket() -> anyhow::Result<()> {
    let system = System::start().await?;
    let admin = system.admin().await?;
    let mut live = Live::open(&admin).await?;
    let mindy = enrolled(&admin, &mut live, "S001", "train/mindy_kaling").await?;
    let (course_id, session_id) = class(&admin, std::slice::from_ref(&mindy)).await?;

    let frame_id = admin.send_frame(&session_id, photo("val/mindy_kaling", 0)?).await?;
    let event = live.next_of("frame_recognized", LIMIT).await?;
    assert_eq!((&event["frame_id"], &event["session_id"]), (&json!(frame_id), &json!(session_id)));
    assert_eq!(event["people"], json!([{"person_id": mindy, "external_id": "S001", "name": "S001"}]));
    let seen = &event["sightings"][0];
    assert_eq!((&seen["outcome"], &seen["person_id"]), (&json!("present"), &json!(mindy)));
    assert!(seen["similarity"].as_f64() >= seen["threshold"].as_f64(), "{seen}");
    for stage in ["queue_ms", "decode_ms", "detect_ms", "embed_ms", "search_ms"] {
        assert!(event["times"][stage].as_f64().is_some_and(|ms| ms >= 0.0), "{stage} is missing");
    }

    let rows = admin.attendance(&session_id).await?;
    assert_eq!((rows.len(), &rows[0]["state"], &rows[0]["sightings"]), (1, &json!("present"), &json!(1)));
    let sightings = admin.sightings(&session_id).await?;
    assert_eq!((sightings.len(), &sightings[0]["frame_id"]), (1, &json!(frame_id)));

    // Somebody else of the organization, and somebody whom nobody knows.
    let elton = enrolled(&admin, &mut live, "S002", "train/elton_john").await?;
    let elsewhere = recognised(&admin, &mut live, &session_id, "val/elton_john").await?;
    assert_eq!((&elsewhere["outcome"], &elsewhere["person_id"]), (&json!("not_on_roster"), &json!(elton)));
    let stranger = recognised(&admin, &mut live, &session_id, "val/madonna").await?;
    assert_eq!((&stranger["outcome"], &stranger["person_id"]), (&json!("unknown"), &json!(null)));

    // The roster changes while the worker runs: the next frame sees it, and once more after it changes back.
    admin.add_to_roster(&course_id, std::slice::from_ref(&elton)).await?;
    let on_roster = recognised(&admin, &mut live, &session_id, "val/elton_john").await?;
    assert_eq!((&on_roster["outcome"], &on_roster["person_id"]), (&json!("present"), &json!(elton)));
    admin.remove_from_roster(&course_id, &elton).await?;
    let off_roster = recognised(&admin, &mut live, &session_id, "val/elton_john").await?;
    assert_eq!(off_roster["outcome"], "not_on_roster");

    // Who is deleted is in no answer any more.
    admin.delete(&format!("people/{elton}")).await?;
    let forgotten = recognised(&admin, &mut live, &session_id, "val/elton_john").await?;
    assert_eq!((&forgotten["outcome"], &forgotten["person_id"]), (&json!("unknown"), &json!(null)));

    admin.close_session(&session_id).await?;
    assert!(admin.send_frame(&session_id, photo("val/mindy_kaling", 0)?).await.is_err(), "a closed session takes none");
    Ok(())
}

#[tokio::test]
async fn each_photo_of_an_enrollment_has_its_own_verdict() -> anyhow::Result<()> {
    let system = System::start().await?;
    let admin = system.admin().await?;
    let mut live = Live::open(&admin).await?;
    let person_id = admin.create_person("S001", "Mindy").await?;
    let group = picture(&pictures().join("groups/sample1.jpg"))?.1;
    let photos = vec![
        ("good.jpg".to_owned(), photo("train/mindy_kaling", 0)?),
        ("group.jpg".to_owned(), group),
        ("nobody.png".to_owned(), grey_png()),
        ("good-too.jpg".to_owned(), photo("train/mindy_kaling", 1)?),
        ("somebody-else.jpg".to_owned(), photo("train/elton_john", 0)?),
    ];
    let id = admin.enroll(&person_id, photos).await?;
    let event = live.next_of("enrollment_finished", LIMIT).await?;
    assert_eq!((&event["enrollment_id"], &event["state"]), (&json!(id), &json!("completed")));
    let enrollment = admin.get(&format!("enrollments/{id}")).await?;
    let verdicts: Vec<Value> =
        enrollment["photos"].as_array().expect("photos").iter().map(|p| p["rejection"].clone()).collect();
    assert_eq!(
        verdicts,
        [json!(null), json!("multiple_faces"), json!("face_not_found"), json!(null), json!("not_same_person")]
    );
    assert!(enrollment["photos"][1]["advice"].as_str().is_some_and(|advice| !advice.is_empty()));

    let useless = admin.enroll(&person_id, vec![("nobody.png".to_owned(), grey_png())]).await?;
    live.next_of("enrollment_finished", LIMIT).await?;
    assert_eq!(admin.get(&format!("enrollments/{useless}")).await?["state"], "failed");
    Ok(())
}

#[tokio::test]
async fn a_frame_that_is_delivered_again_marks_once() -> anyhow::Result<()> {
    let system = System::start().await?;
    let admin = system.admin().await?;
    let mut live = Live::open(&admin).await?;
    let mindy = enrolled(&admin, &mut live, "S001", "train/mindy_kaling").await?;
    let (course_id, session_id) = class(&admin, &[mindy]).await?;
    let session = admin.get(&format!("sessions/{session_id}")).await?;
    let header = FrameHeader {
        frame_id: Id::new(),
        organization_id: session["organization_id"].as_str().expect("an id").parse()?,
        session_id: session_id.parse()?,
        course_id: course_id.parse()?,
        camera_id: None,
        received_at: Utc::now(),
    };
    let broker = system.broker().await?;
    let jpeg = photo("val/mindy_kaling", 0)?;
    for _ in 0..2 {
        broker.publish_frame(&header, jpeg.clone()).await?;
        let event = live.next_of("frame_recognized", LIMIT).await?;
        assert_eq!(event["sightings"][0]["outcome"], "present", "the second delivery tells what was recorded");
    }
    assert_eq!(admin.sightings(&session_id).await?.len(), 1);
    assert_eq!(admin.attendance(&session_id).await?[0]["sightings"], 1);
    Ok(())
}

#[tokio::test]
async fn two_cameras_that_see_one_person_at_once_mark_once() -> anyhow::Result<()> {
    let system = System::start().await?;
    let admin = system.admin().await?;
    let mut live = Live::open(&admin).await?;
    let mindy = enrolled(&admin, &mut live, "S001", "train/mindy_kaling").await?;
    let (_, session_id) = class(&admin, &[mindy]).await?;
    let keys = [admin.create_camera("Front").await?, admin.create_camera("Back").await?];
    let frames = format!("{}/api/v1/sessions/{session_id}/frames", system.address());
    let sending = keys.iter().map(|key| {
        let (key, frames) = (key.clone(), frames.clone());
        async move {
            let camera = reqwest::Client::new().post(&frames).bearer_auth(key).header("content-type", "image/jpeg");
            Ok::<_, anyhow::Error>(camera.body(photo("val/mindy_kaling", 0)?).send().await?.status())
        }
    });
    for status in futures_util::future::try_join_all(sending).await? {
        assert_eq!(status, 202);
    }
    let mut outcomes = Vec::new();
    for _ in 0..2 {
        let event = live.next_of("frame_recognized", LIMIT).await?;
        assert!(event["camera_id"].is_string());
        outcomes.push(event["sightings"][0]["outcome"].as_str().unwrap_or_default().to_owned());
    }
    outcomes.sort();
    assert_eq!(outcomes, ["already", "present"]);
    let rows = admin.attendance(&session_id).await?;
    assert_eq!((rows.len(), &rows[0]["sightings"]), (1, &json!(2)));
    Ok(())
}

/// A person enrolled with two photographs of a folder; the name is the external id.
async fn enrolled(admin: &Client, live: &mut Live, external_id: &str, folder: &str) -> anyhow::Result<String> {
    let person_id = admin.create_person(external_id, external_id).await?;
    let photos = (0..2).map(|n| Ok((format!("{n}.jpg"), photo(folder, n)?))).collect::<anyhow::Result<_>>()?;
    admin.enroll(&person_id, photos).await?;
    let event = live.next_of("enrollment_finished", LIMIT).await?;
    assert_eq!(event["state"], "completed");
    Ok(person_id)
}

/// A course with these people, and an active session of it.
async fn class(admin: &Client, people: &[String]) -> anyhow::Result<(String, String)> {
    let course_id = admin.create_course("C1", "Course").await?;
    admin.add_to_roster(&course_id, people).await?;
    let session_id = admin.start_session(&course_id).await?;
    Ok((course_id, session_id))
}

/// The only sighting of the first picture of a folder.
async fn recognised(admin: &Client, live: &mut Live, session_id: &str, folder: &str) -> anyhow::Result<Value> {
    let frame_id = admin.send_frame(session_id, photo(folder, 0)?).await?;
    let event = live.next_of("frame_recognized", LIMIT).await?;
    assert_eq!(event["frame_id"], json!(frame_id));
    assert_eq!(event["sightings"].as_array().map(Vec::len), Some(1), "{event}");
    Ok(event["sightings"][0].clone())
}

fn pictures() -> PathBuf {
    workspace_root().join("weights/cache/pictures")
}

fn photo(folder: &str, index: usize) -> anyhow::Result<Vec<u8>> {
    let folder = pictures().join("celebrities").join(folder);
    let mut paths = std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(picture(&paths[index])?.1)
}

/// A grey picture of 64 x 64: nobody is in it.
fn grey_png() -> Vec<u8> {
    const PNG: &str = include_str!("grey.png.hex");
    hex::decode(PNG.trim()).expect("hexadecimal digits")
}
