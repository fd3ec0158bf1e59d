//! The time.

use chrono::{DateTime, SubsecRound, Utc};

/// Now, to the microsecond: what Postgres keeps, so that what is made reads back the same.
pub(crate) fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}
