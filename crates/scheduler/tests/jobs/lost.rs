//! Builds that lose what they work with: the database, the lock, the disk, the snapshot that they have just written.

use std::path::{Path, PathBuf};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use domain::id::OrganizationId;
use domain::index::{BuildStage, BuildState};
use scheduler::indexes::{LOCK, Round};
use store::index_builds::IndexBuild;
use store::locks;
use testkit::network::Proxy;
use tokio_util::sync::CancellationToken;

use crate::fixtures::{Ground, contract, night};
use crate::running::{Running, scheduler};

const MANY: usize = 20_100;
const DIMENSION: usize = 16;

/// An organization with a snapshot of 100 people, and so many more that came after.
async fn grown(ground: &Ground, scheduler: &Running) -> OrganizationId {
    let organization = ground.organization("University").await;
    ground.crowd(organization, 100, DIMENSION).await;
    ground.ask(organization).await;
    ground.settled(organization).await;
    assert!(scheduler.id() > 0);
    ground.crowd(organization, MANY, DIMENSION).await;
    organization
}

async fn until_adding(ground: &Ground, organization: OrganizationId) -> uuid::Uuid {
    let adds = |builds: &[IndexBuild]| {
        builds.iter().find(|b| b.stage >= Some(BuildStage::Adding) && !b.state.is_over()).map(|b| b.id)
    };
    ground.eventually(organization, adds).await
}

/// The build that was broken off, and then the one that was made in its place.
async fn assert_begun_again(ground: &Ground, organization: OrganizationId, id: uuid::Uuid) {
    let again = |builds: &[IndexBuild]| builds.iter().find(|b| b.id > id && b.state.is_over()).cloned();
    let again = ground.eventually(organization, again).await;
    assert_eq!(again.state, BuildState::New);
    let builds = ground.settled(organization).await;
    let lost = builds.iter().find(|build| build.id == id).unwrap();
    assert_eq!((lost.state, lost.version_id), (BuildState::Interrupted, None));
    ground.assert_whole(organization, MANY + 100).await;
}

#[tokio::test]
async fn a_database_that_goes_in_the_midst_and_comes_back_gets_its_index() {
    let mut ground = Ground::new().await;
    let (proxy, url) =
        Proxy::in_front_of(secrecy::ExposeSecret::expose_secret(&ground.settings.database.url)).await.unwrap();
    ground.settings.database.url = url.into();
    let mut scheduler = Running::start(&ground);
    let organization = grown(&ground, &scheduler).await;
    scheduler.slow_down();
    let id = until_adding(&ground, organization).await;
    proxy.cut();
    // The lock ends with its connection.
    let mut conn = ground.conn().await;
    let mut looks = tokio::time::interval(Duration::from_millis(20));
    while !locks::try_lock(&mut conn, LOCK).await.unwrap() {
        looks.tick().await;
    }
    locks::unlock(&mut conn, LOCK).await.unwrap();
    proxy.heal();
    scheduler.go_on().await;
    assert_begun_again(&ground, organization, id).await;
}

#[tokio::test]
async fn a_builder_that_loses_its_lock_records_nothing() {
    let ground = Ground::new().await;
    let mut scheduler = Running::start(&ground);
    let organization = grown(&ground, &scheduler).await;
    scheduler.slow_down();
    let id = until_adding(&ground, organization).await;
    let holder = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' \
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    ground.execute(holder).await;
    let _other = Running::start(&ground);
    scheduler.go_on().await;
    assert_begun_again(&ground, organization, id).await;
}

