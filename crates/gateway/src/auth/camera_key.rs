//! Camera keys: 256 random bits, shown once, stored as their SHA-256 (so many bits need no slow hash).

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// What every camera key begins with, so that one is known when it is found where it should not be.
pub(crate) const PREFIX: &str = "rck_";

/// A new key.
pub(crate) fn mint() -> String {
    let bits: [u8; 32] = rand::random();
    format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(bits))
}

/// What is stored of a key.
pub(crate) fn hash(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::{hash, mint};

    #[test]
    fn keys_differ_and_so_do_their_hashes() {
        let (one, two) = (mint(), mint());
        assert!(one.starts_with("rck_") && one.len() == 47, "{one}");
        assert_ne!(hash(&one), hash(&two));
        assert_eq!(hash(&one), hash(&one));
    }
}
