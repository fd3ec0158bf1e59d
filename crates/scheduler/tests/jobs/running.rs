//! The scheduler as a process of its own, which can be slowed down and killed.

use std::process::Stdio;
use std::time::Duration;

use domain::id::OrganizationId;
use domain::index::{BuildCause, BuildState};
use store::index_builds::IndexBuild;
use tokio::process::{Child, Command};

use crate::fixtures::{Ground, contract};

pub(crate) const LIMIT: Duration = Duration::from_secs(240);

/// A process that dies with this value.
pub(crate) struct Running {
    child: Child,
    slowing: Option<Child>,
}

impl Running {
    /// A scheduler that looks every second and knows no nights.
    pub(crate) fn start(ground: &Ground) -> Self {
        Self::spawn(&mut scheduler(ground, env!("CARGO_BIN_EXE_scheduler")))
    }

    pub(crate) fn spawn(command: &mut Command) -> Self {
        Self { child: command.spawn().unwrap(), slowing: None }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id().unwrap()
    }

    /// Lets it run for a small part of the time only.
    pub(crate) fn slow_down(&mut self) {
        let pulse = "while kill -STOP $0; do sleep 0.03; kill -CONT $0; sleep 0.01; done";
        let mut command = Command::new("sh");
        command.args(["-c", pulse, &self.id().to_string()]).stderr(Stdio::null()).kill_on_drop(true);
        self.slowing.get_or_insert_with(|| command.spawn().unwrap());
    }

    /// Lets it run at its full speed again.
    pub(crate) async fn go_on(&mut self) {
        if let Some(mut slowing) = self.slowing.take() {
            slowing.kill().await.unwrap();
            Command::new("kill").args(["-CONT", &self.id().to_string()]).status().await.unwrap();
        }
    }

    /// SIGKILL.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }
}

/// What starts a scheduler as `program`.
pub(crate) fn scheduler(ground: &Ground, program: &str) -> Command {
    let (settings, mut command) = (&ground.settings, Command::new(program));
    let url = secrecy::ExposeSecret::expose_secret;
    command
        .env("ROLLCALL_DATABASE__URL", url(&settings.database.url))
        .env("ROLLCALL_DATABASE__TEMPLATE_KEY", url(&settings.database.template_key))
        .env("ROLLCALL_BROKER__URL", url(&settings.broker.url))
        .env("ROLLCALL_REDIS__URL", url(&settings.redis.url))
        .env("ROLLCALL_DEPLOYMENT__NAMESPACE", &settings.deployment.namespace)
        .env("ROLLCALL_INDEX__SNAPSHOTS", &settings.index.snapshots)
        .env("ROLLCALL_INDEX__EXHAUSTIVE_TEMPLATES", settings.index.exhaustive_templates.to_string())
        .env("ROLLCALL_HEALTH__BIND", "127.0.0.1:0")
        .env("ROLLCALL_LOG__FILTER", "warn")
        .env("ROLLCALL_SCHEDULE__INDEX_LOOK_SECONDS", "1")
        .env("ROLLCALL_SCHEDULE__NIGHTLY_INDEX", "0 0 0 1 1 * 2099")
        .kill_on_drop(true);
    command
}

impl Ground {
    pub(crate) async fn ask(&self, organization: OrganizationId) {
        let (mut conn, now) = (self.conn().await, chrono::Utc::now());
        store::index_builds::request(&mut conn, organization, &contract(), BuildCause::Requested, now).await.unwrap();
    }

    /// What `find` finds among the builds of an organization, as soon as it does; the newest comes first.
    pub(crate) async fn eventually<T>(
        &self,
        organization: OrganizationId,
        mut find: impl FnMut(&[IndexBuild]) -> Option<T>,
    ) -> T {
        let mut looks = tokio::time::interval(Duration::from_millis(20));
        let finding = async {
            loop {
                looks.tick().await;
                if let Some(found) = find(&self.builds(organization).await) {
                    return found;
                }
            }
        };
        match tokio::time::timeout(LIMIT, finding).await {
            Ok(found) => found,
            Err(_) => panic!("{:#?}", self.builds(organization).await),
        }
    }

    /// Waits until nothing is left to do.
    pub(crate) async fn settled(&self, organization: OrganizationId) -> Vec<IndexBuild> {
        let over = |builds: &[IndexBuild]| builds.iter().all(|build| build.state.is_over()).then(|| builds.to_vec());
        self.eventually(organization, over).await
    }

    /// Waits until so many builds were begun and are over.
    pub(crate) async fn settled_after(&self, organization: OrganizationId, count: usize) -> Vec<IndexBuild> {
        let over = |builds: &[IndexBuild]| {
            let is_settled = builds.len() >= count && builds.iter().all(|build| build.state.is_over());
            is_settled.then(|| builds.to_vec())
        };
        self.eventually(organization, over).await
    }

    /// The newest snapshot is of the newest build that came to one, finds everybody, and every file lies there for
    /// one on record.
    pub(crate) async fn assert_whole(&self, organization: OrganizationId, people: usize) {
        let newest = self.newest(organization).await.unwrap();
        let builds = self.builds(organization).await;
        let last = builds.iter().find(|build| build.state == BuildState::New).unwrap();
        assert_eq!(last.version_id, Some(newest.id));
        assert_eq!(self.read(&newest).await.people(), people);
        self.assert_no_orphans(organization).await;
    }

    pub(crate) async fn assert_no_orphans(&self, organization: OrganizationId) {
        let versions = store::index_versions::list(&mut *self.conn().await, organization).await.unwrap();
        let mut expected: Vec<_> = versions.into_iter().map(|version| self.snapshots.join(version.path)).collect();
        let folder = std::fs::read_dir(self.snapshots.join(organization.to_string())).unwrap();
        let mut found: Vec<_> = folder.map(|file| file.unwrap().path()).collect();
        expected.sort();
        found.sort();
        assert_eq!(found, expected);
    }
}
