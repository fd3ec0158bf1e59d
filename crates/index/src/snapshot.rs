//! Global indexes on disk, or wherever `object_store` reaches.
//!
//! A snapshot is one object: a line of text that says what it is, a header (JSON, in plain), then sealed chunks, each with
//! its length before it. A chunk holds its number, its kind, and ids of templates and people, or a face that a sound index
//! finds, or a piece of what FAISS wrote. The last one is empty and says that the snapshot is whole. Lengths and numbers are
//! little-endian `u32`.
//!
//! Snapshots stream, in both directions: a few megabytes of one are in memory at a time, besides the index itself.
//!
//! The object's SHA-256 is not in it: whoever writes one records the sum with the path, and reads it back by both. A
//! folder gets it under a temporary name, flushed and renamed, so a snapshot is there whole or not at all.
//!
//! Sealing is the caller's: templates are encrypted at rest with a key that this crate never sees.

mod format;
mod passing;
mod stream;

use std::fmt;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use domain::contract::ContractId;
use domain::enrollment::Gallery;
use domain::id::OrganizationId;
use futures_util::StreamExt;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{MultipartUpload, ObjectStore, ObjectStoreExt, PutPayload};
use serde::Deserialize;
use tokio::sync::mpsc;
use uuid::Uuid;

use self::format::Unreadable;
use self::passing::{Incoming, Outgoing, Sum};
use crate::error::IndexError;
use crate::global::GlobalIndex;

/// Pieces that wait between the threads that compute and the store.
const WAITING: usize = 4;
/// Bytes of an upload's part: S3 takes none below 5 MiB but the last, and at most 10,000 of them.
const PART: usize = 16 << 20;

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
    /// Up to how many templates the index of an organization is searched exhaustively; the scheduler's business.
    pub exhaustive_templates: usize,
}

/// Where snapshots of one gallery lie; cheap to clone.
#[derive(Clone)]
pub struct SnapshotFolder {
    store: Arc<dyn ObjectStore>,
    /// Where it is, if it is a folder of this machine.
    local: Option<PathBuf>,
    gallery: Gallery,
}

/// A snapshot that was written, for the record.
#[derive(Debug, Clone, PartialEq)]
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
    pub factory: String,
    /// In how many lists it is searched; `None` where it is searched exhaustively.
    pub probes: Option<u32>,
    /// How often its build found the template that is closest to a face, 0..=1; `None` for one that is exact.
    pub recall: Option<f32>,
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

/// Without the store's client, which holds secrets.
impl fmt::Debug for SnapshotFolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SnapshotFolder")
            .field("local", &self.local)
            .field("gallery", &self.gallery)
            .finish_non_exhaustive()
    }
}

