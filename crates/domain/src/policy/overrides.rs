//! Policies that differ from the course's in a few values.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{CoursePolicy, PolicyProblem};

/// Values that replace those of a policy, by name; what is not named stays as it is.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PolicyOverrides(Map<String, Value>);

/// Why values cannot replace those of a policy.
#[derive(Debug, thiserror::Error)]
pub enum InvalidOverrides {
    /// There is no such value, or it is of another kind.
    #[error("{0}")]
    Unreadable(#[from] serde_json::Error),
    /// The policy that would come of it cannot be.
    #[error(transparent)]
    Problem(#[from] PolicyProblem),
}

impl PolicyOverrides {
    /// Whether they change nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The same, with one more.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// The policy that `policy` becomes with these values.
    ///
    /// # Errors
    /// [`InvalidOverrides`] says which value cannot be.
    pub fn apply(&self, policy: &CoursePolicy) -> Result<CoursePolicy, InvalidOverrides> {
        let mut values = serde_json::to_value(policy)?;
        if let Value::Object(values) = &mut values {
            values.extend(self.0.clone());
        }
        let policy: CoursePolicy = serde_json::from_value(values)?;
        policy.check()?;
        Ok(policy)
    }
}

#[cfg(test)]
mod tests {
    use super::PolicyOverrides;
    use crate::policy::CoursePolicy;

    fn check(overrides: &str, expected: Result<CoursePolicy, &str>) {
        let course = CoursePolicy { late_after_minutes: Some(10), once_per_session: true, ..CoursePolicy::default() };
        let overrides: PolicyOverrides = serde_json::from_str(overrides).expect("an object");
        let found = overrides.apply(&course).map_err(|error| error.to_string());
        match expected {
            Ok(policy) => assert_eq!(found, Ok(policy)),
            Err(words) => assert!(found.as_ref().is_err_and(|said| said.contains(words)), "{found:?}"),
        }
    }

    #[test]
    fn what_is_not_named_stays() {
        let course = CoursePolicy { late_after_minutes: Some(10), once_per_session: true, ..CoursePolicy::default() };
        check("{}", Ok(course));
        check(r#"{"late_after_minutes": 5}"#, Ok(CoursePolicy { late_after_minutes: Some(5), ..course }));
        check(r#"{"late_after_minutes": null}"#, Ok(CoursePolicy { late_after_minutes: None, ..course }));
        check(r#"{"late": 5}"#, Err("unknown field `late`"));
        check(r#"{"once_per_session": null}"#, Err("null"));
        check(r#"{"closes_after_minutes": 9}"#, Err("late_after_minutes"));
    }
}
