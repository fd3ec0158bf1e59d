//! A Rollcall of real processes, private to one test.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use e2e::client::Client;
use tempfile::TempDir;
use tokio::process::{Child, Command};

const ADMIN: &str = "admin@example.org";
const PASSWORD: &str = "correct horse battery staple";
const START_LIMIT: Duration = Duration::from_secs(120);

/// Settings as environment variables, `ROLLCALL_SECTION__KEY` to value.
pub(crate) type Environment = BTreeMap<String, String>;

/// One running process; killed when dropped.
pub(crate) struct Process {
    name: &'static str,
    child: Child,
    address: String,
}

/// The processes of one Rollcall, on a database, broker and Redis of the test's own.
pub(crate) struct System {
    environment: Environment,
    gateway: Process,
    _snapshots: TempDir,
}

impl System {
    /// Migrates the database of `environment`, makes an administrator, and starts a gateway.
    pub(crate) async fn start(mut environment: Environment) -> anyhow::Result<Self> {
        environment.insert("ROLLCALL_VISION__WEIGHTS".to_owned(), root().join("weights").display().to_string());
        let snapshots = TempDir::new()?;
        // Every sighting is to be counted.
        environment.insert("ROLLCALL_RECOGNITION__COOL_DOWN_SECONDS".to_owned(), "0".to_owned());
        environment.insert("ROLLCALL_INDEX__SNAPSHOTS".to_owned(), snapshots.path().display().to_string());
        run(&environment, &["migrate"], "").await?;
        run(&environment, &["create-admin", "--email", ADMIN], PASSWORD).await?;
        let gateway = Process::start("gateway", "ROLLCALL_HTTP__BIND", &environment).await?;
        Ok(Self { environment, gateway, _snapshots: snapshots })
    }

    /// Starts a worker and waits until its models are warm.
    pub(crate) async fn start_worker(&self) -> anyhow::Result<Process> {
        Process::start("worker", "ROLLCALL_HEALTH__BIND", &self.environment).await
    }

    /// Starts a scheduler.
    pub(crate) async fn start_scheduler(&self) -> anyhow::Result<Process> {
        Process::start("scheduler", "ROLLCALL_HEALTH__BIND", &self.environment).await
    }

    /// The administrator, acting in a new organization.
    pub(crate) async fn admin(&self) -> anyhow::Result<Client> {
        let client = Client::log_in(&self.gateway.address, ADMIN, PASSWORD).await?;
        let organization_id = client.create_organization("School").await?;
        Ok(client.within(&organization_id))
    }
}

impl Process {
    async fn start(name: &'static str, bind: &str, environment: &Environment) -> anyhow::Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let child = Command::new(binary(name))
            .envs(environment)
            .env(bind, format!("127.0.0.1:{port}"))
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("start {name}; `cargo build --workspace --bins` makes it"))?;
        let mut process = Self { name, child, address: format!("http://127.0.0.1:{port}") };
        process.wait_ready().await?;
        Ok(process)
    }

    async fn wait_ready(&mut self) -> anyhow::Result<()> {
        let started = Instant::now();
        let mut probes = tokio::time::interval(Duration::from_millis(100));
        while started.elapsed() < START_LIMIT {
            probes.tick().await;
            if let Some(status) = self.child.try_wait()? {
                bail!("{} ended with {status} before it was ready", self.name);
            }
            if reqwest::get(format!("{}/readyz", self.address)).await.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(());
            }
        }
        bail!("{} did not become ready", self.name)
    }

    /// Ends the process as a power cut would (SIGKILL).
    pub(crate) async fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill().await.context("kill")
    }
}

/// Settings for a test's own database and namespace on the shared servers.
pub(crate) fn on_shared_servers(database_url: &str, namespace: &str) -> anyhow::Result<Environment> {
    let mut environment = read_environment(&root().join("run/services.env"))?;
    environment.insert("ROLLCALL_DATABASE__URL".to_owned(), database_url.to_owned());
    environment.insert("ROLLCALL_DEPLOYMENT__NAMESPACE".to_owned(), namespace.to_owned());
    Ok(environment)
}

/// Servers of the test's own, so that it may restart them; stopped when dropped.
pub(crate) struct PrivateServers {
    folder: PathBuf,
}

impl PrivateServers {
    /// Starts Postgres, RabbitMQ and Redis with their data under `folder`.
    pub(crate) async fn start(folder: PathBuf) -> anyhow::Result<Self> {
        let servers = Self { folder };
        servers.command(&["start", "--fast"]).await?;
        Ok(servers)
    }

    /// Settings for these servers.
    pub(crate) fn environment(&self) -> anyhow::Result<Environment> {
        read_environment(&self.folder.join("services.env"))
    }

    /// Restarts one of them, keeping its data.
    pub(crate) async fn restart(&self, server: &str) -> anyhow::Result<()> {
        self.command(&["restart", server]).await
    }

    async fn command(&self, arguments: &[&str]) -> anyhow::Result<()> {
        let status = Command::new(root().join("scripts/services"))
            .args(arguments)
            .env("ROLLCALL_RUN", &self.folder)
            .status()
            .await
            .context("run scripts/services")?;
        ensure!(status.success(), "scripts/services {arguments:?} ended with {status}");
        Ok(())
    }
}

impl Drop for PrivateServers {
    fn drop(&mut self) {
        // Nothing is lost when this fails: the folder is a temporary one.
        let _ = std::process::Command::new(root().join("scripts/services"))
            .arg("erase")
            .env("ROLLCALL_RUN", &self.folder)
            .status();
    }
}

/// Asks `probe` until it answers something, for at most `limit`.
pub(crate) async fn eventually<T>(
    what: &str,
    limit: Duration,
    mut probe: impl AsyncFnMut() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<T> {
    let started = Instant::now();
    let mut probes = tokio::time::interval(Duration::from_millis(100));
    while started.elapsed() < limit {
        probes.tick().await;
        if let Some(answer) = probe().await? {
            return Ok(answer);
        }
    }
    bail!("{what}: not within {limit:?}")
}

/// The checkout.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the workspace").to_path_buf()
}

async fn run(environment: &Environment, arguments: &[&str], input: &str) -> anyhow::Result<()> {
    use tokio::io::AsyncWriteExt;
    let mut child = Command::new(binary("rollcall")).args(arguments).envs(environment).stdin(Stdio::piped()).spawn()?;
    child.stdin.take().context("no input")?.write_all(input.as_bytes()).await?;
    let status = child.wait().await?;
    ensure!(status.success(), "rollcall {arguments:?} ended with {status}");
    Ok(())
}

/// Test binaries lie in `deps/`, beside the folder of the processes.
fn binary(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("the test has a path");
    test.parent().and_then(Path::parent).expect("the test lies in target/*/deps").join(name)
}

fn read_environment(path: &Path) -> anyhow::Result<Environment> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("read {}; `scripts/services start` makes it", path.display()))?;
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    Ok(pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect())
}
