//! Tenants.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::id::OrganizationId;

/// A tenant; every other row belongs to one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// Its name, unique in the installation.
    pub name: String,
    /// IANA time zone of its site: a day is this zone's day.
    pub time_zone: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}
