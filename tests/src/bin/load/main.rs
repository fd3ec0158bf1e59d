//! Many clients at once: each holds a live WebSocket, posts frames with a camera's key and reads the attendance now and
//! then. Prints what was answered and how fast, and how much memory the gateway took from beginning to end.
//!
//! Ends with an error when anything but success, 429 or 503 was answered, when a WebSocket was lost, or when the gateway's
//! memory grew. `scripts/bench-load` starts the system and calls this.
#![expect(clippy::print_stdout, reason = "the figures are the output")]

mod client;
mod memory;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use clap::Parser;
use e2e::client::picture;
use e2e::system::System;
use tokio::time::Instant;

use client::{Served, World};

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    system: System,
    /// Process id of the gateway, whose memory is watched.
    #[arg(long)]
    gateway_pid: u32,
    /// How many clients.
    #[arg(long, default_value_t = 200)]
    clients: usize,
    /// Frames per second of each; a client that waits for an answer sends none meanwhile.
    #[arg(long, default_value_t = 1.0)]
    rate: f64,
    /// Seconds that are measured, after a tenth of that which is not.
    #[arg(long, default_value_t = 120)]
    seconds: u64,
}

/// How much more memory the gateway may have in the last quarter of the run than in the second one, as a share.
const MOST_GROWTH: f64 = 0.05;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let admin = arguments.system.log_in("Load").await?;
    let course_id = admin.create_course("C1", "Course").await?;
    let session_id = admin.start_session(&course_id).await?;
    let (_, jpeg) = picture(&arguments.system.pictures.join("face_recognition/obama2.jpg"))?;
    println!("{} clients, each {} frames of {} KiB per second", arguments.clients, arguments.rate, jpeg.len() / 1024);

    let begin = Instant::now() + Duration::from_secs(arguments.seconds / 10);
    let end = begin + Duration::from_secs(arguments.seconds);
    let world = Arc::new(World { admin, session_id, jpeg, rate: arguments.rate, begin, end });
    let mut clients = Vec::with_capacity(arguments.clients);
    for number in 0..arguments.clients {
        // One after the other: the gateway is to be measured at work, not at everybody's arrival.
        let client = client::connect(Arc::clone(&world), number).await?;
        clients.push(tokio::spawn(client));
    }
    ensure!(Instant::now() < begin, "connecting took longer than the time that is not measured: take more --seconds");
    let watching = tokio::spawn(memory::watch(arguments.gateway_pid, begin, end));

    let mut all = Served::default();
    for client in clients {
        all.add(client.await.context("a client panicked")??);
    }
    let memory = watching.await.context("the memory watch panicked")??;
    report(&all, &memory, arguments.seconds);
    let bad: BTreeMap<_, _> =
        all.statuses.iter().filter(|(status, _)| !matches!(status, 200..=299 | 429 | 503)).collect();
    if !bad.is_empty() {
        bail!("answers that there should be none of: {bad:?}");
    }
    ensure!(all.lost_sockets == 0, "{} live WebSockets were lost", all.lost_sockets);
    ensure!(memory.growth() <= MOST_GROWTH, "the gateway's memory grew by {:.1} %", memory.growth() * 100.0);
    Ok(())
}

fn report(served: &Served, memory: &memory::Memory, seconds: u64) {
    println!("| | answers | per second | p50 ms | p95 ms | p99 ms | longest ms |");
    println!("|---|---|---|---|---|---|---|");
    row("frame posted", &served.frames, seconds);
    row("attendance read", &served.reads, seconds);
    println!("answers by status: {:?}; live events received: {}", served.statuses, served.events);
    println!(
        "gateway's resident memory, MiB: median {:.0} in the second quarter, {:.0} in the last ({:+.1} %), most {:.0}",
        memory.second_quarter,
        memory.last_quarter,
        memory.growth() * 100.0,
        memory.most
    );
}

fn row(name: &str, milliseconds: &[f64], seconds: u64) {
    let mut sorted = milliseconds.to_vec();
    sorted.sort_by(f64::total_cmp);
    let quantile = |share: f64| {
        let last = sorted.len().saturating_sub(1);
        sorted.get((last as f64 * share).round() as usize).copied().unwrap_or(f64::NAN)
    };
    let rate = sorted.len() as f64 / seconds as f64;
    println!(
        "| {name} | {} | {rate:.1} | {:.1} | {:.1} | {:.1} | {:.1} |",
        sorted.len(),
        quantile(0.5),
        quantile(0.95),
        quantile(0.99),
        quantile(1.0)
    );
}
