//! What can go wrong with an index.

use domain::contract::ContractId;

/// Why an index cannot be built, searched, written or read.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// A template of one contract was offered to an index of another.
    #[error("a template of contract {found} does not belong into an index of {expected}")]
    Contract {
        /// The index's.
        expected: ContractId,
        /// The template's.
        found: ContractId,
    },
    /// An embedding with another number of floats than the index has.
    #[error("an embedding has {found} floats, the index {expected}")]
    Dimension {
        /// The index's.
        expected: usize,
        /// The embedding's.
        found: usize,
    },
    /// Templates were not offered in the order of their ids.
    #[error("templates must be added in the order of their ids, each once")]
    Order,
    /// The index does not find its own templates and must not be used.
    #[error("the index does not find {missed} of {tried} of its own templates")]
    Unsound {
        /// How many were looked for.
        tried: usize,
        /// How many were not found.
        missed: usize,
    },
    /// The folder of the snapshots cannot be used.
    #[error("index.snapshots: `{folder}` cannot be used: {problem}")]
    Folder {
        /// As the settings name it.
        folder: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A snapshot is not what was written: it must not be used, and reading it again does not help.
    #[error("snapshot {path} is corrupt: {problem}")]
    Corrupt {
        /// Where it lies, below the folder.
        path: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Only what a builder made can be written: changes that came after are in the log anyway.
    #[error("an index that has taken in changes cannot be written")]
    Layered,
    /// A snapshot was not written to its end: whoever took it in has gone.
    #[error("the writing of a snapshot broke off")]
    BrokenOff,
    /// Bytes could not be passed to FAISS or from it, or a file could not be looked at.
    #[error("a snapshot cannot be passed on")]
    Pipe(#[source] std::io::Error),
    /// The folder does not answer, or the snapshot is not there.
    #[error("a snapshot cannot be read or written")]
    Storage(#[from] object_store::Error),
    /// FAISS refused.
    #[error("FAISS failed")]
    Faiss(#[from] faiss::error::Error),
}