impl SnapshotFolder {
    /// Opens the folder of the settings, and makes it where it is missing. Of an `s3://` bucket the usual environment
    /// variables of AWS say where it is and who asks: `AWS_REGION`, `AWS_ENDPOINT_URL`, `AWS_ACCESS_KEY_ID` and others.
    ///
    /// # Errors
    /// [`IndexError::Folder`] when it can be neither opened nor made.
    pub fn open(settings: &SnapshotSettings) -> Result<Self, IndexError> {
        let (name, gallery) = (&settings.snapshots, settings.gallery);
        let refuse = |problem: String| IndexError::Folder { folder: name.clone(), problem };
        if let Ok(url) = url::Url::parse(name)
            && url.scheme() != "file"
        {
            let parsed = object_store::parse_url_opts(&url, aws_variables());
            let (store, prefix) = parsed.map_err(|error| refuse(error.to_string()))?;
            return Ok(Self { store: Arc::new(PrefixStore::new(store, prefix)), local: None, gallery });
        }
        let folder = FilePath::new(name.strip_prefix("file://").unwrap_or(name));
        std::fs::create_dir_all(folder).map_err(|error| refuse(error.to_string()))?;
        let store = LocalFileSystem::new_with_prefix(folder).map_err(|error| refuse(error.to_string()))?;
        Ok(Self { store: Arc::new(store.with_fsync(true)), local: Some(folder.to_owned()), gallery })
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

/// Writes what a builder made, or an index without templates, as the snapshot `id`, sealed by `seal`.
///
/// # Errors
/// [`IndexError::Layered`] when the index has taken in changes since it was built, [`IndexError::Storage`] when the folder
/// does not take it; then there is no snapshot.
pub async fn write(
    folder: &SnapshotFolder,
    organization: OrganizationId,
    id: Uuid,
    index: GlobalIndex,
    seal: impl Fn(&[u8]) -> Vec<u8> + Send + 'static,
) -> Result<Written, IndexError> {
    let gallery = domain::wire::name(&folder.gallery);
    let path = Path::from_iter([organization.to_string(), format!("{id}.{gallery}.index")]);
    let mut upload = folder.store.put_multipart(&path).await?;
    let (templates, watermark) = (index.len(), index.watermark());
    let (factory, probes, recall) = (index.factory().to_string(), index.probes(), index.recall());
    let (sender, pieces) = mpsc::channel(WAITING);
    let encoding = tokio::task::spawn_blocking(move || {
        let mut out = Outgoing::new(sender);
        format::encode(organization, &index, seal, &mut |piece| out.send(piece))?;
        Ok::<Sum, IndexError>(out.finish())
    });
    let uploaded = put_all(&mut *upload, pieces).await;
    let encoded = joined(encoding.await);
    match (uploaded, encoded) {
        (Ok(()), Ok(Sum { sha256, bytes })) => {
            upload.complete().await?;
            Ok(Written { path: path.to_string(), sha256, bytes, templates, watermark, factory, probes, recall })
        }
        // The store's answer explains why the encoding broke off.
        (Err(error), _) | (Ok(()), Err(error)) => {
            // What cannot be taken back now is swept up later.
            let _ = upload.abort().await;
            Err(error)
        }
    }
}

async fn put_all(upload: &mut dyn MultipartUpload, mut pieces: mpsc::Receiver<Vec<u8>>) -> Result<(), IndexError> {
    let (mut part, mut length) = (Vec::new(), 0);
    while let Some(piece) = pieces.recv().await {
        length += piece.len();
        part.push(Bytes::from(piece));
        if length >= PART {
            upload.put_part(PutPayload::from_iter(std::mem::take(&mut part))).await?;
            length = 0;
        }
    }
    if length > 0 {
        upload.put_part(PutPayload::from_iter(part)).await?;
    }
    Ok(())
}

/// Reads a snapshot; `open` opens what `seal` sealed, or says that it cannot.
///
/// # Errors
/// [`IndexError::Corrupt`] when it is not what was recorded or of another gallery, [`IndexError::Unsound`] when it does not
/// find its own templates, [`IndexError::Storage`] when it cannot be read.
pub async fn read(
    folder: &SnapshotFolder,
    wanted: Wanted,
    open: impl Fn(&[u8]) -> Option<Vec<u8>> + Send + 'static,
) -> Result<GlobalIndex, IndexError> {
    if !folder.is_of_gallery(&wanted.path) {
        return Err(IndexError::Corrupt { path: wanted.path, problem: "it is of another gallery" });
    }
    let path = wanted.path.clone();
    passed(folder, &path, move |mut bytes| {
        let corrupt = |problem| IndexError::Corrupt { path: wanted.path.clone(), problem };
        let index = format::decode(&mut bytes, &wanted, open).map_err(|error| match error {
            Unreadable::Corrupt(problem) => corrupt(problem),
            Unreadable::Failed(error) => error,
        })?;
        if bytes.finish().sha256 != wanted.sha256 {
            return Err(corrupt("its SHA-256 is not the one on record"));
        }
        index.check_sample()?;
        Ok(index)
    })
    .await
}

/// Reads a snapshot again and compares its SHA-256 with the one on record, without opening it.
///
/// # Errors
/// [`IndexError::Corrupt`] when it is not what was written, [`IndexError::Storage`] when it cannot be read.
pub async fn verify(folder: &SnapshotFolder, path: &str, sha256: &str) -> Result<(), IndexError> {
    let (path, sha256) = (path.to_owned(), sha256.to_owned());
    passed(folder, &path.clone(), move |mut bytes| {
        std::io::copy(&mut bytes, &mut std::io::sink()).map_err(IndexError::Pipe)?;
        let is_same = bytes.finish().sha256 == sha256;
        is_same.then_some(()).ok_or(IndexError::Corrupt { path, problem: "its SHA-256 is not the one on record" })
    })
    .await
}

/// Passes the bytes of an object to `work`, which runs off the async threads.
async fn passed<T: Send + 'static>(
    folder: &SnapshotFolder,
    path: &str,
    work: impl FnOnce(Incoming) -> Result<T, IndexError> + Send + 'static,
) -> Result<T, IndexError> {
    let mut pieces = folder.store.get(&Path::from(path)).await?.into_stream();
    let is_local = folder.local.is_some();
    let (sender, receiver) = mpsc::channel(WAITING);
    let working = tokio::task::spawn_blocking(move || work(Incoming::new(receiver)));
    let passing = async move {
        while let Some(piece) = pieces.next().await {
            let piece = piece?;
            // `object_store` reads a file that was cut short meanwhile as empty pieces without end.
            let is_cut_short = is_local && piece.is_empty();
            if is_cut_short || sender.send(piece).await.is_err() {
                break;
            }
        }
        Ok::<(), IndexError>(())
    };
    let passed = passing.await;
    let done = joined(working.await);
    // That the store broke off explains what is wrong with the bytes.
    passed?;
    done
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

/// Deletes what uploads that never ended have left of an organization; of an object store other than a folder its own rules
/// must do that (on S3: a lifecycle rule for incomplete multipart uploads). Nobody may be writing there.
///
/// # Errors
/// [`IndexError::Storage`] when the folder does not answer.
pub async fn sweep_staged(folder: &SnapshotFolder, organization: OrganizationId) -> Result<usize, IndexError> {
    let Some(local) = &folder.local else { return Ok(0) };
    let folder = local.join(organization.to_string());
    let swept = tokio::task::spawn_blocking(move || {
        let mut swept = 0;
        let Ok(entries) = std::fs::read_dir(&folder) else { return Ok(0) };
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            let staged = name.to_str().and_then(|name| name.rsplit_once('#'));
            if staged.is_some_and(|(_, number)| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())) {
                std::fs::remove_file(entry.path())?;
                swept += 1;
            }
        }
        Ok::<usize, std::io::Error>(swept)
    });
    joined(swept.await).map_err(IndexError::Pipe)
}

