//! What sessions are held for.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::id::{CourseId, OrganizationId};

/// A class and section, a team, a shift.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Course {
    /// Its id.
    pub id: CourseId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// Short code, unique in the organization.
    pub code: String,
    /// Title as people say it.
    pub title: String,
    /// Counts every change of the roster or of a template of somebody on it.
    pub roster_version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}
