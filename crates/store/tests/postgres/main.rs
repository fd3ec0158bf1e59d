//! Every query against a real Postgres, in a database of the test's own.

mod attendance;
mod basics;
mod concurrency;
mod deletion;
mod enrollments;
mod fixtures;
mod idempotency;
mod index_versions;
mod interleaving;
mod pool;
mod rosters;
mod schema;
mod sessions;
mod sightings;
mod templates;
mod tenancy;
