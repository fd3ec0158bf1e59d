//! Gateway, worker and scheduler in the test's own process, on a database and namespace of the test's own.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context;
use chrono::Utc;
use domain::id::UserId;
use domain::user::{Role, User};
use e2e::client::Client;
use messaging::{Broker, BrokerSettings, FrameQueueSettings, Namespace};
use tempfile::TempDir;
use testkit::{Servers, TestDatabase, TestNamespace, servers, workspace_root};
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

const ADMIN: &str = "admin@example.org";
const PASSWORD: &str = "correct horse battery staple";
/// What a fresh hash of [`PASSWORD`] costs: bcrypt's least, since nobody attacks a test.
const COST: u32 = 4;
/// Signs nothing but receipts of tests.
const SIGNING_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const FRAMES: &str = "ttl_ms = 60000\nmax_length = 100\n";

/// A running Rollcall. Its tasks stop when it is dropped.
pub(crate) struct System {
    address: String,
    /// Settings of `rollcall`.
    operator: PathBuf,
    _database: TestDatabase,
    namespace: TestNamespace,
    _folder: TempDir,
    _stop: DropGuard,
    _tasks: Vec<JoinHandle<anyhow::Result<()>>>,
}

impl System {
    /// Starts all three on free ports.
    pub(crate) async fn start() -> anyhow::Result<Self> {
        Self::start_with("").await
    }

    /// The same with more settings in the worker's section `[vision]`.
    pub(crate) async fn start_with(vision: &str) -> anyhow::Result<Self> {
        let (database, namespace, folder) = (TestDatabase::create().await?, TestNamespace::create()?, TempDir::new()?);
        let shared = shared_settings(&servers()?, &database, &namespace)?;
        let stop = CancellationToken::new();
        let gateway = {
            let secret = servers()?.value("ROLLCALL_AUTH__JWT_SECRET")?.to_owned();
            let own = format!(
                "[http]\nbind = \"127.0.0.1:0\"\n[auth]\njwt_secret = \"{secret}\"\n\
                 [receipts]\nsigning_key = \"{SIGNING_KEY}\"\n[frames]\n{FRAMES}"
            );
            let file = write(&folder, "gateway.toml", &(shared.clone() + &own))?;
            gateway::Application::build(&gateway::Settings::load(Some(&file))?).await?
        };
        let worker = {
            let weights = workspace_root().join("weights");
            let own = format!(
                "[health]\nbind = \"127.0.0.1:0\"\n[frames]\n{FRAMES}[vision]\nweights = {weights:?}\nthreads = 1\n{vision}\
                 [recognition]\ncool_down_seconds = 0\nmin_detection_score = 0.0\n[index]\nsnapshots = {:?}\n",
                folder.path().join("snapshots")
            );
            let file = write(&folder, "worker.toml", &(shared.clone() + &own))?;
            worker::Application::build(&worker::Settings::load(Some(&file))?).await?
        };
        let weights = workspace_root().join("weights");
        let own = format!("[vision]\nweights = {weights:?}\nthreads = 1\n");
        let operator = write(&folder, "rollcall.toml", &(shared.clone() + &own))?;
        let address = format!("http://127.0.0.1:{}", gateway.port());
        let tasks = vec![
            tokio::spawn(gateway.run_until_stopped(stop.clone())),
            tokio::spawn(worker.run_until_stopped(stop.clone())),
        ];
        add_admin(&database).await?;
        let _stop = stop.drop_guard();
        Ok(Self { address, operator, _database: database, namespace, _folder: folder, _stop, _tasks: tasks })
    }

    /// The administrator, acting in a new organization.
    pub(crate) async fn admin(&self) -> anyhow::Result<Client> {
        let client = Client::log_in(&self.address, ADMIN, PASSWORD).await?;
        let organization_id = client.create_organization("School").await?;
        Ok(client.within(&organization_id))
    }

    /// Runs `rollcall`; answers whether it succeeded and what it printed.
    pub(crate) async fn rollcall(&self, arguments: &[&str]) -> anyhow::Result<(bool, String)> {
        let test = std::env::current_exe()?;
        let folder = test.parent().and_then(Path::parent).context("the test lies in target/*/deps")?;
        let mut command = tokio::process::Command::new(folder.join("rollcall"));
        let output = command.arg("--config").arg(&self.operator).args(arguments).output().await?;
        let printed = [output.stdout, output.stderr].concat();
        Ok((output.status.success(), String::from_utf8_lossy(&printed).into_owned()))
    }

    /// The address of the gateway.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The broker, for messages that only an unlucky broker would deliver.
    pub(crate) async fn broker(&self) -> anyhow::Result<Broker> {
        let settings = BrokerSettings { url: self.namespace.broker_url().to_owned().into(), queue_expires_ms: None };
        let frames = FrameQueueSettings { ttl_ms: 60_000, max_length: 100 };
        Ok(Broker::connect(&settings, &Namespace::new(self.namespace.name()), frames).await?)
    }
}

fn shared_settings(servers: &Servers, database: &TestDatabase, namespace: &TestNamespace) -> anyhow::Result<String> {
    let mut text = String::new();
    writeln!(text, "[database]\nurl = {:?}\ntemplate_key = {:?}", database.url(), servers.template_key()?)?;
    writeln!(text, "[broker]\nurl = {:?}\n[redis]\nurl = {:?}", namespace.broker_url(), namespace.redis_url())?;
    writeln!(text, "[deployment]\nnamespace = {:?}\n[log]\nfilter = \"warn\"", namespace.name())?;
    Ok(text)
}

fn write(folder: &TempDir, name: &str, text: &str) -> anyhow::Result<PathBuf> {
    let path = folder.path().join(name);
    std::fs::write(&path, text).with_context(|| format!("write {}", path.display()))?;
    Ok(path)
}

async fn add_admin(database: &TestDatabase) -> anyhow::Result<()> {
    let settings = store::DatabaseSettings {
        url: database.url().to_owned().into(),
        pool_size: 1,
        template_key: servers()?.template_key()?.to_owned().into(),
        old_template_keys: String::new().into(),
    };
    let user = User {
        id: UserId::new(),
        organization_id: None,
        email: ADMIN.to_owned(),
        role: Role::Admin,
        person_id: None,
        created_at: Utc::now(),
    };
    let pool = store::connect(&settings)?;
    Ok(store::users::insert(&mut *store::get(&pool).await?, &user, &bcrypt::hash(PASSWORD, COST)?).await?)
}
