//! What a course asks of those who attend it, and how they are recognised there.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::organization::{LivenessPolicy, RecognitionPolicy};

mod overrides;

pub use overrides::{InvalidOverrides, PolicyOverrides};

/// How arrivals and departures are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AttendanceMode {
    /// Whoever is seen was there, from the first time to the last.
    #[default]
    Presence,
    /// The first time is a check-in, the next one after the cool-down a check-out, and so on.
    CheckInOut,
}

/// The policy of a course. A session keeps a copy of what it was when the session was made, so that a later change does
/// not rewrite what has been.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct CoursePolicy {
    /// Minutes before the start from which an arrival counts, 0..=1440. `None`: from when the session is active.
    pub opens_minutes_before: Option<u16>,
    /// Minutes after the start from which an arrival is late, inclusive, 0..=1440. `None`: nobody is late.
    pub late_after_minutes: Option<u16>,
    /// Minutes after the start from which an arrival counts no more, inclusive, 1..=1440. `None`: until the session is
    /// closed.
    pub closes_after_minutes: Option<u16>,
    /// Whoever was last seen more than so many minutes before the end has left early, 0..=1440. `None`: nobody has.
    pub left_early_minutes: Option<u16>,
    /// Whoever stayed less than so many minutes has left early, 1..=1440. `None`: any stay is long enough.
    pub minimum_stay_minutes: Option<u16>,
    /// Seconds after a sighting in which the same person says nothing new, 0..=86400. `None`: as the workers are set.
    pub cool_down_seconds: Option<u32>,
    /// Whether only the first arrival is kept: whoever is marked is not recorded again.
    pub once_per_session: bool,
    /// How arrivals and departures are read.
    pub mode: AttendanceMode,
    /// How often a stranger may be marked as somebody, 0..1. `None`: as the organization wants it.
    pub false_match_rate: Option<f64>,
    /// What is done about faces that may be pictures of faces. `None`: as the organization wants it.
    pub liveness: Option<LivenessPolicy>,
}

/// A value of a policy that cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{field} {problem}")]
pub struct PolicyProblem {
    /// Which value.
    pub field: &'static str,
    /// What is wrong with it.
    pub problem: &'static str,
}

/// Most minutes of any value: a day.
const DAY: u16 = 1440;

impl CoursePolicy {
    /// Checks the ranges, and that the values go together.
    ///
    /// # Errors
    /// [`PolicyProblem`] names the first value that cannot be.
    pub fn check(&self) -> Result<(), PolicyProblem> {
        let within = |value: Option<u16>, least| value.is_none_or(|minutes| (least..=DAY).contains(&minutes));
        let watches_departures = self.left_early_minutes.is_some() || self.minimum_stay_minutes.is_some();
        let closes_later = match (self.late_after_minutes, self.closes_after_minutes) {
            (Some(late), Some(closes)) => late <= closes,
            _ => true,
        };
        let rules = [
            ("opens_minutes_before", within(self.opens_minutes_before, 0), "must be in 0..=1440"),
            ("late_after_minutes", within(self.late_after_minutes, 0), "must be in 0..=1440"),
            ("closes_after_minutes", within(self.closes_after_minutes, 1), "must be in 1..=1440"),
            ("closes_after_minutes", closes_later, "must not be before late_after_minutes"),
            ("left_early_minutes", within(self.left_early_minutes, 0), "must be in 0..=1440"),
            ("minimum_stay_minutes", within(self.minimum_stay_minutes, 1), "must be in 1..=1440"),
            (
                "cool_down_seconds",
                self.cool_down_seconds.is_none_or(|seconds| seconds <= 86_400),
                "must be in 0..=86400",
            ),
            (
                "once_per_session",
                !self.once_per_session || (!watches_departures && self.mode == AttendanceMode::Presence),
                "cannot be together with left_early_minutes, minimum_stay_minutes or check_in_out",
            ),
            (
                "false_match_rate",
                self.false_match_rate.is_none_or(|rate| rate > 0.0 && rate < 1.0),
                "must be more than 0 and less than 1",
            ),
        ];
        match rules.into_iter().find(|(_, holds, _)| !holds) {
            Some((field, _, problem)) => Err(PolicyProblem { field, problem }),
            None => Ok(()),
        }
    }

    /// How people are recognised in this course: as it says, and where it says nothing, as its organization wants it. A
    /// threshold that the organization forces is used here too, whatever the rate.
    #[must_use]
    pub fn recognition(&self, organization: RecognitionPolicy) -> RecognitionPolicy {
        RecognitionPolicy {
            false_match_rate: self.false_match_rate.or(organization.false_match_rate),
            liveness: self.liveness.unwrap_or(organization.liveness),
            ..organization
        }
    }

    /// The cool-down, where the course has its own.
    #[must_use]
    pub fn cool_down(&self) -> Option<TimeDelta> {
        self.cool_down_seconds.map(|seconds| TimeDelta::seconds(seconds.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::{AttendanceMode, CoursePolicy};
    use crate::organization::{LivenessPolicy, RecognitionPolicy};

    fn check(change: impl FnOnce(&mut CoursePolicy), wrong: Option<&str>) {
        let mut policy = CoursePolicy::default();
        change(&mut policy);
        assert_eq!(policy.check().err().map(|problem| problem.field), wrong, "{policy:?}");
    }

    #[test]
    fn values_keep_to_their_ranges_and_go_together() {
        check(|_| {}, None);
        check(|p| p.late_after_minutes = Some(1441), Some("late_after_minutes"));
        check(|p| p.closes_after_minutes = Some(0), Some("closes_after_minutes"));
        check(|p| (p.late_after_minutes, p.closes_after_minutes) = (Some(10), Some(9)), Some("closes_after_minutes"));
        check(|p| (p.late_after_minutes, p.closes_after_minutes) = (Some(10), Some(10)), None);
        check(|p| p.false_match_rate = Some(f64::NAN), Some("false_match_rate"));
        check(|p| p.cool_down_seconds = Some(86_401), Some("cool_down_seconds"));
        check(|p| p.once_per_session = true, None);
        check(|p| (p.once_per_session, p.left_early_minutes) = (true, Some(5)), Some("once_per_session"));
        check(|p| (p.once_per_session, p.mode) = (true, AttendanceMode::CheckInOut), Some("once_per_session"));
    }

    #[test]
    fn a_course_is_recognised_as_it_says_and_else_as_its_organization_wants_it() {
        let organization = RecognitionPolicy {
            false_match_rate: Some(0.01),
            forced_threshold: Some(0.6),
            liveness: LivenessPolicy::Required,
            retain_photos: true,
        };
        assert_eq!(CoursePolicy::default().recognition(organization), organization);
        let stricter = CoursePolicy { false_match_rate: Some(1e-4), ..CoursePolicy::default() };
        let expected = RecognitionPolicy { false_match_rate: Some(1e-4), ..organization };
        assert_eq!(stricter.recognition(organization), expected);
        let unasked = CoursePolicy { liveness: Some(LivenessPolicy::Off), ..CoursePolicy::default() };
        let expected = RecognitionPolicy { liveness: LivenessPolicy::Off, ..organization };
        assert_eq!(unasked.recognition(organization), expected);
    }

    #[test]
    fn what_is_not_said_is_the_default() {
        let policy: CoursePolicy = serde_json::from_str("{}").expect("a policy");
        assert_eq!(policy, CoursePolicy::default());
        assert!(serde_json::from_str::<CoursePolicy>(r#"{"late": 5}"#).is_err());
    }
}
