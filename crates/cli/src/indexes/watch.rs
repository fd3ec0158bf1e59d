//! Waiting for builds, and telling how they come along.

use std::time::{Duration, Instant};

use domain::id::OrganizationId;
use domain::index::{BuildStage, BuildState};
use store::index_builds::{self, IndexBuild};
use store::{Conn, StoreError};
use uuid::Uuid;

use super::words;

/// How often it is looked.
const LOOK: Duration = Duration::from_millis(500);
/// How long schedulers may leave a build alone before it is asked whether there are any.
const PATIENCE: Duration = Duration::from_secs(30);

/// A build that somebody waits for.
pub(crate) struct Watched {
    /// The organization and the contract.
    pub(crate) label: String,
    /// The organization.
    pub(crate) organization: OrganizationId,
    /// The build, or the one that follows it.
    pub(crate) id: Uuid,
    told: Option<Told>,
    since: Instant,
    is_reminded: bool,
}

/// What was told last: a line follows when any of it changes.
type Told = (Uuid, BuildState, Option<BuildStage>, Option<i64>);

impl Watched {
    /// A build of which nothing was told yet.
    pub(crate) fn new(label: String, build: &IndexBuild) -> Self {
        let (organization, id) = (build.organization_id, build.id);
        Self { label, organization, id, told: None, since: Instant::now(), is_reminded: false }
    }

    fn tell(&mut self, build: &IndexBuild) {
        let tenth = words::percent(build).map(|percent| percent / 10);
        let news = (build.id, build.state, build.stage, tenth);
        if self.told != Some(news) {
            println!("{}: {}", self.label, words::build(build));
            self.told = Some(news);
        }
        if build.state == BuildState::Waiting && !self.is_reminded && self.since.elapsed() > PATIENCE {
            println!("{}: no scheduler has begun with it: is one running, or is it busy with others?", self.label);
            self.is_reminded = true;
        }
    }
}

/// Waits until all builds are over, those that follow interrupted ones too, and answers how many failed.
pub(crate) async fn until_over(conn: &mut Conn, mut open: Vec<Watched>) -> anyhow::Result<usize> {
    let mut failed = 0;
    let mut looks = tokio::time::interval(LOOK);
    while !open.is_empty() {
        looks.tick().await;
        let mut left = Vec::new();
        for mut watched in open {
            let build = match index_builds::find(conn, watched.organization, watched.id).await {
                Err(StoreError::NotFound) => {
                    println!("{}: the build was forgotten: `rollcall index status` shows what there is", watched.label);
                    failed += 1;
                    continue;
                }
                found => found?,
            };
            watched.tell(&build);
            match build.state {
                BuildState::Waiting | BuildState::Running => left.push(watched),
                BuildState::Interrupted => match follower(conn, &build).await? {
                    Some(next) => left.push(Watched { id: next, ..watched }),
                    None => failed += 1,
                },
                BuildState::Failed => failed += 1,
                BuildState::New | BuildState::Unchanged | BuildState::Emptied => {}
            }
        }
        open = left;
    }
    Ok(failed)
}

/// The build that was asked for in the place of one that was interrupted.
async fn follower(conn: &mut Conn, build: &IndexBuild) -> anyhow::Result<Option<Uuid>> {
    let latest = index_builds::latest(conn, build.organization_id).await?;
    let mut later = latest.iter().filter(|other| other.contract == build.contract);
    // Newest first: the one that is nearest to it comes last.
    Ok(later.rfind(|other| other.id > build.id).map(|next| next.id))
}
