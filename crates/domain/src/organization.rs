//! Tenants.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::contract::ContractId;
use crate::id::OrganizationId;

/// A tenant; every other row belongs to one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// Its name, unique in the installation.
    pub name: String,
    /// IANA time zone of its site: a day is this zone's day.
    pub time_zone: String,
    /// The contract that its people are recognised with; `None` until the first enrollment.
    pub contract: Option<ContractId>,
    /// How it wants its people recognised.
    pub policy: RecognitionPolicy,
    /// What else it has settled.
    pub settings: OrganizationSettings,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// What an organization has settled beside recognition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct OrganizationSettings {
    /// Whether members may enroll their own face.
    pub members_may_enroll: bool,
    /// Whether a face is enrolled only of those whose consent is on record.
    pub consent_required: bool,
    /// How long what is kept.
    pub retention: Retention,
}

/// How many days what is kept, 1..=36500 each. `None`: until it is deleted by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Retention {
    /// Photos that the recognition policy retains.
    pub photos_days: Option<u32>,
    /// Closed sessions, with their attendance and all that it follows from.
    pub attendance_days: Option<u32>,
    /// Sightings that mark nobody: unknown, spoofed and poor faces.
    pub logs_days: Option<u32>,
}

impl Retention {
    /// The fields that have a number of days that cannot be.
    #[must_use]
    pub fn out_of_range(&self) -> Vec<&'static str> {
        let fields = [
            ("photos_days", self.photos_days),
            ("attendance_days", self.attendance_days),
            ("logs_days", self.logs_days),
        ];
        let cannot_be = |days: Option<u32>| days.is_some_and(|days| !(1..=36_500).contains(&days));
        fields.into_iter().filter(|(_, days)| cannot_be(*days)).map(|(field, _)| field).collect()
    }
}

/// What is done about faces that may be pictures of faces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LivenessPolicy {
    /// Nothing: it is not asked.
    #[default]
    Off,
    /// They are marked all the same; their liveness is reported.
    Warn,
    /// They never mark attendance and make no templates; nor does a face whose liveness could not be found out.
    Required,
}

impl LivenessPolicy {
    /// Whether it is to be found out how probably faces are living people's.
    #[must_use]
    pub fn is_asked(self) -> bool {
        self != Self::Off
    }
}

/// How an organization wants its people recognised.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RecognitionPolicy {
    /// How often a stranger before a camera may be marked as somebody, 0..1: 0.0001 is one scan in 10,000. The threshold
    /// follows from it, from the encoder's calibration and from how many people are searched. `None`: as the workers are
    /// set.
    #[serde(default)]
    pub false_match_rate: Option<f64>,
    /// A cosine, -1..=1, to be used whatever the rate says.
    #[serde(default)]
    pub forced_threshold: Option<f32>,
    /// What is done about faces that may be pictures of faces.
    #[serde(default)]
    pub liveness: LivenessPolicy,
    /// Whether enrollment and class photos are kept, sealed, after they were looked at: then the organization can move to
    /// another encoder without its people enrolling again.
    #[serde(default)]
    pub retain_photos: bool,
}

/// Why a recognition policy cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// The rate is out of its range.
    #[error("false_match_rate must be more than 0 and less than 1")]
    FalseMatchRate,
    /// The threshold is out of its range.
    #[error("forced_threshold must be in -1..=1")]
    ForcedThreshold,
}

impl RecognitionPolicy {
    /// Checks the ranges.
    ///
    /// # Errors
    /// [`PolicyError`] names the first value that is out of its range.
    pub fn check(&self) -> Result<(), PolicyError> {
        if !self.false_match_rate.is_none_or(|rate| rate > 0.0 && rate < 1.0) {
            return Err(PolicyError::FalseMatchRate);
        }
        if !self.forced_threshold.is_none_or(|cosine| (-1.0..=1.0).contains(&cosine)) {
            return Err(PolicyError::ForcedThreshold);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{PolicyError, RecognitionPolicy};

    #[test]
    fn a_policy_keeps_to_its_ranges() {
        let rate = |rate| RecognitionPolicy { false_match_rate: Some(rate), ..RecognitionPolicy::default() }.check();
        assert_eq!(
            (rate(1e-4), rate(0.0), rate(f64::NAN)),
            (Ok(()), Err(PolicyError::FalseMatchRate), Err(PolicyError::FalseMatchRate))
        );
        let forced =
            |cosine| RecognitionPolicy { forced_threshold: Some(cosine), ..RecognitionPolicy::default() }.check();
        assert_eq!((forced(0.6), forced(1.1)), (Ok(()), Err(PolicyError::ForcedThreshold)));
    }
}
