//! A private database per test.
//!
//! Cloned from a template that holds the migrations, so a test waits for a copy of files and not for the migrations.
//! The template is made once per state of `migrations/`, by whichever test process comes first.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, anyhow};
use diesel::sql_types::{BigInt, Text};
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use diesel_migrations::{FileBasedMigrations, MigrationHarness};
use sha2::{Digest, Sha256};
use url::Url;
use uuid::Uuid;

use crate::servers::{servers, workspace_root};

/// A database of its own, dropped with this value, whoever is still connected.
pub struct TestDatabase {
    name: String,
    url: String,
    server: Url,
}

/// Databases of tests that were killed are dropped by later tests when they are this old.
const LEFTOVER_SECONDS: u64 = 3600;

/// Held while the template is made. An arbitrary number.
const TEMPLATE_LOCK: i64 = 0x7465_6d70_6c61_7465;

impl TestDatabase {
    /// A database with all migrations applied.
    ///
    /// # Errors
    /// When Postgres cannot be reached or a migration fails.
    pub async fn create() -> anyhow::Result<Self> {
        let server = server()?;
        let mut admin = connect(&server).await?;
        let template = ensure_template(&mut admin, &server).await?;
        Self::made(&mut admin, server, &format!("TEMPLATE {template}")).await
    }

    /// A database with nothing in it.
    ///
    /// # Errors
    /// When Postgres cannot be reached.
    pub async fn empty() -> anyhow::Result<Self> {
        let server = server()?;
        let mut admin = connect(&server).await?;
        Self::made(&mut admin, server, "").await
    }

    async fn made(admin: &mut AsyncPgConnection, server: Url, how: &str) -> anyhow::Result<Self> {
        sweep(admin).await?;
        let name = format!("rollcall_test_{}_{}", seconds_now(), Uuid::new_v4().simple());
        admin.batch_execute(&format!("CREATE DATABASE {name} {how}")).await.context("cannot make a database")?;
        let url = on_database(&server, &name).into();
        Ok(Self { name, url, server })
    }

    /// Where it is: `postgres://user:password@host:port/database`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Runs SQL in it: for states that the program no longer makes.
    ///
    /// # Errors
    /// When Postgres cannot be reached or refuses.
    pub async fn execute(&self, sql: &str) -> anyhow::Result<()> {
        let mut conn = AsyncPgConnection::establish(&self.url).await?;
        Ok(conn.batch_execute(sql).await?)
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        // A thread with its own runtime, since the test's is busy with us or gone. What fails is swept later.
        let (server, name) = (self.server.clone(), self.name.clone());
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async { drop_database(&mut connect(&server).await?, &name).await })
        });
        match dropping.join() {
            Ok(Ok(())) => {}
            Ok(Err(error)) => eprintln!("database {} was left behind: {error:#}", self.name),
            Err(_) => eprintln!("database {} was left behind", self.name),
        }
    }
}

fn server() -> anyhow::Result<Url> {
    servers()?.database_url()?.parse().context("the address of Postgres is no URL")
}

fn on_database(server: &Url, name: &str) -> Url {
    let mut url = server.clone();
    url.set_path(name);
    url
}

async fn connect(url: &Url) -> anyhow::Result<AsyncPgConnection> {
    AsyncPgConnection::establish(url.as_str()).await.context("cannot reach Postgres: is `scripts/services` running?")
}

/// Makes the template of the present migrations unless it is there, and answers with its name.
async fn ensure_template(admin: &mut AsyncPgConnection, server: &Url) -> anyhow::Result<String> {
    let name = format!("rollcall_template_{}", migrations_hash()?);
    if names_like(admin, &name).await?.contains(&name) {
        return Ok(name);
    }
    // The lock ends with the connection, should we fail.
    diesel::sql_query("SELECT pg_advisory_lock($1)").bind::<BigInt, _>(TEMPLATE_LOCK).execute(admin).await?;
    if !names_like(admin, &name).await?.contains(&name) {
        for outdated in names_like(admin, "rollcall_template_%").await? {
            drop_database(admin, &outdated).await?;
        }
        // Named as the template only when complete.
        let unfinished = format!("{name}_unfinished");
        admin.batch_execute(&format!("CREATE DATABASE {unfinished}")).await?;
        migrate(&on_database(server, &unfinished)).await?;
        admin.batch_execute(&format!("ALTER DATABASE {unfinished} RENAME TO {name}")).await?;
    }
    diesel::sql_query("SELECT pg_advisory_unlock($1)").bind::<BigInt, _>(TEMPLATE_LOCK).execute(admin).await?;
    Ok(name)
}

