//! Embeddings to candidates: the only crate that knows FAISS.
//!
//! Two indexes: [`RosterIndex`] holds the people of one course, is exact, and is built anew for each version;
//! [`GlobalIndex`] holds everybody of an organization, begins with what a [`Builder`] made, and follows the log of
//! template changes. Snapshots of the latter are read and written by [`snapshot`], sealed, through `object_store`.
//! Nothing here decides who a face is, and nothing here talks to a database.

mod builder;
mod error;
mod factory;
mod global;
mod nearest;
pub mod peers;
mod roster;
mod scan;
mod segment;
pub mod snapshot;
mod trial;
mod vectors;

pub use builder::Builder;
pub use error::IndexError;
pub use factory::{EXHAUSTIVE, Factory, UnknownFactory};
pub use global::{GlobalIndex, TemplateChange};
pub use roster::RosterIndex;
