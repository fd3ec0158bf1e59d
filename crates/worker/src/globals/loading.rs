//! Where an index comes from: the newest good snapshot, else Postgres; and what came after.

use std::error::Error;
use std::time::Instant;

use index::snapshot::{self, Wanted};
use index::{Builder, Factory, GlobalIndex, IndexError, TemplateChange};
use store::StoreError;
use store::galleries::{Reading, Searched};
use store::index_versions::IndexVersion;
use store::templates::Change;
use uuid::Uuid;

use super::{Key, Sources};
use crate::blocking::blocking;
use crate::measure;

/// Changes that are read and applied together.
const PAGE: i64 = 1000;

/// Why an index cannot follow its organization.
#[derive(Debug, thiserror::Error)]
pub(super) enum FollowError {
    #[error("the templates cannot be read")]
    Store(#[from] StoreError),
    #[error("the changes cannot be applied")]
    Index(#[from] IndexError),
}

/// What was loaded.
pub(super) struct Loaded {
    /// With what came after up to a moment ago; `None` where no snapshot was good and there is no need to do without.
    pub(super) index: Option<GlobalIndex>,
    /// The snapshot that it was read from; `None`: from Postgres.
    pub(super) version: Option<Uuid>,
    /// The watermark of that.
    pub(super) began_at: i64,
    /// The newest snapshot that there is, tried or not.
    pub(super) newest: Option<Uuid>,
    /// Whether it was tried and is no good.
    pub(super) refused: bool,
}

/// What an index is loaded for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// There is none: an older snapshot will do, and so will Postgres.
    First,
    /// One serves that began with this watermark: a snapshot that is older is not worth it.
    Newer { than: i64 },
}

/// Loads the index of an organization's templates of one contract.
pub(super) async fn load(sources: &Sources, key: &Key, purpose: Purpose) -> Result<Loaded, FollowError> {
    let revision = sources.revision(key.0).await?;
    let (newest, snapshots) = candidates(sources, key, revision).await?;
    let mut refused = false;
    for version in snapshots {
        let is_worth_it = match purpose {
            Purpose::First => true,
            Purpose::Newer { than } => Some(version.id) == newest && version.watermark >= than,
        };
        if !is_worth_it {
            continue;
        }
        let (id, began_at) = (version.id, version.watermark);
        match read(sources, key, version).await {
            Ok(index) => {
                let index = replay(sources, key, index, "a snapshot was read").await?;
                return Ok(Loaded { index: Some(index), version: Some(id), began_at, newest, refused });
            }
            Err(error) => {
                measure::snapshot_refused();
                let error = &error as &dyn Error;
                tracing::error!(organization.id = %key.0, snapshot.id = %id, error, "a snapshot is refused");
                refused |= newest == Some(id);
            }
        }
    }
    if purpose != Purpose::First {
        return Ok(Loaded { index: None, version: None, began_at: revision, newest, refused });
    }
    let began = Instant::now();
    let index = build(sources, key).await?;
    measure::index_loaded("database", began.elapsed());
    let began_at = index.watermark();
    let index = replay(sources, key, index, "the templates were read").await?;
    Ok(Loaded { index: Some(index), version: None, began_at, newest, refused })
}

/// The newest snapshot, and those that may be read, the newest first.
async fn candidates(
    sources: &Sources,
    key: &Key,
    revision: i64,
) -> Result<(Option<Uuid>, Vec<IndexVersion>), StoreError> {
    let mut conn = store::get(&sources.pool).await?;
    let all = store::index_versions::list(&mut conn, key.0).await?;
    let mut all: Vec<IndexVersion> = all.into_iter().filter(|version| version.contract == key.1).collect();
    let newest = all.first().map(|version| version.id);
    // One that is ahead of the log is from before the database was restored to an earlier day.
    all.retain(|version| version.watermark <= revision && sources.snapshots.is_of_gallery(&version.path));
    Ok((newest, all))
}

async fn read(sources: &Sources, key: &Key, version: IndexVersion) -> Result<GlobalIndex, IndexError> {
    let began = Instant::now();
    let (sealer, id) = (sources.sealer.clone(), version.id);
    let wanted =
        Wanted { organization_id: key.0, contract: version.contract, path: version.path, sha256: version.sha256 };
    let index = snapshot::read(&sources.snapshots, wanted, move |sealed| sealer.open(id, sealed).ok()).await?;
    measure::index_loaded("snapshot", began.elapsed());
    Ok(index)
}

/// The index of all templates that are searched now, as Postgres has them: exact, for there is nothing to be trained with.
async fn build(sources: &Sources, key: &Key) -> Result<GlobalIndex, FollowError> {
    let mut conn = store::get(&sources.pool).await?;
    let gallery = sources.snapshots.gallery();
    let mut reading = Reading::begin(&mut conn, &sources.sealer, key.0, &key.1, gallery).await?;
    let built = build_of(&mut reading, key).await;
    let ended = reading.end().await;
    let index = built?;
    ended?;
    Ok(index)
}

async fn build_of(reading: &mut Reading<'_>, key: &Key) -> Result<GlobalIndex, FollowError> {
    let watermark = reading.watermark();
    let mut page = reading.page(None, PAGE).await?;
    let Some(first) = page.first() else {
        let mut empty = GlobalIndex::new(key.1.clone());
        empty.advance_to(watermark);
        return Ok(empty);
    };
    let dimension = first.embedding.as_slice().len();
    let mut builder = Builder::new(key.1.clone(), Factory::Flat, dimension, watermark, page.len())?;
    while let Some(last) = page.last().map(|searched| searched.template_id) {
        let row = |searched: Searched| (searched.template_id, searched.person_id, searched.embedding);
        builder.add(&page.into_iter().map(row).collect::<Vec<_>>())?;
        page = reading.page(Some(last), PAGE).await?;
    }
    Ok(blocking(move || builder.finish()).await?)
}

/// Takes in what the log has beyond the watermark of an index that nobody searches yet.
async fn replay(
    sources: &Sources,
    key: &Key,
    index: GlobalIndex,
    what: &'static str,
) -> Result<GlobalIndex, FollowError> {
    let (began, revision) = (Instant::now(), sources.revision(key.0).await?);
    let (watermark, templates) = (index.watermark(), index.len());
    tracing::info!(organization.id = %key.0, templates, watermark, revision, "{what}; replaying what came after");
    let mut index = index;
    while index.watermark() < revision {
        index = next(sources, key, index, revision).await?;
    }
    measure::index_replayed(began.elapsed());
    Ok(index)
}

/// The state of an index after the next page of the changes up to `revision`, and with that watermark where there are no more.
/// Later ones are left: a page may hold but half of a commit.
pub(super) async fn next(
    sources: &Sources,
    key: &Key,
    index: GlobalIndex,
    revision: i64,
) -> Result<GlobalIndex, FollowError> {
    let (mut index, gallery) = (index, sources.snapshots.gallery());
    let mut conn = store::get(&sources.pool).await?;
    let after = index.watermark();
    let page = store::templates::changes_since(&mut conn, &sources.sealer, key.0, &key.1, gallery, after, PAGE).await?;
    drop(conn);
    let is_full = i64::try_from(page.len()).is_ok_and(|count| count == PAGE);
    let is_last = !is_full || page.last().is_some_and(|last| last.revision >= revision);
    let changes: Vec<TemplateChange> = page.into_iter().filter(|one| one.revision <= revision).map(change).collect();
    if !changes.is_empty() {
        measure::template_changes(changes.len());
        index = blocking(move || index.apply(&changes).map(|()| index)).await?;
    }
    if is_last {
        // The numbers that are left belong to other contracts.
        index.advance_to(revision);
    }
    Ok(index)
}

fn change(change: Change) -> TemplateChange {
    TemplateChange {
        revision: change.revision,
        template_id: change.template_id,
        person_id: change.person_id,
        embedding: change.embedding,
    }
}
