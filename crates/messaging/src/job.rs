//! Work that must not be lost.

use domain::id::{EnrollmentId, OrganizationId};
use serde::{Deserialize, Serialize};

/// Photos wait to become templates. Carries ids only: the worker reads the truth from Postgres.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrollmentJob {
    /// Version of this format.
    pub v: u8,
    /// The organization.
    pub organization_id: OrganizationId,
    /// The enrollment.
    pub enrollment_id: EnrollmentId,
}

impl EnrollmentJob {
    /// The job of an enrollment.
    #[must_use]
    pub fn new(organization_id: OrganizationId, enrollment_id: EnrollmentId) -> Self {
        Self { v: 1, organization_id, enrollment_id }
    }
}
