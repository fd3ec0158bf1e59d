//! Work that must not be lost. A job carries ids only: the worker reads the truth from Postgres.

use domain::id::{ClassPhotoId, EnrollmentId, OrganizationId};
use serde::{Deserialize, Serialize};

/// Photos wait to become templates.
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

/// A picture of a whole class waits to be looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassPhotoJob {
    /// Version of this format.
    pub v: u8,
    /// The organization.
    pub organization_id: OrganizationId,
    /// The class photo.
    pub class_photo_id: ClassPhotoId,
}

impl ClassPhotoJob {
    /// The job of a class photo.
    #[must_use]
    pub fn new(organization_id: OrganizationId, class_photo_id: ClassPhotoId) -> Self {
        Self { v: 1, organization_id, class_photo_id }
    }
}
