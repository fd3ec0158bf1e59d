//! The second way to take attendance: one picture of everybody.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, ensure};
use e2e::client::Client;
use e2e::live::Live;
use serde_json::Value;

use crate::cast::{Cast, Member};

const LIMIT: Duration = Duration::from_secs(60);
/// Each portrait's square in the picture, in pixels.
const SIDE: usize = 480;
const COLUMNS: usize = 3;

/// Puts a class together from held-back portraits, one of each person of the course and one stranger, sends it as a class
/// photo to a session of its own, and prints who was found. The annotated copy is written to `folder`.
pub(crate) async fn take(
    admin: &Client,
    live: &mut Live,
    cast: &Cast,
    course_id: &str,
    folder: &Path,
) -> anyhow::Result<()> {
    let (paths, expected) = class(cast);
    let picture = side_by_side(&paths)?;
    let session_id = admin.start_session(course_id).await?;
    let id = admin.send_class_photo(&session_id, picture).await?;
    loop {
        let event = live.next_of("class_photo_finished", LIMIT).await?;
        if event["class_photo_id"] == id.as_str() {
            break;
        }
    }
    let photo = admin.get(&format!("class-photos/{id}")).await?;
    let faces = photo["faces"].as_array().context("a class photo has faces")?;
    println!(
        "  {:<5} {:<16} {:<14} {:>10} {:>10} {:>8}",
        "face", "recognised as", "outcome", "similarity", "threshold", "quality"
    );
    let mut named = Vec::new();
    for face in faces {
        let name = face["person"]["name"].as_str();
        named.extend(name.map(str::to_owned));
        let number = face["face_index"].as_i64().unwrap_or_default() + 1;
        let cosine = |field: &str| face[field].as_f64().map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"));
        println!(
            "  {number:<5} {:<16} {:<14} {:>10} {:>10} {:>8}",
            name.unwrap_or("-"),
            face["outcome"].as_str().unwrap_or_default().replace('_', " "),
            cosine("similarity"),
            cosine("threshold"),
            face["quality"].to_string()
        );
    }
    let annotated = folder.join("class-photo.jpg");
    std::fs::write(&annotated, admin.class_photo_picture(&id).await?)?;
    println!("\n  the picture with boxes and names: {}", annotated.display());
    admin.close_session(&session_id).await?;
    named.sort();
    ensure!(
        named.iter().all(|name| expected.contains(name)),
        "somebody in the class photo was taken for somebody else"
    );
    ensure!(named.windows(2).all(|pair| pair[0] != pair[1]), "somebody was found twice in the class photo");
    ensure!(
        named.len() + 1 >= expected.len(),
        "only {} of {} people were found in the class photo",
        named.len(),
        expected.len()
    );
    Ok(())
}

/// The last held-back portrait of everybody on the roster, a stranger, and the names that may be found.
fn class(cast: &Cast) -> (Vec<PathBuf>, Vec<String>) {
    let on_roster = |member: &Member| member.on_roster;
    let mut paths = Vec::new();
    let mut names = Vec::new();
    for (index, member) in cast.members.iter().enumerate().filter(|(_, member)| on_roster(member)) {
        let portrait = cast.scenes.iter().rev().find(|scene| scene.member == Some(index));
        paths.extend(portrait.map(|scene| scene.path.clone()));
        names.push(member.name.clone());
    }
    let stranger = cast.scenes.iter().find(|scene| scene.member.is_none());
    paths.extend(stranger.map(|scene| scene.path.clone()));
    (paths, names)
}

fn side_by_side(paths: &[PathBuf]) -> anyhow::Result<Vec<u8>> {
    let (width, height) = (SIDE * COLUMNS, SIDE * paths.len().div_ceil(COLUMNS));
    let mut canvas = vec![90; width * height * 3];
    for (position, path) in paths.iter().enumerate() {
        let portrait = vision::decode(&std::fs::read(path)?, SIDE as u32)?;
        let (left, top) = (position % COLUMNS * SIDE, position / COLUMNS * SIDE);
        let row = portrait.width() * 3;
        for (y, pixels) in portrait.rgb().chunks_exact(row).enumerate() {
            let at = ((top + y) * width + left) * 3;
            canvas[at..at + row].copy_from_slice(pixels);
        }
    }
    let canvas = vision::Picture::from_rgb(canvas, width as u32, height as u32).context("its size is right")?;
    Ok(vision::annotated(&canvas, &[])?)
}

/// What a policy came to: which thresholds the session's sightings were held against.
pub(crate) fn print_recognition(report: &Value) {
    for used in report["used"].as_array().map_or(&[][..], Vec::as_slice) {
        println!(
            "  {} sightings were held against a cosine of {:.3} ({}); {} of them marked somebody",
            used["sightings"],
            used["threshold"].as_f64().unwrap_or(f64::NAN),
            used["contract"].as_str().unwrap_or_default(),
            used["marked"]
        );
    }
}