/// Names and credentials of an object store are where all its clients look for them, and not in our settings.
fn aws_variables() -> impl Iterator<Item = (String, String)> {
    let words =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    words.filter(|(name, _)| name.starts_with("AWS_"))
}

fn joined<T>(done: Result<T, tokio::task::JoinError>) -> T {
    done.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
}

#[cfg(test)]
mod tests {
    use std::fs::OpenOptions;
    use std::io::Read;

    use super::*;

    #[tokio::test]
    async fn a_file_that_is_cut_short_while_it_is_read_ends_where_it_was_cut() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("some.index");
        std::fs::write(&path, vec![7; 4 << 20]).unwrap();
        let snapshots = home.path().to_str().unwrap().to_owned();
        let settings = SnapshotSettings { snapshots, keep: 1, gallery: Gallery::Pooled, exhaustive_templates: 1 };
        let folder = SnapshotFolder::open(&settings).unwrap();
        let read = passed(&folder, "some.index", move |mut bytes| {
            bytes.read_exact(&mut [0]).map_err(IndexError::Pipe)?;
            let file = OpenOptions::new().write(true).open(path).map_err(IndexError::Pipe)?;
            file.set_len(100).map_err(IndexError::Pipe)?;
            std::io::copy(&mut bytes, &mut std::io::sink()).map_err(IndexError::Pipe)
        });
        assert!(read.await.unwrap() < 4 << 20);
    }
}
