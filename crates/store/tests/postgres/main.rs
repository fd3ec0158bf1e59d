//! Every query against a real Postgres, in a database of the test's own.

mod arrivals;
mod attendance;
mod audit;
mod basics;
mod class_photos;
mod concurrency;
mod deletion;
mod duplicates;
mod enrollments;
mod evidence;
mod fixtures;
mod guided;
mod idempotency;
mod index_versions;
mod interleaving;
mod migration;
mod policy;
mod pool;
mod pooling;
mod recompute;
mod rosters;
mod schema;
mod sessions;
mod sightings;
mod templates;
mod tenancy;
