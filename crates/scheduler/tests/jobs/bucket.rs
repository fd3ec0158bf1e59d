//! Snapshots in a bucket of an S3-compatible server: moto, of PyPI, where it is installed.

use std::net::TcpListener;
use std::process::Stdio;
use std::time::Duration;

use domain::index::BuildState;
use tokio::process::{Child, Command};

use crate::fixtures::Ground;
use crate::running::{LIMIT, Running, scheduler};

/// A server with a bucket called `faces`; `None` where there is none to be had.
async fn server() -> Option<(Child, String)> {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut command = Command::new("moto_server");
    command.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
    let server = command.stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true).spawn().ok()?;
    let url = format!("http://127.0.0.1:{port}");
    let mut looks = tokio::time::interval(Duration::from_millis(50));
    let starting = async {
        loop {
            looks.tick().await;
            let asked = reqwest::Client::new().put(format!("{url}/faces")).send().await;
            if asked.is_ok_and(|answer| answer.status().is_success()) {
                return;
            }
        }
    };
    tokio::time::timeout(LIMIT, starting).await.expect("a bucket");
    Some((server, url))
}

async fn keys(url: &str) -> Vec<String> {
    let text = reqwest::get(format!("{url}/faces?list-type=2")).await.unwrap().text().await.unwrap();
    text.split("<Key>").skip(1).map(|rest| rest.split("</Key>").next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn snapshots_lie_in_a_bucket_and_older_ones_are_given_up() {
    let Some((_server, url)) = server().await else {
        eprintln!("moto_server is not installed (pip install 'moto[server]'): nothing was tried");
        return;
    };
    let mut ground = Ground::new().await;
    ground.settings.index.snapshots = "s3://faces/of/ours".to_owned();
    let organization = ground.organization("School").await;
    let mut command = scheduler(&ground, env!("CARGO_BIN_EXE_scheduler"));
    command
        .env("AWS_REGION", "eu-central-1")
        .env("AWS_ENDPOINT_URL", &url)
        .env("AWS_ALLOW_HTTP", "true")
        .env("AWS_ACCESS_KEY_ID", "id")
        .env("AWS_SECRET_ACCESS_KEY", "secret");
    let _scheduler = Running::spawn(&mut command);
    let mut made = Vec::new();
    for round in 1..=4 {
        ground.crowd(organization, 1000, 16).await;
        ground.ask(organization).await;
        let builds = ground.settled_after(organization, round).await;
        assert_eq!(builds[0].state, BuildState::New, "{builds:?}");
        let newest = ground.newest(organization).await.unwrap();
        assert_eq!(newest.templates, 1000 * round as i64);
        made.push(format!("of/ours/{}", newest.path));
    }
    // Older ones go after the build is on record.
    let mut looks = tokio::time::interval(Duration::from_millis(50));
    let giving_up = async {
        while keys(&url).await != made[1..] {
            looks.tick().await;
        }
    };
    tokio::time::timeout(LIMIT, giving_up).await.expect("the newest three");
}
