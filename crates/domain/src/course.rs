//! What sessions are held for.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::id::{CourseId, OrganizationId};
use crate::policy::CoursePolicy;

/// A class and section, a team, a shift.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Course {
    /// Its id.
    pub id: CourseId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// Short code; with the section, unique in the organization.
    pub code: String,
    /// Section; empty where the course has none.
    pub section: String,
    /// Title as people say it.
    pub title: String,
    /// IANA time zone of its site; `None`: the organization's.
    pub time_zone: Option<String>,
    /// Whether it is still held.
    pub is_active: bool,
    /// What it asks of those who attend, for sessions made from now on.
    pub policy: CoursePolicy,
    /// Counts every change of the roster or of a template of somebody on it.
    pub roster_version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}
