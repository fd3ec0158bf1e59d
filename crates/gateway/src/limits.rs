//! How large things may be, and how long they may take to come.

use std::time::Duration;

/// Most bytes of a JSON body.
pub(crate) const JSON_BYTES: usize = 64 * 1024;
/// Most bytes of a frame.
pub(crate) const FRAME_BYTES: usize = domain::picture::MAX_BYTES;
/// Most bytes of a multipart body.
pub(crate) const MULTIPART_BYTES: usize = 64 * 1024 * 1024;
/// Most bytes of a form with a table of people.
pub(crate) const TABLE_BYTES: usize = 8 * 1024 * 1024;
/// Most bytes of a form with a OneRoster archive.
pub(crate) const ROSTER_BYTES: usize = 16 * 1024 * 1024;
/// Most people that one request may put on a roster.
pub(crate) const ROSTER_CHANGE: usize = 1000;
/// How long the body of a frame may take.
pub(crate) const FRAME_TIME: Duration = Duration::from_secs(30);
/// How long a multipart body may take.
pub(crate) const MULTIPART_TIME: Duration = Duration::from_secs(120);
