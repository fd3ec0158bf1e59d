//! The codes that a room shows: each says which session and when, and is signed, so that whoever sends one back has seen
//! it within the last half minute.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use domain::id::SessionId;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, crypto};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use crate::error::ApiError;

/// For how long one code is shown, in seconds.
pub(crate) const SLOT_SECONDS: i64 = 15;
/// What is signed begins with this, which no token does: a colon is in none.
const PURPOSE: &str = "rollcall-check-in:";

/// Makes and reads codes.
pub(crate) struct QrCodes {
    signing: EncodingKey,
    verifying: DecodingKey,
}

/// A code and until when another one is shown in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct QrCode {
    pub text: String,
    pub next_at: DateTime<Utc>,
}

impl QrCodes {
    /// Codes signed with `secret`, by HMAC-SHA-256.
    pub(crate) fn new(secret: &SecretString) -> Self {
        let secret = secret.expose_secret().as_bytes();
        Self { signing: EncodingKey::from_secret(secret), verifying: DecodingKey::from_secret(secret) }
    }

    /// The code of a session at `now`.
    pub(crate) fn issue(&self, session: SessionId, now: DateTime<Utc>) -> Result<QrCode, ApiError> {
        let slot = slot(now);
        let signature = crypto::sign(message(session, slot).as_bytes(), &self.signing, Algorithm::HS256);
        let id = BASE64_URL_SAFE_NO_PAD.encode(session.uuid().as_bytes());
        let text = format!("{id}.{slot}.{}", signature.map_err(ApiError::internal)?);
        let next_at = DateTime::from_timestamp((slot + 1) * SLOT_SECONDS, 0).unwrap_or(now);
        Ok(QrCode { text, next_at })
    }

    /// Whether `text` is a code of this session that is shown at `now`, or was shown right before.
    pub(crate) fn is_good(&self, text: &str, session: SessionId, now: DateTime<Utc>) -> bool {
        let parts: Vec<&str> = text.split('.').collect();
        let [id, of_slot, signature] = parts[..] else { return false };
        let id = BASE64_URL_SAFE_NO_PAD.decode(id).ok().and_then(|bytes| Uuid::from_slice(&bytes).ok());
        let Ok(of_slot) = of_slot.parse::<i64>() else { return false };
        let is_recent = (slot(now) - 1..=slot(now)).contains(&of_slot);
        let message = message(session, of_slot);
        is_recent
            && id == Some(session.uuid())
            && crypto::verify(signature, message.as_bytes(), &self.verifying, Algorithm::HS256).unwrap_or(false)
    }
}

fn slot(now: DateTime<Utc>) -> i64 {
    now.timestamp().div_euclid(SLOT_SECONDS)
}

fn message(session: SessionId, slot: i64) -> String {
    format!("{PURPOSE}{session}:{slot}")
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};
    use domain::id::SessionId;

    use super::QrCodes;

    /// The beginning of a slot, and so many milliseconds.
    fn at(ms: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).expect("a time") + TimeDelta::milliseconds(ms)
    }

    fn codes(secret: &str) -> QrCodes {
        QrCodes::new(&secret.to_owned().into())
    }

    #[test]
    fn a_code_is_good_for_its_slot_and_the_next() {
        let (codes, session) = (codes("a secret of at least 32 bytes: yes"), SessionId::new());
        let code = codes.issue(session, at(14_999)).expect("a code");
        assert_eq!((code.next_at, &code), (at(15_000), &codes.issue(session, at(0)).expect("a code")));
        for (ms, good) in [(-1, false), (0, true), (14_999, true), (29_999, true), (30_000, false)] {
            assert_eq!(codes.is_good(&code.text, session, at(ms)), good, "{ms}");
        }
    }

    #[test]
    fn only_a_code_of_ours_and_of_the_session_is_good() {
        let (ours, session) = (codes("a secret of at least 32 bytes: yes"), SessionId::new());
        let code = ours.issue(session, at(0)).expect("a code").text;
        assert!(!ours.is_good(&code, SessionId::new(), at(0)));
        assert!(!codes("another secret of at least 32 bytes").is_good(&code, session, at(0)));
        let other = ours.issue(SessionId::new(), at(0)).expect("a code").text;
        let spliced =
            format!("{}{}", &code[..code.rfind('.').expect("a point")], &other[other.rfind('.').expect("one")..]);
        for text in ["", "a.b", "a.b.c.d", &code[1..], &code[..code.len() - 1], &spliced] {
            assert!(!ours.is_good(text, session, at(0)), "{text}");
        }
    }
}
