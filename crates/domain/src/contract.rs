//! Which embeddings may be compared with which.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Names model, preprocessing version, dimension and metric of an embedding, such as
/// `facenet-128@mtcnn-box12.5-std.v1/cosine`.
///
/// Templates and queries of different contracts are never compared.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct ContractId(String);

impl ContractId {
    /// The contract with this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ContractId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
