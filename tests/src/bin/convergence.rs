//! Measures how soon all workers answer by what was just enrolled or deleted, while frames come in all the time.
//!
//! `scripts/bench-convergence` starts the system with two workers and calls this.
#![expect(clippy::print_stdout, reason = "the figures are the output")]

use std::collections::HashMap;
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Parser;
use e2e::client::{Client, picture};
use e2e::live::Live;
use e2e::system::System;
use serde_json::Value;
use tokio::sync::mpsc;

const LIMIT: Duration = Duration::from_secs(60);
/// So many right answers in a row come from both workers: the broker deals frames out in turn.
const RUN: usize = 6;

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    system: System,
    /// How many enrollments, and as many deletions: half of people on the roster, half of people known to the organization.
    #[arg(long, default_value_t = 100)]
    rounds: usize,
    /// Frames per second.
    #[arg(long, default_value_t = 20.0)]
    rate: f64,
}

/// What was said about one frame.
struct Answer {
    sent: Instant,
    heard: Instant,
    /// Ids of the people that it names.
    named: Vec<String>,
}

struct Seen {
    answers: mpsc::UnboundedReceiver<Answer>,
    enrolled: mpsc::UnboundedReceiver<(Instant, Value)>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let admin = arguments.system.log_in("Convergence").await?;
    let portraits = arguments.system.pictures.join("face_recognition");
    let photo = picture(&portraits.join("obama.jpg"))?;
    let (_, jpeg) = picture(&portraits.join("obama2.jpg"))?;
    // Somebody else is always there, so that neither roster nor organization is ever empty.
    let other = admin.create_person("P0", "Somebody else").await?;
    admin.enroll(&other, vec![picture(&portraits.join("biden.jpg"))?]).await?;
    let course_id = admin.create_course("C1", "Course").await?;
    admin.add_to_roster(&course_id, &[other]).await?;
    let session_id = admin.start_session(&course_id).await?;
    let live = Live::open(&admin).await?;
    let (sender, sent) = mpsc::unbounded_channel();
    let camera = tokio::spawn(film(admin.clone(), session_id, jpeg, arguments.rate, sender));
    let mut seen = listen(live, sent);

    let (mut found, mut forgotten) = (Vec::new(), Vec::new());
    for round in 0..arguments.rounds {
        let person = admin.create_person(&format!("P{}", round + 1), "Person").await?;
        if round % 2 == 0 {
            admin.add_to_roster(&course_id, std::slice::from_ref(&person)).await?;
        }
        admin.enroll(&person, vec![photo.clone()]).await?;
        let at = enrolled(&mut seen.enrolled, &person).await?;
        found.push(until(&mut seen.answers, at, |answer| answer.named.contains(&person)).await?.first_right);
        admin.delete(&format!("people/{person}")).await?;
        let at = Instant::now();
        forgotten.push(until(&mut seen.answers, at, |answer| !answer.named.contains(&person)).await?.last_wrong);
    }
    camera.abort();
    println!("| milliseconds, {} of each, a frame each {:.0} ms | median | worst |", found.len(), 1e3 / arguments.rate);
    println!("|---|---|---|");
    print_row("enrollment announced, until every frame that is sent is answered with the person", found);
    print_row("deletion answered with 2xx, until the last answer that names the person is heard", forgotten);
    Ok(())
}

/// When the end of the person's enrollment was heard of.
async fn enrolled(events: &mut mpsc::UnboundedReceiver<(Instant, Value)>, person: &str) -> anyhow::Result<Instant> {
    loop {
        let (at, event) = tokio::time::timeout(LIMIT, events.recv()).await?.context("the socket closed")?;
        if event["person_id"] == person {
            anyhow::ensure!(event["state"] == "completed", "an enrollment ended as {}", event["state"]);
            return Ok(at);
        }
    }
}

/// Sends one frame after another.
async fn film(
    admin: Client,
    session_id: String,
    jpeg: Vec<u8>,
    rate: f64,
    sent: mpsc::UnboundedSender<(String, Instant)>,
) -> anyhow::Result<()> {
    let mut ticks = tokio::time::interval(Duration::from_secs_f64(1.0 / rate));
    loop {
        ticks.tick().await;
        let at = Instant::now();
        let id = admin.send_frame(&session_id, jpeg.clone()).await?;
        sent.send((id, at))?;
    }
}

/// Puts frames and what is said about them together.
fn listen(mut live: Live, mut sent: mpsc::UnboundedReceiver<(String, Instant)>) -> Seen {
    let (answered, answers) = mpsc::unbounded_channel();
    let (told, enrolled) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        // The event may come before the answer to the request.
        let mut waiting: HashMap<String, Instant> = HashMap::new();
        let mut heard: HashMap<String, (Instant, Vec<String>)> = HashMap::new();
        loop {
            let frame = tokio::select! {
                Some((id, at)) = sent.recv() => {
                    waiting.insert(id.clone(), at);
                    id
                }
                event = live.next(LIMIT) => {
                    let event = event?;
                    match event["type"].as_str() {
                        Some("frame_recognized") => {
                            let id = event["frame_id"].as_str().unwrap_or_default().to_owned();
                            heard.insert(id.clone(), (Instant::now(), named(&event)));
                            id
                        }
                        Some("enrollment_finished") => {
                            told.send((Instant::now(), event))?;
                            continue;
                        }
                        _ => continue,
                    }
                }
            };
            if let Some(sent) = waiting.get(&frame).copied()
                && let Some((heard, named)) = heard.remove(&frame)
            {
                waiting.remove(&frame);
                answered.send(Answer { sent, heard, named })?;
            }
        }
        #[expect(unreachable_code, reason = "says how the loop fails")]
        Ok::<(), anyhow::Error>(())
    });
    Seen { answers, enrolled }
}

fn named(event: &Value) -> Vec<String> {
    let sightings = event["sightings"].as_array().into_iter().flatten();
    sightings.filter_map(|sighting| sighting["person_id"].as_str().map(str::to_owned)).collect()
}

/// Milliseconds after a moment.
struct Turned {
    /// When the first frame of those was sent that were all answered rightly.
    first_right: f64,
    /// When the last wrong answer was heard.
    last_wrong: f64,
}

/// Waits for right answers to so many frames in a row that were sent after `at`.
async fn until(
    answers: &mut mpsc::UnboundedReceiver<Answer>,
    at: Instant,
    is_right: impl Fn(&Answer) -> bool,
) -> anyhow::Result<Turned> {
    let after = |moment: Instant| moment.saturating_duration_since(at).as_secs_f64() * 1e3;
    let (mut turned, mut run, mut was_wrong) = (Turned { first_right: 0.0, last_wrong: 0.0 }, 0, false);
    while run < RUN {
        let answer = tokio::time::timeout(LIMIT, answers.recv()).await?.context("the socket closed")?;
        if !is_right(&answer) {
            turned.last_wrong = turned.last_wrong.max(after(answer.heard));
        }
        if answer.sent < at {
            continue;
        }
        if !is_right(&answer) {
            (run, was_wrong) = (0, true);
            continue;
        }
        if run == 0 && was_wrong {
            turned.first_right = after(answer.sent);
        }
        run += 1;
    }
    Ok(turned)
}

fn print_row(name: &str, mut values: Vec<f64>) {
    values.sort_by(f64::total_cmp);
    let median = values.get(values.len() / 2).copied().unwrap_or(f64::NAN);
    let worst = values.last().copied().unwrap_or(f64::NAN);
    println!("| {name} | {median:.0} | {worst:.0} |");
}
