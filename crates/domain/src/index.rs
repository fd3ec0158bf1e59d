//! The searchable index of an organization's faces: how it is built, and who holds it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::contract::ContractId;
use crate::id::OrganizationId;

/// So many templates beyond the newest snapshot are never worth a build.
pub const FEW: i64 = 5_000;

/// Why an index was built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum BuildCause {
    /// Its night had come.
    Nightly,
    /// Somebody asked for it.
    Requested,
    /// The organization had outgrown its snapshot: [`is_outgrown`].
    Growth,
    /// A snapshot held somebody who is gone, or was sealed with an earlier key.
    Removal,
}

/// Where a build is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum BuildState {
    /// It was asked for.
    Waiting,
    /// A scheduler is at it.
    Running,
    /// There is a new snapshot.
    New,
    /// The newest snapshot held everything already.
    Unchanged,
    /// There were no templates left: the snapshots are gone too.
    Emptied,
    /// It was given up; the snapshots are what they were.
    Failed,
    /// Its scheduler was lost, or told to stop; it is begun again.
    Interrupted,
}

impl BuildState {
    /// Whether nothing more comes of the build.
    #[must_use]
    pub fn is_over(self) -> bool {
        match self {
            Self::Waiting | Self::Running => false,
            Self::New | Self::Unchanged | Self::Emptied | Self::Failed | Self::Interrupted => true,
        }
    }
}

/// What a build does, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum BuildStage {
    /// It is asked which templates there are.
    Reading,
    /// The lists of an inverted file are found from a sample.
    Training,
    /// Templates are opened and added.
    Adding,
    /// The index must find templates of its own.
    Checking,
    /// The snapshot is sealed and written.
    Writing,
    /// The snapshot is read back.
    Verifying,
    /// The snapshot is recorded, and older ones are given up.
    Recording,
}

/// Whether so many templates came (`came`) since a snapshot of `held` templates was made that another is worth its while;
/// `None`: there is no snapshot.
#[must_use]
pub fn is_outgrown(held: Option<i64>, came: i64) -> bool {
    came > FEW.max(held.unwrap_or(0) / 4)
}

/// What a worker tells of its copy of an index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplicaReport {
    /// The process, as long as it lives.
    pub worker_id: Uuid,
    /// The machine that it runs on.
    pub host: String,
    /// Whose faces.
    pub organization_id: OrganizationId,
    /// The contract of the templates.
    pub contract: ContractId,
    /// The snapshot that it began with; `None` when it began with Postgres.
    pub version_id: Option<Uuid>,
    /// The FAISS factory string of what it began with.
    pub factory: String,
    /// The template revision that it holds.
    pub watermark: i64,
    /// How many templates it holds.
    pub templates: usize,
    /// How many people they are of.
    pub people: usize,
    /// How much memory it takes.
    pub bytes: usize,
    /// What it does.
    pub state: ReplicaState,
    /// When this was so.
    pub at: DateTime<Utc>,
}

/// What a worker's copy of an index does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReplicaState {
    /// It is read, and answers nothing yet.
    Loading,
    /// It answers, and follows what changes.
    Following,
}

#[cfg(test)]
mod tests {
    use super::is_outgrown;

    fn check(held: Option<i64>, came: i64, expected: bool) {
        assert_eq!(is_outgrown(held, came), expected, "{came} came to {held:?}");
    }

    #[test]
    fn a_snapshot_is_outgrown_by_a_quarter_but_not_by_a_few() {
        check(None, 0, false);
        check(None, 5_000, false);
        check(None, 5_001, true);
        check(Some(1), 5_000, false);
        check(Some(1), 5_001, true);
        check(Some(20_000), 5_000, false);
        check(Some(20_000), 5_001, true);
        check(Some(1_000_000), 250_000, false);
        check(Some(1_000_000), 250_001, true);
    }
}
