//! ZIP archives of strangers: what is in them, within limits, whatever their headers claim.
//!
//! Nothing is ever written under a name of the archive; names that lead out of it are refused all the same.

use std::collections::HashSet;
use std::io::{Read, Seek, SeekFrom};

use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use crate::enrollment::PhotoRejection;
use crate::picture::MAX_BYTES;

/// What an archive may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most entries, folders too.
    pub entries: usize,
    /// Most bytes of one entry, unpacked.
    pub entry_bytes: u64,
    /// Most bytes of all entries together, unpacked.
    pub total_bytes: u64,
}

/// Why an archive is not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveProblem {
    /// It is no ZIP archive, or a damaged one.
    #[error("this is not a whole ZIP archive: {reason}")]
    NotAnArchive {
        /// What was found.
        reason: String,
    },
    /// It holds too much.
    #[error("{what} at most {limit}")]
    TooLarge {
        /// Of what.
        what: &'static str,
        /// How much there may be.
        limit: u64,
    },
    /// A name that leads out of the archive, or that cannot be a name.
    #[error("the name of entry {position} is not that of a file within the archive")]
    UnsafeName {
        /// Counted from 1.
        position: usize,
    },
    /// Two entries with one name.
    #[error("the name of entry {position} is that of another entry, too")]
    DuplicateName {
        /// Counted from 1.
        position: usize,
    },
    /// Nobody has the password.
    #[error("it is encrypted")]
    Encrypted,
    /// Entries share bytes, or it is packed in a way that honest programs do not use.
    #[error("it is packed in an unusual way: {what}")]
    Unusual {
        /// Which.
        what: &'static str,
    },
}

impl ArchiveProblem {
    /// The stable word for it.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAnArchive { .. } => "not_an_archive",
            Self::TooLarge { .. } => "too_large",
            Self::UnsafeName { .. } => "unsafe_name",
            Self::DuplicateName { .. } => "duplicate",
            Self::Encrypted => "encrypted",
            Self::Unusual { .. } => "unusual",
        }
    }
}

/// A file of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where it is, for [`Archive::read`].
    pub index: usize,
    /// The folders that it is in and its name, at least one.
    pub path: Vec<String>,
    /// Bytes, unpacked, as the archive claims; it is never more that are read.
    pub bytes: u64,
}

/// An archive that was looked through.
#[derive(Debug)]
pub struct Archive<R> {
    archive: ZipArchive<R>,
    entries: Vec<Entry>,
    limits: Limits,
}

/// Begins each entry of an archive's directory.
const DIRECTORY_ENTRY: [u8; 4] = *b"PK\x01\x02";

impl<R: Read + Seek> Archive<R> {
    /// Looks an archive through: its directory, not its contents.
    ///
    /// # Errors
    /// [`ArchiveProblem`] says why it is not read.
    pub fn open(mut reader: R, limits: Limits) -> Result<Self, ArchiveProblem> {
        // Counted before the directory is read into memory, which takes several times its size.
        if directory_entries(&mut reader)? > limits.entries {
            return Err(ArchiveProblem::TooLarge { what: "it may have entries", limit: limits.entries as u64 });
        }
        let mut archive = ZipArchive::new(reader)?;
        if archive.len() > limits.entries {
            return Err(ArchiveProblem::TooLarge { what: "it may have entries", limit: limits.entries as u64 });
        }
        if archive.has_overlapping_entries()? {
            return Err(ArchiveProblem::Unusual { what: "entries overlap" });
        }
        let entries = look_through(&archive, limits)?;
        Ok(Self { archive, entries, limits })
    }

    /// Its files, in its order, without folders.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// One file, unpacked.
    ///
    /// # Errors
    /// [`ArchiveProblem`] when it is damaged or has more bytes than its entry claims.
    pub fn read(&mut self, entry: &Entry) -> Result<Vec<u8>, ArchiveProblem> {
        let mut file = self.archive.by_index(entry.index)?;
        let most = entry.bytes.min(self.limits.entry_bytes);
        let mut bytes = Vec::with_capacity(usize::try_from(most).unwrap_or_default());
        Read::by_ref(&mut file).take(most).read_to_end(&mut bytes)?;
        // Reads the end, too: there the check sum is compared.
        let rest = file.read(&mut [0; 1])?;
        if rest > 0 {
            return Err(ArchiveProblem::Unusual { what: "a file has more bytes than it claims" });
        }
        Ok(bytes)
    }

