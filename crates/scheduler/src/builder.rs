//! One build: the templates of an organization and a contract become a snapshot.
//!
//! All of it is done on the connection that holds the lock of the builders, so whoever has lost the lock records
//! nothing. The snapshot is recorded when it lies complete at its place and was read back, and only then are older
//! ones given up: a build that breaks off leaves what was there before.

use std::time::Instant;

use chrono::TimeDelta;
use domain::index::{BuildCause, BuildStage, BuildState};
use index::GlobalIndex;
use index::snapshot::{self, Written};
use store::galleries::Reading;
use store::index_versions::IndexVersion;
use store::{Conn, StoreError, transaction};
use uuid::Uuid;

use crate::error::SchedulerError;
use crate::gathering::{ended, gather, holding};
use crate::progress::{Clock, Progress};
use crate::shelf::{Shelf, Subject};

/// What a build came to.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "there is one of a build, and few are not the large one")]
pub enum Built {
    /// There is a new snapshot.
    New(IndexVersion),
    /// The newest snapshot holds every change already.
    Unchanged,
    /// There are no templates left: the snapshots are gone too.
    Emptied,
}

impl Built {
    /// The state that it leaves its build in.
    #[must_use]
    pub fn state(&self) -> BuildState {
        match self {
            Self::New(_) => BuildState::New,
            Self::Unchanged => BuildState::Unchanged,
            Self::Emptied => BuildState::Emptied,
        }
    }
}

/// How many snapshots stay after a build. Where somebody is gone only the new one does: whatever is older may hold
/// them, too.
pub(crate) fn kept(shelf: &Shelf, cause: BuildCause) -> u32 {
    match cause {
        BuildCause::Removal => 1,
        BuildCause::Nightly | BuildCause::Requested | BuildCause::Growth => shelf.keep,
    }
}

/// The newest snapshot of `subject`, where it holds every change.
pub(crate) async fn current(
    conn: &mut Conn,
    shelf: &Shelf,
    subject: &Subject,
) -> Result<Option<IndexVersion>, SchedulerError> {
    let revision = store::templates::revision(conn, subject.organization_id).await?;
    let newest = store::index_versions::newest(conn, subject.organization_id, &subject.contract).await?;
    Ok(newest.filter(|version| shelf.is_current(version, revision)))
}

/// Whether a snapshot is still what was written. Else another is made, though nothing has changed.
async fn is_whole(
    conn: &mut Conn,
    shelf: &Shelf,
    version: &IndexVersion,
    progress: &mut Progress,
) -> Result<bool, SchedulerError> {
    progress.enter(BuildStage::Verifying, usize::try_from(version.templates).unwrap_or(0));
    let verified = holding(conn, snapshot::verify(&shelf.folder, &version.path, &version.sha256)).await?;
    if let Err(error) = &verified {
        let error = error as &dyn std::error::Error;
        tracing::warn!(error, index_version.id = %version.id, "a snapshot is not what was written, and is made anew");
    }
    Ok(verified.is_ok())
}

/// Builds the index of `subject`, records its snapshot, and with it how the build `id` ended.
///
/// # Errors
/// [`SchedulerError`] says which part failed; then the snapshots are what they were before, and the build has not
/// ended.
pub(crate) async fn build(
    conn: &mut Conn,
    shelf: &Shelf,
    subject: &Subject,
    id: Uuid,
    clock: Clock,
    progress: &mut Progress,
) -> Result<Built, SchedulerError> {
    let started = Instant::now();
    if let Some(newest) = current(conn, shelf, subject).await?
        && is_whole(conn, shelf, &newest, progress).await?
    {
        return ended_as(conn, id, Built::Unchanged, clock).await;
    }
    let Some(index) = read(conn, shelf, subject, progress).await? else {
        return ended_as(conn, id, Built::Emptied, clock).await;
    };
    let version = Uuid::now_v7();
    let written = write(conn, shelf, subject, version, index, progress).await?;
    let path = written.path.clone();
    let recorded = async {
        progress.enter(BuildStage::Verifying, written.templates);
        holding(conn, snapshot::verify(&shelf.folder, &written.path, &written.sha256)).await??;
        progress.enter(BuildStage::Recording, 0);
        let newest = store::index_versions::newest(conn, subject.organization_id, &subject.contract).await?;
        let mut version = record(shelf, subject, version, written, clock);
        // Whoever made the last one may have had a clock that is ahead of ours.
        if let Some(newest) = newest {
            version.created_at = version.created_at.max(newest.created_at + TimeDelta::microseconds(1));
        }
        version.build_ms = i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX);
        version.stages = progress.leave().clone();
        record_in(conn, &version, id, clock).await?;
        Ok(Built::New(version))
    };
    let recorded = recorded.await;
    // A record that was on its way when Postgres went may be there: then whoever gets the lock next knows.
    if recorded.as_ref().is_err_and(|error: &SchedulerError| !error.is_lost()) {
        shelf.delete(&path).await;
    }
    recorded
}

