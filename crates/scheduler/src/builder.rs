//! One build: the templates of an organization and a contract become a snapshot.
//!
//! The snapshot is recorded when it lies complete at its place, and only then are older ones given up: a build that
//! breaks off leaves what was there before.

use std::collections::BTreeMap;
use std::time::Instant;

use chrono::{DateTime, Utc};
use domain::contract::ContractId;
use domain::id::OrganizationId;
use index::snapshot::{self, SnapshotFolder, Written};
use index::{GlobalIndex, TemplateChange};
use store::index_versions::IndexVersion;
use store::templates::Change;
use store::{Conn, Sealer};
use uuid::Uuid;

use crate::error::SchedulerError;

/// Template changes read at once: a few megabytes.
const PAGE: i64 = 2000;

/// Whose templates, and of which kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The organization.
    pub organization_id: OrganizationId,
    /// The contract.
    pub contract: ContractId,
}

/// Where snapshots go.
#[derive(Clone)]
pub struct Shelf {
    /// Opens templates and seals snapshots.
    pub sealer: Sealer,
    /// Where they lie.
    pub folder: SnapshotFolder,
    /// How many are kept of each subject.
    pub keep: u32,
}

/// What a build came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Built {
    /// There is a new snapshot.
    New(IndexVersion),
    /// The newest snapshot holds every change already.
    Unchanged,
    /// There are no templates left: the snapshots are gone too.
    Emptied,
}

/// Builds the index of `subject` as of now and records its snapshot.
///
/// # Errors
/// [`SchedulerError`] says which part failed; then the snapshots are what they were before.
pub async fn build(
    conn: &mut Conn,
    shelf: &Shelf,
    subject: &Subject,
    now: DateTime<Utc>,
) -> Result<Built, SchedulerError> {
    let started = Instant::now();
    let Subject { organization_id, contract } = subject;
    let watermark = store::templates::revision(conn, *organization_id).await?;
    let newest = store::index_versions::newest(conn, *organization_id, contract).await?;
    let fingerprint = shelf.sealer.fingerprint();
    let is_current = |version: IndexVersion| {
        version.watermark == watermark
            && shelf.folder.is_of_gallery(&version.path)
            && version.sealed_with.as_deref() == Some(fingerprint)
    };
    if newest.is_some_and(is_current) {
        discard(conn, shelf, subject, shelf.keep).await?;
        return Ok(Built::Unchanged);
    }
    let index = replay(conn, shelf, subject, watermark).await?;
    if index.is_empty() {
        discard(conn, shelf, subject, 0).await?;
        return Ok(Built::Emptied);
    }
    let id = Uuid::now_v7();
    let sealer = shelf.sealer.clone();
    let seal = move |plain: &[u8]| sealer.seal(id, plain);
    let written = snapshot::write(&shelf.folder, *organization_id, id, index, seal).await?;
    let version = record(shelf, subject, id, written, started, now);
    if let Err(error) = store::index_versions::insert(conn, &version).await {
        delete(&shelf.folder, &version.path).await;
        return Err(error.into());
    }
    discard(conn, shelf, subject, shelf.keep).await?;
    Ok(Built::New(version))
}

/// The index of all changes up to `watermark`.
async fn replay(
    conn: &mut Conn,
    shelf: &Shelf,
    subject: &Subject,
    watermark: i64,
) -> Result<GlobalIndex, SchedulerError> {
    let Subject { organization_id, contract } = subject;
    let mut index = GlobalIndex::new(contract.clone());
    loop {
        let after = index.watermark();
        let (sealer, gallery) = (&shelf.sealer, shelf.folder.gallery());
        let page =
            store::templates::changes_since(conn, sealer, *organization_id, contract, gallery, after, PAGE).await?;
        let wanted: Vec<TemplateChange> =
            page.into_iter().filter(|change| change.revision <= watermark).map(line).collect();
        if wanted.is_empty() {
            break;
        }
        index.apply(&wanted)?;
    }
    index.advance_to(watermark);
    Ok(index)
}

fn line(change: Change) -> TemplateChange {
    let Change { revision, template_id, person_id, embedding } = change;
    TemplateChange { revision, template_id, person_id, embedding }
}

fn record(
    shelf: &Shelf,
    subject: &Subject,
    id: Uuid,
    written: Written,
    started: Instant,
    now: DateTime<Utc>,
) -> IndexVersion {
    let whole = |number: u128| i64::try_from(number).unwrap_or(i64::MAX);
    IndexVersion {
        id,
        organization_id: subject.organization_id,
        contract: subject.contract.clone(),
        watermark: written.watermark,
        templates: whole(written.templates as u128),
        factory: written.factory,
        path: written.path,
        sha256: written.sha256,
        bytes: whole(written.bytes.into()),
        build_ms: whole(started.elapsed().as_millis()),
        created_at: now,
        sealed_with: Some(shelf.sealer.fingerprint().to_owned()),
        probes: None,
        recall: None,
        stages: BTreeMap::new(),
    }
}

/// Gives up all but the newest `keep` snapshots, and what lies beside them and is on no record: a build that broke off
/// left it. A snapshot is forgotten only when it is gone, since the faces in it outlive whoever was deleted meanwhile.
async fn discard(conn: &mut Conn, shelf: &Shelf, subject: &Subject, keep: u32) -> Result<(), SchedulerError> {
    let Subject { organization_id, contract } = subject;
    let old = store::index_versions::beyond_newest(conn, *organization_id, contract, keep.into()).await?;
    for (id, path) in old {
        if delete(&shelf.folder, &path).await {
            store::index_versions::forget(conn, id).await?;
        }
    }
    let known = store::index_versions::paths(conn, *organization_id).await?;
    match snapshot::list(&shelf.folder, *organization_id).await {
        Ok(found) => {
            for path in found.into_iter().filter(|path| !known.contains(path)) {
                delete(&shelf.folder, &path).await;
            }
        }
        Err(error) => {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, organization.id = %organization_id, "the snapshots of an organization cannot be listed");
        }
    }
    Ok(())
}

/// Whether a snapshot is gone. One that stays is tried again with the next build, so this one is good without.
async fn delete(folder: &SnapshotFolder, path: &str) -> bool {
    match snapshot::delete(folder, path).await {
        Ok(()) => true,
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, path, "a snapshot was left behind");
            false
        }
    }
}
