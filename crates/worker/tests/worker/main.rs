//! A worker on real servers, with the real models and real photographs.
//!
//! The photographs are those of `scripts/setup`: five people, with the pictures to enroll them apart from those to
//! recognise them in.

mod class_photos;
mod enrollments;
mod faults;
mod frames;
mod guided;
mod indexes;
mod killed;
mod photos;
mod rejections;
mod school;
mod snapshots;
mod start;
mod trust;
mod watch;
