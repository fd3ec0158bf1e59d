//! Events to WebSockets: one subscription to Redis per process, a hub task that owns who listens, and one bounded
//! channel per socket.
//!
//! Nothing here is the truth. A socket that is too slow, or that may have missed something while Redis was away, is
//! sent `{"type":"resync"}` and catches up over REST.

pub(crate) mod hub;
pub(crate) mod socket;
pub(crate) mod waiting;
