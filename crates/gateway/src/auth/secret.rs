//! What programs show instead of a password: 256 random bits behind a prefix, told once, stored as their SHA-256 (so many
//! bits need no slow hash).

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// What every camera key begins with, so that one is known when it is found where it should not be.
pub(crate) const CAMERA_KEY: &str = "rck_";
/// What every refresh token begins with.
pub(crate) const REFRESH_TOKEN: &str = "rrt_";

/// A new one of this kind.
pub(crate) fn mint(prefix: &str) -> String {
    let bits: [u8; 32] = rand::random();
    format!("{prefix}{}", BASE64_URL_SAFE_NO_PAD.encode(bits))
}

/// What is stored of one.
pub(crate) fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::{CAMERA_KEY, hash, mint};

    #[test]
    fn keys_differ_and_so_do_their_hashes() {
        let (one, two) = (mint(CAMERA_KEY), mint(CAMERA_KEY));
        assert!(one.starts_with("rck_") && one.len() == 47, "{one}");
        assert_ne!(hash(&one), hash(&two));
        assert_eq!(hash(&one), hash(&one));
    }
}
