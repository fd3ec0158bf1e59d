//! Erasing a person, and what proves it afterwards.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::id::{ErasureReceiptId, ErasureRequestId, OrganizationId, PersonId, UserId};

/// What is known of a person who was erased: no name, and no external id that could be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ErasureReceipt {
    /// Its id.
    pub id: ErasureReceiptId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// The person, as they were known by number only.
    pub person_id: PersonId,
    /// HMAC-SHA256 (RFC 2104) of the external id, in hex, with a key that follows from the signing key: whoever has both
    /// can tell whether the receipt is of a person with a given external id.
    pub external_id_hmac: String,
    /// When the person asked for it, where they did so here.
    pub requested_at: Option<DateTime<Utc>>,
    /// When it was done.
    pub erased_at: DateTime<Utc>,
    /// How many rows of which kind went.
    pub deleted: BTreeMap<String, i64>,
    /// The entry of the organization's audit log that tells of it.
    pub audit_sequence: i64,
    /// Its hash, in hex: the receipt vouches for the log up to there.
    pub audit_hash: String,
}

/// A receipt with the signature of the installation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedReceipt {
    /// What is signed.
    pub receipt: ErasureReceipt,
    /// `Ed25519` (RFC 8032).
    pub algorithm: String,
    /// Which key: the first 16 hex digits of the SHA-256 of the public key.
    pub key_id: String,
    /// Signature of the receipt's [`canonical`] text, in base64.
    pub signature: String,
}

/// Where a request to be erased stands. One that was met is gone with its person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ErasureRequestState {
    /// Nobody has decided yet.
    Pending,
    /// It was declined, for a reason.
    Declined,
}

/// Somebody who wants to be erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ErasureRequest {
    /// Its id.
    pub id: ErasureRequestId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// Who.
    pub person_id: PersonId,
    /// Where it stands.
    pub state: ErasureRequestState,
    /// When it was made.
    pub requested_at: DateTime<Utc>,
    /// Why it was declined.
    pub reason: Option<String>,
    /// When it was declined.
    pub decided_at: Option<DateTime<Utc>>,
    /// Who declined it.
    pub decided_by: Option<UserId>,
}

/// The one text of a JSON value: members sorted by name, nothing between them, as RFC 8785 has it for values of texts,
/// whole numbers and null. What is signed, so that it does not matter how a receipt was stored or indented.
#[must_use]
pub fn canonical(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let sorted: BTreeMap<&String, &Value> = members.iter().collect();
            let members: Vec<String> = sorted
                .into_iter()
                .map(|(name, member)| format!("{}:{}", Value::from(name.as_str()), canonical(member)))
                .collect();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::canonical;

    #[test]
    fn the_text_is_sorted_and_dense() {
        let value = json!({"b": [1, {"z": null, "a": "é\""}], "a": {}, "B": true});
        assert_eq!(canonical(&value), r#"{"B":true,"a":{},"b":[1,{"a":"é\"","z":null}]}"#);
    }

    proptest! {
        #[test]
        fn the_text_reads_back_and_does_not_depend_on_how_it_was_written(
            members in prop::collection::btree_map(".{0,8}", (any::<i64>(), ".{0,8}"), 0..6),
        ) {
            let value = json!(members);
            let text = canonical(&value);
            let read: Value = serde_json::from_str(&text).expect("JSON");
            prop_assert_eq!(&read, &value);
            let indented: Value = serde_json::from_str(&format!("{value:#}")).expect("JSON");
            prop_assert_eq!(canonical(&indented), text);
        }
    }
}
