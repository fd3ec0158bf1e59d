//! Whose attendance is taken.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::id::{OrganizationId, PersonId};

/// Why somebody is in the organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PersonKind {
    /// Learns there.
    Student,
    /// Works there.
    Employee,
}

/// Someone whose attendance is taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Person {
    /// Its id.
    pub id: PersonId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// Student or employee.
    pub kind: PersonKind,
    /// Roll number, PRN or staff number; unique in the organization.
    pub external_id: String,
    /// Name as people say it.
    pub name: String,
    /// E-mail address, where known.
    pub email: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}
