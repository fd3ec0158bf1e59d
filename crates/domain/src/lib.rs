//! What attendance, enrollment and recognition mean.
//!
//! Pure rules and the words they are written in: no input or output, no async, no clock (time is an argument).
//! Every other crate speaks in these types; the ones that travel between processes are `serde` types
//! whose JSON is part of the wire format.

pub mod assignment;
pub mod attendance;
pub mod audit;
pub mod calibration;
pub mod class_photo;
pub mod consent;
pub mod contract;
pub mod course;
pub mod day;
pub mod embedding;
pub mod enrollment;
pub mod erasure;
pub mod event;
pub mod evidence;
pub mod frame;
pub mod geometry;
pub mod guided;
pub mod id;
pub mod import;
pub mod index;
pub mod lockout;
pub mod organization;
pub mod person;
pub mod picture;
pub mod policy;
pub mod pooling;
pub mod pose;
pub mod quality;
pub mod recognition;
pub mod rejection;
pub mod session;
pub mod sighting;
pub mod statistics;
pub mod text;
pub mod timetable;
pub mod user;
pub mod wire;
