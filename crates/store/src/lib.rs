//! Postgres: the truth about who is known, which sessions are held and who was there.
//!
//! The only crate that knows Diesel. A query is a function: connection first, domain types in and out, the time an
//! argument. Every statement about a tenant's rows names the organization, so a foreign id is simply not found.
//! Embeddings and pictures are sealed on their way in ([`Sealer`]), with a key of their person's own ([`keys`]). Nothing here talks to the broker, to
//! Redis or to a clock.
//!
//! Listings take the id to continue after and a limit, and answer in the order of the ids.
//!
//! Transactions take their row locks in one order, so that they wait for each other and never deadlock: session,
//! people by id, users by id, enrollment, organization, courses by id, attendance by person, the number of a session's
//! changes; and last of all the audit log. Whoever plans a timetable locks course, series and sessions that are still to
//! come, in this order.

pub mod attendance;
pub mod attendance_events;
pub mod audit;
pub mod cameras;
pub mod check_ins;
pub mod class_photos;
mod column;
pub mod consents;
pub mod courses;
pub mod doors;
pub mod enrollments;
pub mod erasure_requests;
pub mod erasures;
mod error;
pub mod galleries;
pub mod guided;
pub mod holidays;
pub mod idempotency;
pub mod imports;
pub mod index_builds;
pub mod index_versions;
pub mod keys;
pub mod lockouts;
pub mod locks;
pub mod logins;
mod migration;
pub mod organizations;
pub mod people;
mod pool;
pub mod receipts;
pub mod rejections;
pub mod retention;
pub mod rosters;
pub mod rotation;
mod schema;
mod sealer;
pub mod series;
pub mod sessions;
pub mod sightings;
pub mod signer;
pub mod statistics;
pub mod teachers;
pub mod templates;
pub mod transaction;
pub mod users;
pub mod versions;
pub mod zones;

pub use error::StoreError;
pub use migration::{is_migrated, migrate};
pub use pool::{Conn, DatabaseSettings, Pool, PooledConn, connect, get};
pub use sealer::Sealer;
pub use signer::Signer;
