//! Several installations, or tests, on the same servers without meeting.

use serde::Deserialize;

use crate::error::MessagingError;

/// A name of a queue has at most 255 bytes (AMQP 0-9-1, short string); what follows the prefix has fewer than 55.
const LONGEST: usize = 200;

/// Which installation this is.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeploymentSettings {
    /// The prefix of every queue, key and channel: letters, digits, `.`, `-` and `_`.
    pub namespace: String,
}

/// The prefix of every queue, key and channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Namespace(String);

impl Namespace {
    /// The namespace with this name; whether it can be one is checked by whoever connects.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(name.to_owned())
    }

    /// `name` within the namespace.
    #[must_use]
    pub(crate) fn name(&self, name: &str) -> String {
        format!("{}.{name}", self.0)
    }

    /// Refuses names that servers would.
    pub(crate) fn check(&self) -> Result<(), MessagingError> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
        if (1..=LONGEST).contains(&self.0.len()) && self.0.chars().all(is_plain) {
            return Ok(());
        }
        let rule = "deployment.namespace must have 1 to 200 letters, digits, dots, hyphens or underscores";
        Err(MessagingError::Settings(rule.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::Namespace;

    fn check(name: &str, is_good: bool) {
        assert_eq!(Namespace::new(name).check().is_ok(), is_good, "{name:?}");
    }

    #[test]
    fn only_plain_names_are_good() {
        check("rollcall", true);
        check("north-campus_2.test", true);
        check("", false);
        check("two words", false);
        check("stars*", false);
        check(&"x".repeat(200), true);
        check(&"x".repeat(201), false);
    }
}
