//! The indexes against a search that looks at everything, and snapshots against damage.

mod crowd;
mod global;
mod inverted;
mod roster;
mod snapshots;
