//! A client of Rollcall's public API, for the whole-system tests and for the demo.
//!
//! Speaks HTTP and WebSocket only, and knows nothing of the crates behind them: what it can do, a user can do.

pub mod client;
pub mod live;
pub mod system;
