//! Workers that are killed while they read an index, and those that come after.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use anyhow::Context;
use index::Factory;
use secrecy::ExposeSecret;
use testkit::servers;

use crate::photos::{ELTON, enrolling, seen};
use crate::school::{LIMIT, School};
use crate::snapshots::following;
use crate::watch::Watch;
use domain::sighting::Outcome;

/// People of the snapshot whom nobody ever sees: enough for reading it to take a while.
const CROWD: usize = 20_000;
/// Lines of the log that came after it.
const CAME_AFTER: i64 = 40_000;

/// A worker of its own process; killed when dropped.
struct Process {
    child: Child,
    lines: Receiver<String>,
}

impl Process {
    fn start(school: &School) -> anyhow::Result<Self> {
        let settings = &school.settings;
        let mut child = Command::new(env!("CARGO_BIN_EXE_worker"))
            .envs(servers()?.environment())
            .env("ROLLCALL_DATABASE__URL", settings.database.url.expose_secret())
            .env("ROLLCALL_DEPLOYMENT__NAMESPACE", &settings.deployment.namespace)
            .env("ROLLCALL_HEALTH__BIND", "127.0.0.1:0")
            .env("ROLLCALL_LOG__FILTER", "info")
            .env("ROLLCALL_INDEX__SNAPSHOTS", &settings.index.snapshots)
            .env("ROLLCALL_VISION__WEIGHTS", &settings.vision.weights)
            .env("ROLLCALL_VISION__THREADS", "1")
            .env("ROLLCALL_FRAMES__TTL_MS", settings.frames.ttl_ms.to_string())
            .env("ROLLCALL_GLOBALS__WAIT_MS", "60000")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let output = child.stderr.take().context("no output")?;
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            let mut all = BufReader::new(output).lines().map_while(Result::ok);
            all.try_for_each(|line| sender.send(line))
        });
        Ok(Self { child, lines })
    }

    /// Waits until it logs this.
    fn says(&self, wanted: &str) -> anyhow::Result<()> {
        let until = std::time::Instant::now() + LIMIT;
        loop {
            let left = until.saturating_duration_since(std::time::Instant::now());
            let line = self.lines.recv_timeout(left).with_context(|| format!("it never said: {wanted}"))?;
            if line.contains(wanted) {
                return Ok(());
            }
        }
    }

    /// SIGKILL.
    fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        let said: Vec<String> = self.lines.try_iter().collect();
        let has_finished = said.iter().any(|line| line.contains("is searched from now on"));
        anyhow::ensure!(!has_finished, "it was killed too late");
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_killed_while_reading_or_replaying_leaves_the_next_one_a_good_index() -> anyhow::Result<()> {
    let school = School::open().await?;
    let enrolling_worker = school.worker().await?;
    let elton = school.enrolled("S001", enrolling(ELTON, 2)?).await?;
    enrolling_worker.stop().await?;
    let lesson = school.lesson(&[]).await?;
    let version = school.snapshot(Factory::Inverted { lists: 64 }, CROWD).await?;
    let revision = version.watermark + CAME_AFTER;
    school
        .execute(&format!(
            "INSERT INTO template_changes (organization_id, revision, contract, template_id, person_id, removed) \
             SELECT id, template_revision + number, contract, gen_random_uuid(), gen_random_uuid(), true \
             FROM organizations, generate_series(1, {CAME_AFTER}) AS number; \
             UPDATE organizations SET template_revision = template_revision + {CAME_AFTER}"
        ))
        .await?;
    for moment in ["an index is being loaded", "replaying what came after"] {
        let process = Process::start(&school)?;
        tokio::task::block_in_place(|| process.says(moment))?;
        process.kill()?;
    }
    let mut watch = Watch::begin(&school.redis).await?;
    let _process = Process::start(&school)?;
    let told = following(&school, 1, |_| true).await?;
    let [report] = &told[..] else { anyhow::bail!("{told:?}") };
    assert_eq!((report.version_id, report.watermark), (Some(version.id), revision));
    assert_eq!((report.templates, report.people), (CROWD + 1, CROWD + 1));
    let frame = school.send(lesson, seen(ELTON)?).await?;
    assert_eq!(watch.recognised(frame).await?.faces(), [(Outcome::NotOnRoster, Some(elton))]);
    Ok(())
}
