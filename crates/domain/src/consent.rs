//! That a person agreed to be recognised, or does so no more.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::id::{ConsentId, OrganizationId, PersonId, UserId};
use crate::person::ConsentState;

/// What somebody agrees to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ConsentPurpose {
    /// That templates are made of their face, kept, and compared with faces before cameras.
    #[default]
    FaceRecognition,
}

/// One thing that a person, or a guardian for them, said about their consent. The last one counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Consent {
    /// Its id.
    pub id: ConsentId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// Whose consent it is.
    pub person_id: PersonId,
    /// What it is about.
    pub purpose: ConsentPurpose,
    /// Whether it was given or withdrawn.
    pub state: ConsentState,
    /// Which version of the text was agreed to; `None` for a withdrawal.
    pub version: Option<String>,
    /// When it was said.
    pub at: DateTime<Utc>,
    /// When it was written down.
    pub recorded_at: DateTime<Utc>,
    /// Name of the guardian who said it for the person; `None`: the person did.
    pub guardian: Option<String>,
    /// The user who wrote it down; `None`: a command did.
    pub recorded_by: Option<UserId>,
}

/// Whether a face may be enrolled of somebody of whose consent `last` is on record last. Whoever withdrew it is never
/// enrolled; whoever said nothing, unless the organization asks for consent.
#[must_use]
pub fn may_enroll(last: Option<ConsentState>, is_required: bool) -> bool {
    match last {
        Some(ConsentState::Given) => true,
        Some(ConsentState::Withdrawn) => false,
        None => !is_required,
    }
}

#[cfg(test)]
mod tests {
    use super::may_enroll;
    use crate::person::ConsentState::{Given, Withdrawn};

    #[test]
    fn nobody_is_enrolled_who_withdrew_and_silence_is_no_consent_where_it_is_required() {
        for (last, is_required, expected) in [
            (None, false, true),
            (None, true, false),
            (Some(Given), false, true),
            (Some(Given), true, true),
            (Some(Withdrawn), false, false),
            (Some(Withdrawn), true, false),
        ] {
            assert_eq!(may_enroll(last, is_required), expected, "{last:?} {is_required}");
        }
    }
}
