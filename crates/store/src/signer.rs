//! Signatures of receipts.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::erasure::{ErasureReceipt, SignedReceipt, canonical};
use domain::id::OrganizationId;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::error::StoreError;

/// How receipts are signed.
pub const ALGORITHM: &str = "Ed25519";

/// Signs receipts with Ed25519 (RFC 8032).
#[derive(Clone)]
pub struct Signer(Arc<SigningKey>);

/// Why a file is no receipt of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidReceipt {
    /// It does not hold what a signed receipt holds.
    #[error("this is no signed receipt")]
    NoReceipt,
    /// It was signed with another key.
    #[error("it is signed with the key {found}, not with {ours}")]
    OtherKey {
        /// The key that it names.
        found: String,
        /// The key that it was checked with.
        ours: String,
    },
    /// It was changed, or nobody with the key ever signed it.
    #[error("the signature does not fit: it was changed, or it was not made with this key")]
    Signature,
}

impl Signer {
    /// The signer with this key: 32 bytes in base64.
    ///
    /// # Errors
    /// [`StoreError::Settings`] when the key is anything else.
    pub fn new(signing_key: &SecretString) -> Result<Self, StoreError> {
        // The causes are dropped: a decoder's error quotes the key.
        let seed = STANDARD.decode(signing_key.expose_secret()).ok().and_then(|seed| <[u8; 32]>::try_from(seed).ok());
        let seed = seed.ok_or(StoreError::Settings("signing_key is not of 32 bytes in base64"))?;
        Ok(Self(Arc::new(SigningKey::from_bytes(&seed))))
    }

    /// The key that signatures are checked with, in base64. No secret.
    #[must_use]
    pub fn public_key(&self) -> String {
        STANDARD.encode(self.0.verifying_key().as_bytes())
    }

    /// How signatures name the key.
    #[must_use]
    pub fn key_id(&self) -> String {
        key_id(&self.0.verifying_key())
    }

    /// Signs a receipt.
    #[must_use]
    pub fn sign(&self, receipt: ErasureReceipt) -> SignedReceipt {
        let value = serde_json::to_value(&receipt).expect("a receipt is JSON");
        let signature = self.0.sign(canonical(&value).as_bytes());
        let signature = STANDARD.encode(signature.to_bytes());
        SignedReceipt { receipt, algorithm: ALGORITHM.to_owned(), key_id: self.key_id(), signature }
    }

    /// What stands in a receipt for the external id of a person: HMAC-SHA256, in hex, with a key of each organization's own
    /// that follows from the signing key.
    #[must_use]
    pub fn external_id_hmac(&self, organization: OrganizationId, external_id: &str) -> String {
        let key = hmac(self.0.as_bytes(), &[b"rollcall external id\0", organization.uuid().as_bytes()]);
        hex::encode(hmac(&key, &[external_id.as_bytes()]))
    }
}

/// Checks a signed receipt, as JSON, with a public key in base64, and answers with what it says.
///
/// # Errors
/// [`InvalidReceipt`] says what is wrong; [`InvalidReceipt::NoReceipt`] also where the key is none.
pub fn verify(document: &Value, public_key: &str) -> Result<SignedReceipt, InvalidReceipt> {
    let none = InvalidReceipt::NoReceipt;
    let signed: SignedReceipt = serde_json::from_value(document.clone()).ok().ok_or(none.clone())?;
    let key = STANDARD.decode(public_key).ok().and_then(|key| <[u8; 32]>::try_from(key).ok()).ok_or(none.clone())?;
    let key = VerifyingKey::from_bytes(&key).ok().ok_or(none.clone())?;
    if signed.algorithm != ALGORITHM {
        return Err(none);
    }
    let ours = key_id(&key);
    if signed.key_id != ours {
        return Err(InvalidReceipt::OtherKey { found: signed.key_id, ours });
    }
    let signature = STANDARD.decode(&signed.signature).ok().and_then(|bytes| Signature::from_slice(&bytes).ok());
    let signature = signature.ok_or(InvalidReceipt::Signature)?;
    // What the file holds, whatever we would make of it.
    let text = canonical(&document["receipt"]);
    key.verify_strict(text.as_bytes(), &signature).ok().ok_or(InvalidReceipt::Signature)?;
    Ok(signed)
}

