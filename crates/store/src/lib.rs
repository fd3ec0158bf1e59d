//! Postgres: the truth about who is known, which sessions are held and who was there.
//!
//! The only crate that knows Diesel. A query is a function: connection first, domain types in and out, the time an
//! argument. Every statement about a tenant's rows names the organization, so a foreign id is simply not found.
//! Embeddings and pictures are sealed on their way in ([`Sealer`]). Nothing here talks to the broker, to
//! Redis or to a clock.
//!
//! Listings take the id to continue after and a limit, and answer in the order of the ids.
//!
//! Transactions take their row locks in one order, so that they wait for each other and never deadlock: session,
//! people by id, enrollment, organization, courses by id, attendance by person, the number of a session's changes; and last
//! of all the audit log.

pub mod attendance;
pub mod attendance_events;
pub mod audit;
pub mod cameras;
pub mod check_ins;
pub mod class_photos;
mod column;
pub mod courses;
pub mod enrollments;
mod error;
pub mod guided;
pub mod idempotency;
pub mod index_versions;
pub mod locks;
mod migration;
pub mod organizations;
pub mod people;
mod pool;
pub mod rejections;
pub mod rosters;
mod schema;
mod sealer;
pub mod sessions;
pub mod sightings;
pub mod teachers;
pub mod templates;
pub mod transaction;
pub mod users;

pub use error::StoreError;
pub use migration::{is_migrated, migrate};
pub use pool::{Conn, DatabaseSettings, Pool, PooledConn, connect, get};
pub use sealer::Sealer;
