//! One of many clients.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use e2e::client::Client;
use e2e::live::Live;
use reqwest::{RequestBuilder, Response};
use tokio::time::{Instant, MissedTickBehavior};

/// Each of so many requests of a client reads the attendance, the others post a frame.
const READ_EVERY: usize = 10;

/// What all clients share.
pub(crate) struct World {
    pub(crate) admin: Client,
    pub(crate) session_id: String,
    pub(crate) jpeg: Vec<u8>,
    pub(crate) rate: f64,
    /// Answers to what is sent before are not measured.
    pub(crate) begin: Instant,
    pub(crate) end: Instant,
}

/// What a client, or all of them, got.
#[derive(Default)]
pub(crate) struct Served {
    pub(crate) statuses: BTreeMap<u16, usize>,
    /// Milliseconds until each frame was answered with success.
    pub(crate) frames: Vec<f64>,
    /// Milliseconds until each attendance was.
    pub(crate) reads: Vec<f64>,
    pub(crate) events: usize,
    pub(crate) lost_sockets: usize,
}

impl Served {
    pub(crate) fn add(&mut self, other: Self) {
        for (status, count) in other.statuses {
            *self.statuses.entry(status).or_default() += count;
        }
        self.frames.extend(other.frames);
        self.reads.extend(other.reads);
        self.events += other.events;
        self.lost_sockets += other.lost_sockets;
    }
}

/// Makes the client's camera and opens its WebSocket; what is returned works until the end.
pub(crate) async fn connect(
    world: Arc<World>,
    number: usize,
) -> anyhow::Result<impl Future<Output = anyhow::Result<Served>>> {
    let key = world.admin.create_camera(&format!("Camera {number}")).await?;
    let live = Live::open(&world.admin).await?;
    let http = reqwest::Client::builder().timeout(Duration::from_secs(60)).build()?;
    Ok(async move {
        let (mut served, (events, lost_sockets)) =
            tokio::try_join!(send(&world, &http, &key, number), listen(live, world.end))?;
        (served.events, served.lost_sockets) = (events, lost_sockets);
        Ok(served)
    })
}

async fn send(world: &World, http: &reqwest::Client, key: &str, number: usize) -> anyhow::Result<Served> {
    let mut served = Served::default();
    let mut ticks = tokio::time::interval(Duration::from_secs_f64(1.0 / world.rate));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    for turn in number.. {
        ticks.tick().await;
        let sent = Instant::now();
        if sent >= world.end {
            break;
        }
        let reads = turn % READ_EVERY == 0;
        let response = if reads {
            world.admin.request_attendance(&world.session_id).send().await?
        } else {
            frame(world, http, key).send().await?
        };
        let is_success = response.status().is_success();
        let status = finish(response).await?;
        if sent < world.begin {
            continue;
        }
        *served.statuses.entry(status).or_default() += 1;
        if is_success {
            let milliseconds = sent.elapsed().as_secs_f64() * 1e3;
            if reads { served.reads.push(milliseconds) } else { served.frames.push(milliseconds) }
        }
    }
    Ok(served)
}

fn frame(world: &World, http: &reqwest::Client, key: &str) -> RequestBuilder {
    let address = format!("{}/api/v1/sessions/{}/frames", world.admin.base(), world.session_id);
    http.post(address).header("x-api-key", key).header("content-type", "image/jpeg").body(world.jpeg.clone())
}

async fn finish(response: Response) -> anyhow::Result<u16> {
    let status = response.status().as_u16();
    response.bytes().await.context("an answer that breaks off")?;
    Ok(status)
}

/// How many events came until the end, and 1 if the socket closed before.
async fn listen(mut live: Live, end: Instant) -> anyhow::Result<(usize, usize)> {
    let mut events = 0;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        match live.next(left).await {
            Ok(_) => events += 1,
            Err(_) if Instant::now() >= end => return Ok((events, 0)),
            Err(_) => return Ok((events, 1)),
        }
    }
}