fn key_id(key: &VerifyingKey) -> String {
    hex::encode(&Sha256::digest(key.as_bytes())[..8])
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use chrono::DateTime;
    use domain::erasure::{ErasureReceipt, SignedReceipt};
    use domain::id::Id;
    use serde_json::{Value, json};

    use super::{InvalidReceipt, Signer, verify};

    fn signer(byte: u8) -> Signer {
        Signer::new(&STANDARD.encode([byte; 32]).into()).expect("a key")
    }

    fn signed() -> SignedReceipt {
        let organization_id = Id::new();
        signer(1).sign(ErasureReceipt {
            id: Id::new(),
            organization_id,
            person_id: Id::new(),
            external_id_hmac: signer(1).external_id_hmac(organization_id, "S001"),
            requested_at: None,
            erased_at: DateTime::from_timestamp_micros(1_790_000_000_123_456).expect("a time"),
            deleted: BTreeMap::from([("templates".to_owned(), 3), ("attendance".to_owned(), 12)]),
            audit_sequence: 7,
            audit_hash: "ab".repeat(32),
        })
    }

    /// What checking a receipt comes to after `change`.
    fn check(change: impl FnOnce(&mut Value), expected: Option<&InvalidReceipt>) {
        let mut document = json!(signed());
        change(&mut document);
        let found = verify(&document, &signer(1).public_key()).err();
        assert_eq!(found.as_ref(), expected, "{document:#}");
    }

    #[test]
    fn a_receipt_that_was_changed_anywhere_is_refused() {
        check(|_| {}, None);
        let broken = Some(&InvalidReceipt::Signature);
        check(|document| document["receipt"]["deleted"]["templates"] = json!(2), broken);
        check(|document| document["receipt"]["person_id"] = json!(Id::<()>::new()), broken);
        check(|document| document["receipt"]["requested_at"] = json!("2026-01-01T00:00:00Z"), broken);
        check(|document| document["receipt"]["more"] = json!(1), broken);
        check(|document| document["signature"] = json!("AAAA"), broken);
        check(|document| document["algorithm"] = json!("none"), Some(&InvalidReceipt::NoReceipt));
        check(|document| document["receipt"] = json!({}), Some(&InvalidReceipt::NoReceipt));
        check(|document| *document = json!([]), Some(&InvalidReceipt::NoReceipt));
    }

    #[test]
    fn another_key_is_named() {
        let document = json!(signed());
        let other = InvalidReceipt::OtherKey { found: signer(1).key_id(), ours: signer(2).key_id() };
        assert_eq!(verify(&document, &signer(2).public_key()), Err(other));
        // Whoever says that it is their key still cannot sign.
        let mut lying = document;
        lying["key_id"] = json!(signer(2).key_id());
        assert_eq!(verify(&lying, &signer(2).public_key()), Err(InvalidReceipt::Signature));
        assert_eq!(verify(&lying, "no key"), Err(InvalidReceipt::NoReceipt));
    }

    #[test]
    fn an_external_id_can_be_matched_but_not_read() {
        let (one, other) = (Id::new(), Id::new());
        let of = |signer: &Signer, organization, id| signer.external_id_hmac(organization, id);
        assert_eq!(of(&signer(1), one, "S001"), of(&signer(1), one, "S001"));
        for different in [of(&signer(1), one, "S002"), of(&signer(1), other, "S001"), of(&signer(2), one, "S001")] {
            assert_ne!(different, of(&signer(1), one, "S001"));
        }
        assert_eq!(format!("{:?}", signer(1)), "Signer");
        for key in ["", "AAAA", "not base64!"] {
            assert!(Signer::new(&key.to_owned().into()).is_err());
        }
    }
}
