//! The edge client: pictures of a camera, stream, film or folder become frames of a session.
//!
//! A thread owns the source (`source`); a feeder asks it for pictures at a fixed rate and puts them into a slot of
//! one, where the newest wins; a link takes them out and sends them to the gateway, and hears what was recognised. It
//! never looks for faces, and keeps nothing on disk.

mod backoff;
mod feeder;
mod link;
mod message;
mod notice;
mod refusal;
mod report;
mod run;
mod settings;
mod slot;
mod source;

pub use link::LinkError;
pub use notice::Summary;
pub use run::{CameraError, run};
pub use settings::{Arguments, InvalidSettings, Settings};
pub use source::{InvalidSource, SourceError};