fn migrations_hash() -> anyhow::Result<String> {
    let mut files = Vec::new();
    for folder in std::fs::read_dir(workspace_root().join("migrations"))? {
        files.push(folder?.path().join("up.sql"));
    }
    files.sort();
    let mut hash = Sha256::new();
    for file in files {
        hash.update(std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?);
    }
    Ok(hex::encode(&hash.finalize()[..8]))
}

async fn migrate(url: &Url) -> anyhow::Result<()> {
    let conn = connect(url).await?;
    let migrations = FileBasedMigrations::from_path(workspace_root().join("migrations"))?;
    let migrating = tokio::task::spawn_blocking(move || {
        let mut harness: AsyncConnectionWrapper<AsyncPgConnection> = conn.into();
        harness.run_pending_migrations(migrations).map(|_| ())
    });
    migrating.await?.map_err(|error| anyhow!(error).context("a migration failed"))
}

async fn sweep(admin: &mut AsyncPgConnection) -> anyhow::Result<()> {
    let eldest = seconds_now().saturating_sub(LEFTOVER_SECONDS);
    for name in names_like(admin, "rollcall_test_%").await? {
        let made = name.split('_').nth(2).and_then(|seconds| seconds.parse::<u64>().ok());
        if made.is_some_and(|seconds| seconds < eldest) {
            // Another test may be sweeping, too; what is left is swept next time.
            drop_database(admin, &name).await.ok();
        }
    }
    Ok(())
}

async fn names_like(admin: &mut AsyncPgConnection, pattern: &str) -> anyhow::Result<Vec<String>> {
    #[derive(diesel::QueryableByName)]
    struct Found {
        #[diesel(sql_type = Text)]
        name: String,
    }
    let found: Vec<Found> = diesel::sql_query("SELECT datname::text AS name FROM pg_database WHERE datname LIKE $1")
        .bind::<Text, _>(pattern)
        .load(admin)
        .await?;
    Ok(found.into_iter().map(|row| row.name).collect())
}

async fn drop_database(admin: &mut AsyncPgConnection, name: &str) -> anyhow::Result<()> {
    admin.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
    Ok(())
}

fn seconds_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use diesel::sql_types::BigInt;
    use diesel_async::{RunQueryDsl, SimpleAsyncConnection};

    use super::{TestDatabase, connect, names_like, server};

    #[derive(diesel::QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }

    async fn people(database: &TestDatabase) -> anyhow::Result<i64> {
        let mut conn = connect(&database.url().parse()?).await?;
        let query = "SELECT count(*) AS count FROM information_schema.tables WHERE table_name = 'people'";
        Ok(diesel::sql_query(query).get_result::<Count>(&mut conn).await?.count)
    }

    #[tokio::test]
    async fn databases_are_private_and_go_with_their_test() -> anyhow::Result<()> {
        let (first, second) = tokio::try_join!(TestDatabase::create(), TestDatabase::create())?;
        assert_ne!(first.url(), second.url());
        let empty = TestDatabase::empty().await?;
        assert_eq!((people(&first).await?, people(&empty).await?), (1, 0));

        // Somebody is still connected.
        let _conn = connect(&first.url().parse()?).await?;
        let name = first.name.clone();
        drop(first);
        assert!(names_like(&mut connect(&server()?).await?, &name).await?.is_empty());
        Ok(())
    }

    #[tokio::test]
    async fn what_a_killed_test_left_behind_is_swept() -> anyhow::Result<()> {
        let mut admin = connect(&server()?).await?;
        let name = format!("rollcall_test_1000_{}", uuid::Uuid::new_v4().simple());
        admin.batch_execute(&format!("CREATE DATABASE {name}")).await?;
        let _database = TestDatabase::empty().await?;
        assert!(names_like(&mut admin, &name).await?.is_empty());
        Ok(())
    }
}
