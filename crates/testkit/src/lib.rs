//! What tests own while they run: a private database, cut from the real servers and gone when dropped.
//!
//! Tests run against real servers, which `scripts/services start` provides; nothing of ours is ever mocked. Only for
//! tests: no crate depends on this one but as a dev-dependency.

mod database;
mod namespace;
pub mod network;
mod servers;

pub use database::TestDatabase;
pub use namespace::TestNamespace;
pub use servers::{Servers, servers, workspace_root};
