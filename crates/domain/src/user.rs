//! Who logs in.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::id::{OrganizationId, PersonId, UserId};

/// What a user may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything in its organization, or in all of them when it belongs to none.
    Admin,
    /// Registers people, runs sessions, sees their attendance.
    Teacher,
    /// Sees its own record.
    Member,
}

/// Someone who logs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// The organization that it is confined to; `None` for an administrator of the installation.
    pub organization_id: Option<OrganizationId>,
    /// Login name, unique in the installation, lower case.
    pub email: String,
    /// What it may do.
    pub role: Role,
    /// The person that it is, where it is one whose attendance is taken.
    pub person_id: Option<PersonId>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}
