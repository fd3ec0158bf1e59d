//! The demo: does Rollcall's main job on real photographs, through the public interfaces only.
//!
//! `scripts/demo` starts the system and calls this. Ends with an error when somebody was taken for somebody else,
//! or when fewer people were found than a working system finds.
#![expect(clippy::print_stdout, reason = "the demo is something to look at")]

mod camera;
mod cast;
mod class_photo;
mod report;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::Parser;
use e2e::client::{Client, picture};
use e2e::live::Live;
use e2e::system::System;
use serde_json::Value;

use crate::camera::Camera;
use crate::cast::{Cast, Member};
use crate::report::Report;

/// Most photos that the API takes in one enrollment.
const PHOTOS_PER_ENROLLMENT: usize = 20;
const ENROLLMENT_LIMIT: Duration = Duration::from_secs(300);
const RECOGNITION_LIMIT: Duration = Duration::from_secs(60);

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    system: System,
    /// The camera client's binary.
    #[arg(long)]
    camera: PathBuf,
    /// Folder for what the camera is shown.
    #[arg(long)]
    stage: PathBuf,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let admin = arguments.system.log_in("Demo school").await?;
    let mut cast = Cast::read(&arguments.system.pictures)?;
    let mut live = Live::open(&admin).await?;

    println!("\nEnrollment\n");
    enroll(&admin, &mut live, &mut cast.members).await?;

    let course_id = admin.create_course("FACES-101", "Recognising faces").await?;
    let on_roster: Vec<String> = cast.members.iter().filter(|m| m.on_roster).map(|m| m.id.clone()).collect();
    admin.add_to_roster(&course_id, &on_roster).await?;
    let session_id = admin.start_session(&course_id).await?;
    let key = admin.create_camera("Front door").await?;

    println!("\nSession of FACES-101, {} people on the roster; what the camera saw:\n", on_roster.len());
    let staged = camera::stage(&arguments.stage, &cast.scenes)?;
    let sent = Camera::start(&arguments.camera, &arguments.system.gateway, &session_id, &key, &staged)?;
    let report = watch(&mut live, sent, &cast).await?;

    println!("\nHow sure it had to be\n");
    class_photo::print_recognition(&admin.get(&format!("sessions/{session_id}/recognition")).await?);
    admin.close_session(&session_id).await?;
    println!("\nAttendance after closing the session\n");
    report::print_attendance(&admin.attendance(&session_id).await?);
    report.print_totals();

    println!("\nA class photo, put together from held-back portraits and one stranger\n");
    class_photo::take(&admin, &mut live, &cast, &course_id, &arguments.stage).await?;
    report.verdict()
}

/// Makes the people and sends their photos; waits for the workers' verdicts.
async fn enroll(admin: &Client, live: &mut Live, members: &mut [Member]) -> anyhow::Result<()> {
    let mut waiting = Vec::new();
    for (position, member) in members.iter_mut().enumerate() {
        member.id = admin.create_person(&format!("S{:03}", position + 1), &member.name).await?;
        for photos in member.photos.chunks(PHOTOS_PER_ENROLLMENT) {
            let photos = photos.iter().map(|path| picture(path)).collect::<anyhow::Result<Vec<_>>>()?;
            waiting.push(admin.enroll(&member.id, photos).await?);
        }
    }
    while !waiting.is_empty() {
        let event = live.next_of("enrollment_finished", ENROLLMENT_LIMIT).await?;
        let Some(position) = waiting.iter().position(|id| event["enrollment_id"] == id.as_str()) else { continue };
        waiting.remove(position);
        let member = members.iter().find(|m| event["person_id"] == m.id.as_str()).context("an unknown person")?;
        report::print_enrollment(&member.name, &event);
    }
    Ok(())
}

/// Prints each recognition as it arrives, until every picture that the camera was shown has been answered.
async fn watch(live: &mut Live, mut camera: Camera, cast: &Cast) -> anyhow::Result<Report> {
    let mut report = Report::default();
    report::print_header();
    let mut unclaimed: Vec<Value> = Vec::new();
    let mut answered = 0;
    let mut camera_speaks = true;
    while answered < cast.scenes.len() {
        // The camera says which picture became which frame; either side may speak first.
        tokio::select! {
            event = live.next_of("frame_recognized", RECOGNITION_LIMIT) => unclaimed.push(event?),
            more = camera.read(), if camera_speaks => camera_speaks = more?,
        }
        while let Some(position) = unclaimed.iter().position(|event| camera.scene(event).is_some()) {
            let event = unclaimed.remove(position);
            let scene = camera.scene(&event).and_then(|index| cast.scenes.get(index)).context("an unknown scene")?;
            report.add(scene, &cast.members, &event);
            answered += 1;
        }
    }
    camera.finish().await?;
    ensure!(unclaimed.is_empty(), "frames were recognised that the camera did not send");
    Ok(report)
}
