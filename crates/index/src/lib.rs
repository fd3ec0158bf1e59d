//! Embeddings to candidates: the only crate that knows FAISS.
//!
//! Two indexes, both exact: [`RosterIndex`] holds the people of one course and is built anew for each version;
//! [`GlobalIndex`] holds everybody of an organization and follows the log of template changes. Snapshots of the latter
//! are read and written by [`snapshot`], sealed, through `object_store`. Nothing here decides who a face is, and nothing
//! here talks to a database.

mod error;
mod global;
mod nearest;
mod roster;
pub mod snapshot;

pub use error::IndexError;
pub use global::{GlobalIndex, TemplateChange};
pub use roster::RosterIndex;
