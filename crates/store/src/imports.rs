//! Whole rosters at once: all of a file or, where something is wrong with it, nothing.
//!
//! Each function is to be called in a transaction of the caller ([`crate::transaction::run`], or
//! [`crate::transaction::rehearse`] to know what would happen). People's rows are locked first and in the order of their
//! ids, then the organization's, then its courses'.

mod oneroster;
mod people;
mod photos;

pub use oneroster::{Imported, RosterImport, oneroster};
pub use people::{PeopleImport, people};
pub use photos::{FolderPhotos, FolderRefusal, Taken, folder};