    /// The bytes of a file that should be a photo.
    ///
    /// # Errors
    /// Why it can be none: it is larger than photos may be, or damaged.
    pub fn read_photo(&mut self, entry: &Entry) -> Result<Vec<u8>, PhotoRejection> {
        if entry.bytes > MAX_BYTES as u64 {
            return Err(PhotoRejection::ImageTooLarge);
        }
        self.read(entry).map_err(|_damaged| PhotoRejection::ImageDamaged)
    }
}

fn look_through<R: Read + Seek>(archive: &ZipArchive<R>, limits: Limits) -> Result<Vec<Entry>, ArchiveProblem> {
    let (mut entries, mut names, mut total) = (Vec::new(), HashSet::new(), 0_u64);
    for index in 0..archive.len() {
        let entry = archive.by_index_data(index)?;
        let position = index + 1;
        if entry.encrypted() {
            return Err(ArchiveProblem::Encrypted);
        }
        if entry.is_symlink() {
            return Err(ArchiveProblem::Unusual { what: "a symbolic link" });
        }
        // Programs that do not say that a name is UTF-8 often write it so nevertheless.
        let name = match std::str::from_utf8(entry.name_raw()) {
            Ok(name) => name.to_owned(),
            Err(_) => entry.name()?.into_owned(),
        };
        let path = parts(&name).ok_or(ArchiveProblem::UnsafeName { position })?;
        if entry.is_dir() {
            continue;
        }
        if path.is_empty() {
            return Err(ArchiveProblem::UnsafeName { position });
        }
        if !matches!(entry.compression(), CompressionMethod::Stored | CompressionMethod::Deflated) {
            return Err(ArchiveProblem::Unusual { what: "it is neither stored nor deflated" });
        }
        if !names.insert(path.clone()) {
            return Err(ArchiveProblem::DuplicateName { position });
        }
        let bytes = entry.size();
        total = total.saturating_add(bytes);
        if bytes > limits.entry_bytes {
            return Err(ArchiveProblem::TooLarge { what: "each file may have bytes", limit: limits.entry_bytes });
        }
        if total > limits.total_bytes {
            return Err(ArchiveProblem::TooLarge { what: "unpacked it may have bytes", limit: limits.total_bytes });
        }
        entries.push(Entry { index, path, bytes });
    }
    Ok(entries)
}

/// The folders and the name of a path; `None` for one that leads out of the archive or cannot be a name.
fn parts(name: &str) -> Option<Vec<String>> {
    let is_absolute = name.starts_with(['/', '\\']) || name.get(1..2) == Some(":");
    if is_absolute || name.len() > 1024 || name.chars().any(char::is_control) {
        return None;
    }
    let parts = name.split(['/', '\\']).filter(|part| !part.is_empty() && *part != ".");
    parts.map(|part| (part != "..").then(|| part.to_owned())).collect()
}

/// How many entries the directory seems to have. Pictures hold the four bytes once in four thousand millions.
fn directory_entries(reader: &mut (impl Read + Seek)) -> std::io::Result<usize> {
    reader.seek(SeekFrom::Start(0))?;
    let (mut count, mut buffer, mut kept) = (0, vec![0; 64 * 1024], 0);
    loop {
        let read = reader.read(&mut buffer[kept..])?;
        if read == 0 {
            break;
        }
        let filled = &buffer[..kept + read];
        count += filled.windows(4).filter(|window| *window == DIRECTORY_ENTRY).count();
        let tail = filled.len().min(3);
        let begin = filled.len() - tail;
        buffer.copy_within(begin..begin + tail, 0);
        kept = tail;
    }
    reader.seek(SeekFrom::Start(0))?;
    Ok(count)
}

impl From<ZipError> for ArchiveProblem {
    fn from(error: ZipError) -> Self {
        Self::NotAnArchive { reason: error.to_string() }
    }
}

impl From<std::io::Error> for ArchiveProblem {
    fn from(error: std::io::Error) -> Self {
        Self::NotAnArchive { reason: error.to_string() }
    }
}

#[cfg(test)]
mod tests;
