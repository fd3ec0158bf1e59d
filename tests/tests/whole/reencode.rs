//! An organization moves to another encoder while it is at work.

use e2e::live::Live;
use serde_json::json;

use crate::system::System;
use crate::{LIMIT, class, enrolled, recognised};

#[tokio::test]
async fn an_organization_moves_to_another_encoder_without_anybody_enrolling_again() -> anyhow::Result<()> {
    let system = System::start_with("also = [\"facenet\"]\n").await?;
    let admin = system.admin().await?;
    let mut live = Live::open(&admin).await?;
    let organizations = admin.list("organizations").await?;
    let id = organizations[0]["id"].as_str().unwrap_or_default().to_owned();
    // Enrolled before photos were retained.
    let elton = enrolled(&admin, &mut live, "S001", "train/elton_john").await?;
    let policy = json!({"liveness": "off", "retain_photos": true});
    admin.put(&format!("organizations/{id}/recognition-policy"), &policy).await?;
    let mindy = enrolled(&admin, &mut live, "S002", "train/mindy_kaling").await?;
    let (_, session_id) = class(&admin, &[elton, mindy.clone()]).await?;

    let command = ["reencode", "--organization", &id, "--to", "facenet"];
    let (is_done, told) = system.rollcall(&command).await?;
    assert!(is_done && told.contains("2 people are enrolled") && told.contains("1 got new templates"), "{told}");
    assert!(told.contains("S001") && !told.contains("S002"), "who must enroll again: {told}");
    // The old encoder serves until the switch, which nobody makes by mistake.
    let before = recognised(&admin, &mut live, &session_id, "val/mindy_kaling").await?;
    assert_eq!(before["outcome"], "present");
    let (is_done, told) = system.rollcall(&[&command[..], &["--switch"]].concat()).await?;
    assert!(!is_done && told.contains("--leave-behind"), "{told}");
    assert_eq!(admin.get(&format!("organizations/{id}")).await?["contract"], "mobilefacenet-192/1");

    let (is_done, told) = system.rollcall(&[&command[..], &["--switch", "--leave-behind"]].concat()).await?;
    assert!(is_done && told.contains("0 got new templates"), "nothing is made twice: {told}");
    assert_eq!(admin.get(&format!("organizations/{id}")).await?["contract"], "facenet-128/1");
    let frame_id = admin.send_frame(&session_id, crate::photo("val/mindy_kaling", 1)?).await?;
    let event = live.next_of("frame_recognized", LIMIT).await?;
    assert_eq!((&event["frame_id"], &event["contract"]), (&json!(frame_id), &json!("facenet-128/1")));
    assert_eq!(event["sightings"][0]["person_id"], json!(mindy));
    let gone = recognised(&admin, &mut live, &session_id, "val/elton_john").await?;
    assert_eq!(gone["outcome"], "unknown", "nobody has enrolled him again");
    Ok(())
}
