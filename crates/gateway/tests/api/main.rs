//! The API, as clients meet it: a whole gateway against real servers.

mod access;
mod app;
mod auth;
mod bad_pictures;
mod client;
mod courses;
mod documents;
mod enrollments;
mod frame_stream;
mod frames;
mod health;
mod idempotency;
mod live;
mod organizations;
mod outages;
mod people;
mod pictures;
mod problems;

mod sessions;
mod socket;
