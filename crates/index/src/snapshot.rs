//! Global indexes on disk, or wherever `object_store` reaches.
//!
//! A snapshot is one object: a line of text that says what it is, the length of a header and the header (JSON, in
//! plain), then sealed chunks of entries, each with its length before it. An entry is a template's id, its person's id
//! and its floats, little-endian. Lengths are little-endian `u32`.
//!
//! The object's SHA-256 is not in it: whoever writes one records the sum with the path, and reads it back by both. A
//! folder gets it under a temporary name, flushed and renamed, so a snapshot is there whole or not at all.
//!
//! Sealing is the caller's: templates are encrypted at rest with a key that this crate never sees.

mod format;

use std::path::Path as FilePath;
use std::sync::Arc;

use domain::contract::ContractId;
use domain::enrollment::Gallery;
use domain::id::OrganizationId;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{ObjectStore, ObjectStoreExt};
use serde::Deserialize;
use uuid::Uuid;

use crate::error::IndexError;
use crate::global::GlobalIndex;

/// Section `[index]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SnapshotSettings {
    /// Where snapshots lie: a folder, or a URL that `object_store` knows.
    pub snapshots: String,
    /// How many are kept of each organization and contract.
    pub keep: u32,
    /// Which templates are searched: each person's pooled one, or all samples. The same in the scheduler.
    #[serde(default)]
    pub gallery: Gallery,
}

/// Where snapshots of one gallery lie; cheap to clone.
#[derive(Debug, Clone)]
pub struct SnapshotFolder {
    store: Arc<dyn ObjectStore>,
    gallery: Gallery,
}

/// A snapshot that was written, for the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Where it lies, below the folder.
    pub path: String,
    /// SHA-256 of the object, in hex.
    pub sha256: String,
    /// Length of the object.
    pub bytes: u64,
    /// How many templates it holds.
    pub templates: usize,
    /// The revision up to which it holds every change.
    pub watermark: i64,
    /// The FAISS factory string of the index that reading it gives.
    pub factory: &'static str,
}

/// A snapshot to be read, as the record has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Whose templates they are.
    pub organization_id: OrganizationId,
    /// Their contract.
    pub contract: ContractId,
    /// Where it lies, below the folder.
    pub path: String,
    /// SHA-256 of the object, in hex.
    pub sha256: String,
}

impl SnapshotFolder {
    /// Opens the folder of the settings, and makes it where it is missing.
    ///
    /// # Errors
    /// [`IndexError::Folder`] when it can be neither opened nor made.
    pub fn open(settings: &SnapshotSettings) -> Result<Self, IndexError> {
        let (name, gallery) = (&settings.snapshots, settings.gallery);
        let refuse = |problem: String| IndexError::Folder { folder: name.clone(), problem };
        if let Ok(url) = url::Url::parse(name)
            && url.scheme() != "file"
        {
            let (store, prefix) = object_store::parse_url(&url).map_err(|error| refuse(error.to_string()))?;
            return Ok(Self { store: Arc::new(PrefixStore::new(store, prefix)), gallery });
        }
        let folder = FilePath::new(name.strip_prefix("file://").unwrap_or(name));
        std::fs::create_dir_all(folder).map_err(|error| refuse(error.to_string()))?;
        let store = LocalFileSystem::new_with_prefix(folder).map_err(|error| refuse(error.to_string()))?;
        Ok(Self { store: Arc::new(store.with_fsync(true)), gallery })
    }

    /// Which templates its snapshots hold.
    #[must_use]
    pub fn gallery(&self) -> Gallery {
        self.gallery
    }

    /// Whether the snapshot that lies at `path` is of this folder's gallery, which its name says.
    #[must_use]
    pub fn is_of_gallery(&self, path: &str) -> bool {
        // Those without a name of it are older than pooled templates.
        let is_pooled = path.ends_with(&format!(".{}.index", domain::wire::name(&Gallery::Pooled)));
        is_pooled == (self.gallery == Gallery::Pooled)
    }
}

/// Checks a sample of `index` and writes it as the snapshot `id`, sealed by `seal`.
///
/// # Errors
/// [`IndexError::Unsound`] when the index does not find its own templates, [`IndexError::Storage`] when the folder does
/// not take it; then there is no snapshot.
pub async fn write(
    folder: &SnapshotFolder,
    organization: OrganizationId,
    id: Uuid,
    index: GlobalIndex,
    seal: impl Fn(&[u8]) -> Vec<u8> + Send + 'static,
) -> Result<Written, IndexError> {
    let encoded = off_the_async_threads(move || {
        index.check_sample()?;
        Ok::<_, IndexError>(format::encode(organization, &index, seal))
    });
    let format::Encoded { payload, sha256, templates, watermark } = encoded.await?;
    let gallery = domain::wire::name(&folder.gallery);
    let path = Path::from_iter([organization.to_string(), format!("{id}.{gallery}.index")]);
    let bytes = payload.content_length() as u64;
    folder.store.put(&path, payload).await?;
    Ok(Written { path: path.to_string(), sha256, bytes, templates, watermark, factory: format::FLAT })
}

/// Reads a snapshot; `open` opens what `seal` sealed, or says that it cannot.
///
/// # Errors
/// [`IndexError::Corrupt`] when it is not what was recorded or of another gallery, [`IndexError::Storage`] when it cannot be read.
pub async fn read(
    folder: &SnapshotFolder,
    wanted: Wanted,
    open: impl Fn(&[u8]) -> Option<Vec<u8>> + Send + 'static,
) -> Result<GlobalIndex, IndexError> {
    if !folder.is_of_gallery(&wanted.path) {
        return Err(IndexError::Corrupt { path: wanted.path, problem: "it is of another gallery" });
    }
    let object = folder.store.get(&Path::from(wanted.path.as_str())).await?.bytes().await?;
    off_the_async_threads(move || {
        let corrupt = |problem| IndexError::Corrupt { path: wanted.path.clone(), problem };
        if format::sha256(&[&object]) != wanted.sha256 {
            return Err(corrupt("its SHA-256 is not the one on record"));
        }
        let index = format::decode(&object, &wanted, open)?.map_err(corrupt)?;
        index.check_sample()?;
        Ok(index)
    })
    .await
}

/// The paths of what lies there of an organization, on record or not.
///
/// # Errors
/// [`IndexError::Storage`] when the folder does not answer.
pub async fn list(folder: &SnapshotFolder, organization: OrganizationId) -> Result<Vec<String>, IndexError> {
    let found = folder.store.list_with_delimiter(Some(&Path::from(organization.to_string()))).await?;
    Ok(found.objects.into_iter().map(|object| object.location.to_string()).collect())
}

/// Deletes a snapshot; that it is gone already is no error.
///
/// # Errors
/// [`IndexError::Storage`] when the folder does not answer.
pub async fn delete(folder: &SnapshotFolder, path: &str) -> Result<(), IndexError> {
    match folder.store.delete(&Path::from(path)).await {
        Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

async fn off_the_async_threads<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
