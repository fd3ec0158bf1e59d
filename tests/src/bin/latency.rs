//! Measures frame-to-WebSocket latency, and how much of it is Rollcall's own: total minus the time in the models.
//!
//! `scripts/bench-latency` starts the system and calls this.
#![expect(clippy::print_stdout, reason = "the figures are the output")]

use std::collections::HashMap;
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Parser;
use e2e::client::{Client, picture};
use e2e::live::Live;
use e2e::system::System;

const ANSWER_LIMIT: Duration = Duration::from_secs(30);

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    system: System,
    /// How many frames to measure.
    #[arg(long, default_value_t = 300)]
    frames: usize,
    /// Frames per second; low enough that none waits for another.
    #[arg(long, default_value_t = 4.0)]
    rate: f64,
}

/// Milliseconds of one frame.
struct Measured {
    total: f64,
    models: f64,
    queue: f64,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let admin = arguments.system.log_in("Latency").await?;
    let mut live = Live::open(&admin).await?;

    let portraits = arguments.system.pictures.join("face_recognition");
    let person_id = admin.create_person("P1", "Person").await?;
    admin.enroll(&person_id, vec![picture(&portraits.join("obama.jpg"))?]).await?;
    live.next_of("enrollment_finished", Duration::from_secs(120)).await?;
    let course_id = admin.create_course("C1", "Course").await?;
    admin.add_to_roster(&course_id, &[person_id]).await?;
    let session_id = admin.start_session(&course_id).await?;
    let (_, jpeg) = picture(&portraits.join("obama2.jpg"))?;

    // The first frames build the roster's index and warm caches that a running system has.
    measure(&admin, &mut live, &session_id, &jpeg, 10, arguments.rate).await?;
    let measured = measure(&admin, &mut live, &session_id, &jpeg, arguments.frames, arguments.rate).await?;

    println!("| milliseconds, {} frames at {}/s | p50 | p99 |", measured.len(), arguments.rate);
    println!("|---|---|---|");
    print_row("frame to WebSocket", measured.iter().map(|m| m.total).collect());
    print_row("of which models (detect and embed)", measured.iter().map(|m| m.models).collect());
    print_row("ours (total minus models)", measured.iter().map(|m| m.total - m.models).collect());
    print_row("of which queue (gateway to worker)", measured.iter().map(|m| m.queue).collect());
    Ok(())
}

/// Sends frames at a steady rate; a frame's time runs from the first byte sent to its event received.
async fn measure(
    admin: &Client,
    live: &mut Live,
    session_id: &str,
    jpeg: &[u8],
    frames: usize,
    rate: f64,
) -> anyhow::Result<Vec<Measured>> {
    let mut ticks = tokio::time::interval(Duration::from_secs_f64(1.0 / rate));
    let mut measured = Vec::with_capacity(frames);
    for _ in 0..frames {
        ticks.tick().await;
        let sent = Instant::now();
        let mut arrived: HashMap<String, Measured> = HashMap::new();
        let mut sending = std::pin::pin!(admin.send_frame(session_id, jpeg.to_vec()));
        let mut frame_id = None;
        // The event may come before the answer to the request.
        let result = loop {
            if let Some(result) = frame_id.as_ref().and_then(|id: &String| arrived.remove(id)) {
                break result;
            }
            tokio::select! {
                id = &mut sending, if frame_id.is_none() => frame_id = Some(id?),
                event = live.next_of("frame_recognized", ANSWER_LIMIT) => {
                    let event = event?;
                    let ms = |stage: &str| event["times"][stage].as_f64().unwrap_or_default();
                    let total = sent.elapsed().as_secs_f64() * 1e3;
                    let models = ms("detect_ms") + ms("embed_ms");
                    let id = event["frame_id"].as_str().context("an event without a frame")?.to_owned();
                    arrived.insert(id, Measured { total, models, queue: ms("queue_ms") });
                }
            }
        };
        measured.push(result);
    }
    Ok(measured)
}

fn print_row(name: &str, mut values: Vec<f64>) {
    values.sort_by(f64::total_cmp);
    let quantile = |share: f64| values.get((values.len() as f64 * share) as usize).copied().unwrap_or(f64::NAN);
    println!("| {name} | {:.1} | {:.1} |", quantile(0.5), quantile(0.99));
}