#[tokio::test]
async fn a_full_disk_fails_the_build_and_room_makes_the_next_one_good() {
    let mut ground = Ground::new().await;
    ground.settings.index.snapshots = ground.snapshots.to_str().unwrap().to_owned();
    std::fs::create_dir_all(&ground.snapshots).unwrap();
    // A small disk of the process' own; where nobody may make one, files that may not grow.
    let disk = "mount -t tmpfs -o size=1m tmpfs \"$1\" && touch \"$1/disk\" && exec \"$0\"";
    let may_mount =
        std::process::Command::new("unshare").args(["-Urm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).status();
    let is_disk = may_mount.is_ok_and(|status| status.success());
    let program = env!("CARGO_BIN_EXE_scheduler");
    let mut command = scheduler(&ground, if is_disk { "unshare" } else { "sh" });
    if is_disk {
        command.args(["-Urm", "sh", "-c", disk, program]);
    } else {
        eprintln!("no disk of its own can be mounted here: the size of files is limited instead");
        command.args(["-c", "trap '' XFSZ; ulimit -f 1024; exec \"$0\"", program]);
    }
    command.arg(&ground.snapshots);
    let scheduler = Running::spawn(&mut command);
    let organization = grown(&ground, &scheduler).await;
    let builds = ground.settled_after(organization, 2).await;
    assert_eq!(builds[0].state, BuildState::Failed, "{builds:?}");
    let problem = builds[0].problem.clone().unwrap();
    let expected = if is_disk { "No space left on device" } else { "File too large" };
    assert!(problem.starts_with("a snapshot cannot be read or written: ") && problem.contains(expected), "{problem}");
    assert_eq!(builds[0].stage, Some(BuildStage::Writing));
    let old = ground.newest(organization).await.unwrap();
    assert_eq!(Some(old.id), builds[1].version_id);
    let seen: PathBuf = if is_disk {
        let path = ground.snapshots.strip_prefix("/").unwrap();
        Path::new("/proc").join(scheduler.id().to_string()).join("root").join(path)
    } else {
        ground.snapshots.clone()
    };
    let files = std::fs::read_dir(seen.join(organization.to_string())).unwrap();
    let files: Vec<_> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(files, [Path::new(&old.path).file_name().unwrap().to_str().unwrap()], "nothing is left of it");
    scheduler.kill().await;

    // The old one is where the old disk was; on a larger one there is room.
    let _roomy = Running::start(&ground);
    ground.ask(organization).await;
    let builds = ground.settled_after(organization, 3).await;
    assert_eq!(builds[0].state, BuildState::New);
    let newest = ground.newest(organization).await.unwrap();
    assert_eq!(ground.read(&newest).await.people(), MANY + 100);
}

/// Looks, and between any two steps does `meddle` with the files of the organization.
async fn look_meddled(ground: &Ground, organization: OrganizationId, mut meddle: impl FnMut(&Path)) -> Round {
    let folder = ground.snapshots.join(organization.to_string());
    let (mut indexes, stop) = (ground.indexes(), CancellationToken::new());
    let mut looking = pin!(indexes.look(night(0), &stop));
    let round = std::future::poll_fn(move |context| {
        for file in std::fs::read_dir(&folder).into_iter().flatten() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "index") {
                meddle(&path);
            }
        }
        match looking.as_mut().poll(context) {
            Poll::Ready(round) => Poll::Ready(round),
            Poll::Pending => Poll::Pending,
        }
    });
    round.await.unwrap()
}

async fn check_damaged(damage: impl Fn(&Path), problem: &str) {
    let ground = Ground::new().await;
    let organization = ground.organization("School").await;
    ground.enrolled(organization, 0.0).await;
    ground.ask(organization).await;
    crate::fixtures::look(&mut ground.indexes(), 0).await;
    let old = ground.newest(organization).await.unwrap();
    ground.enrolled(organization, 1.0).await;
    ground.ask(organization).await;
    let (whole, mut is_damaged) = (ground.snapshots.join(&old.path), false);
    let round = look_meddled(&ground, organization, |path| {
        if path != whole && !std::mem::replace(&mut is_damaged, true) {
            damage(path);
        }
    });
    assert_eq!(round.await, Round::Done { built: Vec::new(), failed: 1 });
    let build = ground.builds(organization).await.remove(0);
    assert_eq!((build.state, build.stage), (BuildState::Failed, Some(BuildStage::Verifying)));
    let said = build.problem.unwrap();
    assert!(said.contains(problem), "{said}");
    assert_eq!(ground.newest(organization).await, Some(old));
    ground.assert_no_orphans(organization).await;
    store::index_builds::request(
        &mut *ground.conn().await,
        organization,
        &contract(),
        domain::index::BuildCause::Requested,
        night(0),
    )
    .await
    .unwrap();
    crate::fixtures::look(&mut ground.indexes(), 0).await;
    ground.assert_whole(organization, 2).await;
}

#[tokio::test]
async fn a_snapshot_that_is_damaged_after_it_was_written_is_not_recorded() {
    let flip = |path: &Path| {
        let mut bytes = std::fs::read(path).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        std::fs::write(path, bytes).unwrap();
    };
    check_damaged(flip, "its SHA-256 is not the one on record").await;
    let truncate = |path: &Path| std::fs::OpenOptions::new().write(true).open(path).unwrap().set_len(100).unwrap();
    check_damaged(truncate, "").await;
    check_damaged(|path| std::fs::remove_file(path).unwrap(), "a snapshot cannot be read or written").await;
}
