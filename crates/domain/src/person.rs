//! Whose attendance is taken.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::id::{OrganizationId, PersonId};

/// Most characters of an external or second id.
pub const LONGEST_ID: usize = 64;
/// Most characters of a name.
pub const LONGEST_NAME: usize = 200;
/// Most characters of a telephone number.
pub const LONGEST_PHONE: usize = 40;
/// Most characters of a class, and of a section.
pub const LONGEST_CLASS: usize = 64;
/// Most characters of notes.
pub const LONGEST_NOTES: usize = 2000;

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

/// What is on record about somebody's consent to be recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ConsentState {
    /// They agreed.
    Given,
    /// They agreed no more, or never did: their face is not enrolled.
    Withdrawn,
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
    /// A second number of theirs, such as the PRN beside the roll number; unique in the organization.
    pub second_id: Option<String>,
    /// Name as people say it.
    pub name: String,
    /// E-mail address, where known.
    pub email: Option<String>,
    /// Telephone number, where known.
    pub phone: Option<String>,
    /// Class, form or department.
    pub class: Option<String>,
    /// Section of the class.
    pub section: Option<String>,
    /// Whether they are there at present; whoever is not is not recognised.
    pub is_active: bool,
    /// What else staff should know.
    pub notes: Option<String>,
    /// What is on record last about their consent; `None`: nothing. Changed by consents only.
    pub consent: Option<ConsentState>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Person {
    /// A new active person of whom no more is known than this.
    #[must_use]
    pub fn new(
        organization_id: OrganizationId,
        kind: PersonKind,
        external_id: String,
        name: String,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            id: PersonId::new(),
            organization_id,
            kind,
            external_id,
            second_id: None,
            name,
            email: None,
            phone: None,
            class: None,
            section: None,
            is_active: true,
            notes: None,
            consent: None,
            created_at: now,
            updated_at: now,
        }
    }
}
