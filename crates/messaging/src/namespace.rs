//! Several installations, or tests, on the same servers without meeting.

use serde::Deserialize;

/// Which installation this is.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeploymentSettings {
    /// The prefix of every queue, key and channel.
    pub namespace: String,
}

/// The prefix of every queue, key and channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Namespace(String);

impl Namespace {
    /// The namespace with this name.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(name.to_owned())
    }

    /// `name` within the namespace.
    #[must_use]
    pub(crate) fn name(&self, name: &str) -> String {
        format!("{}.{name}", self.0)
    }
}
