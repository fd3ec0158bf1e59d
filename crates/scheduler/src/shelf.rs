//! Where snapshots lie, and the giving up of those that are not wanted any more.

use domain::contract::ContractId;
use domain::id::OrganizationId;
use index::snapshot::{self, SnapshotFolder};
use store::index_versions::IndexVersion;
use store::{Conn, Sealer};

use crate::error::SchedulerError;

/// Whose templates, and of which kind.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Subject {
    /// The organization.
    pub organization_id: OrganizationId,
    /// The contract.
    pub contract: ContractId,
}

/// Where snapshots go.
#[derive(Clone)]
pub struct Shelf {
    /// Opens templates and seals snapshots.
    pub sealer: Sealer,
    /// Where they lie.
    pub folder: SnapshotFolder,
    /// How many are kept of each subject.
    pub keep: u32,
    /// Up to how many templates a search compares all of them.
    pub exhaustive: usize,
}

impl Shelf {
    /// Whether the snapshot holds all changes up to `revision`, as it should.
    pub(crate) fn is_current(&self, version: &IndexVersion, revision: i64) -> bool {
        version.watermark == revision
            && self.folder.is_of_gallery(&version.path)
            && version.sealed_with.as_deref() == Some(self.sealer.fingerprint())
    }

    /// Gives up all but the newest `keep` snapshots of a subject, and tidies up. A snapshot is forgotten only when it
    /// is gone, since the faces in it outlive whoever was deleted meanwhile.
    ///
    /// # Errors
    /// Only those of the database. What cannot be deleted is logged and tried again with the next build.
    pub(crate) async fn discard(&self, conn: &mut Conn, subject: &Subject, keep: u32) -> Result<(), SchedulerError> {
        let Subject { organization_id, contract } = subject;
        let old = store::index_versions::beyond_newest(conn, *organization_id, contract, keep.into()).await?;
        for (id, path) in old {
            if self.delete(&path).await {
                store::index_versions::forget(conn, id).await?;
            }
        }
        self.tidy(conn, *organization_id).await
    }

    /// Deletes what lies there of an organization and is on no record: builds that broke off left it. Only for
    /// whoever holds the lock of the builders.
    ///
    /// # Errors
    /// Only those of the database. What cannot be deleted is logged and tried again with the next build.
    pub(crate) async fn tidy(&self, conn: &mut Conn, organization: OrganizationId) -> Result<(), SchedulerError> {
        let known = store::index_versions::paths(conn, organization).await?;
        match snapshot::list(&self.folder, organization).await {
            Ok(found) => {
                for path in found.into_iter().filter(|path| !known.contains(path)) {
                    self.delete(&path).await;
                }
            }
            Err(error) => log(organization, &error, "the snapshots of an organization cannot be listed"),
        }
        match snapshot::sweep_staged(&self.folder, organization).await {
            Ok(0) => {}
            Ok(files) => tracing::info!(files, organization.id = %organization, "half-written snapshots were deleted"),
            Err(error) => log(organization, &error, "half-written snapshots were left behind"),
        }
        Ok(())
    }

    /// Whether a snapshot is gone. One that stays is tried again with the next build, so this one is good without.
    pub(crate) async fn delete(&self, path: &str) -> bool {
        match snapshot::delete(&self.folder, path).await {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, path, "a snapshot was left behind");
                false
            }
        }
    }
}

fn log(organization: OrganizationId, error: &index::IndexError, what: &'static str) {
    tracing::warn!(error = error as &dyn std::error::Error, organization.id = %organization, "{what}");
}