async fn read(
    conn: &mut Conn,
    shelf: &Shelf,
    subject: &Subject,
    progress: &mut Progress,
) -> Result<Option<GlobalIndex>, SchedulerError> {
    let Subject { organization_id, contract } = subject;
    let mut reading = Reading::begin(conn, &shelf.sealer, *organization_id, contract, shelf.folder.gallery()).await?;
    let gathered = gather(&mut reading, contract, shelf.exhaustive, progress).await;
    // What was wrong first matters more.
    let over = reading.end().await;
    let Some(builder) = gathered? else { return Ok(None) };
    over?;
    progress.enter(BuildStage::Checking, builder.len());
    let finishing = tokio::task::spawn_blocking(move || builder.finish());
    holding(conn, ended(finishing)).await?.map(Some)
}

async fn write(
    conn: &mut Conn,
    shelf: &Shelf,
    subject: &Subject,
    id: Uuid,
    index: GlobalIndex,
    progress: &mut Progress,
) -> Result<Written, SchedulerError> {
    progress.enter(BuildStage::Writing, index.len());
    let sealer = shelf.sealer.clone();
    let seal = move |plain: &[u8]| sealer.seal(id, plain);
    let writing = snapshot::write(&shelf.folder, subject.organization_id, id, index, seal);
    Ok(holding(conn, writing).await??)
}

fn record(shelf: &Shelf, subject: &Subject, id: Uuid, written: Written, clock: Clock) -> IndexVersion {
    IndexVersion {
        id,
        organization_id: subject.organization_id,
        contract: subject.contract.clone(),
        watermark: written.watermark,
        templates: i64::try_from(written.templates).unwrap_or(i64::MAX),
        factory: written.factory,
        path: written.path,
        sha256: written.sha256,
        bytes: i64::try_from(written.bytes).unwrap_or(i64::MAX),
        build_ms: 0,
        created_at: clock.now(),
        sealed_with: Some(shelf.sealer.fingerprint().to_owned()),
        probes: written.probes.and_then(|probes| i32::try_from(probes).ok()),
        recall: written.recall,
        stages: std::collections::BTreeMap::new(),
    }
}

/// The snapshot and the end of its build are on record together or not at all.
async fn record_in(conn: &mut Conn, version: &IndexVersion, build: Uuid, clock: Clock) -> Result<(), SchedulerError> {
    let recording = transaction::run(conn, async |tx| {
        store::index_versions::insert(tx, version).await?;
        let (stage, all) = (BuildStage::Recording, version.templates);
        store::index_builds::progress(tx, build, stage, all, all, clock.now()).await?;
        store::index_builds::end(tx, build, BuildState::New, Some(version.id), None, clock.now()).await?;
        Ok::<_, StoreError>(())
    });
    Ok(recording.await?)
}

async fn ended_as(conn: &mut Conn, id: Uuid, built: Built, clock: Clock) -> Result<Built, SchedulerError> {
    store::index_builds::end(conn, id, built.state(), None, None, clock.now()).await?;
    Ok(built)
}
