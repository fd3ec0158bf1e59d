//! Refresh tokens: 256 random bits, told once, stored as their SHA-256 (so many bits need no slow hash).

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use store::logins::NewRefreshToken;

/// What every refresh token begins with, so that one is known when it is found where it should not be.
const PREFIX: &str = "rrt_";

/// A new token, made at `now` and good for `lifetime`, and what is stored of it.
pub(crate) fn mint(now: DateTime<Utc>, lifetime: TimeDelta) -> (String, NewRefreshToken) {
    let bits: [u8; 32] = rand::random();
    let token = format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(bits));
    let hash = hash(&token);
    (token, NewRefreshToken { hash, created_at: now, expires_at: now + lifetime })
}

/// What is stored of a token.
pub(crate) fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}
